#pragma once
// Tiles of C held in registers, a part of matmul_kernels.h, which says what the instruction set I provides.

#include "lib/ops/matmul_product.h"

namespace hone::ops {
namespace {

constexpr int kPanel = 16;

constexpr int64_t Min(int64_t a, int64_t b) {
  return a < b ? a : b;
}
inline void Prefetch(const void* p) {
  __builtin_prefetch(p, 0, 2);
}

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

// Rows of 16 elements of B; panel p begins at base + p * panel_stride. In a stream, `ahead` elements behind each row are prefetched; near
// the end, `skip` more, to come out in the panels that follow.
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

// Lines (rows of B) fetched ahead in a stream, shared by its panels: the memory's delay times its rate is about 4 KB.
template <int kPanels>
constexpr int64_t kLinesAhead = 72 / kPanels;

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
      if (row == rows - kLinesAhead<kPanels>) ahead += b.skip;
#pragma GCC unroll 16
      for (int p = 0; p < kPanels; ++p) Prefetch(b.base + row * kPanel + p * b.panel_stride + ahead);
    }
    if constexpr (kRowsOfB == RowsOfB::kSteps) {
      multiply_add(
          row, row, [](const float* p) __attribute__((always_inline)) { return I::Load(p); });
    } else {
      multiply_add(
          2 * row, row, [](const float* p) __attribute__((always_inline)) { return I::LowHalves(p); });
      multiply_add(
          2 * row + 1, row, [](const float* p) __attribute__((always_inline)) { return I::HighHalves(p); });
    }
  };
  if constexpr (kStream) {
    for (int64_t row = 0; row < full_rows; ++row) one_row(row);
  } else {
#pragma GCC unroll 4
    for (int64_t row = 0; row < full_rows; ++row) one_row(row);
  }
  if constexpr (kRowsOfB == RowsOfB::kBFloat16Pairs) {
    if (full_rows < rows)
      multiply_add(
          steps - 1, full_rows, [](const float* p) __attribute__((always_inline)) { return I::LowHalves(p); });
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

}  // namespace
}  // namespace hone::ops
