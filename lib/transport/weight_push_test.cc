// Publisher and fetcher together, in one process, with a damaging service between them.
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/transport/test_fakes.h"
#include "lib/transport/weight_fetcher.h"
#include "lib/transport/weight_publisher.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

class WeightPush : public testing::Test {
 protected:
  // Publishes version 1 with entries that do not fit the chunks' borders, and gaps.
  void SetUp() override {
    snapshot_ = MakeSnapshot(1, {100, 3000000, 0, 64, 1500001}, 3);
    ASSERT_TRUE(publisher_.Publish(snapshot_).ok());
    buffer_.assign(static_cast<size_t>(snapshot_->manifest.total_bytes), 0);
  }
  absl::Status Fetch() { return fetcher().Fetch(snapshot_->manifest, absl::MakeSpan(buffer_), absl::Now() + absl::Minutes(1)); }
  WeightFetcher& fetcher() {
    if (!fetcher_) fetcher_ = std::make_unique<WeightFetcher>(damaging_, snapshot_->manifest);
    return *fetcher_;
  }

  std::shared_ptr<WeightSnapshot> snapshot_;
  WeightPublisher publisher_;
  DamagingWeights damaging_{publisher_};
  std::unique_ptr<WeightFetcher> fetcher_;
  std::vector<uint8_t> buffer_;
};

TEST_F(WeightPush, BringsEveryEntry) {
  ASSERT_TRUE(Fetch().ok());
  EXPECT_TRUE(Holds(buffer_, *snapshot_));
  EXPECT_EQ(damaging_.fetch_calls, 1);
  EXPECT_EQ(fetcher().stats().versions, 1);
  EXPECT_EQ(fetcher().stats().damaged_entries, 0);
}

TEST_F(WeightPush, AFlippedByteIsRefusedAndItsEntryFetchedAgain) {
  damaging_.flip_at = 2000000;
  damaging_.flips_left = 1;
  ASSERT_TRUE(Fetch().ok());
  EXPECT_TRUE(Holds(buffer_, *snapshot_));
  EXPECT_EQ(fetcher().stats().damaged_entries, 1);
  EXPECT_EQ(damaging_.fetch_calls, 2);
  EXPECT_EQ(fetcher().stats().bytes, snapshot_->manifest.total_bytes - 3 + 3000000);  // all but the last gap, and entry 1 again
}

TEST_F(WeightPush, AByteThatStaysWrongIsAnErrorAfterThreeAttempts) {
  damaging_.flip_at = 50;
  damaging_.flips_left = 1000;
  const absl::Status status = Fetch();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("entry.0 of version 1"));
  EXPECT_EQ(fetcher().stats().damaged_entries, 3);
  EXPECT_EQ(fetcher().stats().versions, 0);
}

TEST_F(WeightPush, EveryByteOfEveryEntryIsCovered) {
  for (const WeightEntry& entry : snapshot_->manifest.entries) {
    for (int64_t at : {entry.offset_bytes, entry.offset_bytes + entry.bytes / 2, entry.offset_bytes + entry.bytes - 1}) {
      if (entry.bytes == 0) continue;
      const int64_t before = fetcher().stats().damaged_entries;
      damaging_.flip_at = at;
      damaging_.flips_left = 1;
      ASSERT_TRUE(Fetch().ok()) << at;
      EXPECT_EQ(fetcher().stats().damaged_entries, before + 1) << "byte " << at;
      EXPECT_TRUE(Holds(buffer_, *snapshot_)) << "byte " << at;
    }
  }
}

TEST_F(WeightPush, AWrongChecksumOfAnEmptyEntryIsAnErrorToo) {
  WeightManifest manifest = snapshot_->manifest;
  manifest.entries[2].checksum ^= 1;
  EXPECT_EQ(fetcher().Fetch(manifest, absl::MakeSpan(buffer_), absl::Now() + absl::Minutes(1)).code(), absl::StatusCode::kDataLoss);
}

TEST_F(WeightPush, ABrokenStreamIsContinuedWhereItEnded) {
  damaging_.break_off_after = 1 << 20;
  damaging_.breaks_left = 2;
  ASSERT_TRUE(Fetch().ok());
  EXPECT_TRUE(Holds(buffer_, *snapshot_));
  EXPECT_EQ(fetcher().stats().interrupted_calls, 2);
  EXPECT_EQ(fetcher().stats().bytes, snapshot_->manifest.total_bytes - 3);  // nothing twice
}

TEST_F(WeightPush, ADeadLineIsAnErrorAfterThreeAttempts) {
  damaging_.break_off_after = 0;
  damaging_.breaks_left = 1000;
  EXPECT_EQ(Fetch().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(damaging_.fetch_calls, 3);
}

TEST_F(WeightPush, AStreamThatEndsEarlyOrOutOfPlaceIsDataLoss) {
  damaging_.end_early_by = 1;
  EXPECT_EQ(Fetch().code(), absl::StatusCode::kDataLoss);
  damaging_.end_early_by = 0;
  for (int64_t shift : {int64_t{-1}, int64_t{1}, int64_t{1} << 40}) {
    damaging_.shift = shift;
    EXPECT_EQ(Fetch().code(), absl::StatusCode::kDataLoss) << shift;
  }
}

// The caller's double buffer: whatever happens to the inactive half, the active one is not touched, and only ok lets it swap.
TEST_F(WeightPush, TheActiveWeightsStayWhenAFetchFails) {
  std::vector<uint8_t> active(buffer_.size());
  ASSERT_TRUE(fetcher().Fetch(snapshot_->manifest, absl::MakeSpan(active), absl::Now() + absl::Minutes(1)).ok());
  const std::shared_ptr<WeightSnapshot> next = MakeSnapshot(2, {100, 3000000, 0, 64, 1500001}, 3);
  ASSERT_TRUE(publisher_.Publish(next).ok());
  damaging_.flip_at = 3000500;
  damaging_.flips_left = 1000;
  EXPECT_FALSE(fetcher().Fetch(next->manifest, absl::MakeSpan(buffer_), absl::Now() + absl::Minutes(1)).ok());
  EXPECT_TRUE(Holds(active, *snapshot_));
}

TEST_F(WeightPush, RefusesManifestsThatDoNotFit) {
  struct Case {
    absl::StatusCode code;
    std::function<void(WeightManifest&)> damage;
  };
  const Case cases[] = {
      {absl::StatusCode::kAborted, [](WeightManifest& m) { m.version = 2; }},  // not held
      {absl::StatusCode::kFailedPrecondition, [](WeightManifest& m) { m.base_version = 0; }},
      {absl::StatusCode::kFailedPrecondition, [](WeightManifest& m) { m.layout = "other"; }},
      {absl::StatusCode::kFailedPrecondition, [](WeightManifest& m) { m.entries[0].name = "other"; }},
      {absl::StatusCode::kInvalidArgument, [](WeightManifest& m) { m.entries[0].bytes = int64_t{1} << 40; }},
      {absl::StatusCode::kInvalidArgument, [](WeightManifest& m) { m.version = -1; }},
  };
  for (const Case& c : cases) {
    WeightManifest manifest = snapshot_->manifest;
    c.damage(manifest);
    EXPECT_EQ(fetcher().Fetch(manifest, absl::MakeSpan(buffer_), absl::Now() + absl::Minutes(1)).code(), c.code);
  }
  buffer_.pop_back();
  EXPECT_EQ(Fetch().code(), absl::StatusCode::kInvalidArgument);  // a buffer of another size
}

TEST_F(WeightPush, AFetchEndsAtItsDeadline) {
  EXPECT_EQ(fetcher().Fetch(snapshot_->manifest, absl::MakeSpan(buffer_), absl::Now() - absl::Seconds(1)).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(WeightPublisher, HoldsTheNewestAndThePreviousVersionAndFreesTheRest) {
  WeightPublisher publisher;
  std::weak_ptr<const WeightSnapshot> first;
  for (int64_t version : {1, 2, 5}) {
    std::shared_ptr<const WeightSnapshot> snapshot = MakeSnapshot(version, {16});
    if (version == 1) first = snapshot;
    ASSERT_TRUE(publisher.Publish(std::move(snapshot)).ok());
  }
  EXPECT_EQ(publisher.newest_version(), 5);
  EXPECT_TRUE(publisher.Hold(5).ok());
  EXPECT_TRUE(publisher.Hold(2).ok());
  EXPECT_EQ(publisher.Hold(1).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(publisher.Hold(6).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(first.expired());
}

TEST(WeightPublisher, RefusesOldVersionsDifferencesAndEmptySnapshots) {
  WeightPublisher publisher;
  ASSERT_TRUE(publisher.Publish(MakeSnapshot(3, {16})).ok());
  EXPECT_EQ(publisher.Publish(MakeSnapshot(3, {16})).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(publisher.Publish(MakeSnapshot(2, {16})).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(publisher.Publish(nullptr).code(), absl::StatusCode::kInvalidArgument);
  std::shared_ptr<WeightSnapshot> difference = MakeSnapshot(4, {16});
  difference->manifest.base_version = 3;
  EXPECT_EQ(publisher.Publish(difference).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(publisher.newest_version(), 3);
}

TEST(WeightPublisher, WakesWaitersWithTheNewestVersion) {
  WeightPublisher publisher;
  EXPECT_EQ(publisher.WaitForVersion(-1, absl::Now() + absl::Milliseconds(5)).status().code(), absl::StatusCode::kDeadlineExceeded);
  absl::StatusOr<WeightManifest> got;
  std::thread waiter([&] { got = publisher.WaitForVersion(0, absl::Now() + absl::Minutes(1)); });
  ASSERT_TRUE(publisher.Publish(MakeSnapshot(0, {16})).ok());  // not above 0
  ASSERT_TRUE(publisher.Publish(MakeSnapshot(1, {16})).ok());
  waiter.join();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->version, 1);
}

TEST(WeightPublisher, CloseEndsEverythingWithCancelled) {
  WeightPublisher publisher;
  absl::StatusOr<WeightManifest> got;
  std::thread waiter([&] { got = publisher.WaitForVersion(-1, absl::Now() + absl::Minutes(1)); });
  publisher.Close();
  waiter.join();
  EXPECT_EQ(got.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(publisher.Publish(MakeSnapshot(0, {16})).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(publisher.Acknowledge("a", 0).code(), absl::StatusCode::kCancelled);
}

TEST(WeightPublisher, RemembersWhatEachActorAcknowledgedLast) {
  WeightPublisher publisher;
  ASSERT_TRUE(publisher.Acknowledge("actor-0", 1).ok());
  ASSERT_TRUE(publisher.Acknowledge("actor-1", 1).ok());
  ASSERT_TRUE(publisher.Acknowledge("actor-0", 2).ok());
  EXPECT_THAT(publisher.Acknowledged(), testing::ElementsAre(testing::Pair("actor-0", 2), testing::Pair("actor-1", 1)));
}

}  // namespace
}  // namespace hone
