#include "verifiers/external/answer_table.h"

#include <set>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

Verdict Answer(uint64_t id, double value) {
  Verdict verdict;
  verdict.id = id;
  verdict.outcome = Score{value};
  return verdict;
}

class AnswerTableTest : public ::testing::Test {
 protected:
  int64_t faults() const { return faults_->load(); }

  const FaultCounter faults_ = std::make_shared<std::atomic<int64_t>>(0);
  const std::vector<VerifyRequest> batch_ = {{.id = 100}, {.id = 200}};
  AnswerTable table_{batch_, absl::Seconds(60), faults_};
};

TEST_F(AnswerTableTest, AnswersComeBackUnderTheCallersIds) {
  table_.Put(Answer(table_.wire_id(1), 0.5));
  table_.Put(Answer(table_.wire_id(0), 1));
  const auto answers = table_.Take();
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_EQ(answers[0].size(), 1u);
  EXPECT_EQ(answers[0][0].id, 100u);
  EXPECT_EQ(answers[1][0].id, 200u);
  EXPECT_EQ(faults(), 0);
}

TEST_F(AnswerTableTest, ASecondAnswerIsKeptAndAThirdCounted) {
  for (int i = 0; i < 4; ++i) table_.Put(Answer(table_.wire_id(0), 1));
  EXPECT_EQ(table_.Take()[0].size(), 2u);
  EXPECT_EQ(faults(), 2);
}

TEST_F(AnswerTableTest, AnswersToNobodyAndLateOnesAreCounted) {
  table_.Put(Answer(100, 1));  // the caller's id means nothing here
  EXPECT_EQ(faults(), 1);
  EXPECT_TRUE(table_.Take()[0].empty());
  table_.Put(Answer(table_.wire_id(0), 1));
  EXPECT_EQ(faults(), 2);

  const VerifyRequest late{.id = 1, .deadline = absl::Now() - absl::Seconds(1)};
  AnswerTable table({&late, 1}, absl::Seconds(60), faults_);
  table.Put(Answer(table.wire_id(0), 1));
  EXPECT_EQ(faults(), 3);
  EXPECT_TRUE(table.Take()[0].empty());
}

TEST_F(AnswerTableTest, IdsOnTheWireAreFarApartAndExactInJson) {
  std::set<uint64_t> ids;
  const std::vector<VerifyRequest> batch(10'000);
  const AnswerTable table(batch, absl::Seconds(60), faults_);
  for (size_t i = 0; i < batch.size(); ++i) {
    ids.insert(table.wire_id(i));
    EXPECT_LT(table.wire_id(i), uint64_t{1} << 53);
  }
  EXPECT_EQ(ids.size(), batch.size());
  for (uint64_t id : ids) {
    for (uint64_t wrong : {id + 1, id - 1, id + 2}) EXPECT_EQ(ids.count(wrong), 0u) << id;
  }
}

}  // namespace
}  // namespace hone
