#pragma once
// Vector functions for the kernel files that are compiled for AVX2 and FMA (*_avx2.cc); nothing else may include this. Everything is in an
// anonymous namespace, so that no copy made with these flags is linked into other files.

#include <immintrin.h>

#include <cstdint>

namespace hone::ops::avx2 {
namespace {

// Lanes 0..count-1 set (count in [0, 8]).
inline __m256i TailMask(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// Fixed order: ((0+4) + (2+6)) + ((1+5) + (3+7)).
inline float HorizontalSum(__m256 x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
}
// Fixed order: (0+2) + (1+3).
inline double HorizontalSum(__m256d x) {
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}
inline float HorizontalMax(__m256 x) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_shuffle_ps(half, half, 1)));
}
// Adds the lower and the upper half of x, widened, to a sum of four doubles.
inline __m256d AddWide(__m256d sum, __m256 x) {
  sum = _mm256_add_pd(sum, _mm256_cvtps_pd(_mm256_castps256_ps128(x)));
  return _mm256_add_pd(sum, _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)));
}

// e^x for x up to 88.72, within about 1 ulp; 0 below -87.33 (no denormal results); NaN stays NaN.
// x = n ln2 + r with |r| <= ln2 / 2; e^r by a polynomial of degree 6, least maximal relative error 3e-9 (Lawson's iteration).
inline __m256 BoundedExp(__m256 x) {
  const __m256 low = _mm256_set1_ps(-87.33f);
  const __m256 clamped = _mm256_max_ps(low, x);  // NaN in the second operand passes
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(clamped, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), clamped);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194442e-4f), r);
  __m256 q = _mm256_set1_ps(1.38145394e-3f);
  q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(8.36874545e-3f));
  q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(4.16683890e-2f));
  q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(1.66665211e-1f));
  q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(4.99999940e-1f));
  q = _mm256_fmadd_ps(q, _mm256_mul_ps(r, r), r);
  q = _mm256_add_ps(q, _mm256_set1_ps(1.0f));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);  // 0 for NaN, which q keeps
  const __m256 scaled = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(q), power));
  return _mm256_andnot_ps(_mm256_cmp_ps(x, low, _CMP_LT_OQ), scaled);
}
// e^x for all x: infinity above 88.72.
inline __m256 Exp(__m256 x) {
  const __m256 high = _mm256_set1_ps(88.7228f);
  const __m256 bounded = BoundedExp(_mm256_min_ps(high, x));
  return _mm256_blendv_ps(bounded, _mm256_set1_ps(__builtin_inff()), _mm256_cmp_ps(x, high, _CMP_GT_OQ));
}

// 1 / (1 + e^-x).
inline __m256 Sigmoid(__m256 x) {
  const __m256 one = _mm256_set1_ps(1.0f);
  return _mm256_div_ps(one, _mm256_add_ps(one, Exp(_mm256_xor_ps(x, _mm256_set1_ps(-0.0f)))));
}

inline __m256 LoadBFloat16(const uint16_t* p) {
  const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
// The upper halves of x rounded to nearest even, in the lower 16 bits of each lane; NaN stays NaN (quiet), as FloatToBFloat16.
inline __m256i RoundToBFloat16(__m256 x) {
  const __m256i bits = _mm256_castps_si256(x);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
  const __m256i quiet = _mm256_or_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(0x40));
  return _mm256_blendv_epi8(rounded, quiet, _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
}
inline void StoreBFloat16(uint16_t* p, __m256 x) {
  const __m256i bits = RoundToBFloat16(x);
  const __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(bits), _mm256_extracti128_si256(bits, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), packed);
}

}  // namespace
}  // namespace hone::ops::avx2
