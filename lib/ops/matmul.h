#pragma once
// Matrix products with a weight matrix: the operators in which nearly all time is spent.
//
// A weight W [N, K] (N outputs, K inputs) is kept in the engine's layout, in which the learner trains it, the push sends it and the actor
// reads it, so that nothing is ever repacked:
//
//   float32:  [ceil(N/16)][K'][16]       element (n, k) at ((n/16) * K' + k) * 16 + n%16
//   bf16:     [ceil(N/16)][K'/2][16][2]  element (n, k) at ((n/16) * K' + k/2*2) * 16 + (n%16)*2 + k%2
//
// with K' = K rounded up to even; padding is zero. Both have PackedElements(N, K) elements, and each run of 32 elements holds the same 32
// weights (two rows of 16 against 16 pairs). The pairs are what the bf16 dot product of AVX-512 takes; AVX2 widens a pair by a shift
// and a mask.
//
// Row invariance, the property that makes learner and actor agree bit for bit: each output element is ONE chain over the reduction index
// in ascending order, acc <- fma(a_k, b_k, acc) (AVX-512-BF16: acc <- dot of the pair (k, k+1) plus acc), started from `bias`, from the
// old output when `accumulate`, or from 0. It does not depend on M, on the position of the row, on blocking, on the number of threads or
// on which of the kernels for few or many rows is used. Blocking over K stores the running sum and goes on from it.
//
// Threads: see Context. Errors: none; shapes are the caller's duty (HONE_CHECK).

#include <cstdint>

#include "lib/ops/tensor.h"

namespace hone::ops {

struct WeightShape {
  int64_t n = 0;  // outputs
  int64_t k = 0;  // inputs
};
inline int64_t PaddedK(int64_t k) {
  return (k + 1) / 2 * 2;
}
inline int64_t PackedElements(WeightShape shape) {
  return (shape.n + 15) / 16 * 16 * PaddedK(shape.k);
}

// A weight in the engine's layout; borrowed memory. dtype kFloat32 or kBFloat16.
struct Weight {
  WeightShape shape;
  DType dtype = DType::kFloat32;
  const void* data = nullptr;
};
// A float32 gradient (or optimizer state) of a weight, in the float32 layout above.
struct WeightGrad {
  WeightShape shape;
  float* data = nullptr;
};

// Row-major [rows, K] float32 values of the rows [row_begin, row_begin + rows) -> engine layout at `packed` (whole matrix's base).
// row_begin is a multiple of 16, and so is `rows` unless the part ends the matrix; padding is written. For loading and for tests.
void PackRows(WeightShape shape, DType dtype, int64_t row_begin, int64_t rows, const float* source, void* packed);
// The reverse: rows [row_begin, row_begin + rows), any alignment -> row-major float32.
void UnpackRows(const Weight& weight, int64_t row_begin, int64_t rows, float* out);

// y [M, N] = x [M, K] W^T (+ bias [N], may be null) or, with accumulate and without bias, y += x W^T. ldx, ldy: elements between rows.
void Linear(const Context& context, int64_t m, const float* x, int64_t ldx, const Weight& weight, const float* bias, float* y, int64_t ldy,
            bool accumulate);
// dx [M, K] (+)= dy [M, N] W.
void LinearInputGrad(const Context& context, int64_t m, const float* dy, int64_t lddy, const Weight& weight, float* dx, int64_t lddx,
                     bool accumulate);
// dw (+)= dy^T x, reduced over the M rows in ascending order. Padding of dw stays zero.
void LinearWeightGrad(const Context& context, int64_t m, const float* x, int64_t ldx, const float* dy, int64_t lddy, const WeightGrad& dw,
                      DType compute, bool accumulate);

// Plain loops with the same chain order, the oracle for tests. They follow the instruction set's arithmetic named by context.isa.
namespace reference {
void Linear(const Context& context, int64_t m, const float* x, int64_t ldx, const Weight& weight, const float* bias, float* y, int64_t ldy,
            bool accumulate);
void LinearInputGrad(const Context& context, int64_t m, const float* dy, int64_t lddy, const Weight& weight, float* dx, int64_t lddx,
                     bool accumulate);
void LinearWeightGrad(const Context& context, int64_t m, const float* x, int64_t ldx, const float* dy, int64_t lddy, const WeightGrad& dw,
                      DType compute, bool accumulate);
}  // namespace reference

}  // namespace hone::ops
