#include "learner/batch.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

Recipe TermsRecipe() {
  const auto recipe = ParseRecipe(R"({
    "model": {"path": "m"}, "data": {"source": "g"}, "rollout": {"group_size": 2},
    "verifiers": [{"name": "accuracy", "verifier": "exact"}, {"name": "format", "verifier": "format"}],
    "reward": {
      "terms": [{"name": "total", "op": "product", "of": ["open", "accuracy"]},
                {"name": "open", "op": "gate", "of": ["format"], "at_least": 1}],
      "result": "total",
      "second": {"of": "accuracy", "verifier": "numeric", "share": 1}
    }})",
                                  "r.json");
  EXPECT_TRUE(recipe.ok()) << recipe.status().message();
  return recipe.ok() ? *recipe : Recipe();
}

VerdictRecord Of(std::string label, double score) {
  return {.label = std::move(label), .outcome = OutcomeKind::kScore, .score = score, .reason = "code"};
}

Trajectory Sampled(int64_t group, int32_t sample, std::vector<VerdictRecord> verdicts) {
  Trajectory t;
  t.group = group;
  t.sample = sample;
  t.prompt_tokens = {1, 2};
  t.tokens.assign(static_cast<size_t>(3 + sample), 5);
  t.mask.assign(t.tokens.size(), 1);
  t.logprobs.assign(t.tokens.size(), -0.5f);
  t.versions = {{0, 0}};
  t.text = sample == 0 ? "\\boxed{1}" : "\\boxed{1} \\boxed{2}";
  t.verdicts = std::move(verdicts);
  return t;
}

TEST(BatchTest, RewardsByTermsAreComposedLoggedAndReadForSigns) {
  CompletedGroup group;
  group.work.group = 7;
  group.work.num_samples = 2;
  group.trajectories = {Sampled(7, 0, {Of("accuracy", 1), Of("format", 1), Of("second/accuracy", 0)}),
                        Sampled(7, 1, {Of("accuracy", 1), Of("format", 0.5), Of("second/accuracy", 1)})};
  const auto batch = PrepareBatch(TermsRecipe(), {group}, 0);
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  auto metrics = batch->metrics;
  EXPECT_DOUBLE_EQ(metrics["reward/mean"], 0.5);
  EXPECT_DOUBLE_EQ(metrics["reward_parts/total"], 0.5);
  EXPECT_DOUBLE_EQ(metrics["reward_parts/open"], 0.5);
  EXPECT_DOUBLE_EQ(metrics["reward_parts/format"], 0.75);
  EXPECT_FALSE(metrics.contains("reward_parts/second/accuracy"));
  EXPECT_EQ(metrics["second/checked"], 2);
  EXPECT_EQ(metrics["second/disagreed"], 1);
  EXPECT_EQ(metrics["signs/scored"], 2);
  EXPECT_DOUBLE_EQ(metrics["signs/several_answers"], 0.5);
  EXPECT_DOUBLE_EQ(metrics["signs/length_correlation"], -1);
  ASSERT_EQ(batch->groups.size(), 1u);
  EXPECT_GT(batch->groups[0].samples[0].advantage, 0);
}

TEST(BatchTest, ATaskErrorOfTheSecondCheckerBreaksNoTask) {
  CompletedGroup group;
  group.work.group = 1;
  group.work.num_samples = 2;
  const VerdictRecord complaint = {.label = "second/accuracy", .outcome = OutcomeKind::kTaskError, .reason = "no number"};
  group.trajectories = {Sampled(1, 0, {Of("accuracy", 1), Of("format", 1), complaint}),
                        Sampled(1, 1, {Of("accuracy", 0), Of("format", 1)})};
  auto batch = PrepareBatch(TermsRecipe(), {group}, 0);
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  EXPECT_EQ(batch->metrics["groups/quarantined"], 0);
  EXPECT_EQ(batch->metrics["second/checked"], 0);
  // One of the recipe's own does, and then nothing of the group is looked at.
  group.trajectories[0].verdicts[1].outcome = OutcomeKind::kTaskError;
  batch = PrepareBatch(TermsRecipe(), {group}, 0);
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  EXPECT_EQ(batch->metrics["groups/quarantined"], 1);
  EXPECT_EQ(batch->metrics["signs/scored"], 0);
}

}  // namespace
}  // namespace hone
