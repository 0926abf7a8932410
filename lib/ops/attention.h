#pragma once
// Rotary positions and causal attention with grouped queries: H query heads share G key/value heads (H a multiple of G).
//
// One row kernel serves prefill, decode and training. For a query at position t with keys j = first..t (first > 0 under a sliding window):
//   s_j = scale * chain over d ascending of fma(q_d, k_jd);  m = max_j s_j;  p_j = exp(s_j - m);  l = sum p_j;  o_d = chain over j
//   ascending of fma(p_j, v_jd);  out = o / l;  lse = m + log(l)
// with sums over j ordered by the absolute position j alone (eight partial sums by j % 8 for l). So a row's result depends on its own query
// and on its keys, and not on batch, chunking of the prefill, blocks, packing or threads. Keys and values are rounded to `kv_dtype` before
// use on every path, since the cache holds them so.
//
// Threads: see Context. Errors: none; shapes are the caller's duty.

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lib/ops/tensor.h"

namespace hone::ops {

struct AttentionShape {
  int64_t heads = 0;     // H
  int64_t kv_heads = 0;  // G
  int64_t head_dim = 0;  // D, even
  float scale = 0;       // usually 1/sqrt(D)
  int64_t window = 0;    // 0: none; else a query sees itself and window - 1 keys before it
  int64_t qkv_width() const { return (heads + 2 * kv_heads) * head_dim; }
};

// Rotary table: cos and sin [positions][width / 2] in float32, made in double precision. The first `width` channels of a head are turned in
// half-split pairs (k, k + width/2); the rest pass.
struct RopeTable {
  int64_t width = 0;
  int64_t positions = 0;
  std::vector<float> cos, sin;
};
// inv_freq [width / 2]; cos and sin are multiplied by `attention_factor` (1 but for yarn).
RopeTable MakeRopeTable(absl::Span<const double> inv_freq, double attention_factor, int64_t positions);

// Turns the q and k parts of qkv [M, (H + 2G) D] = [q | k | v] in place by positions [M] (each < table.positions). inverse: the gradient.
void Rope(const Context& context, const AttentionShape& shape, const RopeTable& table, absl::Span<const int32_t> positions, float* qkv,
          int64_t ldqkv, bool inverse);

// ---- Cached attention (prefill and decode) ----
// The cache of one layer is a pool of blocks of T tokens: keys [G][D][T] (tokens contiguous), then values [G][T][D]; dtype kv_dtype.
// KvBlockElements(shape, T) elements a block; T is a multiple of 8. Block b starts at pool + b * KvBlockElements.
int64_t KvBlockElements(const AttentionShape& shape, int64_t block_tokens);

// One sequence's rows in a batch: rows [row_begin, row_begin + row_count) are its positions [position, position + row_count); blocks[i]
// holds its positions [i T, (i + 1) T). With row_count > 1 this is a chunk of prefill.
struct CachedSequence {
  int64_t row_begin = 0;
  int64_t row_count = 0;
  int64_t position = 0;
  absl::Span<const int32_t> blocks;
};

// Writes the (turned) keys and the values of all rows into the pool, then attends. qkv [M, (H + 2G) D]; out [M, H D].
// No two sequences of a call may write the same block.
void CachedAttention(const Context& context, const AttentionShape& shape, absl::Span<const CachedSequence> sequences, const float* qkv,
                     int64_t ldqkv, DType kv_dtype, void* pool, int64_t block_tokens, float* out, int64_t ldout);
// Copies the first `tokens` tokens of a block into another (fork of a group: copy on write of the last, partial block).
void CopyKvBlock(const Context& context, const AttentionShape& shape, DType kv_dtype, void* pool, int64_t block_tokens, int32_t from,
                 int32_t to, int64_t tokens);

// ---- Packed attention (training) ----
// A batch is a row of trees: a prompt's rows, then the rows of each of its completions, which see the prompt and themselves. A segment
// without completions is an ordinary sequence. Trees are contiguous; segments of a tree follow its root.
struct Segment {
  int64_t row_begin = 0;
  int64_t row_count = 0;
  int32_t parent = -1;  // index of the root segment whose rows precede, or -1; at most one level
};
// out [M, H D]; lse [M, H] kept for the gradient. Equal bit for bit to CachedAttention over the same tokens.
void TreeAttention(const Context& context, const AttentionShape& shape, absl::Span<const Segment> segments, const float* qkv, int64_t ldqkv,
                   DType kv_dtype, float* out, int64_t ldout, float* lse);
// dqkv [M, (H + 2G) D] (overwritten) from dout [M, H D]; the rounding to kv_dtype passes gradients unchanged. Sums run in a fixed order,
// whatever the number of threads.
void TreeAttentionGrad(const Context& context, const AttentionShape& shape, absl::Span<const Segment> segments, const float* qkv,
                       int64_t ldqkv, DType kv_dtype, const float* out, int64_t ldout, const float* lse, const float* dout, int64_t lddout,
                       float* dqkv, int64_t lddqkv);

}  // namespace hone::ops
