#pragma once
// The kernels behind matmul.h as templates over an instruction set I, included by one file per instruction set, which is compiled with the
// flags of that set (AVX2 and FMA at least). Everything is in an anonymous namespace and uses no library templates, so that no copy made
// with these flags is linked into other files.
//
// One tile = up to I::kTileRows rows times up to I::kTilePanels panels of 16 columns of C, held in registers while a block of the depth
// runs by, one step after another: broadcast an element of A, multiply with 16 elements of B, add. Each accumulator is one chain in
// ascending order, the order that matmul.h promises; at the end of a block it is stored and the next block goes on from it.
//
// A step is one index of the depth, or with I::kPairs two (a bf16 pair in 32 bits); A and B are then arrays of pairs that travel as floats.
//
// I provides: Vector of kWidth floats with Load, Store, Broadcast, MultiplyAdd(a, b, acc); LowHalves and HighHalves, which widen the
// bf16 of the even and the odd index from kWidth pairs; the constants kTileRows and kTilePanels (of blocks), kAccumulators (registers a
// tile may take), kStreamPanels (at most), kBlockSteps (multiple of 32) and kPairs.

#include "lib/ops/matmul_product.h"
#include "lib/ops/matmul_tile.h"
#include "lib/ops/matmul_turn.h"

namespace hone::ops {
namespace {

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
          for (int64_t j = 0; j < count; j += 8)
            PairRows(from + row + j, odd == nullptr ? nullptr : odd + row + j, Min(8, count - j), step + j);
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
    for (int64_t i = begin + (end - begin) * part / parts; i < begin + (end - begin) * (part + 1) / parts; ++i)
      Prefetch(from + i * product.ldb);
  }
};

// Panels [panel, panel + kPanels) of the block of the depth [begin, end).
template <class I, class B, int kPanels>
void BlockOfPanels(const Product& product, const ProductPart& part, int64_t panel, int64_t begin, int64_t end, const Tiles& tiles,
                   const float* a, float* b_scratch) {
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
      PanelsOfB b{s.b + panel * s.b_panel_stride, s.b_panel_stride, kLinesAhead<kPanels> * kPanel, (kPanels - 1) * s.b_panel_stride};
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
