#pragma once
// Row kernels of softmax.h, compiled for AVX2 and FMA. One thread.

#include <cstdint>

namespace hone::ops::avx2 {

// Tokens whose exponentials are added in float32 before they join a sum in double.
inline constexpr int64_t kSumBlock = 512;
inline constexpr int64_t SumBlocks(int64_t v) {
  return (v + kSumBlock - 1) / kSumBlock;
}

// Sums over a row z = logits / temperature, d = z - max.
struct RowSums {
  float max = 0;
  double exp_sum = 0;       // sum e^d
  double weighted_sum = 0;  // sum e^d d; terms with e^d = 0 count 0
};
// block_sums [SumBlocks(v)], when not null, receives the parts of exp_sum; exp_sum is their sum in order.
RowSums SumRow(int64_t v, const float* logits, float temperature, double* block_sums);
// d [v] = logits / temperature - max and e [v] = exp(d).
void ExpRow(int64_t v, const float* logits, float temperature, float max, float* d, float* e);
// logits [v] <- -p (coef + entropy_coef (ln p + entropy)) / temperature, with ln p = logits / temperature - max - log_sum.
void GradRow(int64_t v, float* logits, float temperature, float max, float log_sum, float entropy, float coef, float entropy_coef);
// The lowest index whose logit equals `max` (0 when there is none).
int64_t ArgMax(int64_t v, const float* logits, float max);
// The tokens whose logit is at least `least`, ascending, and how many; room for v.
int64_t Gather(int64_t v, const float* logits, float least, int32_t* tokens);
// max [ceil(v / kMaxGroup)]: the largest logit of each run of kMaxGroup tokens.
inline constexpr int64_t kMaxGroup = 64;
void GroupMax(int64_t v, const float* logits, float* max);

}  // namespace hone::ops::avx2
