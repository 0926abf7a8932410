#pragma once
// The kernels behind matmul.h as templates over an instruction set I, included by one file per instruction set, which is compiled with the
// flags of that set (AVX2 and FMA at least). Everything is in an anonymous namespace and uses no library templates, so that no copy made
// with these flags is linked into other files.
//
// One tile = up to I::kTileRows rows times up to I::kTilePanels panels of 16 columns of C, held in registers while a block of the depth runs
// by, one step after another: broadcast an element of A, multiply with 16 elements of B, add. Each accumulator is one chain in ascending
// order, the order that matmul.h promises; at the end of a block it is stored and the next block goes on from it.
//
// A step is one index of the depth, or with I::kPairs two (a bf16 pair in 32 bits); A and B are then arrays of pairs that travel as floats.
//
// I provides: Vector of kWidth floats with Zero-free Load, Store, Broadcast, MultiplyAdd(a, b, acc); LowHalves and HighHalves, which widen the
// bf16 of the even and the odd index from kWidth pairs; the constants kTileRows and kTilePanels (of blocks), kAccumulators (registers a tile may
// take), kStreamPanels (at most), kBlockSteps (multiple of 32) and kPairs.

#include "lib/ops/matmul_product.h"
#include "lib/ops/simd_avx2.h"

namespace hone::ops {
namespace {

constexpr int kPanel = 16;

constexpr int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }
inline void Prefetch(const void* p) { __builtin_prefetch(p, 0, 2); }

// ---- Tiles ----

// Element (row, step) of A at base + row * stride + step.
struct RowsOfA {
  const float* base;
  int64_t stride;
  const float* At(int row, int64_t step) const { return base + row * stride + step; }
};
// The same with a stride that the compiler knows.
template <int kStride>
struct PackedRowsOfA {
  const float* base;
  const float* At(int row, int64_t step) const { return base + row * kStride + step; }
};
template <int kStride>
struct PackedStepsOfA {
  const float* base;
  const float* At(int row, int64_t step) const { return base + step * kStride + row; }
};

// Rows of 16 elements of B; panel p begins at base + p * panel_stride. In a stream, `ahead` elements behind each row are prefetched; near the
// end, `skip` more, to come out in the panels that follow.
struct PanelsOfB {
  const float* base;
  int64_t panel_stride;
  int64_t ahead = 0;
  int64_t skip = 0;
};
enum class RowsOfB { kSteps, kBFloat16Pairs };  // a row is a step; a row of bf16 pairs is two steps and is widened

// Where a tile of C begins from and ends in.
struct TileOfC {
  const float* start;
  int64_t start_ld, start_panel_stride;
  float* out;
  int64_t ld, panel_stride;
};

// Lines (rows of B) fetched ahead in each of the panels of a stream.
constexpr int64_t kLinesAhead = 12;

template <class I, int kRows, int kPanels, RowsOfB kRowsOfB, bool kStream, class A>
__attribute__((noinline)) void Tile(A a, PanelsOfB b, int64_t steps, const TileOfC& c) {
  using Vector = typename I::Vector;
  constexpr int kPerPanel = kPanel / I::kWidth;
  constexpr int kVectors = kPanels * kPerPanel;
  Vector acc[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      acc[r][v] = I::Load(c.start + r * c.start_ld + v / kPerPanel * c.start_panel_stride + v % kPerPanel * I::kWidth);
    }
  }
  const auto multiply_add = [&](int64_t step, int64_t row, auto load) __attribute__((always_inline)) {
    const float* const b_row = b.base + row * kPanel;
    const auto b_vector = [&](int v) __attribute__((always_inline)) {
      return load(b_row + v / kPerPanel * b.panel_stride + v % kPerPanel * I::kWidth);
    };
    if constexpr (kRows >= kVectors) {
      Vector bs[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) bs[v] = b_vector(v);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Vector as = I::Broadcast(a.At(r, step));
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) acc[r][v] = I::MultiplyAdd(as, bs[v], acc[r][v]);
      }
    } else {
      Vector as[kRows];
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) as[r] = I::Broadcast(a.At(r, step));
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const Vector bs = b_vector(v);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) acc[r][v] = I::MultiplyAdd(as[r], bs, acc[r][v]);
      }
    }
  };
  const int64_t rows = kRowsOfB == RowsOfB::kSteps ? steps : (steps + 1) / 2;
  const int64_t full_rows = kRowsOfB == RowsOfB::kSteps ? steps : steps / 2;
  int64_t ahead = b.ahead;
  const auto one_row = [&](int64_t row) __attribute__((always_inline)) {
    if constexpr (kStream) {
      if (row == rows - kLinesAhead) ahead += b.skip;
#pragma GCC unroll 16
      for (int p = 0; p < kPanels; ++p) Prefetch(b.base + row * kPanel + p * b.panel_stride + ahead);
    }
    if constexpr (kRowsOfB == RowsOfB::kSteps) {
      multiply_add(row, row, [](const float* p) __attribute__((always_inline)) { return I::Load(p); });
    } else {
      multiply_add(2 * row, row, [](const float* p) __attribute__((always_inline)) { return I::LowHalves(p); });
      multiply_add(2 * row + 1, row, [](const float* p) __attribute__((always_inline)) { return I::HighHalves(p); });
    }
  };
  if constexpr (kStream) {
    for (int64_t row = 0; row < full_rows; ++row) one_row(row);
  } else {
#pragma GCC unroll 4
    for (int64_t row = 0; row < full_rows; ++row) one_row(row);
  }
  if constexpr (kRowsOfB == RowsOfB::kBFloat16Pairs) {
    if (full_rows < rows) multiply_add(steps - 1, full_rows, [](const float* p) __attribute__((always_inline)) { return I::LowHalves(p); });
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      I::Store(c.out + r * c.ld + v / kPerPanel * c.panel_stride + v % kPerPanel * I::kWidth, acc[r][v]);
    }
  }
}

// Calls run(tile) with the tile of C at `rows` rows from row, panel; a panel that C does not fill goes through a tile in memory.
template <class Run>
void WithTileOfC(const Product& product, int64_t row, int64_t rows, int64_t panel, bool first_block, Run run) {
  static const float zeros[kPanel] = {};
  float* const out = product.c + row * product.ldc + panel * product.c_panel_stride;
  const bool from_out = product.accumulate || !first_block;
  const float* const bias = product.bias == nullptr ? nullptr : product.bias + panel * kPanel;
  const int64_t cols = Min(kPanel, product.cols - panel * kPanel);
  if (cols == kPanel) {
    if (from_out) return run(TileOfC{out, product.ldc, product.c_panel_stride, out, product.ldc, product.c_panel_stride});
    if (bias != nullptr) return run(TileOfC{bias, 0, kPanel, out, product.ldc, product.c_panel_stride});
    return run(TileOfC{zeros, 0, 0, out, product.ldc, product.c_panel_stride});
  }
  alignas(64) float tile[kPanel * kPanel];
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < kPanel; ++i) {
      tile[r * kPanel + i] = i >= cols ? 0.f : from_out ? out[r * product.ldc + i] : bias != nullptr ? bias[i] : 0.f;
    }
  }
  run(TileOfC{tile, kPanel, 0, tile, kPanel, 0});
  const bool padded = product.kind == ProductKind::kWeightGrad;  // its padding is memory of C, and zero
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < cols; ++i) out[r * product.ldc + i] = tile[r * kPanel + i];
    for (int64_t i = cols; padded && i < kPanel; ++i) out[r * product.ldc + i] = 0.f;
  }
}

// The tile for a number of rows known at run time, 1 to kMostRows.
template <class I, int kMostRows, int kPanels, RowsOfB kRowsOfB, bool kStream, class A>
void TileOfRows(int64_t rows, A a, PanelsOfB b, int64_t steps, const TileOfC& c) {
  if constexpr (kMostRows > 1) {
    if (rows < kMostRows) return TileOfRows<I, kMostRows - 1, kPanels, kRowsOfB, kStream>(rows, a, b, steps, c);
  }
  Tile<I, kMostRows, kPanels, kRowsOfB, kStream>(a, b, steps, c);
}

// `rows` rows (at most kMaxPartRows) in as few tiles as possible, of equal size but for one row.
struct Tiles {
  Tiles(int64_t rows, int64_t most) : rows(rows), count((rows + most - 1) / most) {
    for (int64_t t = 0; t <= count; ++t) begin[t] = rows * t / count;
  }
  int64_t Begin(int64_t tile) const { return begin[tile]; }
  int64_t Size(int64_t tile) const { return begin[tile + 1] - begin[tile]; }
  int64_t rows, count;
  int64_t begin[kMaxPartRows / 6 + 2];  // 6: the smallest tile of an instruction set
};

// The depth in as few blocks of at most `most` as possible, of about equal size, each but the last a multiple of 32.
inline int64_t BlockDepth(int64_t depth, int64_t most) {
  const int64_t blocks = depth <= most ? 1 : (depth + most - 1) / most;
  return (depth + blocks * 32 - 1) / (blocks * 32) * 32;
}

// ---- Packing ----

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

// ---- Blocks: many rows ----

template <class I>
constexpr int kStepDepth = I::kPairs ? 2 : 1;  // indices of the depth in a step
template <class I>
constexpr int kRowStride = I::kBlockSteps + 16;  // of packed rows of A; not a power of two, which would crowd the cache's sets

// Rows of A [rows, depth] that are contiguous in the depth. Packed: [row][kRowStride].
template <class I>
struct ContiguousA {
  using View = PackedRowsOfA<kRowStride<I>>;
  static constexpr int64_t kElements = kMaxPartRows * kRowStride<I>;
  static void Pack(const Product& product, int64_t row_begin, const Tiles& tiles, int64_t begin, int64_t end, float* to) {
    for (int64_t r = 0; r < tiles.rows; ++r) {
      const float* const from = product.a + (row_begin + r) * product.lda + begin;
      if constexpr (I::kPairs) {
        RoundToPairs(from, end - begin, to + r * kRowStride<I>);
      } else {
        __builtin_memcpy(to + r * kRowStride<I>, from, (end - begin) * sizeof(float));
      }
    }
  }
  static View Tile(const float* packed, int64_t row, int64_t) { return {packed + row * kRowStride<I>}; }
};

// A given by its columns, A [row, i] at a[i * lda + row]. Packed: [tile][step][kTileRows].
template <class I>
struct StridedA {
  using View = PackedStepsOfA<I::kTileRows>;
  static constexpr int64_t kTileElements = I::kBlockSteps * I::kTileRows;
  static constexpr int64_t kElements = (kMaxPartRows + I::kTileRows - 1) / I::kTileRows * kTileElements;
  static void Pack(const Product& product, int64_t row_begin, const Tiles& tiles, int64_t begin, int64_t end, float* to) {
    for (int64_t i = begin; i < end; i += kStepDepth<I>) {
      const float* const from = product.a + i * product.lda + row_begin;
      const float* const odd = i + 1 < end ? from + product.lda : nullptr;
      for (int64_t row = 0; row < kStepDepth<I> * tiles.rows; row += kPanel) Prefetch(from + 4 * product.lda + row);
      float* step = to + (i - begin) / kStepDepth<I> * I::kTileRows;
      for (int64_t t = 0; t < tiles.count; ++t, step += kTileElements) {
        const int64_t row = tiles.Begin(t);
        const int64_t count = tiles.Size(t);
        if constexpr (I::kPairs) {
          for (int64_t j = 0; j < count; j += 8) PairRows(from + row + j, odd == nullptr ? nullptr : odd + row + j, Min(8, count - j), step + j);
        } else if (count == I::kTileRows) {
          __builtin_memcpy(step, from + row, I::kTileRows * sizeof(float));
        } else {
          for (int64_t j = 0; j < count; ++j) step[j] = from[row + j];
        }
      }
    }
  }
  static View Tile(const float* packed, int64_t, int64_t tile) { return {packed + tile * kTileElements}; }
};

// A B has: AA, how A is packed; Get, the panel's steps of the depth [begin, end) as rows of 16 (in `to` or where they are); Touch, which
// prefetches the share part/parts of what Get will read.
//
// The weight of Linear: taken as it lies, or widened.
template <class I, bool kWiden>
struct WeightOfLinear {
  using AA = ContiguousA<I>;
  static constexpr bool kInPlace = !kWiden;
  static constexpr int kRowDepth = kWiden || I::kPairs ? 2 : 1;  // indices of the depth in a row of the weight
  static const float* Row(const Product& product, int64_t panel, int64_t begin) {
    return static_cast<const float*>(product.b) + (panel * product.ldb + begin) / kRowDepth * kPanel;
  }
  static const float* Get(const Product& product, int64_t panel, int64_t begin, int64_t end, float* to) {
    const float* const from = Row(product, panel, begin);
    if constexpr (kWiden) {
      const int64_t rows = (end - begin + 1) / 2;
      for (int64_t row = 0; row < rows; ++row) {
#pragma GCC unroll 4
        for (int i = 0; i < kPanel; i += I::kWidth) {
          I::Store(to + 2 * row * kPanel + i, I::LowHalves(from + row * kPanel + i));
          I::Store(to + (2 * row + 1) * kPanel + i, I::HighHalves(from + row * kPanel + i));
        }
      }
      return to;
    }
    return from;
  }
  static void Touch(const Product& product, int64_t panel, int64_t begin, int64_t end, int64_t part, int64_t parts) {
    const float* const from = Row(product, panel, begin);
    const int64_t rows = (end - begin + kRowDepth - 1) / kRowDepth;
    for (int64_t row = rows * part / parts; row < rows * (part + 1) / parts; ++row) Prefetch(from + row * kPanel);
  }
};

// The weight of InputGrad: its squares are turned round.
template <class I, bool kBFloat16>
struct WeightOfInputGrad {
  using AA = ContiguousA<I>;
  static constexpr bool kInPlace = false;
  static constexpr int kRowDepth = kBFloat16 ? 2 : 1;
  static const float* Square(const Product& product, int64_t panel, int64_t depth) {
    return static_cast<const float*>(product.b) + (depth / 16 * product.ldb + panel * 16) / kRowDepth * kPanel;
  }
  static const float* Get(const Product& product, int64_t panel, int64_t begin, int64_t end, float* to) {
    const int64_t rows = Min(16, product.ldb - panel * 16) / kRowDepth;
    for (int64_t depth = begin; depth < end; depth += 16) {
      float* const rows_to = to + (depth - begin) / kStepDepth<I> * kPanel;
      if constexpr (kBFloat16) {
        TurnBFloat16<I::kPairs>(Square(product, panel, depth), rows, rows_to);
      } else {
        TurnFloats(Square(product, panel, depth), rows, rows_to);
      }
    }
    return to;
  }
  static void Touch(const Product& product, int64_t panel, int64_t begin, int64_t end, int64_t part, int64_t parts) {
    const int64_t squares = (end - begin + 15) / 16;
    for (int64_t i = squares * part / parts; i < squares * (part + 1) / parts; ++i) {
      const float* const square = Square(product, panel, begin + i * 16);
      for (int64_t row = 0; row < 16 / kRowDepth; ++row) Prefetch(square + row * kPanel);
    }
  }
};

// dy of WeightGrad.
template <class I>
struct RowsOfWeightGrad {
  using AA = StridedA<I>;
  static constexpr bool kInPlace = false;
  static const float* Get(const Product& product, int64_t panel, int64_t begin, int64_t end, float* to) {
    const float* from = static_cast<const float*>(product.b) + begin * product.ldb + panel * kPanel;
    const int64_t cols = Min(kPanel, product.cols - panel * kPanel);
    float* row = to;
    for (int64_t i = begin; i < end; i += kStepDepth<I>, from += kStepDepth<I> * product.ldb, row += kPanel) {
      if constexpr (I::kPairs) {
        const float* const odd = i + 1 < end ? from + product.ldb : nullptr;
        PairRows(from, odd, Min(8, cols), row);
        if (cols > 8) PairRows(from + 8, odd == nullptr ? nullptr : odd + 8, cols - 8, row + 8);
      } else if (cols == kPanel) {
        _mm256_store_ps(row, _mm256_loadu_ps(from));
        _mm256_store_ps(row + 8, _mm256_loadu_ps(from + 8));
      } else {
        for (int64_t j = 0; j < cols; ++j) row[j] = from[j];
      }
    }
    return to;
  }
  static void Touch(const Product& product, int64_t panel, int64_t begin, int64_t end, int64_t part, int64_t parts) {
    const float* const from = static_cast<const float*>(product.b) + panel * kPanel;
    for (int64_t i = begin + (end - begin) * part / parts; i < begin + (end - begin) * (part + 1) / parts; ++i) Prefetch(from + i * product.ldb);
  }
};


// Panels [panel, panel + kPanels) of the block of the depth [begin, end).
template <class I, class B, int kPanels>
void BlockOfPanels(const Product& product, const ProductPart& part, int64_t panel, int64_t begin, int64_t end, const Tiles& tiles, const float* a,
                   float* b_scratch) {
  PanelsOfB b{B::Get(product, panel, begin, end, b_scratch), I::kBlockSteps * kPanel};
  if constexpr (B::kInPlace) {
    if (kPanels > 1) b.panel_stride = B::Get(product, panel + 1, begin, end, nullptr) - b.base;
  } else {
    for (int p = 1; p < kPanels; ++p) B::Get(product, panel + p, begin, end, b_scratch + p * I::kBlockSteps * kPanel);
  }
  const int64_t steps = (end - begin + kStepDepth<I> - 1) / kStepDepth<I>;
  for (int64_t t = 0; t < tiles.count; ++t) {
    // Meanwhile: the next panels of B and the next tile of C.
    for (int64_t next = panel + kPanels; next < Min(panel + 2 * kPanels, part.panel_end); ++next) {
      B::Touch(product, next, begin, end, t, tiles.count);
    }
    const bool last = t + 1 == tiles.count;
    const int64_t next_tile = last ? 0 : t + 1;
    const int64_t next_panel = last ? Min(panel + kPanels, part.panel_end - 1) : panel;
    for (int64_t r = tiles.Begin(next_tile); r < tiles.Begin(next_tile + 1); ++r) {
      Prefetch(product.c + (part.row_begin + r) * product.ldc + next_panel * product.c_panel_stride);
    }
    const int64_t row = tiles.Begin(t);
    WithTileOfC(product, part.row_begin + row, tiles.Size(t), panel, begin == 0, [&](const TileOfC& c) {
      TileOfRows<I, I::kTileRows, kPanels, RowsOfB::kSteps, false>(tiles.Size(t), B::AA::Tile(a, row, t), b, steps, c);
    });
  }
}

template <class I, class B>
void RunBlocks(const Product& product, const ProductPart& part, float* scratch) {
  constexpr int64_t kElementsOfB = I::kTilePanels * I::kBlockSteps * kPanel;
  static_assert((kElementsOfB + B::AA::kElements) * sizeof(float) <= kUsedScratchBytes);
  const Tiles tiles(part.row_end - part.row_begin, I::kTileRows);
  float* const a = scratch + kElementsOfB;
  const int64_t full_panels = Min(part.panel_end, product.cols / kPanel);
  const int64_t block = BlockDepth(product.depth, I::kBlockSteps * kStepDepth<I>);
  int64_t begin = 0;
  do {
    const int64_t end = Min(product.depth, begin + block);
    B::AA::Pack(product, part.row_begin, tiles, begin, end, a);
    int64_t panel = part.panel_begin;
    for (; panel + I::kTilePanels <= full_panels; panel += I::kTilePanels) {
      BlockOfPanels<I, B, I::kTilePanels>(product, part, panel, begin, end, tiles, a, scratch);
    }
    for (; panel < part.panel_end; ++panel) BlockOfPanels<I, B, 1>(product, part, panel, begin, end, tiles, a, scratch);
    begin = end;
  } while (begin < product.depth);
}

// ---- Streams: few rows of Linear ----

constexpr int64_t kStreamRows = 576;  // of B in a block that several tiles use: 36 KB

struct Stream {
  const Product& product;
  const Tiles& tiles;
  RowsOfA a;               // of the block, as b
  const float* b;          // panel 0
  int64_t b_panel_stride;  // elements
  int64_t steps;
  bool first_block;
};

// Panels [panel, panel_end), all full, or a single one that is not.
template <class I, RowsOfB kRowsOfB, int kPanels>
void StreamPanels(const Stream& s, int64_t panel, int64_t panel_end) {
  constexpr int kMostRows = static_cast<int>(Min(I::kTileRows, I::kAccumulators * I::kWidth / kPanel / kPanels));
  if (s.tiles.Size(s.tiles.count - 1) <= kMostRows) {
    for (; panel + kPanels <= panel_end; panel += kPanels) {
      PanelsOfB b{s.b + panel * s.b_panel_stride, s.b_panel_stride, kLinesAhead * kPanel, (kPanels - 1) * s.b_panel_stride};
      if (s.tiles.count > 1) b.ahead = s.b_panel_stride, b.skip = 0;  // the next panel while this one is used several times
      for (int64_t t = 0; t < s.tiles.count; ++t) {
        const int64_t row = s.tiles.Begin(t);
        WithTileOfC(s.product, row, s.tiles.Size(t), panel, s.first_block, [&](const TileOfC& c) {
          const RowsOfA a{s.a.base + row * s.a.stride, s.a.stride};
          TileOfRows<I, kMostRows, kPanels, kRowsOfB, true>(s.tiles.Size(t), a, b, s.steps, c);
        });
      }
    }
  }
  if constexpr (kPanels > 1) {
    if (panel < panel_end) StreamPanels<I, kRowsOfB, kPanels == 3 ? 2 : kPanels / 2>(s, panel, panel_end);
  }
}

template <class I, RowsOfB kRowsOfB>
void RunStream(const Product& product, const ProductPart& part, float* scratch) {
  constexpr int kRowDepth = kRowsOfB == RowsOfB::kBFloat16Pairs || I::kPairs ? 2 : 1;  // indices of the depth in a row of B
  const int64_t rows = product.rows;
  const Tiles tiles(rows, I::kTileRows);
  const int64_t full_panels = Min(part.panel_end, product.cols / kPanel);
  // A panel that is used several times stays in the cache; pairs of A must fit into scratch.
  const int64_t packed_steps = I::kPairs ? static_cast<int64_t>(kUsedScratchBytes / sizeof(float)) / rows / 16 * 16 : 0;
  const int64_t held = I::kPairs ? 2 * packed_steps : product.depth;
  const int64_t most = tiles.count > 1 ? Min(held, kStreamRows * kRowDepth) : held;
  const int64_t block = BlockDepth(product.depth, most);
  int64_t begin = 0;
  do {
    const int64_t end = Min(product.depth, begin + block);
    RowsOfA a{product.a + begin, product.lda};
    if constexpr (I::kPairs) {
      for (int64_t r = 0; r < rows; ++r) RoundToPairs(product.a + r * product.lda + begin, end - begin, scratch + r * packed_steps);
      a = {scratch, packed_steps};
    }
    const Stream stream{product,
                        tiles,
                        a,
                        static_cast<const float*>(product.b) + begin / kRowDepth * kPanel,
                        product.ldb / kRowDepth * kPanel,
                        (end - begin + kStepDepth<I> - 1) / kStepDepth<I>,
                        begin == 0};
    StreamPanels<I, kRowsOfB, I::kStreamPanels>(stream, part.panel_begin, full_panels);
    if (full_panels < part.panel_end) StreamPanels<I, kRowsOfB, 1>(stream, part.panel_end - 1, part.panel_end);
    begin = end;
  } while (begin < product.depth);
}

template <class I>
void RunPartOf(const Product& product, const ProductPart& part, void* memory) {
  constexpr bool kWiden = !I::kPairs;  // what becomes of bf16
  float* const scratch = static_cast<float*>(memory);
  const bool bf16 = product.bf16_weight;
  switch (product.kind) {
    case ProductKind::kLinear:
      if (product.rows <= kDirectRows) {
        if constexpr (kWiden) {
          if (bf16) return RunStream<I, RowsOfB::kBFloat16Pairs>(product, part, scratch);
        }
        return RunStream<I, RowsOfB::kSteps>(product, part, scratch);
      }
      if constexpr (kWiden) {
        if (bf16) return RunBlocks<I, WeightOfLinear<I, true>>(product, part, scratch);
      }
      return RunBlocks<I, WeightOfLinear<I, false>>(product, part, scratch);
    case ProductKind::kInputGrad:
      if constexpr (kWiden) {
        if (!bf16) return RunBlocks<I, WeightOfInputGrad<I, false>>(product, part, scratch);
      }
      return RunBlocks<I, WeightOfInputGrad<I, true>>(product, part, scratch);
    case ProductKind::kWeightGrad:
      return RunBlocks<I, RowsOfWeightGrad<I>>(product, part, scratch);
  }
}

}  // namespace
}  // namespace hone::ops
