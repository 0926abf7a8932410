#include "lib/ops/simd_avx2.h"
#include "lib/ops/softmax_kernels.h"

namespace hone::ops::avx2 {
namespace {

// Missing lanes of a tail become -infinity: probability 0.
inline __m256 LoadLogits(const float* p, int64_t i, int64_t v) {
  if (i + 8 <= v) return _mm256_loadu_ps(p + i);
  const __m256i mask = TailMask(v - i);
  return _mm256_blendv_ps(_mm256_set1_ps(-__builtin_inff()), _mm256_maskload_ps(p + i, mask), _mm256_castsi256_ps(mask));
}
inline void Store(float* p, int64_t i, int64_t v, __m256 x) {
  if (i + 8 <= v) {
    _mm256_storeu_ps(p + i, x);
  } else {
    _mm256_maskstore_ps(p + i, TailMask(v - i), x);
  }
}
// Logarithms of probabilities are cut here, where e^x is 0 already, so that 0 times it is 0.
inline __m256 CutLow(__m256 x) {
  return _mm256_max_ps(_mm256_set1_ps(-1000.0f), x);
}  // NaN passes

float RowMax(int64_t v, const float* logits) {
  const __m256 low = _mm256_set1_ps(-__builtin_inff());
  __m256 max[4] = {low, low, low, low};
  int64_t i = 0;
  for (; i + 32 <= v; i += 32) {
    for (int k = 0; k < 4; ++k) max[k] = _mm256_max_ps(_mm256_loadu_ps(logits + i + 8 * k), max[k]);  // NaN is passed over
  }
  for (; i < v; i += 8) max[0] = _mm256_max_ps(LoadLogits(logits, i, v), max[0]);
  return HorizontalMax(_mm256_max_ps(_mm256_max_ps(max[0], max[1]), _mm256_max_ps(max[2], max[3])));
}

}  // namespace

RowSums SumRow(int64_t v, const float* logits, float temperature, double* block_sums) {
  RowSums sums;
  sums.max = RowMax(v, logits) / temperature;  // division by a positive number keeps the order
  const __m256 divisor = _mm256_set1_ps(temperature);
  const __m256 max = _mm256_set1_ps(sums.max);
  for (int64_t begin = 0; begin < v; begin += kSumBlock) {
    const int64_t end = begin + kSumBlock < v ? begin + kSumBlock : v;
    __m256 exp_sum[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    __m256 weighted[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (int64_t i = begin; i < end; i += 16) {
      for (int k = 0; k < 2; ++k) {
        const int64_t at = i + 8 * k;
        if (at >= end) break;
        const __m256 d = CutLow(_mm256_sub_ps(_mm256_div_ps(LoadLogits(logits, at, v), divisor), max));
        const __m256 e = BoundedExp(d);
        exp_sum[k] = _mm256_add_ps(exp_sum[k], e);
        weighted[k] = _mm256_fmadd_ps(e, d, weighted[k]);
      }
    }
    const double block = HorizontalSum(AddWide(AddWide(_mm256_setzero_pd(), exp_sum[0]), exp_sum[1]));
    if (block_sums != nullptr) block_sums[begin / kSumBlock] = block;
    sums.exp_sum += block;
    sums.weighted_sum += HorizontalSum(AddWide(AddWide(_mm256_setzero_pd(), weighted[0]), weighted[1]));
  }
  return sums;
}

void ExpRow(int64_t v, const float* logits, float temperature, float max, float* d, float* e) {
  for (int64_t i = 0; i < v; i += 8) {
    const __m256 x = _mm256_sub_ps(_mm256_div_ps(LoadLogits(logits, i, v), _mm256_set1_ps(temperature)), _mm256_set1_ps(max));
    Store(d, i, v, x);
    Store(e, i, v, BoundedExp(CutLow(x)));
  }
}

void GradRow(int64_t v, float* logits, float temperature, float max, float log_sum, float entropy, float coef, float entropy_coef) {
  const __m256 divisor = _mm256_set1_ps(temperature);
  const __m256 scale = _mm256_set1_ps(-1.0f / temperature);
  for (int64_t i = 0; i < v; i += 8) {
    const __m256 d = _mm256_sub_ps(_mm256_div_ps(LoadLogits(logits, i, v), divisor), _mm256_set1_ps(max));
    const __m256 log_p = CutLow(_mm256_sub_ps(d, _mm256_set1_ps(log_sum)));
    const __m256 weight =
        _mm256_fmadd_ps(_mm256_set1_ps(entropy_coef), _mm256_add_ps(log_p, _mm256_set1_ps(entropy)), _mm256_set1_ps(coef));
    Store(logits, i, v, _mm256_mul_ps(_mm256_mul_ps(BoundedExp(log_p), weight), scale));
  }
}

int64_t ArgMax(int64_t v, const float* logits, float max) {
  const __m256 wanted = _mm256_set1_ps(max);
  for (int64_t i = 0; i < v; i += 8) {
    const int hits = _mm256_movemask_ps(_mm256_cmp_ps(LoadLogits(logits, i, v), wanted, _CMP_EQ_OQ));
    if (hits != 0) return i + __builtin_ctz(static_cast<unsigned>(hits));
  }
  return 0;
}

int64_t Gather(int64_t v, const float* logits, float least, int32_t* tokens) {
  const __m256 wanted = _mm256_set1_ps(least);
  int64_t count = 0;
  for (int64_t i = 0; i < v; i += 8) {
    int hits = _mm256_movemask_ps(_mm256_cmp_ps(LoadLogits(logits, i, v), wanted, _CMP_GE_OQ));
    if (i + 8 > v) hits &= (1 << (v - i)) - 1;
    for (; hits != 0; hits &= hits - 1) tokens[count++] = static_cast<int32_t>(i + __builtin_ctz(static_cast<unsigned>(hits)));
  }
  return count;
}

void GroupMax(int64_t v, const float* logits, float* max) {
  for (int64_t i = 0; i < v; i += kMaxGroup) max[i / kMaxGroup] = RowMax(v - i < kMaxGroup ? v - i : kMaxGroup, logits + i);
}

}  // namespace hone::ops::avx2
