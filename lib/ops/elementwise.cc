#include "lib/ops/elementwise.h"

#include <cstring>

#include "lib/ops/elementwise_kernels.h"
#include "lib/ops/parallel.h"

namespace hone::ops {
namespace {

// Columns of a sum over rows that a thread takes at once: whole cache lines, and few enough to stay in the first-level cache.
constexpr int64_t kColumns = 256;

// Calls body(begin, end) for ranges of at most kColumns columns.
template <class Body>
void ForColumns(const Context& context, int64_t columns, Body&& body) {
  ParallelFor(context, (columns + kColumns - 1) / kColumns, [&](int64_t i) { body(i * kColumns, std::min(columns, (i + 1) * kColumns)); });
}

}  // namespace

void RmsNorm(const Context& context, int64_t m, int64_t c, const float* x, int64_t ldx, const float* weight, float eps, float* y,
             int64_t ldy, float* rstd) {
  ParallelRanges(context, m, GrainFor(c), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float r = avx2::RmsNormRow(c, x + i * ldx, weight, eps, y + i * ldy);
      if (rstd != nullptr) rstd[i] = r;
    }
  });
}

void RmsNormGrad(const Context& context, int64_t m, int64_t c, const float* x, int64_t ldx, const float* weight, const float* rstd,
                 const float* dy, int64_t lddy, float* dx, int64_t lddx, bool accumulate_dx, float* dweight) {
  // The weight first: dx may overwrite dy.
  ForColumns(context, c, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < m; ++i) avx2::AddProducts(end - begin, dy + i * lddy + begin, x + i * ldx + begin, rstd[i], dweight + begin);
  });
  ParallelRanges(context, m, GrainFor(c), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      avx2::RmsNormGradRow(c, x + i * ldx, weight, rstd[i], dy + i * lddy, accumulate_dx, dx + i * lddx);
  });
}

void SwiGlu(const Context& context, int64_t m, int64_t f, const float* gate_up, float* y) {
  ParallelRanges(context, m, GrainFor(4 * f), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) avx2::SwiGlu(f, gate_up + i * 2 * f, gate_up + i * 2 * f + f, y + i * f);
  });
}

void SwiGluGrad(const Context& context, int64_t m, int64_t f, const float* gate_up, const float* dy, float* dgate_up) {
  ParallelRanges(context, m, GrainFor(4 * f), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* row = gate_up + i * 2 * f;
      float* drow = dgate_up + i * 2 * f;
      avx2::SwiGluGrad(f, row, row + f, dy + i * f, drow, drow + f);
    }
  });
}

void Embed(const Context& context, absl::Span<const int32_t> ids, const Weight& embedding, float* y, int64_t ldy) {
  const int64_t k = embedding.shape.k;
  const int64_t padded = PaddedK(k);
  ParallelRanges(context, static_cast<int64_t>(ids.size()), GrainFor(8 * k), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      HONE_CHECK(ids[i] >= 0 && ids[i] < embedding.shape.n);
      const int64_t panel = ids[i] / 16 * padded * 16;
      const int64_t lane = ids[i] % 16;
      float* row = y + i * ldy;
      if (embedding.dtype == DType::kFloat32) {
        const float* source = static_cast<const float*>(embedding.data) + panel + lane;
        for (int64_t j = 0; j < k; ++j) row[j] = source[16 * j];
      } else {
        const uint16_t* source = static_cast<const uint16_t*>(embedding.data) + panel + 2 * lane;
        for (int64_t j = 0; j < k; ++j) row[j] = BFloat16ToFloat(source[j / 2 * 32 + j % 2]);
      }
    }
  });
}

void EmbedGrad(const Context& context, absl::Span<const int32_t> ids, const float* dy, int64_t lddy, const WeightGrad& dembedding) {
  const int64_t padded = PaddedK(dembedding.shape.k);
  ForColumns(context, dembedding.shape.k, [&](int64_t begin, int64_t end) {
    for (size_t i = 0; i < ids.size(); ++i) {
      HONE_CHECK(ids[i] >= 0 && ids[i] < dembedding.shape.n);
      float* target = dembedding.data + ids[i] / 16 * padded * 16 + ids[i] % 16;
      const float* row = dy + static_cast<int64_t>(i) * lddy;
      for (int64_t j = begin; j < end; ++j) target[16 * j] += row[j];
    }
  });
}

void GatherRows(const Context& context, absl::Span<const int32_t> rows, int64_t c, const float* x, int64_t ldx, float* y, int64_t ldy) {
  ParallelRanges(context, static_cast<int64_t>(rows.size()), GrainFor(c), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) std::memcpy(y + i * ldy, x + rows[i] * ldx, c * sizeof(float));
  });
}

void ScatterAddRows(const Context& context, absl::Span<const int32_t> rows, int64_t c, const float* y, int64_t ldy, float* x, int64_t ldx) {
  ForColumns(context, c, [&](int64_t begin, int64_t end) {
    for (size_t i = 0; i < rows.size(); ++i) {
      avx2::Add(end - begin, y + static_cast<int64_t>(i) * ldy + begin, x + rows[i] * ldx + begin);
    }
  });
}

void BiasGrad(const Context& context, int64_t m, int64_t n, const float* dy, int64_t lddy, float* dbias) {
  ForColumns(context, n, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < m; ++i) avx2::Add(end - begin, dy + i * lddy + begin, dbias + begin);
  });
}

void ToBFloat16(const Context& context, int64_t n, const float* x, uint16_t* y) {
  ParallelRanges(context, n, 16384, [&](int64_t begin, int64_t end) { avx2::ToBFloat16(end - begin, x + begin, y + begin); });
}

void FromBFloat16(const Context& context, int64_t n, const uint16_t* x, float* y) {
  ParallelRanges(context, n, 16384, [&](int64_t begin, int64_t end) { avx2::FromBFloat16(end - begin, x + begin, y + begin); });
}

}  // namespace hone::ops
