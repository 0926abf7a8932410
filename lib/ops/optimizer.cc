#include "lib/ops/optimizer.h"

#include <cmath>
#include <vector>

#include "lib/ops/optimizer_kernels.h"
#include "lib/ops/parallel.h"

namespace hone::ops {

double Norm(const Context& context, int64_t n, const float* x) {
  constexpr int64_t kBlock = 65536;
  std::vector<double> sums((n + kBlock - 1) / kBlock);
  ParallelFor(context, static_cast<int64_t>(sums.size()),
              [&](int64_t i) { sums[i] = avx2::SumOfSquares(std::min(kBlock, n - i * kBlock), x + i * kBlock); });
  for (size_t step = 1; step < sums.size(); step *= 2) {
    for (size_t i = 0; i + step < sums.size(); i += 2 * step) sums[i] += sums[i + step];
  }
  return sums.empty() ? 0.0 : std::sqrt(sums[0]);
}

void AdamW(const Context& context, int64_t n, const AdamWParams& params, const float* grad, float* master, float* moment1, float* moment2,
           DType weights_dtype, void* weights, bool paired) {
  HONE_CHECK(!paired || n % 32 == 0);
  const double step = static_cast<double>(params.step);
  const avx2::AdamWConstants constants = {
      .beta1 = params.beta1,
      .one_minus_beta1 = 1 - params.beta1,
      .beta2 = params.beta2,
      .one_minus_beta2 = 1 - params.beta2,
      .grad_scale = params.grad_scale,
      .step_size = static_cast<float>(params.lr / (1 - std::pow(static_cast<double>(params.beta1), step))),
      .inv_sqrt_bias2 = static_cast<float>(1 / std::sqrt(1 - std::pow(static_cast<double>(params.beta2), step))),
      .eps = params.eps,
      .decay = params.lr * params.weight_decay,
  };
  float* weights32 = weights_dtype == DType::kFloat32 && weights != master ? static_cast<float*>(weights) : nullptr;
  uint16_t* weights16 = weights_dtype == DType::kBFloat16 ? static_cast<uint16_t*>(weights) : nullptr;
  ParallelRanges(context, n, 4096, [&](int64_t begin, int64_t end) {
    avx2::AdamW(end - begin, constants, grad + begin, master + begin, moment1 + begin, moment2 + begin,
                weights32 == nullptr ? nullptr : weights32 + begin, weights16 == nullptr ? nullptr : weights16 + begin, paired);
  });
}

}  // namespace hone::ops
