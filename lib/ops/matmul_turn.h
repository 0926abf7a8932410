#pragma once
// Rounding and transposition for the packing of blocks, a part of matmul_kernels.h. AVX2 on every instruction set.

#include "lib/ops/matmul_product.h"
#include "lib/ops/simd_avx2.h"

namespace hone::ops {
namespace {

// count floats -> bf16, an odd end is paired with zero.
inline void RoundToPairs(const float* from, int64_t count, float* to) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) avx2::StoreBFloat16(reinterpret_cast<uint16_t*>(to + i / 2), _mm256_loadu_ps(from + i));
  if (i == count) return;
  alignas(32) float rest[8] = {};
  alignas(16) uint16_t rounded[8];
  for (int64_t j = i; j < count; ++j) rest[j - i] = from[j];
  avx2::StoreBFloat16(rounded, _mm256_load_ps(rest));
  __builtin_memcpy(to + i / 2, rounded, (count - i + 1) / 2 * 4);
}

// Pairs (even[i], odd[i]) of the first count <= 8 elements; `odd` may be null for zeros.
inline void PairRows(const float* even, const float* odd, int64_t count, float* to) {
  const __m256i mask = avx2::TailMask(count);
  const __m256i low = avx2::RoundToBFloat16(_mm256_maskload_ps(even, mask));
  const __m256i high = odd == nullptr ? _mm256_setzero_si256() : avx2::RoundToBFloat16(_mm256_maskload_ps(odd, mask));
  _mm256_maskstore_ps(to, mask, _mm256_castsi256_ps(_mm256_or_si256(low, _mm256_slli_epi32(high, 16))));
}

// 8 rows of 8 elements of 32 bits, in place.
inline void Transpose(__m256 (&t)[8]) {
  __m256 s[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    s[2 * i] = _mm256_unpacklo_ps(t[2 * i], t[2 * i + 1]);
    s[2 * i + 1] = _mm256_unpackhi_ps(t[2 * i], t[2 * i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    t[4 * i] = _mm256_shuffle_ps(s[4 * i], s[4 * i + 2], 0x44);
    t[4 * i + 1] = _mm256_shuffle_ps(s[4 * i], s[4 * i + 2], 0xee);
    t[4 * i + 2] = _mm256_shuffle_ps(s[4 * i + 1], s[4 * i + 3], 0x44);
    t[4 * i + 3] = _mm256_shuffle_ps(s[4 * i + 1], s[4 * i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    s[i] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
    s[i + 4] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) t[i] = s[i];
}

// A square of a weight, 16 outputs n by 16 inputs k, turned round: to [n][k] float32. Memory behind the last of `rows` rows (or, of bf16,
// rows of pairs) of the square is not read; what it would give is zero.
inline void TurnFloats(const float* from, int64_t rows, float* to) {
  for (int64_t k = 0; k < 16; k += 8) {
    for (int64_t n = 0; n < 16; n += 8) {
      __m256 t[8];
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) t[i] = k + i < rows ? _mm256_loadu_ps(from + (k + i) * 16 + n) : _mm256_setzero_ps();
      Transpose(t);
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) _mm256_store_ps(to + (n + i) * 16 + k, t[i]);
    }
  }
}

// The same from bf16: to [n][k] float32, or with kPairs to [n/2][k] pairs (n, n + 1).
template <bool kPairs>
inline void TurnBFloat16(const float* from, int64_t rows, float* to) {
  for (int64_t n = 0; n < 16; n += 8) {
    __m256 t[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) t[i] = i < rows ? _mm256_loadu_ps(from + i * 16 + n) : _mm256_setzero_ps();
    Transpose(t);  // now row n, with 8 pairs (k, k + 1)
    if constexpr (kPairs) {
#pragma GCC unroll 4
      for (int i = 0; i < 8; i += 2) {
        const __m256i even = _mm256_castps_si256(t[i]);
        const __m256i odd = _mm256_castps_si256(t[i + 1]);
        const __m256i first = _mm256_unpacklo_epi16(even, odd);   // k = 0..3, 8..11
        const __m256i second = _mm256_unpackhi_epi16(even, odd);  // k = 4..7, 12..15
        float* const row = to + (n + i) / 2 * 16;
        _mm256_store_ps(row, _mm256_castsi256_ps(_mm256_permute2x128_si256(first, second, 0x20)));
        _mm256_store_ps(row + 8, _mm256_castsi256_ps(_mm256_permute2x128_si256(first, second, 0x31)));
      }
    } else {
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) {
        const __m256i pairs = _mm256_castps_si256(t[i]);
        const __m256 even = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
        const __m256 odd = _mm256_and_ps(t[i], _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xffff0000))));
        const __m256 first = _mm256_unpacklo_ps(even, odd);   // k = 0..3, 8..11
        const __m256 second = _mm256_unpackhi_ps(even, odd);  // k = 4..7, 12..15
        _mm256_store_ps(to + (n + i) * 16, _mm256_permute2f128_ps(first, second, 0x20));
        _mm256_store_ps(to + (n + i) * 16 + 8, _mm256_permute2f128_ps(first, second, 0x31));
      }
    }
  }
}

}  // namespace
}  // namespace hone::ops
