#include <algorithm>
#include <cstring>
#include <vector>

#include "lib/ops/attention.h"
#include "lib/ops/attention_internal.h"
#include "lib/ops/attention_kernels.h"
#include "lib/ops/parallel.h"

namespace hone::ops {
namespace {

using internal::Buffer;

constexpr int64_t kBlockTokens = 64;
constexpr int64_t kPartRows = 256;     // of a segment, attended by one thread
constexpr int64_t kGradTileRows = 48;  // query rows of a tile of the gradient

int64_t BlocksFor(int64_t tokens) {
  return (tokens + kBlockTokens - 1) / kBlockTokens;
}

// Where a segment's sequence lies: its tokens [0, shared) are the parent's rows, then its own.
struct Sequence {
  int64_t parent_begin = 0;
  int64_t shared = 0;
  int64_t row_begin = 0;
  int64_t row_count = 0;
  int64_t tokens() const { return shared + row_count; }
};

Sequence SequenceOf(absl::Span<const Segment> segments, const Segment& segment) {
  Sequence sequence;
  if (segment.parent >= 0) {
    const Segment& parent = segments[segment.parent];
    HONE_CHECK_LT(parent.parent, 0);
    sequence.parent_begin = parent.row_begin;
    sequence.shared = parent.row_count;
  }
  sequence.row_begin = segment.row_begin;
  sequence.row_count = segment.row_count;
  return sequence;
}

// The rows x (one head's part, ld elements apart) -> tokens [begin, begin + count) of blocks [D][kBlockTokens].
void TransposeRows(const float* x, int64_t ld, int64_t dim, bool bf16, int64_t begin, int64_t count, float* blocks) {
  const auto at = [&](int64_t token) { return blocks + token / kBlockTokens * kBlockTokens * dim + token % kBlockTokens; };
  for (int64_t token = begin; token < begin + count;) {
    const float* row = x + (token - begin) * ld;
    if (token % 8 == 0 && token + 8 <= begin + count) {
      const float* rows[8];
      for (int i = 0; i < 8; ++i) rows[i] = row + i * ld;
      avx2::TransposeTokens(rows, dim, bf16, at(token), kBlockTokens);
      token += 8;
    } else {
      for (int64_t d = 0; d < dim; ++d) at(token)[d * kBlockTokens] = bf16 ? BFloat16ToFloat(FloatToBFloat16(row[d])) : row[d];
      ++token;
    }
  }
}

// The same rows -> [tokens][W].
void CopyRows(const float* x, int64_t ld, int64_t dim, bool bf16, int64_t begin, int64_t count, float* tokens) {
  const int64_t width = internal::PaddedDim(dim);
  for (int64_t i = 0; i < count; ++i) avx2::CopyToken(x + i * ld, dim, bf16, tokens + (begin + i) * width);
}

struct ForwardScratch {
  Buffer<float> keys, values;
  internal::KeyValues kv;
};

// All that the gradient of one tree and one key/value head works on.
struct GradScratch {
  Buffer<float> keys_t, values_t, keys, dkeys, dvalues;
  Buffer<float> q, dout, dq, p, ds, lse, delta;
  Buffer<int64_t> first, last;
  std::vector<const float*> key_blocks, value_blocks, q_rows, dout_rows;
};

struct GradArguments {
  const AttentionShape& shape;
  bool bf16;
  const float* qkv;
  int64_t ldqkv;
  const float* out;
  int64_t ldout;
  const float* lse;
  const float* dout;
  int64_t lddout;
  float* dqkv;
  int64_t lddqkv;
};

// The gradient of one tree for one key/value head.
class TreeGrad {
 public:
  TreeGrad(const GradArguments& arguments, int64_t kv_head, int64_t tokens, GradScratch& scratch)
      : a_(arguments),
        dim_(a_.shape.head_dim),
        width_(internal::PaddedDim(dim_)),
        ratio_(a_.shape.heads / a_.shape.kv_heads),
        kv_head_(kv_head),
        key_channel_((a_.shape.heads + kv_head) * dim_),
        value_channel_((a_.shape.heads + a_.shape.kv_heads + kv_head) * dim_),
        s_(scratch) {
    const int64_t blocks = BlocksFor(tokens);
    const int64_t padded = blocks * kBlockTokens;
    keys_t_ = s_.keys_t.Get(padded * dim_);
    values_t_ = s_.values_t.Get(padded * dim_);
    keys_ = s_.keys.Get(padded * width_);
    dkeys_ = s_.dkeys.Get(padded * width_);
    dvalues_ = s_.dvalues.Get(padded * width_);
    s_.key_blocks.resize(blocks);
    s_.value_blocks.resize(blocks);
    for (int64_t b = 0; b < blocks; ++b) {
      s_.key_blocks[b] = keys_t_ + b * kBlockTokens * dim_;
      s_.value_blocks[b] = values_t_ + b * kBlockTokens * dim_;
    }
  }

  // Puts the rows [row_begin, + count) at the tokens [token, + count), with gradient 0.
  void Load(int64_t row_begin, int64_t token, int64_t count) {
    const float* rows = a_.qkv + row_begin * a_.ldqkv;
    TransposeRows(rows + key_channel_, a_.ldqkv, dim_, a_.bf16, token, count, keys_t_);
    TransposeRows(rows + value_channel_, a_.ldqkv, dim_, a_.bf16, token, count, values_t_);
    CopyRows(rows + key_channel_, a_.ldqkv, dim_, a_.bf16, token, count, keys_);
    std::fill(dkeys_ + token * width_, dkeys_ + (token + count) * width_, 0.0f);
    std::fill(dvalues_ + token * width_, dvalues_ + (token + count) * width_, 0.0f);
  }

  // Writes the gradients of the keys and values at the tokens [token, + count) to the rows [row_begin, + count).
  void Store(int64_t row_begin, int64_t token, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      float* row = a_.dqkv + (row_begin + i) * a_.lddqkv;
      std::memcpy(row + key_channel_, dkeys_ + (token + i) * width_, dim_ * sizeof(float));
      std::memcpy(row + value_channel_, dvalues_ + (token + i) * width_, dim_ * sizeof(float));
    }
  }

  // Adds what the queries of the rows [row_begin, + count) at the positions [position, + count) give, and writes their own gradients.
  void AddQueries(int64_t row_begin, int64_t position, int64_t count) {
    const int64_t step = std::max<int64_t>(1, kGradTileRows / ratio_);
    for (int64_t begin = 0; begin < count; begin += step) AddTile(row_begin + begin, position + begin, std::min(step, count - begin));
  }

 private:
  void AddTile(int64_t row_begin, int64_t position, int64_t positions) {
    const int64_t rows = positions * ratio_;
    float* q = s_.q.Get(rows * width_);
    float* dout = s_.dout.Get(rows * width_);
    float* dq = s_.dq.Get(rows * width_);
    float* lse = s_.lse.Get(rows);
    float* delta = s_.delta.Get(rows);
    int64_t* first = s_.first.Get(rows);
    int64_t* last = s_.last.Get(rows);
    s_.q_rows.resize(rows);
    s_.dout_rows.resize(rows);
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t row = row_begin + r / ratio_;
      const int64_t head = kv_head_ * ratio_ + r % ratio_;
      const float* row_dout = a_.dout + row * a_.lddout + head * dim_;
      avx2::CopyToken(a_.qkv + row * a_.ldqkv + head * dim_, dim_, false, q + r * width_);
      avx2::CopyToken(row_dout, dim_, false, dout + r * width_);
      s_.q_rows[r] = q + r * width_;
      s_.dout_rows[r] = dout + r * width_;
      lse[r] = a_.lse[row * a_.shape.heads + head];
      delta[r] = avx2::Dot(dim_, row_dout, a_.out + row * a_.ldout + head * dim_);
      first[r] = internal::FirstSeen(a_.shape, position + r / ratio_);
      last[r] = position + r / ratio_;
    }
    std::fill(dq, dq + rows * width_, 0.0f);
    avx2::AttendGradTile tile;
    tile.rows = rows;
    tile.dim = dim_;
    tile.block_tokens = kBlockTokens;
    tile.scale = a_.shape.scale;
    tile.q = s_.q_rows.data();
    tile.dout = s_.dout_rows.data();
    tile.first = first;
    tile.last = last;
    tile.lse = lse;
    tile.delta = delta;
    tile.keys_t = s_.key_blocks.data();
    tile.values_t = s_.value_blocks.data();
    tile.keys = keys_;
    tile.p = s_.p.Get(rows * kBlockTokens);
    tile.ds = s_.ds.Get(rows * kBlockTokens);
    tile.dq = dq;
    tile.dkeys = dkeys_;
    tile.dvalues = dvalues_;
    avx2::AttendGrad(tile);
    for (int64_t r = 0; r < rows; ++r) {
      float* target = a_.dqkv + (row_begin + r / ratio_) * a_.lddqkv + (kv_head_ * ratio_ + r % ratio_) * dim_;
      std::memcpy(target, dq + r * width_, dim_ * sizeof(float));
    }
  }

  const GradArguments& a_;
  const int64_t dim_, width_, ratio_, kv_head_, key_channel_, value_channel_;
  GradScratch& s_;
  float *keys_t_, *values_t_, *keys_, *dkeys_, *dvalues_;
};

}  // namespace

void TreeAttention(const Context& context, const AttentionShape& shape, absl::Span<const Segment> segments, const float* qkv, int64_t ldqkv,
                   DType kv_dtype, float* out, int64_t ldout, float* lse) {
  HONE_CHECK_EQ(shape.heads % shape.kv_heads, 0);
  struct Part {
    Sequence sequence;
    int64_t begin;  // among the segment's own rows
    int64_t count;
  };
  std::vector<Part> parts;
  for (const Segment& segment : segments) {
    for (int64_t begin = 0; begin < segment.row_count; begin += kPartRows) {
      parts.push_back({SequenceOf(segments, segment), begin, std::min(kPartRows, segment.row_count - begin)});
    }
  }
  const int64_t dim = shape.head_dim;
  const int64_t width = internal::PaddedDim(dim);
  const bool bf16 = kv_dtype == DType::kBFloat16;
  ParallelFor(context, static_cast<int64_t>(parts.size()) * shape.kv_heads, [&](int64_t i) {
    thread_local ForwardScratch scratch;
    const Part& part = parts[i / shape.kv_heads];
    const int64_t kv_head = i % shape.kv_heads;
    const Sequence& sequence = part.sequence;
    const int64_t position = sequence.shared + part.begin;
    const int64_t end = position + part.count;
    const int64_t first = internal::FirstSeen(shape, position);
    const int64_t blocks = BlocksFor(end);
    float* keys = scratch.keys.Get(blocks * kBlockTokens * dim);
    float* values = scratch.values.Get(blocks * kBlockTokens * width);
    const auto load = [&](int64_t row, int64_t begin, int64_t count) {  // rows of the batch -> tokens
      if (count <= 0) return;
      const float* key = qkv + row * ldqkv + (shape.heads + kv_head) * dim;
      TransposeRows(key, ldqkv, dim, bf16, begin, count, keys);
      CopyRows(key + shape.kv_heads * dim, ldqkv, dim, bf16, begin, count, values);
    };
    load(sequence.parent_begin + first, first, sequence.shared - first);
    const int64_t own_first = std::max(first, sequence.shared);
    load(sequence.row_begin + own_first - sequence.shared, own_first, end - own_first);
    scratch.kv.block_tokens = kBlockTokens;
    scratch.kv.keys.resize(blocks);
    scratch.kv.values.resize(blocks);
    for (int64_t b = 0; b < blocks; ++b) {
      scratch.kv.keys[b] = keys + b * kBlockTokens * dim;
      scratch.kv.values[b] = values + b * kBlockTokens * width;
    }
    const int64_t row = sequence.row_begin + part.begin;
    internal::AttendPositions(shape, scratch.kv, kv_head, position, part.count, qkv + row * ldqkv, ldqkv, out + row * ldout, ldout,
                              lse == nullptr ? nullptr : lse + row * shape.heads);
  });
}

void TreeAttentionGrad(const Context& context, const AttentionShape& shape, absl::Span<const Segment> segments, const float* qkv,
                       int64_t ldqkv, DType kv_dtype, const float* out, int64_t ldout, const float* lse, const float* dout, int64_t lddout,
                       float* dqkv, int64_t lddqkv) {
  HONE_CHECK_EQ(shape.heads % shape.kv_heads, 0);
  struct Tree {
    Sequence root;
    std::vector<Sequence> leaves;
    int64_t tokens;  // of the longest sequence
  };
  std::vector<Tree> trees;
  std::vector<size_t> tree_of(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    const Sequence sequence = SequenceOf(segments, segments[i]);
    if (segments[i].parent < 0) {
      tree_of[i] = trees.size();
      trees.push_back({sequence, {}, sequence.tokens()});
    } else {
      HONE_CHECK_LT(segments[i].parent, static_cast<int64_t>(i));
      Tree& tree = trees[tree_of[segments[i].parent]];
      tree.leaves.push_back(sequence);
      tree.tokens = std::max(tree.tokens, sequence.tokens());
    }
  }
  const GradArguments arguments = {shape, kv_dtype == DType::kBFloat16, qkv, ldqkv, out, ldout, lse, dout, lddout, dqkv, lddqkv};
  ParallelFor(context, static_cast<int64_t>(trees.size()) * shape.kv_heads, [&](int64_t i) {
    thread_local GradScratch scratch;
    const Tree& tree = trees[i / shape.kv_heads];
    TreeGrad grad(arguments, i % shape.kv_heads, tree.tokens, scratch);
    grad.Load(tree.root.row_begin, 0, tree.root.row_count);
    grad.AddQueries(tree.root.row_begin, 0, tree.root.row_count);
    for (const Sequence& leaf : tree.leaves) {
      grad.Load(leaf.row_begin, leaf.shared, leaf.row_count);
      grad.AddQueries(leaf.row_begin, leaf.shared, leaf.row_count);
      grad.Store(leaf.row_begin, leaf.shared, leaf.row_count);
    }
    grad.Store(tree.root.row_begin, 0, tree.root.row_count);
  });
}

}  // namespace hone::ops
