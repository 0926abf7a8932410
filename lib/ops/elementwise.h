#pragma once
// Operators that treat each element or each row by itself. All are row invariant: a vector loop and its tail give the same bits.
// Threads: see Context. Errors: none; shapes are the caller's duty.

#include <cstdint>

#include "absl/types/span.h"
#include "lib/ops/matmul.h"
#include "lib/ops/tensor.h"

namespace hone::ops {

// y [M, C] = x / sqrt(mean(x^2) + eps) * weight [C]. rstd [M] receives 1/sqrt(..) when not null (kept for the gradient).
// x and y may be the same memory. Source: Zhang and Sennrich, arXiv:1910.07467.
void RmsNorm(const Context& context, int64_t m, int64_t c, const float* x, int64_t ldx, const float* weight, float eps, float* y,
             int64_t ldy, float* rstd);
// dx (+)= gradient of x; dweight += gradient of the weight, summed over the rows in ascending order. dy and dx may be the same memory when
// accumulate_dx is false.
void RmsNormGrad(const Context& context, int64_t m, int64_t c, const float* x, int64_t ldx, const float* weight, const float* rstd,
                 const float* dy, int64_t lddy, float* dx, int64_t lddx, bool accumulate_dx, float* dweight);

// y [M, F] = silu(g) * u with gate_up [M, 2F] = [g | u].
void SwiGlu(const Context& context, int64_t m, int64_t f, const float* gate_up, float* y);
// dgate_up [M, 2F] from dy [M, F]; may overwrite gate_up itself (dgate_up == gate_up).
void SwiGluGrad(const Context& context, int64_t m, int64_t f, const float* gate_up, const float* dy, float* dgate_up);

// y [M, K] = rows of the embedding (a Weight [V, K] in engine layout, shared with the head when tied). Ids are in [0, V).
void Embed(const Context& context, absl::Span<const int32_t> ids, const Weight& embedding, float* y, int64_t ldy);
// dembedding += dy rows; rows of equal ids are added in ascending order of M.
void EmbedGrad(const Context& context, absl::Span<const int32_t> ids, const float* dy, int64_t lddy, const WeightGrad& dembedding);

// y[i] = x[row[i]] and x[row[i]] += y[i] (in ascending order of i), rows of C elements.
void GatherRows(const Context& context, absl::Span<const int32_t> rows, int64_t c, const float* x, int64_t ldx, float* y, int64_t ldy);
void ScatterAddRows(const Context& context, absl::Span<const int32_t> rows, int64_t c, const float* y, int64_t ldy, float* x, int64_t ldx);
// dbias [N] += column sums of dy [M, N] in ascending order of the rows.
void BiasGrad(const Context& context, int64_t m, int64_t n, const float* dy, int64_t lddy, float* dbias);

// n elements between float32 and bf16 (round to nearest even).
void ToBFloat16(const Context& context, int64_t n, const float* x, uint16_t* y);
void FromBFloat16(const Context& context, int64_t n, const uint16_t* x, float* y);

}  // namespace hone::ops
