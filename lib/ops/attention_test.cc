#include "lib/ops/attention.h"

#include <cmath>
#include <functional>

#include "gtest/gtest.h"
#include "lib/ops/reference.h"
#include "lib/ops/test_util.h"

namespace hone::ops {
namespace {

constexpr int64_t kShapes[][3] = {  // heads, kv_heads, head_dim
    {1, 1, 8},  {2, 1, 6},  {3, 1, 10},  {4, 2, 12}, {6, 2, 16},  {9, 3, 64},
    {8, 2, 24}, {7, 1, 32}, {14, 2, 64}, {5, 5, 2},  {4, 1, 128}, {12, 2, 40}};

AttentionShape Shape(const int64_t (&s)[3], int64_t window = 0) {
  return {.heads = s[0],
          .kv_heads = s[1],
          .head_dim = s[2],
          .scale = static_cast<float>(1 / std::sqrt(static_cast<double>(s[2]))),
          .window = window};
}
std::string Describe(const AttentionShape& s, DType dtype) {
  return fmt::format("heads {} kv_heads {} head_dim {} window {} {}", s.heads, s.kv_heads, s.head_dim, s.window, Name(dtype));
}

// A cache of one layer with sequences that take blocks as they grow. Fresh memory is NaN: whatever is read before it is written shows.
class Cache {
 public:
  Cache(const AttentionShape& shape, DType dtype, int64_t block_tokens, int64_t blocks)
      : shape_(shape),
        dtype_(dtype),
        block_tokens_(block_tokens),
        memory_(blocks * KvBlockElements(shape, block_tokens) * SizeOf(dtype), 0xff) {
    for (int64_t b = blocks - 1; b >= 0; --b) free_.push_back(static_cast<int32_t>(b));
    std::swap(free_.front(), free_.back());  // blocks out of order
  }
  int32_t NewBlock() {
    const int32_t block = free_.back();
    free_.pop_back();
    return block;
  }
  void Grow(std::vector<int32_t>& blocks, int64_t tokens) {
    while (static_cast<int64_t>(blocks.size()) * block_tokens_ < tokens) blocks.push_back(NewBlock());
  }
  // A second owner of the first `tokens` tokens: full blocks are shared, the last partial one is copied.
  std::vector<int32_t> Fork(const Context& context, const std::vector<int32_t>& blocks, int64_t tokens) {
    std::vector<int32_t> fork(blocks.begin(), blocks.begin() + tokens / block_tokens_);
    if (tokens % block_tokens_ != 0) {
      fork.push_back(NewBlock());
      CopyKvBlock(context, shape_, dtype_, memory_.data(), block_tokens_, blocks[tokens / block_tokens_], fork.back(),
                  tokens % block_tokens_);
    }
    return fork;
  }
  void Attend(const Context& context, absl::Span<const CachedSequence> sequences, const float* qkv, float* out) {
    CachedAttention(context, shape_, sequences, qkv, shape_.qkv_width(), dtype_, memory_.data(), block_tokens_, out,
                    shape_.heads * shape_.head_dim);
  }

 private:
  AttentionShape shape_;
  DType dtype_;
  int64_t block_tokens_;
  std::vector<uint8_t> memory_;
  std::vector<int32_t> free_;
};

// out of one sequence prefilled in chunks of the given sizes (the last size repeats).
std::vector<float> Prefill(const Context& context, const AttentionShape& shape, DType dtype, int64_t block_tokens,
                           const std::vector<float>& qkv, const std::vector<int64_t>& chunks) {
  const int64_t tokens = static_cast<int64_t>(qkv.size()) / shape.qkv_width();
  const int64_t width = shape.heads * shape.head_dim;
  std::vector<float> out(tokens * width);
  Cache cache(shape, dtype, block_tokens, tokens / block_tokens + 1);
  std::vector<int32_t> blocks;
  int64_t position = 0;
  for (size_t i = 0; position < tokens; ++i) {
    const int64_t count = std::min(chunks[std::min(i, chunks.size() - 1)], tokens - position);
    cache.Grow(blocks, position + count);
    const CachedSequence sequence = {0, count, position, blocks};
    cache.Attend(context, {&sequence, 1}, qkv.data() + position * shape.qkv_width(), out.data() + position * width);
    position += count;
  }
  return out;
}

std::vector<float> Tree(const Context& context, const AttentionShape& shape, const std::vector<Segment>& segments, DType dtype,
                        const std::vector<float>& qkv, std::vector<float>* lse = nullptr) {
  const int64_t rows = static_cast<int64_t>(qkv.size()) / shape.qkv_width();
  std::vector<float> out(rows * shape.heads * shape.head_dim, -7.0f);
  std::vector<float> own(rows * shape.heads);
  TreeAttention(context, shape, segments, qkv.data(), shape.qkv_width(), dtype, out.data(), shape.heads * shape.head_dim,
                (lse == nullptr ? own : *lse).data());
  return out;
}

// Two trees and a plain sequence.
const std::vector<Segment>& Trees() {
  static const auto* const segments =
      new std::vector<Segment>{{0, 13, -1}, {13, 20, 0}, {33, 1, 0}, {34, 9, 0}, {43, 37, -1}, {80, 8, -1}, {88, 16, 5}};
  return *segments;
}
constexpr int64_t kTreeRows = 104;

TEST(AttentionTest, TreeAgreesWithTheReference) {
  TestContext context(2);
  for (const auto& s : kShapes) {
    for (const int64_t window : {0, 5}) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        const AttentionShape shape = Shape(s, window);
        const auto qkv = RandomFloats(1, kTreeRows * shape.qkv_width());
        std::vector<float> want(kTreeRows * shape.heads * shape.head_dim);
        std::vector<float> want_lse(kTreeRows * shape.heads);
        std::vector<float> lse(kTreeRows * shape.heads);
        reference::TreeAttention<float>(shape, Trees(), qkv.data(), shape.qkv_width(), dtype, want.data(), shape.heads * shape.head_dim,
                                        want_lse.data());
        // Scores of up to 6 in size carry float32 rounding of about 128 * 2^-24 * 6, which exp turns into a relative error of p.
        EXPECT_EQ(Differs(Tree(context, shape, Trees(), dtype, qkv, &lse), want, 5e-6, 5e-6), "") << Describe(shape, dtype);
        EXPECT_EQ(Differs(lse, want_lse, 3e-6, 3e-6), "") << Describe(shape, dtype);
      }
    }
  }
}

TEST(AttentionTest, PrefillDoesNotDependOnChunksBlocksOrThreads) {
  for (const auto& s : kShapes) {
    for (const int64_t window : {0, 7, 40}) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        const AttentionShape shape = Shape(s, window);
        const auto qkv = RandomFloats(2, 101 * shape.qkv_width());
        const std::vector<float> want = Tree(TestContext(1), shape, {{0, 101, -1}}, dtype, qkv);
        const std::vector<std::vector<int64_t>> chunkings = {{101}, {1}, {3, 8, 5}, {64, 1}, {100, 1}, {16}, {7, 93}};
        const int64_t block_sizes[] = {8, 16, 32, 64};
        for (size_t i = 0; i < chunkings.size(); ++i) {
          TestContext context(static_cast<int>(i % 3) + 1);
          EXPECT_TRUE(SameBits(Prefill(context, shape, dtype, block_sizes[i % 4], qkv, chunkings[i]), want))
              << Describe(shape, dtype) << ", chunking " << i;
        }
      }
    }
  }
}

TEST(AttentionTest, ManyThreadsGiveTheBitsOfOne) {
  const AttentionShape shape = Shape(kShapes[5]);
  const auto qkv = RandomFloats(3, 700 * shape.qkv_width());
  const std::vector<Segment> segments = {{0, 600, -1}, {600, 60, 0}, {660, 40, 0}};
  const auto want = Tree(TestContext(1), shape, segments, DType::kBFloat16, qkv);
  for (const int threads : {2, 3}) {
    EXPECT_TRUE(SameBits(Tree(TestContext(threads), shape, segments, DType::kBFloat16, qkv), want)) << threads << " threads";
  }
}

TEST(AttentionTest, CompletionsOfATreeEqualForkedSequencesDecodedTogether) {
  for (const auto& s : kShapes) {
    for (const int64_t window : {0, 6}) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        for (const int64_t block_tokens : {8, 16, 64}) {
          const AttentionShape shape = Shape(s, window);
          const int64_t width = shape.heads * shape.head_dim;
          const int64_t prompt = 19;
          const int64_t length = 15;
          const int64_t siblings = 3;
          const auto qkv = RandomFloats(4, (prompt + siblings * length) * shape.qkv_width());
          std::vector<Segment> segments = {{0, prompt, -1}};
          for (int64_t i = 0; i < siblings; ++i) segments.push_back({prompt + i * length, length, 0});
          TestContext context(2);
          const std::vector<float> want = Tree(context, shape, segments, dtype, qkv);

          Cache cache(shape, dtype, block_tokens, 30);
          std::vector<float> out(want.size());
          std::vector<std::vector<int32_t>> blocks(1);
          cache.Grow(blocks[0], prompt);
          const CachedSequence prefill = {0, prompt, 0, blocks[0]};
          cache.Attend(context, {&prefill, 1}, qkv.data(), out.data());
          for (int64_t i = 1; i < siblings; ++i) blocks.push_back(cache.Fork(context, blocks[0], prompt));
          for (int64_t t = 0; t < length; ++t) {
            std::vector<float> batch(siblings * shape.qkv_width());
            std::vector<float> batch_out(siblings * width);
            std::vector<CachedSequence> sequences;
            for (int64_t i = 0; i < siblings; ++i) {
              cache.Grow(blocks[i], prompt + t + 1);
              sequences.push_back({siblings - 1 - i, 1, prompt + t, blocks[i]});
              std::memcpy(batch.data() + sequences.back().row_begin * shape.qkv_width(),
                          qkv.data() + (prompt + i * length + t) * shape.qkv_width(), shape.qkv_width() * sizeof(float));
            }
            cache.Attend(context, sequences, batch.data(), batch_out.data());
            for (int64_t i = 0; i < siblings; ++i) {
              std::memcpy(out.data() + (prompt + i * length + t) * width, batch_out.data() + sequences[i].row_begin * width,
                          width * sizeof(float));
            }
          }
          EXPECT_TRUE(SameBits(out, want)) << Describe(shape, dtype) << " blocks of " << block_tokens;
        }
      }
    }
  }
}

TEST(AttentionTest, PackingDoesNotChangeARow) {
  const AttentionShape shape = Shape(kShapes[4]);
  const int64_t width = shape.heads * shape.head_dim;
  const auto qkv = RandomFloats(5, kTreeRows * shape.qkv_width());
  TestContext context(2);
  const auto packed = Tree(context, shape, Trees(), DType::kFloat32, qkv);
  for (const Segment& segment : Trees()) {
    std::vector<float> alone;
    if (segment.parent >= 0) {
      const Segment& root = Trees()[segment.parent];
      alone.insert(alone.end(), qkv.begin() + root.row_begin * shape.qkv_width(),
                   qkv.begin() + (root.row_begin + root.row_count) * shape.qkv_width());
    }
    alone.insert(alone.end(), qkv.begin() + segment.row_begin * shape.qkv_width(),
                 qkv.begin() + (segment.row_begin + segment.row_count) * shape.qkv_width());
    const int64_t rows = static_cast<int64_t>(alone.size()) / shape.qkv_width();
    const auto out = Tree(context, shape, {{0, rows, -1}}, DType::kFloat32, alone);
    EXPECT_TRUE(
        SameBits(out.data() + (rows - segment.row_count) * width, packed.data() + segment.row_begin * width, segment.row_count * width))
        << "segment at " << segment.row_begin;
  }
}

TEST(AttentionTest, GradientAgreesWithTheReferenceForAnyNumberOfThreads) {
  for (const auto& s : kShapes) {
    for (const int64_t window : {0, 5, 20}) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        const AttentionShape shape = Shape(s, window);
        const int64_t width = shape.heads * shape.head_dim;
        const auto qkv = RandomFloats(6, kTreeRows * shape.qkv_width());
        const auto dout = RandomFloats(7, kTreeRows * width);
        TestContext one(1);
        std::vector<float> lse(kTreeRows * shape.heads);
        const auto out = Tree(one, shape, Trees(), dtype, qkv, &lse);
        std::vector<float> want(qkv.size());
        reference::TreeAttentionGrad<float>(shape, Trees(), qkv.data(), shape.qkv_width(), dtype, out.data(), width, lse.data(),
                                            dout.data(), width, want.data(), shape.qkv_width());
        std::vector<float> first;
        for (const int threads : {1, 2, 3}) {
          std::vector<float> got(qkv.size(), 99.0f);
          TreeAttentionGrad(TestContext(threads), shape, Trees(), qkv.data(), shape.qkv_width(), dtype, out.data(), width, lse.data(),
                            dout.data(), width, got.data(), shape.qkv_width());
          // Sums of up to 104 * 7 terms of size 1 in float32.
          if (threads == 1) {
            first = got;
            EXPECT_EQ(Differs(got, want, 3e-5, 3e-5), "") << Describe(shape, dtype);
          }
          EXPECT_TRUE(SameBits(got, first)) << Describe(shape, dtype) << ' ' << threads << " threads";
        }
      }
    }
  }
}

TEST(AttentionTest, ReferenceGradientIsTheDerivative) {
  for (const int64_t window : {0, 3}) {
    const AttentionShape shape = Shape({4, 2, 6}, window);
    const std::vector<Segment> segments = {{0, 4, -1}, {4, 3, 0}, {7, 2, 0}, {9, 3, -1}};
    const int64_t rows = 12;
    const int64_t width = shape.heads * shape.head_dim;
    auto qkv = RandomDoubles(8, rows * shape.qkv_width());
    const auto dout = RandomDoubles(9, rows * width);
    std::vector<double> out(rows * width);
    std::vector<double> lse(rows * shape.heads);
    const auto loss = [&] {
      reference::TreeAttention<double>(shape, segments, qkv.data(), shape.qkv_width(), DType::kFloat32, out.data(), width, lse.data());
      double sum = 0;
      for (size_t i = 0; i < out.size(); ++i) sum += out[i] * dout[i];
      return sum;
    };
    loss();
    std::vector<double> grad(qkv.size());
    reference::TreeAttentionGrad<double>(shape, segments, qkv.data(), shape.qkv_width(), DType::kFloat32, out.data(), width, lse.data(),
                                         dout.data(), width, grad.data(), shape.qkv_width());
    std::vector<double> numeric(qkv.size());
    for (size_t i = 0; i < qkv.size(); ++i) {
      const double x = qkv[i];
      qkv[i] = x + 1e-5;
      const double up = loss();
      qkv[i] = x - 1e-5;
      numeric[i] = (up - loss()) / 2e-5;
      qkv[i] = x;
    }
    EXPECT_EQ(Differs(grad, numeric, 1e-8, 1e-7), "") << "window " << window;  // central differences: h^2 and rounding / h
  }
}

TEST(AttentionTest, CopiesOnlyTheTokensAskedFor) {
  const AttentionShape shape = Shape({2, 2, 4});
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    const int64_t elements = KvBlockElements(shape, 8);
    std::vector<uint8_t> pool(2 * elements * SizeOf(dtype));
    for (size_t i = 0; i < pool.size(); ++i) pool[i] = static_cast<uint8_t>(i * 7 % 251);
    const std::vector<uint8_t> before = pool;
    CopyKvBlock(TestContext(1), shape, dtype, pool.data(), 8, 0, 1, 3);
    const int64_t size = static_cast<int64_t>(SizeOf(dtype));
    for (int64_t e = 0; e < elements; ++e) {
      const bool is_key = e < elements / 2;
      const int64_t token = is_key ? e % 8 : e / 4 % 8;
      const uint8_t* want = (token < 3 ? before.data() : before.data() + elements * size) + e * size;
      EXPECT_TRUE(SameBits(pool.data() + (elements + e) * size, want, size)) << "element " << e << ' ' << Name(dtype);
    }
    EXPECT_TRUE(SameBits(pool.data(), before.data(), elements * size)) << "the source stays";
  }
}

TEST(RopeTest, AgreesWithTheReferenceAndIsUndoneByItsInverse) {
  for (const auto& s : kShapes) {
    const AttentionShape shape = Shape(s);
    for (const int64_t pairs : {shape.head_dim / 2, (shape.head_dim + 3) / 4}) {
      std::vector<double> inv_freq;
      for (int64_t k = 0; k < pairs; ++k) inv_freq.push_back(std::pow(10000.0, -static_cast<double>(k) / static_cast<double>(pairs)));
      const RopeTable table = MakeRopeTable(inv_freq, 1.0, 50);
      const std::vector<int32_t> positions = {0, 1, 2, 49, 7, 7, 31};
      const auto qkv = RandomFloats(10, 7 * shape.qkv_width());
      auto got = qkv;
      auto want = qkv;
      Rope(TestContext(2), shape, table, positions, got.data(), shape.qkv_width(), false);
      reference::Rope<float>(shape, table, positions, want.data(), shape.qkv_width(), false);
      EXPECT_EQ(Differs(got, want, 5e-7, 2e-7), "") << Describe(shape, DType::kFloat32);  // two roundings of products below 4
      for (int64_t i = 0; i < 7; ++i) {                                                   // each row alone
        std::vector<float> row(qkv.begin() + i * shape.qkv_width(), qkv.begin() + (i + 1) * shape.qkv_width());
        Rope(TestContext(1), shape, table, {positions.data() + i, 1}, row.data(), shape.qkv_width(), false);
        EXPECT_TRUE(SameBits(row.data(), got.data() + i * shape.qkv_width(), shape.qkv_width())) << "row " << i;
      }
      Rope(TestContext(1), shape, table, positions, got.data(), shape.qkv_width(), true);
      EXPECT_EQ(Differs(got, qkv, 1e-6, 1e-6), "") << Describe(shape, DType::kFloat32);
    }
  }
}

}  // namespace
}  // namespace hone::ops
