#include "lib/transport/manifest.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/hash.h"
#include "lib/transport/checksums.h"
#include "lib/transport/test_fakes.h"

namespace hone {
namespace {

WeightManifest Good() {
  return MakeSnapshot(3, {10, 0, 20}, 4)->manifest;
}

TEST(Manifest, IsValidWithGapsAndEmptyEntries) {
  EXPECT_TRUE(ValidateManifest(Good()).ok());
}

TEST(Manifest, RefusesWhatCannotBeUsed) {
  struct Case {
    const char* what;
    std::function<void(WeightManifest&)> damage;
  };
  const Case cases[] = {
      {"version -1", [](WeightManifest& m) { m.version = -1; }},
      {"base version 3", [](WeightManifest& m) { m.base_version = 3; }},
      {"base version -2", [](WeightManifest& m) { m.base_version = -2; }},
      {"bytes", [](WeightManifest& m) { m.total_bytes = -1; }},
      {"bytes", [](WeightManifest& m) { m.total_bytes = INT64_MAX; }},
      {"entry.2", [](WeightManifest& m) { m.total_bytes = 41 - 4; }},
      {"entry.1", [](WeightManifest& m) { m.entries[1].offset_bytes = 9; }},
      {"entry.0", [](WeightManifest& m) { m.entries[0].offset_bytes = -1; }},
      {"entry.0", [](WeightManifest& m) { m.entries[0].bytes = -1; }},
      {"entry.0", [](WeightManifest& m) { m.entries[0].bytes = INT64_MAX; }},
      {"entry.2", [](WeightManifest& m) { m.entries[2].offset_bytes = INT64_MAX; }},
      {"shape", [](WeightManifest& m) { m.entries[2].shape[0] = -2; }},
      {"no name", [](WeightManifest& m) { m.entries[2].name.clear(); }},
  };
  for (const Case& c : cases) {
    WeightManifest manifest = Good();
    c.damage(manifest);
    const absl::Status status = ValidateManifest(manifest);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.what;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(c.what));
  }
}

TEST(Manifest, SameFormIgnoresVersionsAndChecksumsOnly) {
  WeightManifest other = Good();
  other.version = 9;
  other.entries[0].checksum = 1;
  EXPECT_TRUE(SameForm(Good(), other).ok());
  const std::function<void(WeightManifest&)> changes[] = {
      [](WeightManifest& m) { m.layout = "test-2"; },     [](WeightManifest& m) { m.dtype = "fp32"; },
      [](WeightManifest& m) { m.total_bytes += 8; },      [](WeightManifest& m) { m.entries.pop_back(); },
      [](WeightManifest& m) { m.entries[2].name = "x"; }, [](WeightManifest& m) { m.entries[2].shape = {20}; },
      [](WeightManifest& m) { m.entries[2].bytes = 18; }, [](WeightManifest& m) { m.entries[2].offset_bytes += 1; },
  };
  for (const auto& change : changes) {
    WeightManifest changed = Good();
    change(changed);
    EXPECT_EQ(SameForm(changed, Good()).code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST(Checksums, AreTheSameInPiecesAndOnAPool) {
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {1, 0, 240, 241, 5000, 100000});
  for (const WeightEntry& entry : snapshot->manifest.entries) {
    RunningChecksum checksum;
    for (int64_t at = 0; at < entry.bytes;) {
      const int64_t piece = std::min<int64_t>(entry.bytes - at, 1 + at % 777);
      checksum.Add(snapshot->data + entry.offset_bytes + at, static_cast<size_t>(piece));
      at += piece;
    }
    EXPECT_EQ(checksum.Get(), entry.checksum) << entry.name;
    EXPECT_EQ(Hash64OfBytes(snapshot->data + entry.offset_bytes, static_cast<size_t>(entry.bytes)), entry.checksum) << entry.name;
  }
  WeightManifest manifest = snapshot->manifest;
  for (WeightEntry& entry : manifest.entries) entry.checksum = 0;
  ThreadPool pool(2);
  FillChecksums(snapshot->data, &pool, manifest);
  for (size_t i = 0; i < manifest.entries.size(); ++i) EXPECT_EQ(manifest.entries[i].checksum, snapshot->manifest.entries[i].checksum) << i;
}

}  // namespace
}  // namespace hone
