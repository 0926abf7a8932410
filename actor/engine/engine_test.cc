#include "actor/engine/engine.h"

#include <cstring>
#include <map>

#include "gtest/gtest.h"

namespace hone {
namespace {

DecoderConfig SmallConfig() {
  DecoderConfig config;
  config.model_type = "llama";
  config.vocab_size = 61;
  config.hidden_size = 32;
  config.intermediate_size = 64;
  config.num_layers = 2;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.head_dim = 8;
  config.max_positions = 96;
  config.tie_embeddings = true;
  config.windows = {0, 0};
  for (int k = 0; k < 4; ++k) config.rope_inv_freq.push_back(std::pow(10000.0, -k / 4.0));
  return config;
}

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : threads_(2), context_{.device = {}, .pool = &threads_, .isa = ops::BestIsa()} {
    decoder_ = std::move(Decoder::Create(SmallConfig(), 96)).value();
    weights_ = MakeWeights(3);
  }
  std::shared_ptr<WeightArena> MakeWeights(uint64_t seed, DType dtype = DType::kBFloat16) {
    auto weights = std::make_shared<WeightArena>(context_, decoder_->layout(), dtype);
    weights->InitializeRandom(context_, seed, 0.5);
    return weights;
  }
  static GenerateRequest Request(int64_t group, int prompt_tokens, int samples, int max_new_tokens) {
    GenerateRequest request{.group = group};
    for (int i = 0; i < prompt_tokens; ++i) request.prompt.push_back(static_cast<int32_t>((7 * i + 3 * group) % 61));
    for (int s = 0; s < samples; ++s) request.samples.push_back(s);
    request.sampling.max_new_tokens = max_new_tokens;
    return request;
  }
  using Key = std::pair<int64_t, int32_t>;
  std::map<Key, Completion> RunAll(const EngineOptions& options, const std::vector<GenerateRequest>& requests) {
    Engine engine(context_, *decoder_, nullptr, DType::kBFloat16, options);
    engine.SetWeights(weights_, 5);
    for (const GenerateRequest& request : requests) {
      const absl::Status added = engine.Add(request);
      EXPECT_TRUE(added.ok()) << added;
    }
    std::map<Key, Completion> done;
    for (int steps = 0; !engine.idle() && steps < 10000; ++steps) {
      auto completions = engine.Step();
      EXPECT_TRUE(completions.ok()) << completions.status();
      if (!completions.ok()) break;
      for (Completion& completion : *completions) {
        const Key key{completion.group, completion.sample};
        EXPECT_EQ(done.count(key), 0u);
        done[key] = std::move(completion);
      }
    }
    EXPECT_TRUE(engine.idle());
    return done;
  }
  static void ExpectSame(const std::map<Key, Completion>& a, const std::map<Key, Completion>& b, const std::string& what) {
    ASSERT_EQ(a.size(), b.size()) << what;
    for (const auto& [key, completion] : a) {
      const Completion& other = b.at(key);
      EXPECT_EQ(completion.tokens, other.tokens) << what << ": group " << key.first << " sample " << key.second;
      EXPECT_EQ(completion.logprobs, other.logprobs) << what;
      EXPECT_EQ(completion.entropies, other.entropies) << what;
    }
  }

  ThreadPool threads_;
  ops::Context context_;
  std::unique_ptr<Decoder> decoder_;
  std::shared_ptr<WeightArena> weights_;
};

TEST_F(EngineTest, ASampleDoesNotDependOnWhatElseIsInTheBatch) {
  std::vector<GenerateRequest> requests;
  for (int64_t g = 0; g < 7; ++g) requests.push_back(Request(g, 3 + 5 * static_cast<int>(g), 3, 4 + 6 * static_cast<int>(g)));
  EngineOptions roomy{.max_batch = 64, .prefill_chunk_tokens = 200, .kv_block_tokens = 16, .kv_budget_bytes = 64 << 20, .seed = 9};
  const auto want = RunAll(roomy, requests);
  EXPECT_EQ(want.size(), 21u);
  EngineOptions narrow = roomy;
  narrow.max_batch = 2;
  narrow.prefill_chunk_tokens = 5;
  ExpectSame(want, RunAll(narrow, requests), "two at a time, prefill in chunks of 5");
  EngineOptions small_blocks = roomy;
  small_blocks.kv_block_tokens = 8;
  small_blocks.kv_budget_bytes = KvPool::BlockBytes(decoder_->config(), DType::kBFloat16, 8) * 24;
  ExpectSame(want, RunAll(small_blocks, requests), "a cache that holds few sequences");
  std::vector<GenerateRequest> reversed(requests.rbegin(), requests.rend());
  ExpectSame(want, RunAll(roomy, reversed), "in reverse order");
  for (const GenerateRequest& request : requests) {
    for (const auto& [key, completion] : RunAll(roomy, {request})) EXPECT_EQ(completion.tokens, want.at(key).tokens) << "alone";
  }
}

TEST_F(EngineTest, SamplesAndSeedsDiffer) {
  EngineOptions options{.seed = 1};
  const auto a = RunAll(options, {Request(0, 5, 4, 20)});
  EXPECT_NE(a.at({0, 0}).tokens, a.at({0, 1}).tokens);
  options.seed = 2;
  EXPECT_NE(RunAll(options, {Request(0, 5, 4, 20)}).at({0, 0}).tokens, a.at({0, 0}).tokens);
}

TEST_F(EngineTest, LogProbabilitiesEqualTheLearnersBitForBit) {
  EngineOptions options{.max_batch = 8, .prefill_chunk_tokens = 9, .kv_block_tokens = 8, .seed = 4};
  const GenerateRequest request = Request(2, 13, 5, 30);
  for (const auto& [key, completion] : RunAll(options, {request})) {
    std::vector<int32_t> tokens = request.prompt, positions, rows;
    tokens.insert(tokens.end(), completion.tokens.begin(), completion.tokens.end() - 1);
    for (size_t i = 0; i < tokens.size(); ++i) positions.push_back(static_cast<int32_t>(i));
    for (size_t i = request.prompt.size() - 1; i < tokens.size(); ++i) rows.push_back(static_cast<int32_t>(i));
    const int64_t m = static_cast<int64_t>(tokens.size()), r = static_cast<int64_t>(rows.size());
    const std::vector<ops::Segment> segments = {{0, m, -1}};
    Workspace workspace({}, decoder_->TrainFloats(m, r, false));
    TrainState state;
    ASSERT_TRUE(decoder_->TrainForward(context_, *weights_, {tokens, positions, segments, rows}, false, workspace, &state).ok());
    std::vector<float> logits(r * 61), logprobs(r);
    decoder_->Head(context_, *weights_, r, state.hidden, logits.data());
    ops::LogProbs(context_, r, 61, logits.data(), 61, std::vector<float>(r, 1.0f), completion.tokens, logprobs.data(), nullptr);
    EXPECT_EQ(std::memcmp(logprobs.data(), completion.logprobs.data(), r * sizeof(float)), 0) << "sample " << key.second;
  }
}

TEST_F(EngineTest, StopTokensLengthAndContextEndACompletion) {
  EngineOptions options{.seed = 4};
  GenerateRequest request = Request(0, 5, 1, 40);
  const auto free_run = RunAll(options, {request}).at({0, 0});
  EXPECT_EQ(free_run.tokens.size(), 40u);
  EXPECT_EQ(free_run.finish_reason, FinishReason::kLength);
  request.sampling.stop_token_ids = {free_run.tokens[7]};
  const auto stopped = RunAll(options, {request}).at({0, 0});
  EXPECT_EQ(stopped.finish_reason, FinishReason::kStop);
  EXPECT_EQ(stopped.tokens.back(), free_run.tokens[7]) << "the stop token is part of the completion";
  EXPECT_LE(stopped.tokens.size(), 8u);
  request.sampling.ignore_eos = true;
  EXPECT_EQ(RunAll(options, {request}).at({0, 0}).tokens, free_run.tokens);
  GenerateRequest long_prompt = Request(0, 90, 1, 40);
  EXPECT_EQ(RunAll(options, {long_prompt}).at({0, 0}).tokens.size(), 6u) << "90 + 6 fill the context of 96";
}

TEST_F(EngineTest, WhatCannotBeGeneratedIsRefusedWithTheReason) {
  Engine engine(context_, *decoder_, nullptr, DType::kBFloat16,
                {.kv_block_tokens = 16, .kv_budget_bytes = 2 * KvPool::BlockBytes(decoder_->config(), DType::kBFloat16, 16)});
  engine.SetWeights(weights_, 0);
  EXPECT_EQ(engine.Add(Request(0, 0, 1, 4)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(engine.Add(Request(0, 96, 1, 4)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(engine.Add(Request(0, 4, 1, 0)).code(), absl::StatusCode::kInvalidArgument);
  GenerateRequest bad_token = Request(0, 4, 1, 4);
  bad_token.prompt[2] = 61;
  EXPECT_EQ(engine.Add(bad_token).code(), absl::StatusCode::kInvalidArgument);
  const absl::Status too_long = engine.Add(Request(0, 40, 1, 20));
  EXPECT_EQ(too_long.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(too_long.message().find("actors.kv_budget_mb"), std::string::npos);
  EXPECT_TRUE(engine.idle());
}

TEST_F(EngineTest, NewWeightsTakeOverBetweenStepsAndTheSpansSayWhere) {
  Engine engine(context_, *decoder_, nullptr, DType::kBFloat16, {.seed = 4});
  engine.SetWeights(weights_, 5);
  ASSERT_TRUE(engine.Add(Request(0, 5, 1, 12)).ok());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(engine.Step()->empty());
  engine.SetWeights(MakeWeights(8), 6);
  std::vector<Completion> done;
  while (done.empty()) done = *engine.Step();
  ASSERT_EQ(done[0].versions.size(), 2u);
  EXPECT_EQ(done[0].versions[0].policy_version, 5);
  EXPECT_EQ(done[0].versions[1].policy_version, 6);
  EXPECT_EQ(done[0].versions[1].begin, 4);
}

TEST_F(EngineTest, ACancelledGroupGivesItsCacheBack) {
  Engine engine(context_, *decoder_, nullptr, DType::kBFloat16,
                {.max_batch = 4,
                 .kv_block_tokens = 16,
                 .kv_budget_bytes = 8 * KvPool::BlockBytes(decoder_->config(), DType::kBFloat16, 16),
                 .seed = 4});
  engine.SetWeights(weights_, 0);
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(engine.Add(Request(round, 20, 3, 30)).ok());
    for (int i = 0; i < round % 7; ++i) ASSERT_TRUE(engine.Step().ok());
    engine.Cancel(round);
    EXPECT_TRUE(engine.idle());
  }
  ASSERT_TRUE(engine.Add(Request(99, 20, 3, 30)).ok());
  int done = 0;
  for (int i = 0; i < 200 && !engine.idle(); ++i) done += static_cast<int>(engine.Step()->size());
  EXPECT_EQ(done, 3) << "all blocks were free again";
}

}  // namespace
}  // namespace hone
