// The decoder against what transformers computes for tiny models of every family, in float32: logits, log-probabilities, entropies, greedy
// continuations through the cache, and (in the learner) gradients. Tolerances: ten times the measured rounding of float32, see the README
// of the data.

#include <algorithm>
#include <cmath>

#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/checkpoint/model_source.h"
#include "lib/model/decoder.h"
#include "lib/ops/softmax.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

struct GoldenModel {
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<WeightArena> weights;
  json golden;
};

class GoldenTest : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  GoldenTest() : pool_(2), context_{.device = {}, .pool = &pool_, .isa = ops::BestIsa()} {}

  void SetUp() override {
    const auto& [family, config_file] = GetParam();
    const std::string folder = "tests/testdata/models/" + family;
    auto config = ParseDecoderConfig(*ReadFile(folder + "/" + config_file));
    ASSERT_TRUE(config.ok()) << config.status();
    auto decoder = Decoder::Create(*config, 256);
    ASSERT_TRUE(decoder.ok()) << decoder.status();
    model_.decoder = std::move(decoder).value();
    auto source = OpenModel(folder);
    ASSERT_TRUE(source.ok()) << source.status();
    model_.weights = std::make_unique<WeightArena>(context_, model_.decoder->layout(), DType::kFloat32);
    const absl::Status loaded = model_.weights->Load(context_, *source->tensors);
    ASSERT_TRUE(loaded.ok()) << loaded;
    model_.golden = json::parse(*ReadFile(folder + "/golden.json"));
  }

  // Logits of all positions by a packed forward of one sequence.
  std::vector<float> Logits(const std::vector<int32_t>& ids) {
    const int64_t n = static_cast<int64_t>(ids.size()), v = model_.decoder->config().vocab_size;
    std::vector<int32_t> positions(n), rows(n);
    for (int64_t i = 0; i < n; ++i) positions[i] = rows[i] = static_cast<int32_t>(i);
    const std::vector<ops::Segment> segments = {{0, n, -1}};
    Workspace workspace({}, model_.decoder->TrainFloats(n, n, false));
    TrainState state;
    EXPECT_TRUE(model_.decoder->TrainForward(context_, *model_.weights, {ids, positions, segments, rows}, false, workspace, &state).ok());
    std::vector<float> logits(n * v);
    model_.decoder->Head(context_, *model_.weights, n, state.hidden, logits.data());
    return logits;
  }

  ThreadPool pool_;
  ops::Context context_;
  GoldenModel model_;
};

TEST_P(GoldenTest, LogitsLogProbsAndEntropiesAgree) {
  const int64_t v = model_.decoder->config().vocab_size;
  for (const json& prompt : model_.golden["prompts"]) {
    const auto ids = prompt["ids"].get<std::vector<int32_t>>();
    const auto targets = prompt["targets"].get<std::vector<int32_t>>();
    const int64_t n = static_cast<int64_t>(ids.size());
    const std::vector<float> logits = Logits(ids), temperature(n, 1.0f);
    std::vector<float> logprobs(n);
    std::vector<ops::SoftmaxStats> stats(n);
    ops::LogProbs(context_, n, v, logits.data(), v, temperature, targets, logprobs.data(), stats.data());
    for (int64_t i = 0; i < n; ++i) {
      EXPECT_NEAR(logprobs[i], prompt["logprobs"][i].get<double>(), 2e-4) << "position " << i << " of " << n;
      EXPECT_NEAR(stats[i].entropy, prompt["entropy"][i].get<double>(), 2e-4) << "position " << i << " of " << n;
      EXPECT_EQ(std::max_element(&logits[i * v], &logits[(i + 1) * v]) - &logits[i * v], prompt["argmax"][i].get<int64_t>());
    }
    for (int64_t j = 0; j < v; ++j) EXPECT_NEAR(logits[(n - 1) * v + j], prompt["last_logits"][j].get<double>(), 2e-4);
  }
}

TEST_P(GoldenTest, GreedyContinuationsAgreeThroughTheCache) {
  const int64_t v = model_.decoder->config().vocab_size;
  for (const json& prompt : model_.golden["prompts"]) {
    auto ids = prompt["ids"].get<std::vector<int32_t>>();
    const auto want = prompt["greedy"].get<std::vector<int32_t>>();
    KvPool pool(context_, model_.decoder->config(), DType::kFloat32, 16, 8);
    const std::vector<int32_t> blocks = {3, 1, 7, 0, 2, 6, 5, 4};
    Workspace workspace({}, model_.decoder->CachedFloats(64, 1));
    std::vector<int32_t> got, input = ids;
    int32_t position = 0;
    for (size_t step = 0; step < want.size(); ++step) {
      std::vector<int32_t> positions;
      for (size_t i = 0; i < input.size(); ++i) positions.push_back(position + static_cast<int32_t>(i));
      const std::vector<ops::CachedSequence> sequences = {{0, static_cast<int64_t>(input.size()), position, blocks}};
      const std::vector<int32_t> rows = {static_cast<int32_t>(input.size()) - 1};
      workspace.Reset();
      auto logits = model_.decoder->ForwardCached(context_, *model_.weights, {input, positions, sequences, rows}, pool, workspace);
      ASSERT_TRUE(logits.ok()) << logits.status();
      position += static_cast<int32_t>(input.size());
      got.push_back(static_cast<int32_t>(std::max_element(*logits, *logits + v) - *logits));
      input = {got.back()};
    }
    EXPECT_EQ(got, want) << "prompt of " << ids.size();
  }
}

INSTANTIATE_TEST_SUITE_P(golden_model, GoldenTest,
                         ::testing::Combine(::testing::Values("llama", "llama_tied", "qwen2", "qwen2_tied", "qwen3"),
                                            ::testing::Values("config.json", "config.legacy.json")),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (std::get<1>(info.param) == "config.json" ? "" : "_legacy");
                         });

}  // namespace
}  // namespace hone
