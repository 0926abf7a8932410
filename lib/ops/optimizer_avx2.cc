#include "lib/ops/optimizer_kernels.h"
#include "lib/ops/simd_avx2.h"

namespace hone::ops::avx2 {
namespace {

struct State {
  __m256 master, moment1, moment2;
};

inline State Step(const AdamWConstants& constants, __m256 grad, State state) {
  const __m256 g = _mm256_mul_ps(grad, _mm256_set1_ps(constants.grad_scale));
  state.moment1 =
      _mm256_fmadd_ps(_mm256_set1_ps(constants.beta1), state.moment1, _mm256_mul_ps(_mm256_set1_ps(constants.one_minus_beta1), g));
  state.moment2 = _mm256_fmadd_ps(_mm256_set1_ps(constants.beta2), state.moment2,
                                  _mm256_mul_ps(_mm256_set1_ps(constants.one_minus_beta2), _mm256_mul_ps(g, g)));
  const __m256 root = _mm256_mul_ps(_mm256_sqrt_ps(state.moment2), _mm256_set1_ps(constants.inv_sqrt_bias2));
  const __m256 update =
      _mm256_div_ps(_mm256_mul_ps(_mm256_set1_ps(constants.step_size), state.moment1), _mm256_add_ps(root, _mm256_set1_ps(constants.eps)));
  const __m256 decayed = _mm256_fnmadd_ps(_mm256_set1_ps(constants.decay), state.master, state.master);
  state.master = _mm256_sub_ps(decayed, update);
  return state;
}

// One vector of 8; returns the new master.
inline __m256 StepAt(const AdamWConstants& constants, const float* grad, float* master, float* moment1, float* moment2) {
  const State state = Step(constants, _mm256_loadu_ps(grad), {_mm256_loadu_ps(master), _mm256_loadu_ps(moment1), _mm256_loadu_ps(moment2)});
  _mm256_storeu_ps(master, state.master);
  _mm256_storeu_ps(moment1, state.moment1);
  _mm256_storeu_ps(moment2, state.moment2);
  return state.master;
}

// [2][16] float32 -> [16][2] bf16: the low half of each 32-bit lane from the first run, the high half from the second.
inline void StorePairs(uint16_t* weights, __m256 first, __m256 second) {
  const __m256i pairs = _mm256_or_si256(RoundToBFloat16(first), _mm256_slli_epi32(RoundToBFloat16(second), 16));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights), pairs);
}

}  // namespace

double SumOfSquares(int64_t n, const float* x) {
  __m256d sum[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
  for (int64_t i = 0; i < n; i += 16) {
    for (int k = 0; k < 2; ++k) {
      const int64_t at = i + 8 * k;
      if (at >= n) break;
      const __m256 v = at + 8 <= n ? _mm256_loadu_ps(x + at) : _mm256_maskload_ps(x + at, TailMask(n - at));
      const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(v));
      const __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
      sum[2 * k] = _mm256_fmadd_pd(low, low, sum[2 * k]);
      sum[2 * k + 1] = _mm256_fmadd_pd(high, high, sum[2 * k + 1]);
    }
  }
  return HorizontalSum(_mm256_add_pd(_mm256_add_pd(sum[0], sum[1]), _mm256_add_pd(sum[2], sum[3])));
}

void AdamW(int64_t n, const AdamWConstants& constants, const float* grad, float* master, float* moment1, float* moment2, float* weights32,
           uint16_t* weights16, bool paired) {
  int64_t i = 0;
  if (paired && weights16 != nullptr) {
    for (; i + 32 <= n; i += 32) {
      __m256 fresh[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = i + 8 * k;
        fresh[k] = StepAt(constants, grad + at, master + at, moment1 + at, moment2 + at);
        if (weights32 != nullptr) _mm256_storeu_ps(weights32 + at, fresh[k]);
      }
      StorePairs(weights16 + i, fresh[0], fresh[2]);
      StorePairs(weights16 + i + 16, fresh[1], fresh[3]);
    }
    return;
  }
  for (; i + 8 <= n; i += 8) {
    const __m256 fresh = StepAt(constants, grad + i, master + i, moment1 + i, moment2 + i);
    if (weights32 != nullptr) _mm256_storeu_ps(weights32 + i, fresh);
    if (weights16 != nullptr) StoreBFloat16(weights16 + i, fresh);
  }
  if (i == n) return;
  // The tail goes through the same instructions in a padded copy.
  float copy[4][8] = {};
  float* arrays[4] = {copy[0], copy[1], copy[2], copy[3]};
  for (int64_t k = i; k < n; ++k) {
    arrays[0][k - i] = grad[k];
    arrays[1][k - i] = master[k];
    arrays[2][k - i] = moment1[k];
    arrays[3][k - i] = moment2[k];
  }
  uint16_t narrow[8];
  StoreBFloat16(narrow, StepAt(constants, arrays[0], arrays[1], arrays[2], arrays[3]));
  for (int64_t k = i; k < n; ++k) {
    master[k] = arrays[1][k - i];
    moment1[k] = arrays[2][k - i];
    moment2[k] = arrays[3][k - i];
    if (weights32 != nullptr) weights32[k] = master[k];
    if (weights16 != nullptr) weights16[k] = narrow[k - i];
  }
}

}  // namespace hone::ops::avx2
