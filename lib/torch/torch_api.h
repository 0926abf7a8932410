#pragma once
// What libhone_torch.so offers: a table of C functions without a type of LibTorch or C++ in it, so that nothing of LibTorch has to be seen,
// linked or resolved by who uses it. Use it through lib/torch/loader.h.
//
// All arrays are row-major float32 of the caller. The functions from `linear_grad` on are oracles: they compute in float64, results and
// gradients, the latter by LibTorch's autograd from the operators' definitions, and round once at the end.
//
// Threads: any one thread at a time.
// Errors: 0 is success; otherwise `last_error` of this thread tells, and outputs are undefined. No exception leaves the library.

#ifdef __cplusplus
#include <cstdint>
extern "C" {
#else
#include <stdint.h>
#endif

#define HONE_TORCH_ABI 1

// A weight [N, K] in LibTorch's layout.
typedef struct HoneTorchWeight HoneTorchWeight;

typedef struct HoneTorchApi {
  int32_t abi;          // HONE_TORCH_ABI of the library
  const char* version;  // of LibTorch, "2.11.0"
  const char* (*last_error)(void);
  // Compute threads of LibTorch (OpenMP).
  int32_t (*set_num_threads)(int32_t threads);

  // ---- at::linear in the working precision: bf16 = 1 rounds weight and x to bf16 ----
  HoneTorchWeight* (*weight_new)(int64_t n, int64_t k, int32_t bf16, const float* weight);  // null on error
  void (*weight_free)(HoneTorchWeight* weight);
  // y [M, N] = x [M, K] W^T. The rounding of x and the widening of y are not part of product_seconds (which may be null).
  int32_t (*linear)(const HoneTorchWeight* weight, int64_t m, const float* x, float* y, double* product_seconds);

  // ---- Oracles: d... are gradients of a loss whose gradient with respect to the result is given ----
  // y [M, N] = x [M, K] w [N, K]^T.
  int32_t (*linear_grad)(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* dy, float* y, float* dx, float* dw);
  // y = x / sqrt(mean(x^2) + eps) * weight [C] by row of x [M, C].
  int32_t (*rms_norm)(int64_t m, int64_t c, double eps, const float* x, const float* weight, const float* dy, float* y, float* dx,
                      float* dweight);
  // y [M, F] = silu(g) * u of gate_up [M, 2F] = [g | u].
  int32_t (*swiglu)(int64_t m, int64_t f, const float* gate_up, const float* dy, float* y, float* dgate_up);
  // Softmax attention of T rows qkv [T, (H + 2G) D] = [q | k | v], each of the G key/value heads shared by H/G query heads. sees [T, T]:
  // whether row i sees row j; null: causal (j <= i). out [T, H D]; lse [T, H] of the scaled scores.
  int32_t (*attention)(int64_t t, int64_t heads, int64_t kv_heads, int64_t head_dim, double scale, const uint8_t* sees, const float* qkv,
                       const float* dout, float* out, float* lse, float* dqkv);
  // Of z = logits [M, V] / temperature [M]: logprob of target [M] and entropy, and the gradient of sum coef logprob + entropy_coef entropy.
  int32_t (*log_probs)(int64_t m, int64_t v, const float* logits, const float* temperature, const int32_t* target, const float* coef,
                       const float* entropy_coef, float* logprob, float* entropy, float* dlogits);
  // One step of LibTorch's fused AdamW, in place. step counts from 1.
  int32_t (*adamw)(int64_t n, int64_t step, double lr, double beta1, double beta2, double eps, double weight_decay, const float* grad,
                   float* master, float* moment1, float* moment2);
} HoneTorchApi;

// The only symbol that the library exports. The table lives as long as the process.
const HoneTorchApi* hone_torch_api(void);

#ifdef __cplusplus
}
#endif
