#include "lib/ops/attention_kernels.h"
#include "lib/ops/simd_avx2.h"

// Both passes over the keys and values are small matrix products: scores [R][tokens] = q [R][D] keys [D][T], and sums [R][D] = p [R][T]
// values [T][D]. A step holds R x V accumulators in registers, 8 to 12 of them, so that the multiply-adds need not wait for each other.

namespace hone::ops::avx2 {
namespace {

constexpr int kRows = 6;  // at most, of one step

inline int64_t Min(int64_t a, int64_t b) {
  return a < b ? a : b;
}
inline int64_t Max(int64_t a, int64_t b) {
  return a > b ? a : b;
}

inline __m256 LoadVector(const float* p) {
  return _mm256_loadu_ps(p);
}
inline __m256 LoadVector(const uint16_t* p) {
  return LoadBFloat16(p);
}

// Vectors of 8 that R rows take at once.
constexpr int VectorsFor(int rows) {
  return rows == 1 ? 8 : rows <= 3 ? 4 : 2;
}

// acc[r][v] += sum over i < n of a[r][i * step] * b[i * ldb + 8 v .. + 8), one chain over i ascending for each element.
template <int R, int V, class B>
inline __attribute__((always_inline)) void Chain(const float* const* a, int64_t step, int64_t n, const B* b, int64_t ldb,
                                                 __m256 (&acc)[R][V]) {
  const float* rows[R];
  for (int r = 0; r < R; ++r) rows[r] = a[r];
  for (int64_t i = 0; i < n; ++i, b += ldb) {
    if constexpr (V > R) {
      __m256 factor[R];
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) factor[r] = _mm256_broadcast_ss(rows[r] + i * step);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) {
        const __m256 vector = LoadVector(b + 8 * v);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc[r][v] = _mm256_fmadd_ps(factor[r], vector, acc[r][v]);
      }
    } else {
      __m256 vector[V];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) vector[v] = LoadVector(b + 8 * v);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const __m256 factor = _mm256_broadcast_ss(rows[r] + i * step);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) acc[r][v] = _mm256_fmadd_ps(factor, vector[v], acc[r][v]);
      }
    }
  }
}

template <int R, int V, class B>
inline __attribute__((always_inline)) void ScoreVectors(const float* const* q, int64_t dim, const B* keys, int64_t ldk, __m256 scale,
                                                        float* scores, int64_t stride) {
  __m256 acc[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[r][v] = _mm256_setzero_ps();
  }
  Chain<R, V>(q, 1, dim, keys, ldk, acc);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) _mm256_storeu_ps(scores + r * stride + 8 * v, _mm256_mul_ps(acc[r][v], scale));
  }
}

// scores [R][tokens] = scale * q keys; tokens a multiple of 8.
template <int R, class B>
void ScoreRows(const float* const* q, int64_t dim, const B* keys, int64_t ldk, int64_t tokens, float scale, float* scores, int64_t stride) {
  constexpr int kVectors = VectorsFor(R);
  const __m256 factor = _mm256_set1_ps(scale);
  int64_t t = 0;
  for (; t + 8 * kVectors <= tokens; t += 8 * kVectors) ScoreVectors<R, kVectors>(q, dim, keys + t, ldk, factor, scores + t, stride);
  if constexpr (kVectors > 2) {
    for (; t + 16 <= tokens; t += 16) ScoreVectors<R, 2>(q, dim, keys + t, ldk, factor, scores + t, stride);
  }
  for (; t < tokens; t += 8) ScoreVectors<R, 1>(q, dim, keys + t, ldk, factor, scores + t, stride);
}

template <class B>
void Scores(int64_t rows, const float* const* q, int64_t dim, const B* keys, int64_t ldk, int64_t tokens, float scale, float* scores,
            int64_t stride) {
  for (int64_t r = 0; r < rows; r += kRows) {
    float* s = scores + r * stride;
    switch (Min(rows - r, kRows)) {
      case 1:
        ScoreRows<1>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
      case 2:
        ScoreRows<2>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
      case 3:
        ScoreRows<3>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
      case 4:
        ScoreRows<4>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
      case 5:
        ScoreRows<5>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
      default:
        ScoreRows<6>(q + r, dim, keys, ldk, tokens, scale, s, stride);
        break;
    }
  }
}

template <int R, int V, class B>
inline __attribute__((always_inline)) void AddVectors(const float* const* a, int64_t step, int64_t n, const B* b, int64_t ldb, float* sums,
                                                      int64_t lds) {
  __m256 acc[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[r][v] = _mm256_loadu_ps(sums + r * lds + 8 * v);
  }
  Chain<R, V>(a, step, n, b, ldb, acc);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) _mm256_storeu_ps(sums + r * lds + 8 * v, acc[r][v]);
  }
}

// sums [R][width] += a [R][n] b [n][width]; a's elements are `row_step` apart between rows and `step` within one. width a multiple of 8.
template <int R, class B>
void AddRows(const float* a, int64_t row_step, int64_t step, int64_t n, const B* b, int64_t ldb, int64_t width, float* sums, int64_t lds) {
  constexpr int kVectors = VectorsFor(R);
  const float* rows[R];
  for (int r = 0; r < R; ++r) rows[r] = a + r * row_step;
  int64_t d = 0;
  for (; d + 8 * kVectors <= width; d += 8 * kVectors) AddVectors<R, kVectors>(rows, step, n, b + d, ldb, sums + d, lds);
  if constexpr (kVectors > 2) {
    for (; d + 16 <= width; d += 16) AddVectors<R, 2>(rows, step, n, b + d, ldb, sums + d, lds);
  }
  for (; d < width; d += 8) AddVectors<R, 1>(rows, step, n, b + d, ldb, sums + d, lds);
}

template <class B>
void AddProduct(int64_t rows, const float* a, int64_t row_step, int64_t step, int64_t n, const B* b, int64_t ldb, int64_t width,
                float* sums, int64_t lds) {
  if (n <= 0) return;
  for (int64_t r = 0; r < rows; r += kRows) {
    const float* ar = a + r * row_step;
    float* s = sums + r * lds;
    switch (Min(rows - r, kRows)) {
      case 1:
        AddRows<1>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
      case 2:
        AddRows<2>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
      case 3:
        AddRows<3>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
      case 4:
        AddRows<4>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
      case 5:
        AddRows<5>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
      default:
        AddRows<6>(ar, row_step, step, n, b, ldb, width, s, lds);
        break;
    }
  }
}

// All bits of the lanes of the vector of tokens [token, token + 8) that lie in [first, last].
inline __m256 SeenLanes(int64_t token, int64_t first, int64_t last) {
  if (token >= first && token + 7 <= last) return _mm256_castsi256_ps(_mm256_set1_epi32(-1));
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i low = _mm256_set1_epi32(static_cast<int>(Max(first - token, 0)) - 1);
  const __m256i high = _mm256_set1_epi32(static_cast<int>(Min(last - token, 7)) + 1);
  return _mm256_castsi256_ps(_mm256_and_si256(_mm256_cmpgt_epi32(lane, low), _mm256_cmpgt_epi32(high, lane)));
}

// scores (column 0 is token `base`) -> exp(score - max), 0 outside [first, last]. The sum keeps eight parts by token % 8.
void SoftmaxRow(float* scores, int64_t base, int64_t first, int64_t last, float* row_max, float* row_sum) {
  const __m256 low = _mm256_set1_ps(-__builtin_inff());
  const int64_t begin = first / 8 * 8;
  __m256 max = low;
  for (int64_t t = begin; t <= last; t += 8) {
    max = _mm256_max_ps(max, _mm256_blendv_ps(low, _mm256_loadu_ps(scores + t - base), SeenLanes(t, first, last)));
  }
  const float largest = HorizontalMax(max);
  const __m256 shift = _mm256_set1_ps(largest);
  __m256 sum = _mm256_setzero_ps();
  for (int64_t t = begin; t <= last; t += 8) {
    const __m256 p = _mm256_and_ps(SeenLanes(t, first, last), BoundedExp(_mm256_sub_ps(_mm256_loadu_ps(scores + t - base), shift)));
    sum = _mm256_add_ps(sum, p);
    _mm256_storeu_ps(scores + t - base, p);
  }
  *row_max = largest;
  *row_sum = HorizontalSum(sum);
}

template <class B>
void AttendRows(const AttendTile& tile) {
  const int64_t block_tokens = tile.block_tokens;
  const int64_t width = (tile.dim + 7) / 8 * 8;
  const int64_t base = tile.first[0] / 8 * 8;
  const int64_t end = tile.last[tile.rows - 1] + 1;
  for (int64_t token = base; token < end;) {
    const int64_t block = token / block_tokens;
    const int64_t next = Min((block + 1) * block_tokens, (end + 7) / 8 * 8);
    const B* keys = static_cast<const B*>(tile.keys[block]) + token % block_tokens;
    Scores(tile.rows, tile.q, tile.dim, keys, block_tokens, next - token, tile.scale, tile.scores + token - base, tile.stride);
    token = next;
  }
  for (int64_t r = 0; r < tile.rows; ++r) {
    SoftmaxRow(tile.scores + r * tile.stride, base, tile.first[r], tile.last[r], tile.lse_max + r, tile.lse_sum + r);
  }
  __builtin_memset(tile.sums, 0, static_cast<size_t>(tile.rows * width) * sizeof(float));
  for (int64_t token = base; token < end;) {
    const int64_t block = token / block_tokens;
    const int64_t next = Min((block + 1) * block_tokens, end);
    const B* values = static_cast<const B*>(tile.values[block]);
    // Adds the tokens [from, to) of this block to `rows` rows from r on.
    const auto add = [&](int64_t r, int64_t rows, int64_t from, int64_t to) {
      from = Max(from, token);
      to = Min(to, next);
      AddProduct(rows, tile.scores + r * tile.stride + from - base, tile.stride, 1, to - from,
                 values + (from - block * block_tokens) * width, width, width, tile.sums + r * width, width);
    };
    for (int64_t r = 0; r < tile.rows; r += kRows) {
      // The tokens that all rows of the group see go together; before and after them each row goes alone.
      const int64_t rows = Min(tile.rows - r, kRows);
      const int64_t common_first = tile.first[r + rows - 1];
      const int64_t common_end = Max(tile.last[r] + 1, common_first);
      for (int64_t i = r; i < r + rows; ++i) add(i, 1, tile.first[i], Min(common_first, tile.last[i] + 1));
      add(r, rows, common_first, common_end);
      for (int64_t i = r; i < r + rows; ++i) add(i, 1, common_end, tile.last[i] + 1);
    }
    token = next;
  }
  for (int64_t r = 0; r < tile.rows; ++r) {
    const __m256 divisor = _mm256_set1_ps(tile.lse_sum[r]);
    for (int64_t d = 0; d < tile.dim; d += 8) {
      const __m256 o = _mm256_div_ps(_mm256_loadu_ps(tile.sums + r * width + d), divisor);
      if (d + 8 <= tile.dim) {
        _mm256_storeu_ps(tile.out[r] + d, o);
      } else {
        _mm256_maskstore_ps(tile.out[r] + d, TailMask(tile.dim - d), o);
      }
    }
  }
}

}  // namespace

void Attend(const AttendTile& tile, bool bf16) {
  if (bf16) {
    AttendRows<uint16_t>(tile);
  } else {
    AttendRows<float>(tile);
  }
}

void AttendGrad(const AttendGradTile& tile) {
  const int64_t block_tokens = tile.block_tokens;
  const int64_t width = (tile.dim + 7) / 8 * 8;
  const int64_t end = tile.last[tile.rows - 1] + 1;
  const __m256 scale = _mm256_set1_ps(tile.scale);
  for (int64_t token = tile.first[0] / 8 * 8; token < end;) {
    const int64_t block = token / block_tokens;
    const int64_t next = Min((block + 1) * block_tokens, (end + 7) / 8 * 8);
    const int64_t tokens = next - token;
    const int64_t offset = token % block_tokens;
    Scores(tile.rows, tile.q, tile.dim, tile.keys_t[block] + offset, block_tokens, tokens, tile.scale, tile.p, block_tokens);
    Scores(tile.rows, tile.dout, tile.dim, tile.values_t[block] + offset, block_tokens, tokens, 1.0f, tile.ds, block_tokens);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const __m256 lse = _mm256_set1_ps(tile.lse[r]);
      const __m256 delta = _mm256_set1_ps(tile.delta[r]);
      for (int64_t t = 0; t < tokens; t += 8) {
        float* p_at = tile.p + r * block_tokens + t;
        float* ds_at = tile.ds + r * block_tokens + t;
        const __m256 seen = SeenLanes(token + t, tile.first[r], tile.last[r]);
        const __m256 p = _mm256_and_ps(seen, BoundedExp(_mm256_sub_ps(_mm256_loadu_ps(p_at), lse)));
        const __m256 slope = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(ds_at), delta), scale);
        _mm256_storeu_ps(p_at, p);
        _mm256_storeu_ps(ds_at, _mm256_and_ps(seen, _mm256_mul_ps(p, slope)));
      }
    }
    const int64_t count = Min(next, end) - token;
    AddProduct(tile.rows, tile.ds, block_tokens, 1, count, tile.keys + token * width, width, width, tile.dq, width);
    AddProduct(count, tile.ds, 1, block_tokens, tile.rows, tile.q[0], width, width, tile.dkeys + token * width, width);
    AddProduct(count, tile.p, 1, block_tokens, tile.rows, tile.dout[0], width, width, tile.dvalues + token * width, width);
    token = next;
  }
}

void TransposeTokens(const float* const* rows, int64_t dim, bool bf16, float* keys, int64_t ldk) {
  for (int64_t d = 0; d < dim; d += 8) {
    __m256 x[8];
    for (int i = 0; i < 8; ++i) {
      x[i] = d + 8 <= dim ? _mm256_loadu_ps(rows[i] + d) : _mm256_maskload_ps(rows[i] + d, TailMask(dim - d));
      if (bf16) x[i] = _mm256_castsi256_ps(_mm256_slli_epi32(RoundToBFloat16(x[i]), 16));
    }
    __m256 pairs[8];
    for (int i = 0; i < 4; ++i) {
      pairs[2 * i] = _mm256_unpacklo_ps(x[2 * i], x[2 * i + 1]);
      pairs[2 * i + 1] = _mm256_unpackhi_ps(x[2 * i], x[2 * i + 1]);
    }
    __m256 quads[8];  // quads[4 h + c]: columns c and c + 4 of the rows 4 h .. 4 h + 3
    for (int h = 0; h < 2; ++h) {
      const __m256* p = pairs + 4 * h;
      quads[4 * h] = _mm256_shuffle_ps(p[0], p[2], 0x44);
      quads[4 * h + 1] = _mm256_shuffle_ps(p[0], p[2], 0xee);
      quads[4 * h + 2] = _mm256_shuffle_ps(p[1], p[3], 0x44);
      quads[4 * h + 3] = _mm256_shuffle_ps(p[1], p[3], 0xee);
    }
    for (int c = 0; c < 4; ++c) {
      if (d + c < dim) _mm256_storeu_ps(keys + (d + c) * ldk, _mm256_permute2f128_ps(quads[c], quads[4 + c], 0x20));
      if (d + c + 4 < dim) _mm256_storeu_ps(keys + (d + c + 4) * ldk, _mm256_permute2f128_ps(quads[c], quads[4 + c], 0x31));
    }
  }
}

void CopyToken(const float* x, int64_t dim, bool bf16, float* y) {
  for (int64_t d = 0; d < dim; d += 8) {
    __m256 v = d + 8 <= dim ? _mm256_loadu_ps(x + d) : _mm256_maskload_ps(x + d, TailMask(dim - d));
    if (bf16) v = _mm256_castsi256_ps(_mm256_slli_epi32(RoundToBFloat16(v), 16));
    _mm256_storeu_ps(y + d, v);
  }
}

float Dot(int64_t n, const float* a, const float* b) {
  __m256 sum = _mm256_setzero_ps();
  for (int64_t i = 0; i < n; i += 8) {
    if (i + 8 <= n) {
      sum = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum);
    } else {
      const __m256i mask = TailMask(n - i);
      sum = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask), sum);
    }
  }
  return HorizontalSum(sum);
}

}  // namespace hone::ops::avx2
