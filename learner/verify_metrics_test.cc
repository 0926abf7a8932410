#include "learner/verify_metrics.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(VerifyMetrics, AreThoseOfTheRecords) {
  const auto record = [](OutcomeKind outcome, int attempts, bool cached, double queue_ms, double wall_ms) {
    VerdictRecord r;
    r.outcome = outcome;
    r.attempts = attempts;
    r.cached = cached;
    r.queue_ms = queue_ms;
    r.wall_ms = wall_ms;
    return r;
  };
  std::vector<CompletedGroup> groups(2);
  groups[0].trajectories.resize(2);
  groups[0].trajectories[0].verdicts = {record(OutcomeKind::kScore, 1, false, 100, 30),
                                        record(OutcomeKind::kInfraError, 3, false, 500, 60)};
  groups[0].trajectories[1].verdicts = {record(OutcomeKind::kScore, 0, true, 40, 0)};
  groups[1].trajectories.resize(1);
  groups[1].trajectories[0].verdicts = {record(OutcomeKind::kTaskError, 2, false, 160, 0)};
  std::map<std::string, double> metrics;
  AddVerifyMetrics(groups, 2, &metrics);
  EXPECT_DOUBLE_EQ(metrics["verify/wait_ms"], 200);  // 800 / 4
  EXPECT_DOUBLE_EQ(metrics["verify/wall_ms"], 30);   // 90 / 3 that were called
  EXPECT_DOUBLE_EQ(metrics["verify/cached"], 0.25);
  EXPECT_DOUBLE_EQ(metrics["verify/retries"], 3);
  EXPECT_DOUBLE_EQ(metrics["verify/infra_errors"], 1);
  EXPECT_DOUBLE_EQ(metrics["verify/queue_depth"], 0.4);  // 0.8 s of waiting in 2 s
}

TEST(VerifyMetrics, OfAnEmptyBatchAreZeros) {
  std::map<std::string, double> metrics;
  AddVerifyMetrics({}, 0, &metrics);
  EXPECT_EQ(metrics.size(), 6u);
  for (const auto& [name, value] : metrics) EXPECT_EQ(value, 0) << name;
}

}  // namespace
}  // namespace hone
