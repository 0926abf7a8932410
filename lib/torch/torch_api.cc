// The inside of libhone_torch.so, and the only file of the project that includes LibTorch (it takes about 12 s to compile). No header of
// protobuf, gRPC or Abseil may be included here: LibTorch's folder brings old ones of its own.
#include "lib/torch/torch_api.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <cstring>
#include <exception>
#include <string>

struct HoneTorchWeight {
  at::Tensor values;  // [N, K], bf16 or float32
};

namespace {

thread_local std::string last_error;

// 0, or 1 with the message of what was thrown.
template <class Body>
int32_t Guarded(const Body& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    last_error = error.what();
  } catch (...) {
    last_error = "an exception that is no std::exception";
  }
  // c10 adds a backtrace.
  last_error = last_error.substr(0, last_error.find('\n'));
  return 1;
}

at::Tensor View(const float* data, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(data), shape, at::kFloat);
}
at::Tensor Double(const float* data, at::IntArrayRef shape) {
  return View(data, shape).to(at::kDouble);
}
// An input whose gradient is wanted.
at::Tensor Leaf(const float* data, at::IntArrayRef shape) {
  return Double(data, shape).set_requires_grad(true);
}
void Store(const at::Tensor& from, float* to) {
  View(to, from.sizes()).copy_(from.detach());
}

// ---- Working precision ----

int32_t SetNumThreads(int32_t threads) {
  return Guarded([&] { at::set_num_threads(threads); });
}

HoneTorchWeight* WeightNew(int64_t n, int64_t k, int32_t bf16, const float* weight) {
  HoneTorchWeight* made = nullptr;
  Guarded([&] {
    made = new HoneTorchWeight{View(weight, {n, k}).to(bf16 != 0 ? at::kBFloat16 : at::kFloat, /*non_blocking=*/false, /*copy=*/true)};
  });
  return made;
}

void WeightFree(HoneTorchWeight* weight) {
  delete weight;
}

int32_t Linear(const HoneTorchWeight* weight, int64_t m, const float* x, float* y, double* product_seconds) {
  return Guarded([&] {
    const c10::NoGradGuard no_grad;
    const at::Tensor rows = View(x, {m, weight->values.size(1)}).to(weight->values.scalar_type());
    const auto start = std::chrono::steady_clock::now();
    const at::Tensor product = at::linear(rows, weight->values);
    if (product_seconds != nullptr) *product_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Store(product, y);
  });
}

// ---- Oracles ----

int32_t LinearGrad(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* dy, float* y, float* dx, float* dw) {
  return Guarded([&] {
    const at::Tensor rows = Leaf(x, {m, k}), weight = Leaf(w, {n, k});
    const at::Tensor result = at::linear(rows, weight);
    result.backward(Double(dy, {m, n}));
    Store(result, y);
    Store(rows.grad(), dx);
    Store(weight.grad(), dw);
  });
}

int32_t RmsNorm(int64_t m, int64_t c, double eps, const float* x, const float* weight, const float* dy, float* y, float* dx,
                float* dweight) {
  return Guarded([&] {
    const at::Tensor rows = Leaf(x, {m, c}), scale = Leaf(weight, {c});
    const at::Tensor result = at::rms_norm(rows, {c}, scale, eps);
    result.backward(Double(dy, {m, c}));
    Store(result, y);
    Store(rows.grad(), dx);
    Store(scale.grad(), dweight);
  });
}

int32_t SwiGlu(int64_t m, int64_t f, const float* gate_up, const float* dy, float* y, float* dgate_up) {
  return Guarded([&] {
    const at::Tensor both = Leaf(gate_up, {m, 2 * f});
    const at::Tensor result = at::silu(both.narrow(1, 0, f)) * both.narrow(1, f, f);
    result.backward(Double(dy, {m, f}));
    Store(result, y);
    Store(both.grad(), dgate_up);
  });
}

int32_t Attention(int64_t t, int64_t heads, int64_t kv_heads, int64_t head_dim, double scale, const uint8_t* sees, const float* qkv,
                  const float* dout, float* out, float* lse, float* dqkv) {
  return Guarded([&] {
    const at::Tensor all = Leaf(qkv, {t, heads + 2 * kv_heads, head_dim});
    // [heads, T, D]; a key/value head stands once for each of its query heads.
    const auto part = [&](int64_t begin, int64_t count) { return all.narrow(1, begin, count).transpose(0, 1); };
    const at::Tensor q = part(0, heads);
    const at::Tensor k = part(heads, kv_heads).repeat_interleave(heads / kv_heads, 0);
    const at::Tensor v = part(heads + kv_heads, kv_heads).repeat_interleave(heads / kv_heads, 0);
    const at::Tensor seen =
        sees != nullptr ? at::from_blob(const_cast<uint8_t*>(sees), {t, t}, at::kByte).to(at::kBool) : at::ones({t, t}, at::kBool).tril();
    const at::Tensor scores = (at::matmul(q, k.transpose(1, 2)) * scale).masked_fill(seen.logical_not(), -INFINITY);
    const at::Tensor sums = at::logsumexp(scores, -1, /*keepdim=*/true);
    const at::Tensor result = at::matmul(at::exp(scores - sums), v).transpose(0, 1);
    result.backward(Double(dout, {t, heads, head_dim}));
    Store(result, out);
    Store(sums.squeeze(-1).transpose(0, 1), lse);
    Store(all.grad(), dqkv);
  });
}

int32_t LogProbs(int64_t m, int64_t v, const float* logits, const float* temperature, const int32_t* target, const float* coef,
                 const float* entropy_coef, float* logprob, float* entropy, float* dlogits) {
  return Guarded([&] {
    const at::Tensor rows = Leaf(logits, {m, v});
    const at::Tensor all = at::log_softmax(rows / Double(temperature, {m, 1}), -1);
    const at::Tensor targets = at::from_blob(const_cast<int32_t*>(target), {m, 1}, at::kInt).to(at::kLong);
    const at::Tensor chosen = all.gather(1, targets).squeeze(1);
    const at::Tensor entropies = -(all.exp() * all).sum(-1);
    (chosen * Double(coef, {m}) + entropies * Double(entropy_coef, {m})).sum().backward();
    Store(chosen, logprob);
    Store(entropies, entropy);
    Store(rows.grad(), dlogits);
  });
}

int32_t AdamW(int64_t n, int64_t step, double lr, double beta1, double beta2, double eps, double weight_decay, const float* grad,
              float* master, float* moment1, float* moment2) {
  return Guarded([&] {
    const c10::NoGradGuard no_grad;
    const at::Tensor w = Double(master, {n}), g = Double(grad, {n}), m = Double(moment1, {n}), v = Double(moment2, {n});
    const at::Tensor steps = at::full({}, static_cast<double>(step), at::kFloat);
    at::_fused_adamw_({w}, {g}, {m}, {v}, /*max_exp_avg_sqs=*/{}, {steps}, lr, beta1, beta2, weight_decay, eps, /*amsgrad=*/false,
                      /*maximize=*/false);
    Store(w, master);
    Store(m, moment1);
    Store(v, moment2);
  });
}

const HoneTorchApi kApi = {
    .abi = HONE_TORCH_ABI,
    .version = TORCH_VERSION,
    .last_error = [] { return last_error.c_str(); },
    .set_num_threads = SetNumThreads,
    .weight_new = WeightNew,
    .weight_free = WeightFree,
    .linear = Linear,
    .linear_grad = LinearGrad,
    .rms_norm = RmsNorm,
    .swiglu = SwiGlu,
    .attention = Attention,
    .log_probs = LogProbs,
    .adamw = AdamW,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const HoneTorchApi* hone_torch_api(void) {
  return &kApi;
}
