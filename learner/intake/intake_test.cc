#include "learner/intake/intake.h"

#include <atomic>
#include <set>
#include <thread>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace hone {
namespace {

class IntakeTest : public ::testing::Test {
 protected:
  IntakeTest()
      : intake_({.run = "r", .recipe_json = "{}", .model_dir = "m", .run_seed = 7, .lease = absl::Seconds(10), .max_attempts = 3}, clock_,
                [this](absl::Span<const Trajectory> trajectories) -> absl::Status {
                  appended_ += trajectories.size();
                  return append_result_;
                }) {}

  static GroupWork Work(int64_t group, int32_t samples = 2, int64_t version = 0) {
    GroupWork work{.group = group, .num_samples = samples, .policy_version = version};
    work.prompt.id = "p" + std::to_string(group);
    return work;
  }
  static Trajectory Sample(int64_t group, int32_t sample, int64_t version = 0) {
    Trajectory t;
    t.run = "r";
    t.group = group;
    t.sample = sample;
    t.tokens = {1};
    t.versions = {{0, version}};
    return t;
  }
  void Join(const std::string& name) { ASSERT_TRUE(intake_.Register({.name = name}).ok()); }
  std::vector<GroupLease> Lease(const std::string& actor, int32_t groups = 10) {
    auto leases = intake_.Lease(actor, groups, clock_.Now());
    return leases.ok() ? *leases : std::vector<GroupLease>();
  }
  bool Submit(const std::string& actor, const Trajectory& t) {
    auto accepted = intake_.Submit(actor, {t});
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return accepted.ok() && accepted->at(0);
  }
  bool Complete(int64_t group) { return intake_.Take({group}, clock_.Now()).ok(); }

  FakeClock clock_;
  std::atomic<size_t> appended_{0};
  absl::Status append_result_;
  Intake intake_;
};

TEST_F(IntakeTest, AGroupGoesFromOfferToCompletion) {
  ASSERT_TRUE(intake_.Offer({Work(5), Work(4)}).ok());
  Join("a");
  const auto leases = Lease("a", 1);
  ASSERT_EQ(leases.size(), 1u);
  EXPECT_EQ(leases[0].group, 4) << "the oldest first";
  EXPECT_EQ(leases[0].samples, (std::vector<int32_t>{0, 1}));
  EXPECT_TRUE(Submit("a", Sample(4, 1)));
  EXPECT_EQ(intake_.Take({4}, clock_.Now()).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Submit("a", Sample(4, 0)));
  auto taken = intake_.Take({4}, clock_.Now());
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(taken->at(0).trajectories.at(0).sample, 0) << "in the order of samples";
  EXPECT_EQ(intake_.Take({4}, clock_.Now()).status().code(), absl::StatusCode::kNotFound) << "a group is taken once";
}

TEST_F(IntakeTest, ASampleIsAcceptedOnce) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  Join("a");
  Lease("a");
  EXPECT_TRUE(Submit("a", Sample(0, 0)));
  EXPECT_FALSE(Submit("a", Sample(0, 0)));
  auto twice = intake_.Submit("a", {Sample(0, 1), Sample(0, 1)});
  EXPECT_EQ(*twice, (std::vector<bool>{true, false}));
  EXPECT_EQ(appended_, 2u);
  EXPECT_FALSE(Submit("a", Sample(0, 1))) << "also after completion";
  EXPECT_EQ(intake_.counters().duplicates, 3);
}

TEST_F(IntakeTest, WhatNobodyAskedForIsRefused) {
  ASSERT_TRUE(intake_.Offer({Work(0, 2, /*version=*/3)}).ok());
  Join("a");
  Lease("a");
  EXPECT_FALSE(Submit("a", Sample(9, 0, 3))) << "unknown group";
  EXPECT_FALSE(Submit("a", Sample(0, 2, 3))) << "sample out of range";
  EXPECT_FALSE(Submit("a", Sample(0, -1, 3)));
  EXPECT_FALSE(Submit("a", Sample(0, 0, 2))) << "older than the group asks for";
  Trajectory foreign = Sample(0, 0, 3);
  foreign.run = "another run";
  EXPECT_FALSE(Submit("a", foreign));
  EXPECT_TRUE(Submit("a", Sample(0, 0, 4))) << "newer is fine";
}

TEST_F(IntakeTest, AnExpiredLeaseIsGivenToAnotherForTheMissingSamplesOnly) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  Join("a");
  Join("b");
  const auto first = Lease("a");
  EXPECT_TRUE(Submit("a", Sample(0, 0)));
  EXPECT_TRUE(Lease("b").empty()) << "still a's";
  clock_.Advance(absl::Seconds(11));
  const auto second = Lease("b");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].samples, (std::vector<int32_t>{1}));
  EXPECT_NE(second[0].lease, first[0].lease);
  EXPECT_EQ(*intake_.Renew("a", {first[0].lease}, 1), (std::vector<int64_t>{first[0].lease})) << "a is told that it lost it";
  EXPECT_TRUE(Submit("a", Sample(0, 1))) << "a late sample is as good";
  EXPECT_FALSE(Submit("b", Sample(0, 1)));
  EXPECT_TRUE(Complete(0));
}

TEST_F(IntakeTest, ARenewedLeaseLives) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  Join("a");
  Join("b");
  const auto lease = Lease("a");
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Seconds(8));
    EXPECT_TRUE(intake_.Renew("a", {lease[0].lease}, 100)->empty());
    EXPECT_TRUE(Lease("b").empty());
  }
}

TEST_F(IntakeTest, ARestartedActorFreesWhatItHeldAtOnce) {
  ASSERT_TRUE(intake_.Offer({Work(0), Work(1)}).ok());
  Join("a");
  EXPECT_EQ(Lease("a").size(), 2u);
  EXPECT_TRUE(Submit("a", Sample(0, 0)));
  Join("a");  // killed, and replaced under its name
  const auto leases = Lease("a");
  ASSERT_EQ(leases.size(), 2u);
  EXPECT_EQ(leases[0].samples, (std::vector<int32_t>{1}));
  EXPECT_EQ(leases[0].attempt, 1);
}

TEST_F(IntakeTest, ACallOfAKilledActorTakesNothingFromItsSuccessor) {
  Join("a");
  std::atomic<bool> ended{false};
  absl::Status old_call;
  std::thread killed([&] {
    old_call = intake_.Lease("a", 1, clock_.Now() + absl::Hours(1)).status();
    ended = true;
  });
  while (!ended) Join("a");  // also before that call has begun
  killed.join();
  EXPECT_EQ(old_call.code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  EXPECT_EQ(Lease("a").size(), 1u);
}

TEST_F(IntakeTest, AGroupThatKillsItsActorsIsGivenUpAfterMaxAttempts) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  for (int attempt = 0; attempt < 3; ++attempt) {
    Join("a");
    EXPECT_EQ(Lease("a").size(), 1u) << attempt;
  }
  Join("a");
  EXPECT_TRUE(Lease("a").empty());
  auto taken = intake_.Take({0}, clock_.Now());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->at(0).abandoned, 2);
}

TEST_F(IntakeTest, AnUnknownActorIsToldToRegister) {
  EXPECT_EQ(intake_.Lease("x", 1, clock_.Now()).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(intake_.Renew("x", {}, 0).status().code(), absl::StatusCode::kAborted);
}

TEST_F(IntakeTest, AfterStopEveryCallIsCancelled) {
  Join("a");
  intake_.Stop();
  EXPECT_EQ(intake_.Lease("a", 1, clock_.Now()).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(intake_.Submit("a", {Sample(0, 0)}).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(intake_.Register({.name = "b"}).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(intake_.Take({0}, clock_.Now()).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(IntakeTest, WhatCannotBeWrittenIsNotAccepted) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  Join("a");
  Lease("a");
  append_result_ = absl::ResourceExhaustedError("disk full");
  EXPECT_EQ(intake_.Submit("a", {Sample(0, 0)}).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(intake_.Take({0}, clock_.Now() + absl::Hours(1)).status().code(), absl::StatusCode::kResourceExhausted)
      << "the trainer is told";
  append_result_ = absl::OkStatus();
  EXPECT_EQ(intake_.Take({0}, clock_.Now()).status().code(), absl::StatusCode::kDeadlineExceeded) << "once";
  EXPECT_TRUE(Submit("a", Sample(0, 0))) << "sent again, it is taken";
  append_result_ = absl::InvalidArgumentError("too large");
  EXPECT_EQ(intake_.Submit("a", {Sample(0, 1)}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(intake_.Take({0}, clock_.Now()).status().code(), absl::StatusCode::kDeadlineExceeded) << "an actor's mistake ends no run";
}

TEST_F(IntakeTest, WhatArrivedBeforeARestartIsNotAskedForAgain) {
  ASSERT_TRUE(intake_.Offer({Work(0), Work(1)}, {Sample(0, 0), Sample(0, 1), Sample(1, 1)}).ok());
  EXPECT_TRUE(Complete(0));
  Join("a");
  const auto leases = Lease("a");
  ASSERT_EQ(leases.size(), 1u);
  EXPECT_EQ(leases[0].samples, (std::vector<int32_t>{0}));
  EXPECT_EQ(appended_, 0u);
}

TEST_F(IntakeTest, OffersAreBoundedAndUnique) {
  ASSERT_TRUE(intake_.Offer({Work(0)}).ok());
  EXPECT_EQ(intake_.Offer({Work(0)}).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(IntakeTest, ManyActorsLoseNothingAndDoubleNothing) {
  constexpr int kGroups = 60, kActors = 4;
  Intake intake({.run = "r", .lease = absl::Seconds(100)}, clock_, {});
  std::vector<GroupWork> works;
  std::vector<int64_t> numbers;
  for (int64_t g = 0; g < kGroups; ++g) {
    works.push_back(Work(g, 3));
    numbers.push_back(g);
  }
  ASSERT_TRUE(intake.Offer(std::move(works)).ok());
  std::vector<std::thread> actors;
  std::atomic<int> accepted{0};
  for (int a = 0; a < kActors; ++a) {
    actors.emplace_back([&, a] {
      const std::string name = "actor-" + std::to_string(a);
      ASSERT_TRUE(intake.Register({.name = name}).ok());
      for (;;) {
        auto leases = intake.Lease(name, 2, clock_.Now());
        if (!leases.ok()) return;
        for (const GroupLease& lease : *leases) {
          for (const int32_t sample : lease.samples) {
            // Everything twice, as after a lost answer.
            for (int copy = 0; copy < 2; ++copy) accepted += intake.Submit(name, {Sample(lease.group, sample)})->at(0);
          }
        }
      }
    });
  }
  for (auto& actor : actors) actor.join();
  EXPECT_EQ(accepted.load(), kGroups * 3);
  auto taken = intake.Take(numbers, clock_.Now());
  ASSERT_TRUE(taken.ok()) << taken.status();
  for (const CompletedGroup& group : *taken) EXPECT_EQ(group.trajectories.size(), 3u);
}

}  // namespace
}  // namespace hone
