#pragma once
// Tile kernels of attention.h, compiled for AVX2 and FMA. One thread.
//
// A tile is R query rows, all of one key/value head: consecutive positions times the query heads that share it. Row r sees the tokens
// [first[r], last[r]]; both rise with r. Keys and values come as blocks of T tokens, T a multiple of 8; block b holds the tokens [b T, (b +
// 1) T). Only the blocks that a row sees are read. D: head size; W: D rounded up to 8.

#include <cstdint>

namespace hone::ops::avx2 {

struct AttendTile {
  int64_t rows = 0;          // R
  int64_t dim = 0;           // D
  int64_t block_tokens = 0;  // T
  float scale = 0;
  const float* const* q = nullptr;      // R times [D]
  const int64_t* first = nullptr;       // [R]
  const int64_t* last = nullptr;        // [R]
  const void* const* keys = nullptr;    // by block: [D][T]
  const void* const* values = nullptr;  // by block: [T][W]
  float* scores = nullptr;              // scratch [R][stride]; column 0 is token first[0] rounded down to 8
  int64_t stride = 0;                   // at least the tokens from there to last[R-1], rounded up to 8
  float* sums = nullptr;                // scratch [R][W]
  float* const* out = nullptr;          // R times [D]
  float* lse_max = nullptr;             // [R]: the largest score of the row and
  float* lse_sum = nullptr;             // [R]: the sum of exp(score - largest)
};
// bf16: keys and values are bf16, else float32.
void Attend(const AttendTile& tile, bool bf16);

struct AttendGradTile {
  int64_t rows = 0;
  int64_t dim = 0;
  int64_t block_tokens = 0;
  float scale = 0;
  const float* const* q = nullptr;         // R times [W], the tail zero; q[r + 1] = q[r] + W
  const float* const* dout = nullptr;      // the same
  const int64_t* first = nullptr;          // [R]
  const int64_t* last = nullptr;           // [R]
  const float* lse = nullptr;              // [R]
  const float* delta = nullptr;            // [R]: dout . out
  const float* const* keys_t = nullptr;    // by block: [D][T], all T tokens finite
  const float* const* values_t = nullptr;  // by block: [D][T], all T tokens finite
  const float* keys = nullptr;             // [tokens][W]
  float* p = nullptr;                      // scratch [R][T]
  float* ds = nullptr;                     // scratch [R][T]
  float* dq = nullptr;                     // [R][W], added to
  float* dkeys = nullptr;                  // [tokens][W], added to
  float* dvalues = nullptr;                // [tokens][W], added to
};
void AttendGrad(const AttendGradTile& tile);

// keys[d * ldk + i] = rows[i][d] for 8 rows and d < dim, rounded to bf16 values if bf16.
void TransposeTokens(const float* const* rows, int64_t dim, bool bf16, float* keys, int64_t ldk);
// y [W] = x [D] and zeros, rounded to bf16 values if bf16.
void CopyToken(const float* x, int64_t dim, bool bf16, float* y);
// The sum of a[i] b[i] over i < n, in an order that depends on n alone.
float Dot(int64_t n, const float* a, const float* b);

}  // namespace hone::ops::avx2
