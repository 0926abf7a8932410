#pragma once
// Plain versions of the operators, the oracle for tests: one loop per formula, all arithmetic in double, one thread. T is float or double;
// with double even the inputs and results are exact enough for central differences. The contracts are those of the operators of the same
// name (elementwise.h, attention.h, softmax.h, optimizer.h).

#include <cstdint>

#include "absl/types/span.h"
#include "lib/ops/attention.h"
#include "lib/ops/optimizer.h"
#include "lib/ops/softmax.h"

namespace hone::ops::reference {

// ---- elementwise_reference.cc ----
template <class T>
void RmsNorm(int64_t m, int64_t c, const T* x, int64_t ldx, const T* weight, double eps, T* y, int64_t ldy, T* rstd);
template <class T>
void RmsNormGrad(int64_t m, int64_t c, const T* x, int64_t ldx, const T* weight, const T* rstd, const T* dy, int64_t lddy, T* dx,
                 int64_t lddx, bool accumulate_dx, T* dweight);
template <class T>
void SwiGlu(int64_t m, int64_t f, const T* gate_up, T* y);
template <class T>
void SwiGluGrad(int64_t m, int64_t f, const T* gate_up, const T* dy, T* dgate_up);

// ---- attention_reference.cc ----
template <class T>
void Rope(const AttentionShape& shape, const RopeTable& table, absl::Span<const int32_t> positions, T* qkv, int64_t ldqkv, bool inverse);
template <class T>
void TreeAttention(const AttentionShape& shape, absl::Span<const Segment> segments, const T* qkv, int64_t ldqkv, DType kv_dtype, T* out,
                   int64_t ldout, T* lse);
template <class T>
void TreeAttentionGrad(const AttentionShape& shape, absl::Span<const Segment> segments, const T* qkv, int64_t ldqkv, DType kv_dtype,
                       const T* out, int64_t ldout, const T* lse, const T* dout, int64_t lddout, T* dqkv, int64_t lddqkv);

// ---- softmax_reference.cc ----
// stats [M, 3]: max, lse, entropy of a row.
template <class T>
void LogProbs(int64_t m, int64_t v, const T* logits, int64_t ldl, absl::Span<const float> temperature, absl::Span<const int32_t> targets,
              T* logprob, T* stats);
template <class T>
void LogProbsGrad(int64_t m, int64_t v, T* logits, int64_t ldl, absl::Span<const float> temperature, absl::Span<const int32_t> targets,
                  absl::Span<const float> coef, absl::Span<const float> entropy_coef);
// One row with a full sort. kept, when not null, receives V flags of the tokens that survive truncation.
Sample SampleRow(int64_t v, const float* logits, const SampleParams& params, float uniform, bool* kept);

// ---- optimizer_reference.cc ----
double Norm(int64_t n, const float* x);
template <class T>
void AdamW(int64_t n, const AdamWParams& params, const T* grad, T* master, T* moment1, T* moment2);

}  // namespace hone::ops::reference
