// The property that everything rests on: a token's row is the same bits whether it is computed in a packed training batch, in a prefill of
// any chunking, or in a decode step beside any other sequences.

#include "lib/model/decoder.h"

#include <cstring>

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

DecoderConfig SmallConfig(bool qwen3) {
  DecoderConfig config;
  config.model_type = qwen3 ? "qwen3" : "llama";
  config.vocab_size = 97;
  config.hidden_size = 48;
  config.intermediate_size = 80;
  config.num_layers = 3;
  config.num_heads = 6;
  config.num_kv_heads = 2;
  config.head_dim = 12;
  config.max_positions = 128;
  config.tie_embeddings = !qwen3;
  config.qk_norm = qwen3;
  config.qkv_bias = qwen3;
  config.windows = {0, qwen3 ? 9 : 0, 0};
  for (int k = 0; k < 6; ++k) config.rope_inv_freq.push_back(std::pow(10000.0, -k / 6.0));
  return config;
}

class DecoderTest : public ::testing::TestWithParam<std::tuple<DType, bool>> {
 protected:
  DecoderTest() : threads_(2), context_{.device = {}, .pool = &threads_, .isa = ops::BestIsa()} {
    decoder_ = std::move(Decoder::Create(SmallConfig(std::get<1>(GetParam())), 128)).value();
    weights_ = std::make_unique<WeightArena>(context_, decoder_->layout(), std::get<0>(GetParam()));
    weights_->InitializeRandom(context_, 7, 0.4);
  }
  std::vector<int32_t> RandomTokens(int64_t n, uint64_t seed) {
    RandomCursor random{RandomStream(seed)};
    std::vector<int32_t> tokens;
    for (int64_t i = 0; i < n; ++i) tokens.push_back(static_cast<int32_t>(random.Below(97)));
    return tokens;
  }
  // Logits of all positions through the cache, `chunk` tokens at a time.
  std::vector<float> Cached(const std::vector<int32_t>& tokens, int64_t chunk, int64_t block_tokens) {
    const int64_t n = static_cast<int64_t>(tokens.size());
    KvPool pool(context_, decoder_->config(), weights_->dtype(), block_tokens, 128 / block_tokens + 1);
    std::vector<int32_t> blocks;
    for (int32_t i = 128 / static_cast<int32_t>(block_tokens); i >= 0; --i) blocks.push_back(i);
    std::vector<float> all;
    Workspace workspace({}, decoder_->CachedFloats(n, n));
    for (int64_t begin = 0; begin < n; begin += chunk) {
      const int64_t count = std::min(chunk, n - begin);
      std::vector<int32_t> positions, rows;
      for (int64_t i = 0; i < count; ++i) {
        positions.push_back(static_cast<int32_t>(begin + i));
        rows.push_back(static_cast<int32_t>(i));
      }
      const std::vector<ops::CachedSequence> sequences = {{0, count, begin, blocks}};
      workspace.Reset();
      auto logits = decoder_->ForwardCached(
          context_, *weights_, {absl::MakeConstSpan(tokens).subspan(begin, count), positions, sequences, rows}, pool, workspace);
      EXPECT_TRUE(logits.ok()) << logits.status();
      all.insert(all.end(), *logits, *logits + count * 97);
    }
    return all;
  }

  ThreadPool threads_;
  ops::Context context_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<WeightArena> weights_;
};

TEST_P(DecoderTest, EveryChunkingOfThePrefillGivesTheSameBits) {
  const auto tokens = RandomTokens(70, 1);
  const auto whole = Cached(tokens, 70, 32);
  for (int64_t chunk : {1, 2, 7, 33}) {
    for (int64_t block : {8, 16, 64}) {
      const auto got = Cached(tokens, chunk, block);
      ASSERT_EQ(got.size(), whole.size());
      EXPECT_EQ(std::memcmp(got.data(), whole.data(), whole.size() * 4), 0) << "chunks of " << chunk << ", blocks of " << block;
    }
  }
}

TEST_P(DecoderTest, PackedTrainingRowsEqualDecodedRows) {
  // Two groups of a prompt with completions, in one packed batch; each path also through the cache, token by token.
  struct Path {
    std::vector<int32_t> tokens;
    int64_t prompt;
    int64_t row_begin;  // of the completion
  };
  std::vector<int32_t> tokens, positions, rows;
  std::vector<ops::Segment> segments;
  std::vector<Path> paths;
  for (int group = 0; group < 2; ++group) {
    const auto prompt = RandomTokens(11 + 8 * group, 10 + group);
    const int32_t root = static_cast<int32_t>(segments.size());
    segments.push_back({static_cast<int64_t>(tokens.size()), static_cast<int64_t>(prompt.size()), -1});
    for (size_t i = 0; i < prompt.size(); ++i) positions.push_back(static_cast<int32_t>(i));
    tokens.insert(tokens.end(), prompt.begin(), prompt.end());
    for (int sample = 0; sample < 3; ++sample) {
      const auto completion = RandomTokens(1 + 9 * sample, 100 + 10 * group + sample);
      Path path{prompt, static_cast<int64_t>(prompt.size()), static_cast<int64_t>(tokens.size())};
      path.tokens.insert(path.tokens.end(), completion.begin(), completion.end());
      segments.push_back({path.row_begin, static_cast<int64_t>(completion.size()), root});
      for (size_t i = 0; i < completion.size(); ++i) positions.push_back(static_cast<int32_t>(prompt.size() + i));
      tokens.insert(tokens.end(), completion.begin(), completion.end());
      paths.push_back(path);
    }
  }
  for (size_t i = 0; i < tokens.size(); ++i) rows.push_back(static_cast<int32_t>(i));
  const int64_t m = static_cast<int64_t>(tokens.size());
  Workspace workspace({}, decoder_->TrainFloats(m, m, true));
  TrainState state;
  ASSERT_TRUE(decoder_->TrainForward(context_, *weights_, {tokens, positions, segments, rows}, true, workspace, &state).ok());
  std::vector<float> packed(m * 97);
  decoder_->Head(context_, *weights_, m, state.hidden, packed.data());
  for (const Path& path : paths) {
    const auto cached = Cached(path.tokens, 1, 16);
    for (size_t i = path.prompt; i < path.tokens.size(); ++i) {
      EXPECT_EQ(std::memcmp(&cached[i * 97], &packed[(path.row_begin + static_cast<int64_t>(i) - path.prompt) * 97], 97 * 4), 0)
          << "position " << i;
    }
  }
}

TEST_P(DecoderTest, TokensAndPositionsOutOfRangeAreErrors) {
  KvPool pool(context_, decoder_->config(), weights_->dtype(), 16, 2);
  Workspace workspace({}, decoder_->CachedFloats(1, 1));
  const std::vector<int32_t> blocks = {0, 1}, rows = {0};
  for (auto [token, position] : {std::pair<int32_t, int32_t>{97, 0}, {-1, 0}, {0, 128}, {0, -1}}) {
    const std::vector<int32_t> tokens = {token}, positions = {position};
    const std::vector<ops::CachedSequence> sequences = {{0, 1, 0, blocks}};
    EXPECT_EQ(decoder_->ForwardCached(context_, *weights_, {tokens, positions, sequences, rows}, pool, workspace).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(AllKinds, DecoderTest, ::testing::Combine(::testing::Values(DType::kFloat32, DType::kBFloat16), ::testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param) == DType::kFloat32 ? "fp32" : "bf16") +
                                  (std::get<1>(info.param) ? "_qwen3" : "_llama");
                         });

}  // namespace
}  // namespace hone
