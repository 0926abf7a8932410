// Gradients and one AdamW step against transformers on the golden models; and the invariances of an update: cutting into micro-batches, the
// order of groups and the presence of masked samples change nothing.

#include "learner/policy_update.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/checkpoint/model_source.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

double L2(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

class UpdateTest : public ::testing::Test {
 protected:
  UpdateTest() : pool_(2), context_{.device = {}, .pool = &pool_, .isa = ops::BestIsa()} {}

  void Open(const std::string& family, const std::string& config_file = "config.json") {
    const std::string folder = "tests/testdata/models/" + family;
    decoder_ = std::move(Decoder::Create(*ParseDecoderConfig(*ReadFile(folder + "/" + config_file)), 256)).value();
    source_ = OpenModel(folder)->tensors;
    train_ = json::parse(*ReadFile(folder + "/train.json"));
  }
  std::unique_ptr<PolicyUpdater> Updater(PolicyUpdateConfig config, DType dtype = DType::kFloat32) {
    auto updater = std::make_unique<PolicyUpdater>(context_, *decoder_, dtype, config);
    const absl::Status loaded = updater->Load(*source_);
    EXPECT_TRUE(loaded.ok()) << loaded;
    return updater;
  }
  std::vector<float> Piece(const Parameter& parameter, const ParameterPiece& piece, const float* arena) {
    std::vector<float> values(piece.rows * (parameter.matrix ? parameter.shape.k : 1));
    ExtractPiece(parameter, piece, DType::kFloat32, arena, values.data());
    return values;
  }
  // Random groups with random advantages; log-probabilities of the actor are those of the model, shifted a little.
  std::vector<TrainGroup> RandomGroups(PolicyUpdater& updater, int count) {
    RandomCursor random{RandomStream(11)};
    std::vector<TrainGroup> groups;
    for (int g = 0; g < count; ++g) {
      TrainGroup group{.group = g};
      for (uint64_t i = 0; i < 3 + random.Below(6); ++i) group.prompt.push_back(static_cast<int32_t>(random.Below(300)));
      for (int s = 0; s < 4; ++s) {
        TrainSample sample;
        for (uint64_t i = 0; i < 1 + random.Below(9); ++i) sample.tokens.push_back(static_cast<int32_t>(random.Below(300)));
        sample.mask.assign(sample.tokens.size(), 1);
        if (sample.mask.size() > 3) sample.mask[1] = 0;
        sample.same_version.assign(sample.tokens.size(), 1);
        sample.logprobs_rollout.assign(sample.tokens.size(), 0);
        sample.advantage = random.Normal();
        group.samples.push_back(sample);
      }
      groups.push_back(group);
    }
    const auto logprobs = updater.LogProbs(*updater.weights(), groups);
    for (size_t g = 0; g < groups.size(); ++g) {
      for (size_t s = 0; s < groups[g].samples.size(); ++s) groups[g].samples[s].logprobs_rollout = (*logprobs)[g][s];
    }
    return groups;
  }
  static PolicyUpdateConfig NoStep() {
    PolicyUpdateConfig config;
    config.clip_norm = 0;
    return config;
  }
  static double Difference(const FloatArena& a, const FloatArena& b) {
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < a.size(); ++i) {
      difference += std::pow(static_cast<double>(a.data()[i]) - b.data()[i], 2);
      norm += std::pow(static_cast<double>(b.data()[i]), 2);
    }
    return std::sqrt(difference / norm);
  }

  ThreadPool pool_;
  ops::Context context_;
  std::unique_ptr<Decoder> decoder_;
  std::shared_ptr<const TensorSource> source_;
  json train_;
};

class GoldenTrainTest : public UpdateTest, public ::testing::WithParamInterface<std::tuple<std::string, std::string>> {};

TEST_P(GoldenTrainTest, GradientsAndTheAdamWStepAgree) {
  const auto& [family, config_file] = GetParam();
  Open(family, config_file);
  const json& optimizer = train_["optimizer"];
  PolicyUpdateConfig config;
  config.clip_norm = 0;
  config.adam.beta1 = optimizer["beta1"].get<float>();
  config.adam.beta2 = optimizer["beta2"].get<float>();
  config.adam.eps = optimizer["eps"].get<float>();
  config.adam.weight_decay = 0.1f;
  auto updater = Updater(config);
  // The sequence as a prompt of one token and a completion of the rest, so that every position is a target.
  TrainGroup group;
  const auto ids = train_["ids"].get<std::vector<int32_t>>();
  group.prompt = {ids[0]};
  TrainSample sample;
  sample.tokens = train_["targets"].get<std::vector<int32_t>>();
  sample.mask.assign(sample.tokens.size(), 1);
  group.samples = {sample};
  const auto loss = updater->SupervisedGradient({group});
  ASSERT_TRUE(loss.ok()) << loss.status();
  EXPECT_NEAR(*loss, train_["loss"].get<double>(), 2e-5);
  std::map<std::string, std::vector<float>> before;
  for (const Parameter& parameter : decoder_->layout()->parameters()) {
    for (const ParameterPiece& piece : parameter.pieces) {
      const double want = train_["params"][piece.name]["grad_l2"].get<double>();
      EXPECT_NEAR(L2(Piece(parameter, piece, updater->grads().data())), want, 1e-4 * want + 1e-7) << piece.name;
      before[piece.name] = Piece(parameter, piece, updater->master().data());
    }
  }
  const auto stats = updater->SupervisedStep({group}, optimizer["lr"].get<double>());
  ASSERT_TRUE(stats.ok());
  EXPECT_NEAR(stats->grad_norm, train_["grad_global_l2"].get<double>(), 1e-4 * stats->grad_norm);
  std::vector<std::string> unstable;
  if (train_.contains("unstable_update")) unstable = train_["unstable_update"].get<std::vector<std::string>>();
  int compared = 0;
  for (const Parameter& parameter : decoder_->layout()->parameters()) {
    for (const ParameterPiece& piece : parameter.pieces) {
      if (std::find(unstable.begin(), unstable.end(), piece.name) != unstable.end()) continue;
      const json& want = train_["params"][piece.name];
      std::vector<float> after = Piece(parameter, piece, updater->master().data());
      EXPECT_NEAR(L2(after), want["l2_after"].get<double>(), 1e-5 * want["l2_after"].get<double>()) << piece.name;
      for (size_t i = 0; i < after.size(); ++i) after[i] -= before[piece.name][i];
      EXPECT_NEAR(L2(after), want["update_l2"].get<double>(), 1e-3 * want["update_l2"].get<double>()) << piece.name;
      ++compared;
    }
  }
  EXPECT_EQ(compared + static_cast<int>(unstable.size()), static_cast<int>(train_["params"].size()));
}

INSTANTIATE_TEST_SUITE_P(golden_train, GoldenTrainTest,
                         ::testing::Combine(::testing::Values("llama", "llama_tied", "qwen2", "qwen2_tied", "qwen3"),
                                            ::testing::Values("config.json", "config.legacy.json")),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (std::get<1>(info.param) == "config.json" ? "" : "_legacy");
                         });

TEST_F(UpdateTest, MicroBatchesChangeTheGradientByRoundingOnly) {
  Open("llama");
  auto config = NoStep();
  config.micro_batch_tokens = 4096;
  auto whole = Updater(config);
  const auto groups = RandomGroups(*whole, 6);
  const auto one = whole->Update(groups, 0.0, false);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->micro_batches, 1);
  for (int64_t budget : {12, 40}) {
    config.micro_batch_tokens = budget;
    config.head_chunk_rows = 7;
    auto cut = Updater(config);
    const auto many = cut->Update(groups, 0.0, false);
    ASSERT_TRUE(many.ok());
    EXPECT_GT(many->micro_batches, 2);
    EXPECT_NEAR(many->loss, one->loss, 1e-6 * std::abs(one->loss) + 1e-9);
    EXPECT_LT(Difference(cut->grads(), whole->grads()), 1e-5);
  }
}

TEST_F(UpdateTest, OnFreshRolloutsTheRatioIsOneAndTheMismatchIsZero) {
  for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Open("qwen3");
    auto updater = Updater(NoStep(), dtype);
    const auto stats = updater->Update(RandomGroups(*updater, 5), 0.0, false);
    ASSERT_TRUE(stats.ok());
    EXPECT_EQ(stats->mismatch_max_abs, 0);
    EXPECT_EQ(stats->mismatch_gen_kl, 0);
    EXPECT_EQ(stats->ppo_kl, 0);
    EXPECT_EQ(stats->clip_frac, 0);
    EXPECT_GT(stats->grad_norm, 0);
  }
}

TEST_F(UpdateTest, APlantedMismatchIsSeen) {
  Open("llama");
  auto updater = Updater(NoStep());
  auto groups = RandomGroups(*updater, 2);
  groups[1].samples[2].logprobs_rollout[0] += 0.25f;
  const auto stats = updater->Update(groups, 0.0, false);
  ASSERT_TRUE(stats.ok());
  EXPECT_NEAR(stats->mismatch_max_abs, 0.25, 1e-5);
  EXPECT_GT(stats->mismatch_gen_kl, 0);
}

TEST_F(UpdateTest, AnUnscorableSampleIsAsIfItWereAbsent) {
  Open("llama");
  auto with = Updater(NoStep()), without = Updater(NoStep());
  auto groups = RandomGroups(*with, 3);
  groups[0].samples[1].valid = false;
  ASSERT_TRUE(with->Update(groups, 0.0, false).ok());
  groups[0].samples.erase(groups[0].samples.begin() + 1);
  ASSERT_TRUE(without->Update(groups, 0.0, false).ok());
  EXPECT_LT(Difference(with->grads(), without->grads()), 1e-6);
}

TEST_F(UpdateTest, GroupsWithoutAdvantageAreSkippedButCounted) {
  Open("llama");
  auto all = Updater(NoStep()), skipping = Updater(NoStep());
  auto groups = RandomGroups(*all, 4);
  for (TrainSample& sample : groups[2].samples) sample.advantage = 0;
  const auto full = all->Update(groups, 0.0, false);
  const auto skipped = skipping->Update(groups, 0.0, true);
  ASSERT_TRUE(full.ok() && skipped.ok());
  EXPECT_EQ(full->groups_trained, 4);
  EXPECT_EQ(skipped->groups_trained, 3);
  EXPECT_EQ(full->trainable_tokens, skipped->trainable_tokens);
  EXPECT_LT(skipped->trained_tokens, full->trained_tokens);
  EXPECT_LT(Difference(skipping->grads(), all->grads()), 1e-6);
}

TEST_F(UpdateTest, ANonFiniteGradientLeavesTheWeightsAlone) {
  Open("llama");
  auto updater = Updater(NoStep());
  auto groups = RandomGroups(*updater, 2);
  groups[0].samples[0].advantage = std::numeric_limits<double>::infinity();
  const std::vector<float> before(updater->master().data(), updater->master().data() + updater->master().size());
  const auto stats = updater->Update(groups, 0.1, false);
  ASSERT_TRUE(stats.ok());
  EXPECT_TRUE(stats->non_finite);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), updater->master().data()));
  EXPECT_EQ(updater->adam_step(), 0);
}

TEST_F(UpdateTest, AStepRaisesTheLogProbabilityOfWhatWasRewarded) {
  Open("llama");
  auto updater = Updater({}, DType::kBFloat16);
  auto groups = RandomGroups(*updater, 4);
  for (TrainGroup& group : groups) {
    for (size_t s = 0; s < group.samples.size(); ++s) group.samples[s].advantage = s == 0 ? 1 : -0.3;
  }
  auto mean_of_rewarded = [&] {
    const auto logprobs = updater->LogProbs(*updater->weights(), groups);
    double sum = 0;
    for (const auto& group : *logprobs) {
      for (const float l : group[0]) sum += l;
    }
    return sum;
  };
  const double before = mean_of_rewarded();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(updater->Update(groups, 1e-3, false).ok());
  EXPECT_GT(mean_of_rewarded(), before + 0.1);
}

TEST_F(UpdateTest, KlToTheReferenceIsZeroAtFirstAndPullsBackLater) {
  Open("llama");
  auto config = NoStep();
  config.kl_coef = 0.5;
  auto updater = Updater(config);
  updater->FreezeReference();
  auto groups = RandomGroups(*updater, 3);
  const auto first = updater->Update(groups, 1e-2, false);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->kl, 0);
  const auto second = updater->Update(groups, 1e-2, false);
  ASSERT_TRUE(second.ok());
  EXPECT_GT(second->kl, 0);
  for (TrainGroup& group : groups) {
    for (TrainSample& sample : group.samples) sample.advantage = 0;
  }
  double kl = second->kl;
  for (int i = 0; i < 5; ++i) kl = updater->Update(groups, 1e-3, false)->kl;
  EXPECT_LT(kl, second->kl) << "without advantages only the pull to the reference is left";
}

}  // namespace
}  // namespace hone
