// One engine for actor and learner: what the actor reports of a token while it decodes is, bit for bit, what the learner computes again
// from the packed batch. 200 random batches: the number, length and sharing of prompts, temperature, batch width, prefill chunks, cache
// blocks and the learner's micro-batches all differ.

#include <cstring>

#include "actor/engine/engine.h"
#include "gtest/gtest.h"
#include "learner/policy_update.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/checkpoint/model_source.h"
#include "lib/model/config.h"

namespace hone {
namespace {

class OneEngineTest : public ::testing::TestWithParam<std::tuple<std::string, DType>> {};

TEST_P(OneEngineTest, DecodingEqualsRecomputationOn200RandomBatches) {
  const auto& [family, dtype] = GetParam();
  const std::string folder = "tests/testdata/models/" + family;
  ThreadPool pool(2);
  const ops::Context context{.device = {}, .pool = &pool, .isa = ops::BestIsa()};
  const auto decoder = std::move(Decoder::Create(*ParseDecoderConfig(*ReadFile(folder + "/config.json")), 128)).value();
  const int64_t vocab = decoder->config().vocab_size;
  const auto source = OpenModel(folder);
  ASSERT_TRUE(source.ok()) << source.status();

  int64_t tokens_compared = 0;
  for (uint64_t batch = 0; batch < 200; ++batch) {
    RandomCursor random{RandomStream(2026, batch)};
    PolicyUpdateConfig config;
    config.micro_batch_tokens = random.Between(16, 512);
    config.head_chunk_rows = random.Between(1, 64);
    PolicyUpdater learner(context, *decoder, dtype, config);
    ASSERT_TRUE(learner.Load(*source->tensors).ok());

    const int64_t block = 8 << random.Below(3);
    Engine engine(context, *decoder, nullptr, dtype,
                  {.max_batch = random.Between(1, 24),
                   .prefill_chunk_tokens = random.Between(1, 64),
                   .kv_block_tokens = block,
                   .kv_budget_bytes = KvPool::BlockBytes(decoder->config(), dtype, block) * (128 / block) * random.Between(2, 30),
                   .seed = batch});
    engine.SetWeights(learner.weights(), 0);
    std::vector<TrainGroup> groups(random.Between(1, 5));
    for (size_t g = 0; g < groups.size(); ++g) {
      groups[g].group = static_cast<int64_t>(g);
      groups[g].temperature = static_cast<float>(0.5 + random.Uniform());
      const int64_t length = random.Between(1, 40);
      for (int64_t i = 0; i < length; ++i) groups[g].prompt.push_back(static_cast<int32_t>(random.Below(static_cast<uint64_t>(vocab))));
      groups[g].samples.resize(random.Between(1, 8));
      GenerateRequest request{.group = static_cast<int64_t>(g), .prompt = groups[g].prompt};
      for (size_t s = 0; s < groups[g].samples.size(); ++s) request.samples.push_back(static_cast<int32_t>(s));
      request.sampling.temperature = groups[g].temperature;
      request.sampling.max_new_tokens = static_cast<int32_t>(random.Between(1, 30));
      const absl::Status added = engine.Add(request);
      ASSERT_TRUE(added.ok()) << added;
    }
    for (int steps = 0; !engine.idle() && steps < 10000; ++steps) {
      auto done = engine.Step();
      ASSERT_TRUE(done.ok()) << done.status();
      for (Completion& completion : *done) {
        TrainSample& sample = groups[completion.group].samples[completion.sample];
        sample.tokens = completion.tokens;
        sample.mask.assign(sample.tokens.size(), 1);
        sample.logprobs_rollout = completion.logprobs;
      }
    }
    ASSERT_TRUE(engine.idle());

    const auto recomputed = learner.LogProbs(*learner.weights(), groups);
    ASSERT_TRUE(recomputed.ok()) << recomputed.status();
    for (size_t g = 0; g < groups.size(); ++g) {
      for (size_t s = 0; s < groups[g].samples.size(); ++s) {
        const std::vector<float>& decoded = groups[g].samples[s].logprobs_rollout;
        ASSERT_FALSE(decoded.empty()) << "batch " << batch << ": no completion of group " << g << " sample " << s;
        ASSERT_EQ(decoded.size(), (*recomputed)[g][s].size());
        ASSERT_EQ(std::memcmp(decoded.data(), (*recomputed)[g][s].data(), decoded.size() * sizeof(float)), 0)
            << "batch " << batch << " group " << g << " sample " << s;
        tokens_compared += static_cast<int64_t>(decoded.size());
      }
    }
  }
  EXPECT_GT(tokens_compared, 20'000);
}

INSTANTIATE_TEST_SUITE_P(models, OneEngineTest,
                         ::testing::Combine(::testing::Values("llama_tied", "qwen2", "qwen3"),
                                            ::testing::Values(DType::kBFloat16, DType::kFloat32)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (std::get<1>(info.param) == DType::kBFloat16 ? "_bf16" : "_fp32");
                         });

}  // namespace
}  // namespace hone
