#include "verifiers/checked_verifier.h"

#include <functional>
#include <limits>
#include <stdexcept>

#include "gtest/gtest.h"

namespace hone {
namespace {

// A plugin that does what the test says.
class Plugin : public Verifier {
 public:
  using Behaviour = std::function<std::vector<Verdict>(std::span<const VerifyRequest>)>;
  explicit Plugin(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    description_.name = "plugin";
    description_.version = 3;
    description_.parts = {"known"};
  }
  const VerifierDescription& Describe() const override { return description_; }
  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override { return behaviour_(batch); }

 private:
  Behaviour behaviour_;
  VerifierDescription description_;
};

class StillClock : public Clock {
 public:
  absl::Time Now() override { return now += absl::Milliseconds(6); }
  absl::Time now = absl::UnixEpoch();
};

Verdict Answer(uint64_t id, Outcome outcome) {
  Verdict verdict;
  verdict.id = id;
  verdict.outcome = std::move(outcome);
  return verdict;
}

class CheckedVerifierTest : public ::testing::Test {
 protected:
  // Runs requests 0 .. n-1.
  std::vector<Verdict> Run(Plugin::Behaviour behaviour, size_t n = 1) {
    checked_ = std::make_unique<CheckedVerifier>(std::make_unique<Plugin>(std::move(behaviour)), clock_);
    std::vector<VerifyRequest> batch(n);
    for (size_t i = 0; i < n; ++i) batch[i].id = i;
    return checked_->Verify(batch);
  }
  void ExpectFault(Outcome outcome, const std::string& reason) {
    const auto verdicts = Run([&](auto) { return std::vector{Answer(0, outcome)}; });
    ASSERT_EQ(verdicts.size(), 1u);
    const auto* error = std::get_if<InfraError>(&verdicts[0].outcome);
    ASSERT_NE(error, nullptr) << reason;
    EXPECT_FALSE(error->retryable);
    EXPECT_EQ(verdicts[0].reason, reason) << error->why;
    EXPECT_EQ(checked_->num_faults(), 1);
  }
  StillClock clock_;
  std::unique_ptr<CheckedVerifier> checked_;
};

TEST_F(CheckedVerifierTest, GoodAnswersPassWithNameAndTime) {
  const auto verdicts = Run([](auto) { return std::vector{Answer(1, Score{1, {{"known", 5}}}), Answer(0, NotApplicable{"x"})}; }, 2);
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[0].id, 0u);
  EXPECT_EQ(KindOf(verdicts[0].outcome), OutcomeKind::kNotApplicable);
  EXPECT_EQ(KindOf(verdicts[1].outcome), OutcomeKind::kScore);
  EXPECT_EQ(verdicts[1].verifier, "plugin@3");
  EXPECT_EQ(verdicts[1].wall_time, absl::Milliseconds(3));
  EXPECT_EQ(checked_->num_faults(), 0);
}

TEST_F(CheckedVerifierTest, BadScoresAreFaults) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
  for (double value : {kNan, kInf, -kInf, -0.1, 1.1}) ExpectFault(Score{value}, "bad_score");
  ExpectFault(Score{1, {{"known", kNan}}}, "bad_score");
  ExpectFault(Score{1, {{"unknown", 1}}}, "bad_score");
  ExpectFault(Score{1, {{"known", 1}, {"known", 1}}}, "bad_score");
}

TEST_F(CheckedVerifierTest, AnErrorOfThePluginItselfIsNoFault) {
  for (const Outcome& outcome : {Outcome(InfraError{"judge is down", true}), Outcome(TaskError{"no gold"})}) {
    const auto verdicts = Run([&](auto) { return std::vector{Answer(0, outcome)}; });
    EXPECT_EQ(KindOf(verdicts[0].outcome), KindOf(outcome));
    EXPECT_EQ(checked_->num_faults(), 0);
  }
}

TEST_F(CheckedVerifierTest, MissingSecondAndForeignAnswersAreFaults) {
  auto verdicts = Run([](auto) { return std::vector{Answer(1, Score{1})}; }, 2);
  EXPECT_EQ(verdicts[0].reason, "missing_answer");
  EXPECT_EQ(KindOf(verdicts[1].outcome), OutcomeKind::kScore);
  EXPECT_EQ(checked_->num_faults(), 1);

  verdicts = Run([](auto) { return std::vector{Answer(0, Score{1}), Answer(0, Score{0})}; });
  EXPECT_EQ(verdicts[0].reason, "second_answer");
  EXPECT_EQ(KindOf(verdicts[0].outcome), OutcomeKind::kInfraError);

  verdicts = Run([](auto) { return std::vector{Answer(7, Score{1}), Answer(0, Score{1})}; });
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(KindOf(verdicts[0].outcome), OutcomeKind::kScore);
  EXPECT_EQ(checked_->num_faults(), 1);
}

TEST_F(CheckedVerifierTest, AnExceptionTakesOnlyItsOwnSample) {
  auto throws_on_one = [](std::span<const VerifyRequest> batch) {
    std::vector<Verdict> verdicts;
    for (const VerifyRequest& request : batch) {
      if (request.id == 1) throw std::runtime_error("boom");
      verdicts.push_back(Answer(request.id, Score{1}));
    }
    return verdicts;
  };
  const auto verdicts = Run(throws_on_one, 3);
  EXPECT_EQ(KindOf(verdicts[0].outcome), OutcomeKind::kScore);
  EXPECT_EQ(KindOf(verdicts[2].outcome), OutcomeKind::kScore);
  EXPECT_EQ(verdicts[1].reason, "exception");
  EXPECT_EQ(std::get<InfraError>(verdicts[1].outcome).why, "the verifier threw: boom");
  EXPECT_EQ(checked_->num_faults(), 1);
}

TEST_F(CheckedVerifierTest, AnythingCanBeThrown) {
  const auto verdicts = Run([](auto) -> std::vector<Verdict> { throw 7; });
  EXPECT_EQ(std::get<InfraError>(verdicts[0].outcome).why, "the verifier threw: an exception of unknown type");
  EXPECT_FALSE(std::get<InfraError>(verdicts[0].outcome).retryable);
}

TEST_F(CheckedVerifierTest, ALateRequestIsNotTriedAndMayBeRepeated) {
  checked_ = std::make_unique<CheckedVerifier>(
      std::make_unique<Plugin>([](auto batch) { return std::vector{Answer(batch[0].id, Score{1})}; }), clock_);
  std::vector<VerifyRequest> batch(2);
  batch[0].id = 10;
  batch[0].deadline = clock_.now;
  batch[1].id = 11;
  const auto verdicts = checked_->Verify(batch);
  EXPECT_EQ(verdicts[0].reason, "deadline");
  EXPECT_TRUE(std::get<InfraError>(verdicts[0].outcome).retryable);
  EXPECT_EQ(KindOf(verdicts[1].outcome), OutcomeKind::kScore);
  EXPECT_EQ(checked_->num_faults(), 0);
}

TEST_F(CheckedVerifierTest, AnEmptyBatchIsFine) {
  EXPECT_TRUE(Run([](auto) { return std::vector<Verdict>(); }, 0).empty());
}

}  // namespace
}  // namespace hone
