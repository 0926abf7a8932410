#include "rewards/second_checker.h"

#include "gtest/gtest.h"
#include "rewards/reward.h"

namespace hone {
namespace {

VerdictRecord ScoreOf(std::string label, double score) {
  return {.label = std::move(label), .outcome = OutcomeKind::kScore, .score = score};
}

TEST(SecondCheckerTest, IsOneMoreUseOfAVerifierWithALabelOfItsOwn) {
  Recipe recipe;
  EXPECT_FALSE(SecondUse(recipe).has_value());
  recipe.reward.second = {.of = "accuracy", .verifier = "numeric", .params = "{\"a\":1}", .share = 0.5};
  const auto use = SecondUse(recipe);
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->name, "second/accuracy");
  EXPECT_EQ(use->params, "{\"a\":1}");
  EXPECT_TRUE(IsSecondLabel(use->name));
  EXPECT_FALSE(IsSecondLabel("second"));
}

TEST(SecondCheckerTest, TheShareIsDrawnByCounterAndIsTheSameForAll) {
  int drawn = 0;
  constexpr int kGroups = 5000, kSamples = 8;
  for (int64_t group = 0; group < kGroups; ++group) {
    for (int32_t sample = 0; sample < kSamples; ++sample) {
      const bool in = InSecondShare(0.05, 7, group, sample);
      EXPECT_EQ(in, InSecondShare(0.05, 7, group, sample));
      EXPECT_GE(InSecondShare(0.5, 7, group, sample), in);  // a larger share holds the smaller one
      drawn += in;
    }
  }
  EXPECT_NEAR(static_cast<double>(drawn) / (kGroups * kSamples), 0.05, 0.005);
  EXPECT_TRUE(InSecondShare(1, 7, 0, 0));
  EXPECT_FALSE(InSecondShare(0, 7, 0, 0));
}

TEST(SecondCheckerTest, OnlyTwoScoresAreCompared) {
  const SecondChecker second{.of = "a"};
  const auto compare = [&](std::vector<VerdictRecord> verdicts) { return SecondDisagrees(second, verdicts); };
  EXPECT_EQ(compare({ScoreOf("a", 1), ScoreOf("second/a", 1)}), false);
  EXPECT_EQ(compare({ScoreOf("a", 1), ScoreOf("second/a", 0)}), true);
  EXPECT_EQ(compare({ScoreOf("a", 0.75), ScoreOf("second/a", 1)}), false);
  EXPECT_EQ(compare({ScoreOf("a", 1)}), std::nullopt);
  EXPECT_EQ(compare({ScoreOf("a", 1), {.label = "second/a", .outcome = OutcomeKind::kInfraError}}), std::nullopt);
  EXPECT_EQ(compare({ScoreOf("a", 1), {.label = "second/a", .outcome = OutcomeKind::kTaskError}}), std::nullopt);
  EXPECT_EQ(compare({{.label = "a", .outcome = OutcomeKind::kNotApplicable}, ScoreOf("second/a", 1)}), std::nullopt);
}

TEST(SecondCheckerTest, ItsVerdictNeverEntersTheReward) {
  const RewardConfig config{.terms = {{.label = "a"}}};
  for (const OutcomeKind kind : {OutcomeKind::kScore, OutcomeKind::kNotApplicable, OutcomeKind::kTaskError, OutcomeKind::kInfraError}) {
    const Reward reward =
        ComposeReward(config, std::vector{ScoreOf("a", 1), VerdictRecord{.label = "second/a", .outcome = kind, .score = 0}});
    EXPECT_EQ(reward.status, RewardStatus::kScored) << Name(kind);
    EXPECT_EQ(reward.value, 1) << Name(kind);
    EXPECT_EQ(reward.parts.size(), 1u) << Name(kind);
  }
}

}  // namespace
}  // namespace hone
