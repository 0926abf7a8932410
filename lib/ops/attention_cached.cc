#include <algorithm>
#include <cstring>
#include <vector>

#include "lib/ops/attention.h"
#include "lib/ops/attention_internal.h"
#include "lib/ops/parallel.h"

namespace hone::ops {
namespace {

// A part of a sequence's rows that one thread attends for.
struct Part {
  const CachedSequence* sequence;
  int64_t begin;  // among the sequence's rows
  int64_t count;
};
constexpr int64_t kPartRows = 64;

// The blocks of one layer.
class Pool {
 public:
  Pool(const AttentionShape& shape, DType dtype, void* pool, int64_t block_tokens)
      : shape_(shape), dtype_(dtype), pool_(static_cast<char*>(pool)), block_tokens_(block_tokens) {
    HONE_CHECK(block_tokens > 0 && block_tokens % 8 == 0);
    HONE_CHECK(dtype == DType::kFloat32 || dtype == DType::kBFloat16);
  }

  // keys [D][T] and values [T][D] of a block.
  char* Keys(int32_t block, int64_t kv_head) const { return At(block, kv_head * shape_.head_dim * block_tokens_); }
  char* Values(int32_t block, int64_t kv_head) const { return At(block, (shape_.kv_heads + kv_head) * shape_.head_dim * block_tokens_); }
  char* At(int32_t block, int64_t element) const {
    return pool_ + (block * KvBlockElements(shape_, block_tokens_) + element) * static_cast<int64_t>(SizeOf(dtype_));
  }

  // Writes all rows' keys and values of one head.
  void Write(const CachedSequence& sequence, int64_t kv_head, const float* qkv, int64_t ldqkv) const {
    const int64_t dim = shape_.head_dim;
    for (int64_t i = 0; i < sequence.row_count; ++i) {
      const int64_t position = sequence.position + i;
      const int32_t block = sequence.blocks[position / block_tokens_];
      const int64_t token = position % block_tokens_;
      const float* key = qkv + (sequence.row_begin + i) * ldqkv + (shape_.heads + kv_head) * dim;
      const float* value = key + shape_.kv_heads * dim;
      if (dtype_ == DType::kBFloat16) {
        uint16_t* keys = reinterpret_cast<uint16_t*>(Keys(block, kv_head)) + token;
        uint16_t* values = reinterpret_cast<uint16_t*>(Values(block, kv_head)) + token * dim;
        for (int64_t d = 0; d < dim; ++d) keys[d * block_tokens_] = FloatToBFloat16(key[d]);
        for (int64_t d = 0; d < dim; ++d) values[d] = FloatToBFloat16(value[d]);
      } else {
        float* keys = reinterpret_cast<float*>(Keys(block, kv_head)) + token;
        for (int64_t d = 0; d < dim; ++d) keys[d * block_tokens_] = key[d];
        std::memcpy(reinterpret_cast<float*>(Values(block, kv_head)) + token * dim, value, dim * sizeof(float));
      }
    }
  }

  void Attend(const Part& part, int64_t kv_head, const float* qkv, int64_t ldqkv, float* out, int64_t ldout) const {
    thread_local internal::KeyValues kv;
    const CachedSequence& sequence = *part.sequence;
    const int64_t position = sequence.position + part.begin;
    const int64_t first_block = internal::FirstSeen(shape_, position) / block_tokens_;
    const int64_t blocks = (position + part.count - 1) / block_tokens_ + 1;
    kv.bf16 = dtype_ == DType::kBFloat16;
    kv.block_tokens = block_tokens_;
    kv.keys.assign(blocks, nullptr);
    kv.values.assign(blocks, nullptr);
    for (int64_t b = first_block; b < blocks; ++b) {
      kv.keys[b] = Keys(sequence.blocks[b], kv_head);
      kv.values[b] = Values(sequence.blocks[b], kv_head);
    }
    if (shape_.head_dim % 8 != 0) Pad(first_block, kv);
    const int64_t row = sequence.row_begin + part.begin;
    internal::AttendPositions(shape_, kv, kv_head, position, part.count, qkv + row * ldqkv, ldqkv, out + row * ldout, ldout, nullptr);
  }

 private:
  // The kernel loads values eight at a time: head sizes that are no multiple of 8 go through a padded copy in float32.
  void Pad(int64_t first_block, internal::KeyValues& kv) const {
    thread_local internal::Buffer<float> copy;
    const int64_t dim = shape_.head_dim;
    const int64_t width = internal::PaddedDim(dim);
    const int64_t blocks = static_cast<int64_t>(kv.keys.size());
    float* next = copy.Get((blocks - first_block) * block_tokens_ * (dim + width));
    const auto load = [&](const void* source, int64_t i) {
      return kv.bf16 ? BFloat16ToFloat(static_cast<const uint16_t*>(source)[i]) : static_cast<const float*>(source)[i];
    };
    for (int64_t b = first_block; b < blocks; ++b) {
      for (int64_t i = 0; i < dim * block_tokens_; ++i) next[i] = load(kv.keys[b], i);
      kv.keys[b] = next;
      next += dim * block_tokens_;
      for (int64_t t = 0; t < block_tokens_; ++t) {
        for (int64_t d = 0; d < width; ++d) next[t * width + d] = d < dim ? load(kv.values[b], t * dim + d) : 0.0f;
      }
      kv.values[b] = next;
      next += block_tokens_ * width;
    }
    kv.bf16 = false;
  }

  const AttentionShape& shape_;
  const DType dtype_;
  char* const pool_;
  const int64_t block_tokens_;
};

}  // namespace

int64_t KvBlockElements(const AttentionShape& shape, int64_t block_tokens) {
  return 2 * shape.kv_heads * shape.head_dim * block_tokens;
}

void CachedAttention(const Context& context, const AttentionShape& shape, absl::Span<const CachedSequence> sequences, const float* qkv,
                     int64_t ldqkv, DType kv_dtype, void* pool, int64_t block_tokens, float* out, int64_t ldout) {
  HONE_CHECK_EQ(shape.heads % shape.kv_heads, 0);
  const Pool blocks(shape, kv_dtype, pool, block_tokens);
  const int64_t heads = shape.kv_heads;
  bool single_rows = true;
  std::vector<Part> parts;
  parts.reserve(sequences.size());
  for (const CachedSequence& sequence : sequences) {
    HONE_CHECK_LE(sequence.position + sequence.row_count, static_cast<int64_t>(sequence.blocks.size()) * block_tokens);
    single_rows = single_rows && sequence.row_count == 1;
    for (int64_t begin = 0; begin < sequence.row_count; begin += kPartRows) {
      parts.push_back({&sequence, begin, std::min(kPartRows, sequence.row_count - begin)});
    }
  }
  if (!single_rows) {
    ParallelFor(context, static_cast<int64_t>(sequences.size()) * heads,
                [&](int64_t i) { blocks.Write(sequences[i / heads], i % heads, qkv, ldqkv); });
  }
  ParallelFor(context, static_cast<int64_t>(parts.size()) * heads, [&](int64_t i) {
    const Part& part = parts[i / heads];
    if (single_rows) blocks.Write(*part.sequence, i % heads, qkv, ldqkv);  // decode: no other task reads this token
    blocks.Attend(part, i % heads, qkv, ldqkv, out, ldout);
  });
}

void CopyKvBlock(const Context& context, const AttentionShape& shape, DType kv_dtype, void* pool, int64_t block_tokens, int32_t from,
                 int32_t to, int64_t tokens) {
  const Pool blocks(shape, kv_dtype, pool, block_tokens);
  const int64_t size = static_cast<int64_t>(SizeOf(kv_dtype));
  for (int64_t g = 0; g < shape.kv_heads; ++g) {
    const char* keys = blocks.Keys(from, g);
    for (int64_t d = 0; d < shape.head_dim; ++d) {
      std::memcpy(blocks.Keys(to, g) + d * block_tokens * size, keys + d * block_tokens * size, tokens * size);
    }
    std::memcpy(blocks.Values(to, g), blocks.Values(from, g), tokens * shape.head_dim * size);
  }
}

}  // namespace hone::ops
