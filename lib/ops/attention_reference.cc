#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "lib/ops/reference.h"

namespace hone::ops::reference {
namespace {

// A row of the batch at position `position` of its sequence and the rows at the positions [first, position] that it sees.
struct Row {
  int64_t row;
  std::vector<int64_t> seen;
};

std::vector<Row> RowsOf(const AttentionShape& shape, absl::Span<const Segment> segments) {
  std::vector<Row> rows;
  for (const Segment& segment : segments) {
    std::vector<int64_t> sequence;
    if (segment.parent >= 0) {
      const Segment& root = segments[segment.parent];
      for (int64_t i = 0; i < root.row_count; ++i) sequence.push_back(root.row_begin + i);
    }
    for (int64_t i = 0; i < segment.row_count; ++i) {
      sequence.push_back(segment.row_begin + i);
      const int64_t count = static_cast<int64_t>(sequence.size());
      const int64_t first = shape.window > 0 ? std::max<int64_t>(0, count - shape.window) : 0;
      rows.push_back({segment.row_begin + i, std::vector<int64_t>(sequence.begin() + first, sequence.end())});
    }
  }
  return rows;
}

double Rounded(double value, DType dtype) {
  return dtype == DType::kBFloat16 ? BFloat16ToFloat(FloatToBFloat16(static_cast<float>(value))) : value;
}

}  // namespace

template <class T>
void Rope(const AttentionShape& shape, const RopeTable& table, absl::Span<const int32_t> positions, T* qkv, int64_t ldqkv, bool inverse) {
  const int64_t half = table.width / 2;
  for (size_t i = 0; i < positions.size(); ++i) {
    for (int64_t head = 0; head < shape.heads + shape.kv_heads; ++head) {
      T* x = qkv + i * ldqkv + head * shape.head_dim;
      for (int64_t k = 0; k < half; ++k) {
        const double cosine = table.cos[positions[i] * half + k];
        const double sine = inverse ? -table.sin[positions[i] * half + k] : table.sin[positions[i] * half + k];
        const double a = x[k];
        const double b = x[k + half];
        x[k] = static_cast<T>(a * cosine - b * sine);
        x[k + half] = static_cast<T>(b * cosine + a * sine);
      }
    }
  }
}

template <class T>
void TreeAttention(const AttentionShape& shape, absl::Span<const Segment> segments, const T* qkv, int64_t ldqkv, DType kv_dtype, T* out,
                   int64_t ldout, T* lse) {
  const int64_t dim = shape.head_dim;
  for (const Row& row : RowsOf(shape, segments)) {
    for (int64_t h = 0; h < shape.heads; ++h) {
      const int64_t g = h / (shape.heads / shape.kv_heads);
      const T* q = qkv + row.row * ldqkv + h * dim;
      std::vector<double> p;
      double max = -std::numeric_limits<double>::infinity();
      for (int64_t j : row.seen) {
        const T* k = qkv + j * ldqkv + (shape.heads + g) * dim;
        double dot = 0;
        for (int64_t d = 0; d < dim; ++d) dot += q[d] * Rounded(k[d], kv_dtype);
        p.push_back(dot * shape.scale);
        max = std::max(max, p.back());
      }
      double sum = 0;
      for (double& value : p) sum += value = std::exp(value - max);
      for (int64_t d = 0; d < dim; ++d) {
        double o = 0;
        for (size_t j = 0; j < p.size(); ++j) {
          o += p[j] * Rounded(qkv[row.seen[j] * ldqkv + (shape.heads + shape.kv_heads + g) * dim + d], kv_dtype);
        }
        out[row.row * ldout + h * dim + d] = static_cast<T>(o / sum);
      }
      if (lse != nullptr) lse[row.row * shape.heads + h] = static_cast<T>(max + std::log(sum));
    }
  }
}

template <class T>
void TreeAttentionGrad(const AttentionShape& shape, absl::Span<const Segment> segments, const T* qkv, int64_t ldqkv, DType kv_dtype,
                       const T* out, int64_t ldout, const T* lse, const T* dout, int64_t lddout, T* dqkv, int64_t lddqkv) {
  const int64_t dim = shape.head_dim;
  const int64_t width = shape.qkv_width();
  int64_t rows = 0;
  for (const Segment& segment : segments) rows = std::max(rows, segment.row_begin + segment.row_count);
  std::vector<double> grad(rows * width, 0.0);
  for (const Row& row : RowsOf(shape, segments)) {
    for (int64_t h = 0; h < shape.heads; ++h) {
      const int64_t g = h / (shape.heads / shape.kv_heads);
      const T* q = qkv + row.row * ldqkv + h * dim;
      const T* o = out + row.row * ldout + h * dim;
      const T* go = dout + row.row * lddout + h * dim;
      double delta = 0;
      for (int64_t d = 0; d < dim; ++d) delta += static_cast<double>(go[d]) * o[d];
      for (int64_t j : row.seen) {
        const int64_t k_at = (shape.heads + g) * dim;
        const int64_t v_at = (shape.heads + shape.kv_heads + g) * dim;
        double dot = 0;
        double dp = 0;
        for (int64_t d = 0; d < dim; ++d) dot += q[d] * Rounded(qkv[j * ldqkv + k_at + d], kv_dtype);
        for (int64_t d = 0; d < dim; ++d) dp += go[d] * Rounded(qkv[j * ldqkv + v_at + d], kv_dtype);
        const double p = std::exp(dot * shape.scale - lse[row.row * shape.heads + h]);
        const double ds = p * (dp - delta) * shape.scale;
        for (int64_t d = 0; d < dim; ++d) {
          grad[row.row * width + h * dim + d] += ds * Rounded(qkv[j * ldqkv + k_at + d], kv_dtype);
          grad[j * width + k_at + d] += ds * q[d];
          grad[j * width + v_at + d] += p * go[d];
        }
      }
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t d = 0; d < width; ++d) dqkv[i * lddqkv + d] = static_cast<T>(grad[i * width + d]);
  }
}

#define HONE_INSTANTIATE(T)                                                                                                         \
  template void Rope<T>(const AttentionShape&, const RopeTable&, absl::Span<const int32_t>, T*, int64_t, bool);                     \
  template void TreeAttention<T>(const AttentionShape&, absl::Span<const Segment>, const T*, int64_t, DType, T*, int64_t, T*);      \
  template void TreeAttentionGrad<T>(const AttentionShape&, absl::Span<const Segment>, const T*, int64_t, DType, const T*, int64_t, \
                                     const T*, const T*, int64_t, T*, int64_t)
HONE_INSTANTIATE(float);
HONE_INSTANTIATE(double);
#undef HONE_INSTANTIATE

}  // namespace hone::ops::reference
