#include "lib/ledger/run_ledger.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

class RunLedgerTest : public ::testing::Test {
 protected:
  RunLedgerTest()
      : folder_(testing::TempDir() + "/hone_ledger_" + std::to_string(::getpid()) + "_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    auto ledger = RunLedger::Create(folder_, "run-1", "{}");
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    ledger_ = std::move(ledger).value();
  }
  ~RunLedgerTest() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }

  static Trajectory Sample(int64_t group, int32_t sample) {
    Trajectory t;
    t.run = "run-1";
    t.group = group;
    t.sample = sample;
    t.prompt_id = "p" + std::to_string(group);
    t.prompt_tokens = {1, 2};
    t.tokens = {3, static_cast<int32_t>(10 + sample)};
    t.mask = {1, 1};
    t.logprobs = {-0.5f, -1.25f};
    t.entropies = {0.1f, 0.2f};
    t.versions = {{0, 4}};
    t.text = std::string("a\0\xff", 3);
    t.verdicts = {{.label = "accuracy", .verifier = "numeric@1", .outcome = OutcomeKind::kScore, .score = 1, .parts = {{"format", 0.5}}}};
    return t;
  }
  void Reopen() {
    ledger_.reset();
    auto ledger = RunLedger::Open(folder_);
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    ledger_ = std::move(ledger).value();
  }
  const std::string folder_;
  std::unique_ptr<RunLedger> ledger_;
};

TEST_F(RunLedgerTest, TrajectoriesComeBackAfterReopening) {
  ASSERT_TRUE(ledger_->Append({Sample(3, 1), Sample(3, 0), Sample(4, 0)}).ok());
  Reopen();
  auto group = ledger_->ReadGroup(3);
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->size(), 2u);
  EXPECT_EQ((*group)[1].tokens, Sample(3, 1).tokens);
  EXPECT_EQ((*group)[1].text, Sample(3, 1).text);
  EXPECT_EQ((*group)[1].verdicts[0].parts[0].value, 0.5);
  EXPECT_EQ(ledger_->List(0, 10)->size(), 3u);
  EXPECT_EQ(*ledger_->run_id(), "run-1");
}

TEST_F(RunLedgerTest, ASecondCopyOfASampleChangesNothing) {
  ASSERT_TRUE(ledger_->Append({Sample(1, 0)}).ok());
  Trajectory other = Sample(1, 0);
  other.tokens = {9, 9};
  ASSERT_TRUE(ledger_->Append({other}).ok());
  EXPECT_EQ(ledger_->ReadGroup(1)->at(0).tokens, Sample(1, 0).tokens);
}

TEST_F(RunLedgerTest, AGroupIsConsumedOnce) {
  ASSERT_TRUE(ledger_->CommitStep({.step = 1, .next_group = 2, .metrics_json = "{\"step\":1}", .groups = {{0, "a"}, {1, "b"}}}).ok());
  EXPECT_EQ(ledger_->CommitStep({.step = 1, .next_group = 2, .metrics_json = "{}"}).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ledger_->CommitStep({.step = 2, .next_group = 3, .metrics_json = "{}", .groups = {{2, "c"}, {1, "b"}}}).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(*ledger_->LastStep(), 1) << "the failed step left nothing behind";
  EXPECT_EQ(*ledger_->NumConsumed(), 2);
}

TEST_F(RunLedgerTest, RollingBackForgetsStepsAndKeepsTrajectories) {
  ASSERT_TRUE(ledger_->Append({Sample(2, 0)}).ok());
  for (int64_t step = 1; step <= 3; ++step) {
    ASSERT_TRUE(ledger_
                    ->CommitStep({.step = step,
                                  .next_group = step,
                                  .metrics_json = "{\"step\":" + std::to_string(step) + "}",
                                  .groups = {{step - 1, "p", GroupFate::kZeroVariance}}})
                    .ok());
  }
  ASSERT_TRUE(ledger_->RollBackTo(1).ok());
  Reopen();
  EXPECT_EQ(*ledger_->LastStep(), 1);
  EXPECT_EQ(*ledger_->NextGroup(1), 1);
  EXPECT_EQ(*ledger_->NumConsumed(), 1);
  EXPECT_EQ(ledger_->ReadGroup(2)->size(), 1u);
  EXPECT_EQ(ledger_->GroupsOf(1)->at(0).fate, GroupFate::kZeroVariance);
  EXPECT_EQ(*ReadFile(folder_ + "/metrics.jsonl"), "{\"step\":1}\n");
  EXPECT_TRUE(ledger_->CommitStep({.step = 2, .next_group = 2, .metrics_json = "{}", .groups = {{1, "p"}}}).ok());
}

TEST_F(RunLedgerTest, AnExistingRunIsRefusedAndResumeIsNamed) {
  const absl::Status status = RunLedger::Create(folder_, "run-2", "{}").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(status.message().find("hone resume"), std::string::npos);
  EXPECT_EQ(*ledger_->run_id(), "run-1");
}

TEST_F(RunLedgerTest, AFolderWithoutARunIsSaidSo) {
  EXPECT_EQ(RunLedger::Open(folder_ + "/nothing").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RunLedgerTest, ADamagedDatabaseIsDataLossNamingTheFile) {
  ASSERT_TRUE(ledger_->Append({Sample(1, 0)}).ok());
  ledger_.reset();
  {
    std::fstream file(folder_ + "/run.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0);
    file << "garbage garbage garbage";
  }
  const absl::Status status = RunLedger::Open(folder_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_NE(status.message().find("run.db"), std::string::npos);
}

TEST_F(RunLedgerTest, ATruncatedDatabaseIsAnErrorAndNoCrash) {
  for (int64_t group = 0; group < 200; ++group) ASSERT_TRUE(ledger_->Append({Sample(group, 0)}).ok());
  ledger_.reset();
  std::filesystem::resize_file(folder_ + "/run.db", 5000);
  EXPECT_FALSE(RunLedger::Open(folder_).ok());
}

TEST_F(RunLedgerTest, ADamagedSegmentIsNamedWithItsGroup) {
  ASSERT_TRUE(ledger_->Append({Sample(1, 0), Sample(2, 0)}).ok());
  {
    std::fstream file(folder_ + "/ledger/000000.seg", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(25);
    file << "XXXX";
  }
  EXPECT_EQ(ledger_->ReadGroup(1).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(ledger_->ReadGroup(2).ok()) << "other records are untouched";
}

TEST_F(RunLedgerTest, ReadingBesideAWriterSeesItsCommits) {
  auto reader = RunLedger::OpenForReading(folder_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  ASSERT_TRUE(ledger_->CommitStep({.step = 1, .next_group = 1, .metrics_json = "{}", .groups = {{0, "a"}}}).ok());
  EXPECT_EQ(*(*reader)->LastStep(), 1);
}

}  // namespace
}  // namespace hone
