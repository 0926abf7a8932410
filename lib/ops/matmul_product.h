#pragma once
// What matmul.cc asks of the kernels of one instruction set. All three operators are one product, C [rows, cols] (+)= A [rows, depth] B:
//
//               rows  cols  depth   A            B              C
//   Linear       M     N     K      x            weight         y   row-major
//   InputGrad    M     K     N      dy           weight         dx  row-major
//   WeightGrad   K     N     M      x, by depth  dy, by depth   dw  in panels
//
// A column panel is 16 columns. Plain types only: this header is compiled with the flags of every instruction set, and an inline function
// shared with other files could be linked from the wrong one.

#include <cstddef>
#include <cstdint>

namespace hone::ops {

enum class ProductKind : uint8_t { kLinear, kInputGrad, kWeightGrad };

struct Product {
  ProductKind kind;
  bool bf16_weight;  // of kLinear and kInputGrad; else float32
  int64_t rows, cols, depth;
  const float* a;
  int64_t lda;
  const void* b;  // weight in the engine's layout, or dy
  int64_t ldb;    // K rounded up to even, or elements between rows of dy
  float* c;
  int64_t ldc;             // elements between rows of a panel
  int64_t c_panel_stride;  // elements between panels
  const float* bias;       // [cols], may be null
  bool accumulate;
};

// A rectangle of C for one thread.
struct ProductPart {
  int64_t row_begin, row_end;      // at most kMaxPartRows
  int64_t panel_begin, panel_end;  // of 16 columns
};

// Rows of A that are packed at once (260 KB with 320 steps: within the second-level cache).
constexpr int64_t kMaxPartRows = 192;
// Memory for one thread during a part, aligned to 64 bytes: a huge page, of which the kernels use a part.
constexpr size_t kScratchBytes = 2 << 20;
constexpr size_t kUsedScratchBytes = 384 << 10;

// Up to so many rows, Linear reads the weight straight from memory instead of copying blocks of it and of A. A part then has all rows.
constexpr int64_t kDirectRows = 24;

namespace avx2 {
void RunPart(const Product& product, const ProductPart& part, void* scratch);
}  // namespace avx2
namespace avx512 {
void RunPart(const Product& product, const ProductPart& part, void* scratch);
}  // namespace avx512
// Products of pairs of bf16: the weight of kLinear and kInputGrad must be bf16; A and the dy of kWeightGrad are rounded.
namespace avx512_bf16 {
void RunPart(const Product& product, const ProductPart& part, void* scratch);
}  // namespace avx512_bf16

}  // namespace hone::ops
