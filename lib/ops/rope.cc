#include <cmath>

#include "lib/ops/attention.h"
#include "lib/ops/elementwise_kernels.h"
#include "lib/ops/parallel.h"

namespace hone::ops {

RopeTable MakeRopeTable(absl::Span<const double> inv_freq, double attention_factor, int64_t positions) {
  RopeTable table;
  table.width = 2 * static_cast<int64_t>(inv_freq.size());
  table.positions = positions;
  table.cos.reserve(positions * inv_freq.size());
  table.sin.reserve(positions * inv_freq.size());
  for (int64_t position = 0; position < positions; ++position) {
    for (const double frequency : inv_freq) {
      const double angle = static_cast<double>(position) * frequency;
      table.cos.push_back(static_cast<float>(std::cos(angle) * attention_factor));
      table.sin.push_back(static_cast<float>(std::sin(angle) * attention_factor));
    }
  }
  return table;
}

void Rope(const Context& context, const AttentionShape& shape, const RopeTable& table, absl::Span<const int32_t> positions, float* qkv,
          int64_t ldqkv, bool inverse) {
  const int64_t half = table.width / 2;
  const int64_t turned_heads = shape.heads + shape.kv_heads;
  HONE_CHECK_LE(table.width, shape.head_dim);
  ParallelRanges(context, static_cast<int64_t>(positions.size()), GrainFor(turned_heads * table.width), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      HONE_CHECK(positions[i] >= 0 && positions[i] < table.positions);
      const float* cosine = table.cos.data() + positions[i] * half;
      const float* sine = table.sin.data() + positions[i] * half;
      for (int64_t head = 0; head < turned_heads; ++head) {
        float* x = qkv + i * ldqkv + head * shape.head_dim;
        avx2::RopePairs(half, cosine, sine, inverse ? -1.0f : 1.0f, x, x + half);
      }
    }
  });
}

}  // namespace hone::ops
