#pragma once
// Operators over flat arenas. Threads: see Context. Errors: none.

#include <cstdint>

#include "lib/ops/tensor.h"

namespace hone::ops {

// The Euclidean norm of n floats, summed in double over fixed blocks in a fixed tree: the same for any number of threads. Infinity or NaN
// anywhere gives a non-finite result.
double Norm(const Context& context, int64_t n, const float* x);

struct AdamWParams {
  float lr = 0;
  float beta1 = 0.9f, beta2 = 0.99f;
  float eps = 1e-8f;
  float weight_decay = 0;
  int64_t step = 1;      // 1-based, for the bias correction
  float grad_scale = 1;  // multiplies the gradient first (clipping)
};
// One AdamW step (Loshchilov and Hutter, arXiv:1711.05101) over n elements: master -= lr wd master; then master -= lr mhat / (sqrt(vhat) +
// eps). `weights` receives the new values in float32 (dtype kFloat32; may be null or equal master) or bf16. paired: the elements are a
// matrix in the engine's layout, where bf16 interleaves two runs of 16 (see matmul.h); n is then a multiple of 32.
void AdamW(const Context& context, int64_t n, const AdamWParams& params, const float* grad, float* master, float* moment1, float* moment2,
           DType weights_dtype, void* weights, bool paired);

// Rounds n master elements into weights of this dtype (kFloat32 copies). paired: as in AdamW.
void RoundWeights(const Context& context, int64_t n, const float* master, DType weights_dtype, void* weights, bool paired);

}  // namespace hone::ops
