#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "lib/base/mutex.h"
#include "lib/transport/services.h"

namespace hone {

// One policy version's arena, never changed after it is published.
struct WeightSnapshot {
  WeightManifest manifest;            // with checksums (checksums.h)
  const uint8_t* data = nullptr;      // manifest.total_bytes bytes
  std::shared_ptr<const void> owner;  // keeps `data` alive
};

// The learner's side of the weights: takes each new version, keeps the newest and those just before it, and hands them out.
//
// A version that has left is freed when the last transfer of it ends, so memory is bounded by the versions held and the transfers open.
//
// Threads: all methods may be called from any thread.
class WeightPublisher final : public WeightService {
 public:
  // versions_held: at least 1; 2 lets an actor that has begun with a version end it while the next one appears.
  explicit WeightPublisher(int versions_held = 2);

  // Makes `snapshot` the newest version and wakes those who wait.
  // Errors: InvalidArgument when the manifest is not valid, is a difference (only full copies are served), or its version is not above the
  // newest; Cancelled after Close. Nothing changes then.
  absl::Status Publish(std::shared_ptr<const WeightSnapshot> snapshot);

  // The snapshot of a version that is held; Aborted when it is not (wait for the newest then).
  absl::StatusOr<std::shared_ptr<const WeightSnapshot>> Hold(int64_t version) const;

  // -1 before the first.
  int64_t newest_version() const;
  // The version that each actor last acknowledged.
  std::map<std::string, int64_t> Acknowledged() const;
  // Ends all waits and later calls with Cancelled: the run is stopping.
  void Close();

  absl::StatusOr<WeightManifest> WaitForVersion(int64_t newer_than, absl::Time deadline) override;
  // The chunks point into the snapshot (1 MiB each) and live as long as the call of `sink`.
  absl::Status Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                     const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink) override;
  absl::Status Acknowledge(const std::string& actor, int64_t version) override;

 private:
  const size_t versions_held_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<std::shared_ptr<const WeightSnapshot>> held_ ABSL_GUARDED_BY(mu_);  // oldest first
  std::map<std::string, int64_t> acknowledged_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

// Refuses a range that is not within the arena. InvalidArgument.
absl::Status CheckRange(const WeightManifest& manifest, int64_t offset, int64_t length);

}  // namespace hone
