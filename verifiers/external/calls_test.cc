#include "verifiers/external/calls.h"

#include <set>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "verifiers/checked_verifier.h"

namespace hone {
namespace {

const CallEnd kBroken = {CallEnd::Kind::kBroken, "crash", {"as asked", /*retryable=*/true}};
const CallEnd kRefused = {CallEnd::Kind::kRefused, "refused", {"as asked", /*retryable=*/false}};

std::vector<VerifyRequest> Batch(std::vector<std::string_view> completions) {
  std::vector<VerifyRequest> batch;
  for (std::string_view completion : completions) batch.push_back({.id = batch.size(), .completion = completion});
  return batch;
}

void Answer(AnswerTable& table, size_t i) {
  Verdict verdict;
  verdict.id = table.wire_id(i);
  verdict.outcome = Score{1};
  table.Put(verdict);
}

// "ok" is answered, "crash" breaks its call, "missing" is left out; counts the calls.
class Other {
 public:
  CallEnd operator()(std::span<const VerifyRequest> batch, const std::shared_ptr<AnswerTable>& table, bool alone) {
    sizes.push_back(batch.size());
    EXPECT_TRUE(!alone || batch.size() == 1);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].completion == "crash") return kBroken;
      if (batch[i].completion == "refuse") return kRefused;
      if (batch[i].completion != "missing") Answer(*table, i);
    }
    return {};
  }
  std::vector<size_t> sizes;
};

std::vector<std::string> Reasons(std::span<const VerifyRequest> batch, const CallLimits& limits, Other& other) {
  const FaultCounter faults = std::make_shared<std::atomic<int64_t>>(0);
  std::vector<std::string> reasons(batch.size(), "none");
  for (const Verdict& verdict : VerifyInCalls(batch, limits, faults, std::ref(other))) {
    reasons.at(verdict.id) = std::holds_alternative<Score>(verdict.outcome) ? "score" : verdict.reason;
  }
  return reasons;
}

TEST(CallsTest, TheNeighboursOfACrashAreTriedAlone) {
  Other other;
  const auto batch = Batch({"ok", "crash", "ok", "missing"});
  EXPECT_EQ(Reasons(batch, {.max_batch = 10}, other), (std::vector<std::string>{"score", "crash", "score", "none"}));
  EXPECT_EQ(other.sizes, (std::vector<size_t>{4, 1, 1, 1}));
}

TEST(CallsTest, SeveralCrashesInARowEndTheTrying) {
  Other other;
  const auto batch = Batch({"crash", "crash", "crash", "crash", "crash", "ok"});
  EXPECT_EQ(Reasons(batch, {.max_batch = 10}, other), (std::vector<std::string>(6, "crash")));
  EXPECT_EQ(other.sizes.size(), 5u);
}

TEST(CallsTest, ARefusedCallIsNotTriedAgain) {
  Other other;
  const auto batch = Batch({"ok", "refuse", "ok"});
  EXPECT_EQ(Reasons(batch, {.max_batch = 10}, other), (std::vector<std::string>{"score", "refused", "refused"}));
  EXPECT_EQ(other.sizes.size(), 1u);
}

TEST(CallsTest, BatchesAreCutByNumberAndBySize) {
  const std::string large(1000, 'x');
  const auto batch = Batch({"a", "b", "c", large, large, large, "d"});
  Other by_number;
  EXPECT_EQ(Reasons(batch, {.max_batch = 3}, by_number), (std::vector<std::string>(7, "score")));
  EXPECT_EQ(by_number.sizes, (std::vector<size_t>{3, 3, 1}));
  Other by_size;
  EXPECT_EQ(Reasons(batch, {.max_batch = 100, .max_bytes = 2000}, by_size), (std::vector<std::string>(7, "score")));
  EXPECT_EQ(by_size.sizes, (std::vector<size_t>{3, 1, 1, 2}));
  Other none;
  EXPECT_TRUE(Reasons({}, {.max_batch = 3}, none).empty());
  EXPECT_TRUE(none.sizes.empty());
}

TEST(CallsTest, NoAnswerUntilTheDeadlineIsATimeoutAndNoFault) {
  Other other;
  auto batch = Batch({"missing", "ok"});
  batch[0].deadline = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(Reasons(batch, {.max_batch = 10}, other), (std::vector<std::string>{"timeout", "score"}));
}

}  // namespace
}  // namespace hone
