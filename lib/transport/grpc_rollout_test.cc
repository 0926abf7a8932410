// RolloutService and RunControl through server and client.
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/rollout/codec.h"
#include "lib/transport/test_sockets.h"

namespace hone {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GrpcRollout : public GrpcFixture {
 protected:
  void SetUp() override { StartBoth(); }
};

Trajectory MakeTrajectory(int64_t group, int32_t sample) {
  Trajectory t;
  t.group = group;
  t.sample = sample;
  t.prompt_tokens = {1, 2};
  t.tokens = {3, 4, 5};
  t.mask = {1, 1, 1};
  t.logprobs = {-1.5f, -0.5f, -0.25f};
  t.entropies = {1, 2, 3};
  t.versions = {{0, 8}};
  t.text = "\xff seven";
  return t;
}

TEST_F(GrpcRollout, RegisterTellsEachSideWhatTheOtherSaid) {
  absl::StatusOr<Registration> got = client_->Register({"actor-\xff", 4711, "cpu", "bf16", "avx2", int64_t{3} << 30, 17.5});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->run, "run-1");
  EXPECT_EQ(got->recipe_json, "{\"a\": \"\xff\"}");
  EXPECT_EQ(got->model_dir, "/models/\xfe");
  EXPECT_EQ(got->run_seed, 0xffffffffffffffffu);
  const ActorInfo actor = intake_.registered();
  EXPECT_EQ(actor.name, "actor-\xff");
  EXPECT_EQ(actor.pid, 4711);
  EXPECT_EQ(actor.device, "cpu");
  EXPECT_EQ(actor.dtype, "bf16");
  EXPECT_EQ(actor.isa, "avx2");
  EXPECT_EQ(actor.memory_bytes, int64_t{3} << 30);
  EXPECT_EQ(actor.tokens_per_second, 17.5);
}

TEST_F(GrpcRollout, LeaseBringsWholeGroupsUpToTheNumberAskedFor) {
  for (int64_t group : {5, 6, 7}) {
    const Prompt prompt = {.id = "id\xff", .messages = {ChatMessage{"user", "2 + \xf0?"}}, .text = "raw", .reference = "4", .row = "{}"};
    intake_.AddWork({.group = group,
                     .lease = 100 + group,
                     .policy_version = 3,
                     .samples = {0, 2, 9},
                     .attempt = 1,
                     .prompt = prompt,
                     .expires_ms = 1234567890123});
  }
  absl::StatusOr<std::vector<GroupLease>> got = client_->Lease("actor-0", 2, Later());
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_EQ(got->size(), 2u);
  const GroupLease& lease = (*got)[1];
  EXPECT_EQ(lease.group, 6);
  EXPECT_EQ(lease.lease, 106);
  EXPECT_EQ(lease.policy_version, 3);
  EXPECT_THAT(lease.samples, ElementsAre(0, 2, 9));
  EXPECT_EQ(lease.attempt, 1);
  EXPECT_EQ(lease.prompt.id, "id\xff");
  ASSERT_EQ(lease.prompt.messages.size(), 1u);
  EXPECT_EQ(lease.prompt.messages[0].role, "user");
  EXPECT_EQ(lease.prompt.messages[0].content, "2 + \xf0?");
  EXPECT_EQ(lease.prompt.text, "raw");
  EXPECT_EQ(lease.prompt.reference, "4");
  EXPECT_EQ(lease.prompt.row, "{}");
  EXPECT_EQ(lease.expires_ms, 1234567890123);
  EXPECT_EQ(client_->Lease("actor-0", 2, Later())->size(), 1u);
}

TEST_F(GrpcRollout, LeaseWaitsUntilThereIsWork) {
  absl::StatusOr<std::vector<GroupLease>> got;
  std::thread waiter([&] { got = client_->Lease("actor-0", 1, Later()); });
  intake_.WaitUntilLeaseWaits();
  intake_.AddWork({.group = 3});
  waiter.join();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ((*got)[0].group, 3);
}

TEST_F(GrpcRollout, LeaseGivesUpAtItsDeadline) {
  const absl::Time begin = absl::Now();
  const absl::Status status = client_->Lease("actor-0", 1, begin + absl::Milliseconds(400)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(server_->address()));
  EXPECT_GE(absl::Now(), begin + absl::Milliseconds(400));
  EXPECT_LT(absl::Now(), begin + absl::Seconds(15));
  EXPECT_EQ(client_->Lease("actor-0", 1, absl::Now() - absl::Seconds(1)).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(GrpcRollout, RenewNamesTheLostLeases) {
  absl::StatusOr<std::vector<int64_t>> lost = client_->Renew("actor-0", {1, 2, 3, 4}, 100);
  ASSERT_TRUE(lost.ok()) << lost.status();
  EXPECT_THAT(*lost, ElementsAre(1, 3));
  EXPECT_EQ(client_->Renew("actor-0", {}, std::numeric_limits<double>::quiet_NaN()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GrpcRollout, ASecondSubmissionIsAnsweredWithFalse) {
  const std::vector<Trajectory> both = {MakeTrajectory(1, 0), MakeTrajectory(1, 1)};
  absl::StatusOr<std::vector<bool>> accepted = client_->Submit("actor-0", {both[0]});
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_THAT(*accepted, ElementsAre(true));
  accepted = client_->Submit("actor-0", both);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_THAT(*accepted, ElementsAre(false, true));
  const std::vector<Trajectory> submitted = intake_.submitted();
  ASSERT_EQ(submitted.size(), 2u);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(SerializeTrajectory(submitted[i]), SerializeTrajectory(both[i]));
  EXPECT_TRUE(client_->Submit("actor-0", {})->empty());
}

TEST_F(GrpcRollout, LargeSubmissionsAreCutIntoSeveralCalls) {
  std::vector<Trajectory> many;
  for (int i = 0; i < 10; ++i) {
    many.push_back(MakeTrajectory(1, i % 9));  // the last is the first again
    many.back().text.assign(i == 4 ? 9 << 20 : 2 << 20, 'x');
  }
  absl::StatusOr<std::vector<bool>> accepted = client_->Submit("actor-0", std::move(many));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_THAT(*accepted, ElementsAre(true, true, true, true, true, true, true, true, true, false));
  EXPECT_EQ(intake_.submit_calls(), 5);  // 3 of 2 MiB, 1, 9 MiB alone, 3, 2: below 8 MiB each where possible
}

TEST_F(GrpcRollout, AMalformedTrajectoryIsRefusedBeforeTheIntakeSeesIt) {
  Trajectory bad = MakeTrajectory(1, 0);
  bad.mask.pop_back();
  const absl::Status status = client_->Submit("actor-0", {MakeTrajectory(1, 1), bad}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("trajectory 1: mask: 2 values for 3"));
  EXPECT_EQ(intake_.submit_calls(), 0);
}

TEST_F(GrpcRollout, RefusesNamelessActorsAndEmptyLeases) {
  EXPECT_EQ(client_->Register({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client_->Lease("", 1, Later()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client_->Lease("actor-0", 0, Later()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client_->Submit(std::string(5000, 'a'), {MakeTrajectory(1, 1)}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GrpcRollout, TheIntakesErrorsArriveWithTheirCodeAndTheCallsName) {
  const absl::StatusCode codes[] = {absl::StatusCode::kAborted, absl::StatusCode::kCancelled, absl::StatusCode::kUnavailable,
                                    absl::StatusCode::kUnknown, absl::StatusCode::kInternal,  absl::StatusCode::kResourceExhausted,
                                    absl::StatusCode::kDataLoss};
  for (absl::StatusCode code : codes) {
    intake_.FailWith(absl::Status(code, "because \xff\n" + std::string(5000, 'x')));
    for (const auto& [name, status] : {std::pair<const char*, absl::Status>{"Register", client_->Register({.name = "a"}).status()},
                                       {"Lease", client_->Lease("a", 1, Later()).status()},
                                       {"Renew", client_->Renew("a", {}, 1).status()},
                                       {"Submit", client_->Submit("a", {MakeTrajectory(0, 0)}).status()},
                                       {"GetStatus", client_->GetStatus().status()},
                                       {"RequestStop", client_->RequestStop("x")}}) {
      EXPECT_EQ(status.code(), code) << name;
      EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(name) + " at unix:/")) << name;
      EXPECT_THAT(std::string(status.message()), HasSubstr("because"));
      EXPECT_LT(status.message().size(), 4000u);
    }
  }
}

TEST_F(GrpcRollout, CancelEndsAWaitingLease) {
  absl::Status status;
  std::thread waiter([&] { status = client_->Lease("actor-0", 1, Later()).status(); });
  intake_.WaitUntilLeaseWaits();
  client_->Cancel();
  waiter.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  EXPECT_EQ(client_->GetStatus().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(GrpcRollout, StatusAndStopPassThrough) {
  absl::StatusOr<RunStatus> status = client_->GetStatus();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->run, "run-1");
  EXPECT_EQ(status->state, "running");
  EXPECT_EQ(status->step, 7);
  EXPECT_EQ(status->total_steps, 40);
  EXPECT_EQ(status->policy_version, 6);
  ASSERT_EQ(status->actors.size(), 2u);
  EXPECT_EQ(status->actors[0].name, "actor-0");
  EXPECT_EQ(status->actors[0].pid, 4711);
  EXPECT_EQ(status->actors[0].policy_version, 5);
  EXPECT_EQ(status->actors[0].tokens_per_second, 123.5);
  EXPECT_EQ(status->actors[0].last_seen_ms_ago, 250);
  EXPECT_EQ(status->actors[1].name, "actor-\xff");
  ASSERT_TRUE(client_->RequestStop("Ctrl-C \xff").ok());
  EXPECT_EQ(intake_.stop_reason(), "Ctrl-C \xff");
}

}  // namespace
}  // namespace hone
