#pragma once
// Small full implementations of the services for the tests of this folder.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/mutex.h"
#include "lib/base/random.h"
#include "lib/transport/checksums.h"
#include "lib/transport/control.h"
#include "lib/transport/services.h"
#include "lib/transport/weight_publisher.h"

namespace hone {

// An intake with a list of groups; accepts each (group, sample) once.
class FakeIntake : public RolloutService, public RunControl {
 public:
  void AddWork(GroupLease lease) {
    MutexLock lock(mu_);
    work_.push_back(std::move(lease));
    changed_.NotifyAll();
  }
  // Every later call is answered with `error`.
  void FailWith(absl::Status error) {
    MutexLock lock(mu_);
    error_ = std::move(error);
    changed_.NotifyAll();
  }
  // Until a Lease call is waiting.
  void WaitUntilLeaseWaits() {
    MutexLock lock(mu_);
    while (waiting_ == 0) changed_.Wait(mu_);
  }
  int submit_calls() {
    MutexLock lock(mu_);
    return submit_calls_;
  }
  std::vector<Trajectory> submitted() {
    MutexLock lock(mu_);
    return submitted_;
  }
  ActorInfo registered() {
    MutexLock lock(mu_);
    return registered_;
  }
  std::string stop_reason() {
    MutexLock lock(mu_);
    return stop_reason_;
  }

  absl::StatusOr<Registration> Register(const ActorInfo& actor) override {
    MutexLock lock(mu_);
    HONE_RETURN_IF_ERROR(error_);
    registered_ = actor;
    return Registration{"run-1", "{\"a\": \"\xff\"}", "/models/\xfe", 0xffffffffffffffffu};
  }
  absl::StatusOr<std::vector<GroupLease>> Lease(const std::string&, int32_t max_groups, absl::Time deadline) override {
    MutexLock lock(mu_);
    ++waiting_;
    changed_.NotifyAll();
    while (work_.empty() && error_.ok() && absl::Now() < deadline) changed_.WaitUntil(mu_, deadline);
    --waiting_;
    HONE_RETURN_IF_ERROR(error_);
    if (work_.empty()) return absl::DeadlineExceededError("no work");
    const size_t count = std::min(work_.size(), static_cast<size_t>(max_groups));
    std::vector<GroupLease> given(work_.begin(), work_.begin() + count);
    work_.erase(work_.begin(), work_.begin() + count);
    return given;
  }
  absl::StatusOr<std::vector<int64_t>> Renew(const std::string&, absl::Span<const int64_t> leases, double) override {
    MutexLock lock(mu_);
    HONE_RETURN_IF_ERROR(error_);
    std::vector<int64_t> odd;
    for (int64_t lease : leases) {
      if (lease % 2 != 0) odd.push_back(lease);
    }
    return odd;
  }
  absl::StatusOr<std::vector<bool>> Submit(const std::string&, std::vector<Trajectory> trajectories) override {
    MutexLock lock(mu_);
    HONE_RETURN_IF_ERROR(error_);
    ++submit_calls_;
    std::vector<bool> accepted;
    for (Trajectory& trajectory : trajectories) {
      accepted.push_back(taken_.insert({trajectory.group, trajectory.sample}).second);
      if (accepted.back()) submitted_.push_back(std::move(trajectory));
    }
    return accepted;
  }
  absl::StatusOr<RunStatus> GetStatus() override {
    MutexLock lock(mu_);
    HONE_RETURN_IF_ERROR(error_);
    return RunStatus{"run-1", "running", 7, 40, 6, {{"actor-0", 4711, 5, 123.5, 250}, {"actor-\xff", 4712, -1, 0, 9}}};
  }
  absl::Status RequestStop(const std::string& reason) override {
    MutexLock lock(mu_);
    HONE_RETURN_IF_ERROR(error_);
    stop_reason_ = reason;
    return absl::OkStatus();
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::vector<GroupLease> work_ ABSL_GUARDED_BY(mu_);
  absl::Status error_ ABSL_GUARDED_BY(mu_);
  int waiting_ ABSL_GUARDED_BY(mu_) = 0;
  int submit_calls_ ABSL_GUARDED_BY(mu_) = 0;
  std::set<std::pair<int64_t, int32_t>> taken_ ABSL_GUARDED_BY(mu_);
  std::vector<Trajectory> submitted_ ABSL_GUARDED_BY(mu_);
  ActorInfo registered_ ABSL_GUARDED_BY(mu_);
  std::string stop_reason_ ABSL_GUARDED_BY(mu_);
};

// A snapshot of random bytes with entries of the given sizes and `gap` bytes of padding after each.
inline std::shared_ptr<WeightSnapshot> MakeSnapshot(int64_t version, const std::vector<int64_t>& entry_bytes, int64_t gap = 0) {
  auto snapshot = std::make_shared<WeightSnapshot>();
  WeightManifest& m = snapshot->manifest;
  m.version = version;
  m.dtype = "bf16";
  m.layout = "test-1";
  for (int64_t bytes : entry_bytes) {
    m.entries.push_back({fmt::format("entry.{}", m.entries.size()), {bytes / 2, 2}, m.total_bytes, bytes, 0});
    m.total_bytes += bytes + gap;
  }
  auto bytes = std::make_shared<std::vector<uint8_t>>(static_cast<size_t>(m.total_bytes));
  const RandomStream random(static_cast<uint64_t>(version) + 1);
  for (size_t i = 0; i < bytes->size(); ++i) (*bytes)[i] = static_cast<uint8_t>(random.Bits(i / 8) >> (i % 8 * 8));
  snapshot->data = bytes->data();
  snapshot->owner = bytes;
  FillChecksums(snapshot->data, nullptr, m);
  return snapshot;
}

// Whether the entries' bytes in `buffer` are those of the snapshot.
inline bool Holds(absl::Span<const uint8_t> buffer, const WeightSnapshot& snapshot) {
  for (const WeightEntry& entry : snapshot.manifest.entries) {
    if (!std::equal(snapshot.data + entry.offset_bytes, snapshot.data + entry.offset_bytes + entry.bytes,
                    buffer.data() + entry.offset_bytes)) {
      return false;
    }
  }
  return true;
}

// Another service whose Fetch damages what passes.
class DamagingWeights : public WeightService {
 public:
  explicit DamagingWeights(WeightService& inner) : inner_(inner) {}

  int64_t flip_at = -1;          // this byte of the arena arrives with a bit flipped,
  int flips_left = 0;            // so many times
  int64_t break_off_after = -1;  // a call ends with Unavailable after about this many bytes,
  int breaks_left = 0;           // so many times
  int64_t end_early_by = 0;      // a call ends, with ok, so many bytes too early
  int64_t shift = 0;             // chunks claim to be this much further on
  int fetch_calls = 0;

  absl::StatusOr<WeightManifest> WaitForVersion(int64_t newer_than, absl::Time deadline) override {
    return inner_.WaitForVersion(newer_than, deadline);
  }
  absl::Status Acknowledge(const std::string& actor, int64_t version) override { return inner_.Acknowledge(actor, version); }
  absl::Status Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                     const std::function<absl::Status(int64_t, absl::Span<const uint8_t>)>& sink) override {
    ++fetch_calls;
    int64_t sent = 0;
    return inner_.Fetch(version, offset, length - end_early_by, deadline, [&](int64_t at, absl::Span<const uint8_t> chunk) -> absl::Status {
      if (breaks_left > 0 && sent >= break_off_after) {
        --breaks_left;
        return absl::UnavailableError("the line is dead");
      }
      std::vector<uint8_t> copy(chunk.begin(), chunk.end());
      if (flips_left > 0 && at <= flip_at && flip_at < at + static_cast<int64_t>(chunk.size())) {
        --flips_left;
        copy[static_cast<size_t>(flip_at - at)] ^= 0x10;
      }
      sent += static_cast<int64_t>(chunk.size());
      return sink(at + shift, copy);
    });
  }

 private:
  WeightService& inner_;
};

}  // namespace hone
