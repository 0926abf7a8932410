#include "rewards/reward.h"

#include <cmath>

#include "gtest/gtest.h"

namespace hone {
namespace {

VerdictRecord Scored(std::string label, double score) {
  return {.label = std::move(label), .outcome = OutcomeKind::kScore, .score = score};
}
VerdictRecord Failed(std::string label, OutcomeKind kind) {
  return {.label = std::move(label), .outcome = kind, .reason = "why"};
}

const RewardConfig kTwo{.terms = {{.label = "math", .weight = 0.9}, {.label = "form", .weight = 0.1}}};

TEST(RewardTest, TheRewardIsTheWeightedSumAndPartsAreNamed) {
  VerdictRecord math = Scored("math", 1);
  math.parts = {{"answered", 0.5}};
  const Reward reward = ComposeReward(kTwo, std::vector{Scored("form", 0.5), math, Scored("extra", 7)});
  EXPECT_EQ(reward.status, RewardStatus::kScored);
  EXPECT_DOUBLE_EQ(reward.value, 0.95);
  ASSERT_EQ(reward.parts.size(), 4u);
  EXPECT_EQ(reward.parts[2].name, "math/answered");
  EXPECT_EQ(reward.parts[3].name, "extra");
}

TEST(RewardTest, AFailureOfOursMasksTheSampleAndIsNeverZero) {
  const std::vector<std::vector<VerdictRecord>> cases = {
      {Scored("math", 1), Failed("form", OutcomeKind::kInfraError)},
      {Scored("math", 1)},
      {Scored("math", 1), Scored("form", 1), Scored("form", 0)},
      {Scored("math", NAN), Scored("form", 1)},
      {},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Reward reward = ComposeReward(kTwo, cases[i]);
    EXPECT_EQ(reward.status, RewardStatus::kUnscorable) << i;
    EXPECT_FALSE(reward.reason.empty()) << i;
  }
}

TEST(RewardTest, AnOptionalTermMayFail) {
  RewardConfig config = kTwo;
  config.terms[1].optional = true;
  EXPECT_DOUBLE_EQ(ComposeReward(config, std::vector{Scored("math", 1), Failed("form", OutcomeKind::kInfraError)}).value, 0.9);
  EXPECT_EQ(ComposeReward(config, std::vector{Scored("math", 1)}).status, RewardStatus::kScored);
}

TEST(RewardTest, ATermThatDoesNotApplyIsDroppedAndWeightsAreKeptUnlessAsked) {
  const std::vector verdicts = {Scored("math", 1), Failed("form", OutcomeKind::kNotApplicable)};
  RewardConfig config = kTwo;
  EXPECT_DOUBLE_EQ(ComposeReward(config, verdicts).value, 0.9);
  config.renormalise = true;
  EXPECT_DOUBLE_EQ(ComposeReward(config, verdicts).value, 1);
  const std::vector none = {Failed("math", OutcomeKind::kNotApplicable), Failed("form", OutcomeKind::kNotApplicable)};
  EXPECT_EQ(ComposeReward(config, none).status, RewardStatus::kUnscorable);
}

TEST(RewardTest, ATaskErrorQuarantinesWhateverElseHappened) {
  const Reward reward = ComposeReward(kTwo, std::vector{Failed("math", OutcomeKind::kInfraError), Failed("form", OutcomeKind::kTaskError)});
  EXPECT_EQ(reward.status, RewardStatus::kQuarantined);
  EXPECT_EQ(reward.reason, "form: why");
}

TEST(RewardTest, AGateClosesTheWholeSum) {
  RewardConfig config = kTwo;
  config.terms[1] = {.label = "form", .weight = 0, .gate = 1};
  EXPECT_DOUBLE_EQ(ComposeReward(config, std::vector{Scored("math", 1), Scored("form", 1)}).value, 0.9);
  const Reward closed = ComposeReward(config, std::vector{Scored("math", 1), Scored("form", 0.5)});
  EXPECT_EQ(closed.status, RewardStatus::kScored);
  EXPECT_EQ(closed.value, 0);
  EXPECT_DOUBLE_EQ(ComposeReward(config, std::vector{Scored("math", 1), Failed("form", OutcomeKind::kNotApplicable)}).value, 0.9);
}

TEST(RewardTest, OneBrokenTaskTakesItsWholeGroup) {
  const std::vector<std::vector<VerdictRecord>> verdicts = {{Scored("math", 1), Scored("form", 1)},
                                                            {Failed("math", OutcomeKind::kTaskError), Scored("form", 1)},
                                                            {Failed("math", OutcomeKind::kInfraError), Scored("form", 1)}};
  const GroupRewards group = ComposeGroup(kTwo, verdicts);
  EXPECT_TRUE(group.quarantined);
  EXPECT_EQ(group.num_scored, 0);
  EXPECT_EQ(group.samples[0].status, RewardStatus::kQuarantined);
  const GroupRewards fine = ComposeGroup(kTwo, std::span(verdicts).first(1));
  EXPECT_FALSE(fine.quarantined);
  EXPECT_EQ(fine.num_scored, 1);
}

TEST(RewardTest, BadConfigurationsAreRefused) {
  const std::pair<RewardConfig, const char*> cases[] = {
      {{}, "no terms"},
      {{.terms = {{.label = ""}}}, "no label"},
      {{.terms = {{.label = "a"}, {.label = "a"}}}, "\"a\" is given twice"},
      {{.terms = {{.label = "a", .weight = NAN}}}, "not finite"},
      {{.terms = {{.label = "a", .gate = INFINITY}}}, "gate inf is not finite"},
      {{.terms = {{.label = "a", .weight = 0}}}, "weight 0"},
  };
  for (const auto& [config, part] : cases) {
    const absl::Status status = Validate(config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << part;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
  EXPECT_TRUE(Validate(kTwo).ok());
}

TEST(RewardTest, ASumThatOverflowsIsNotAReward) {
  const RewardConfig config{.terms = {{.label = "a", .weight = 1e308}}};
  EXPECT_EQ(ComposeReward(config, std::vector{Scored("a", 1e308)}).status, RewardStatus::kUnscorable);
}

}  // namespace
}  // namespace hone
