#include "lib/ops/attention_internal.h"

#include <algorithm>

#include "lib/ops/attention_kernels.h"
#include "lib/ops/logarithm.h"

namespace hone::ops::internal {
namespace {

struct TileScratch {
  Buffer<const float*> q;
  Buffer<float*> out;
  Buffer<int64_t> first, last;
  Buffer<float> scores, sums, row_max, row_sum;
};

// Positions in a tile: enough rows to reuse what is loaded of keys and values, few enough that the scores stay in the second-level cache.
int64_t TilePositions(int64_t ratio, int64_t tokens) {
  const int64_t rows = std::min<int64_t>(24, 65536 / (tokens + 1));
  return std::max<int64_t>(1, rows / ratio);
}

}  // namespace

void AttendPositions(const AttentionShape& shape, const KeyValues& kv, int64_t kv_head, int64_t position, int64_t count, const float* q,
                     int64_t ldq, float* out, int64_t ldout, float* lse) {
  thread_local TileScratch scratch;
  const int64_t ratio = shape.heads / shape.kv_heads;
  const int64_t step = TilePositions(ratio, position + count - FirstSeen(shape, position));
  for (int64_t begin = 0; begin < count; begin += step) {
    const int64_t positions = std::min(step, count - begin);
    avx2::AttendTile tile;
    tile.rows = positions * ratio;
    const float** tile_q = scratch.q.Get(tile.rows);
    float** tile_out = scratch.out.Get(tile.rows);
    int64_t* first = scratch.first.Get(tile.rows);
    int64_t* last = scratch.last.Get(tile.rows);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const int64_t row = begin + r / ratio;
      const int64_t channel = (kv_head * ratio + r % ratio) * shape.head_dim;
      tile_q[r] = q + row * ldq + channel;
      tile_out[r] = out + row * ldout + channel;
      first[r] = FirstSeen(shape, position + row);
      last[r] = position + row;
    }
    tile.dim = shape.head_dim;
    tile.block_tokens = kv.block_tokens;
    tile.scale = shape.scale;
    tile.q = tile_q;
    tile.first = first;
    tile.last = last;
    tile.keys = kv.keys.data();
    tile.values = kv.values.data();
    tile.stride = (last[tile.rows - 1] / 8 - first[0] / 8 + 1) * 8;
    tile.scores = scratch.scores.Get(tile.rows * tile.stride);
    tile.sums = scratch.sums.Get(tile.rows * PaddedDim(shape.head_dim));
    tile.out = tile_out;
    tile.lse_max = scratch.row_max.Get(tile.rows);
    tile.lse_sum = scratch.row_sum.Get(tile.rows);
    avx2::Attend(tile, kv.bf16);
    if (lse == nullptr) continue;
    for (int64_t r = 0; r < tile.rows; ++r) {
      lse[(begin + r / ratio) * shape.heads + kv_head * ratio + r % ratio] =
          static_cast<float>(tile.lse_max[r] + Logarithm(tile.lse_sum[r]));
    }
  }
}

}  // namespace hone::ops::internal
