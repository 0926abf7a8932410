#include "lib/ops/softmax.h"

#include <cmath>
#include <limits>

#include "lib/ops/logarithm.h"
#include "lib/ops/parallel.h"
#include "lib/ops/softmax_kernels.h"

namespace hone::ops {
namespace {
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
}

void LogProbs(const Context& context, int64_t m, int64_t v, const float* logits, int64_t ldl, absl::Span<const float> temperature,
              absl::Span<const int32_t> targets, float* logprob, SoftmaxStats* stats) {
  ParallelFor(context, m, [&](int64_t i) {
    const float* row = logits + i * ldl;
    const avx2::RowSums sums = avx2::SumRow(v, row, temperature[i], nullptr);
    const double log_sum = Logarithm(sums.exp_sum);
    HONE_CHECK(targets[i] >= 0 && targets[i] < v);
    logprob[i] = static_cast<float>(static_cast<double>(row[targets[i]] / temperature[i] - sums.max) - log_sum);
    if (stats != nullptr) {
      stats[i] = {.max = sums.max,
                  .log_sum = static_cast<float>(log_sum),
                  .entropy = static_cast<float>(log_sum - sums.weighted_sum / sums.exp_sum)};
      if (std::isnan(log_sum)) stats[i].max = kNan;
    }
  });
}

void LogProbsGrad(const Context& context, int64_t m, int64_t v, float* logits, int64_t ldl, absl::Span<const float> temperature,
                  absl::Span<const int32_t> targets, absl::Span<const SoftmaxStats> stats, absl::Span<const float> coef,
                  absl::Span<const float> entropy_coef) {
  ParallelFor(context, m, [&](int64_t i) {
    float* row = logits + i * ldl;
    const float entropy_weight = entropy_coef.empty() ? 0.0f : entropy_coef[i];
    if (coef[i] == 0 && entropy_weight == 0) {
      std::fill(row, row + v, 0.0f);
      return;
    }
    avx2::GradRow(v, row, temperature[i], stats[i].max, stats[i].log_sum, stats[i].entropy, coef[i], entropy_weight);
    row[targets[i]] += coef[i] / temperature[i];
  });
}

}  // namespace hone::ops
