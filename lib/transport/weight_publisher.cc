#include "lib/transport/weight_publisher.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/transport/manifest.h"

namespace hone {
namespace {

constexpr int64_t kChunkBytes = 1 << 20;
constexpr size_t kMaxActors = 1 << 16;  // names remembered; a run has far fewer

absl::Status Closed() {
  return absl::CancelledError("weights: the run is stopping");
}

}  // namespace

absl::Status CheckRange(const WeightManifest& manifest, int64_t offset, int64_t length) {
  if (offset >= 0 && length >= 0 && length <= manifest.total_bytes && offset <= manifest.total_bytes - length) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("weights: {} bytes at {} are not within the {} bytes of version {}", length, offset,
                                                manifest.total_bytes, manifest.version));
}

WeightPublisher::WeightPublisher(int versions_held) : versions_held_(static_cast<size_t>(std::max(versions_held, 1))) {}

absl::Status WeightPublisher::Publish(std::shared_ptr<const WeightSnapshot> snapshot) {
  if (snapshot == nullptr || (snapshot->data == nullptr && snapshot->manifest.total_bytes > 0)) {
    return absl::InvalidArgumentError("weights: a snapshot without data");
  }
  HONE_RETURN_IF_ERROR(ValidateManifest(snapshot->manifest));
  if (snapshot->manifest.base_version != -1) {
    return absl::InvalidArgumentError(fmt::format("weights: version {} is a difference to {}; only full copies are published",
                                                  snapshot->manifest.version, snapshot->manifest.base_version));
  }
  std::shared_ptr<const WeightSnapshot> dropped;  // freed after the lock is
  MutexLock lock(mu_);
  if (closed_) return Closed();
  if (!held_.empty() && snapshot->manifest.version <= held_.back()->manifest.version) {
    return absl::InvalidArgumentError(
        fmt::format("weights: version {} must be above {}", snapshot->manifest.version, held_.back()->manifest.version));
  }
  held_.push_back(std::move(snapshot));
  if (held_.size() > versions_held_) {
    dropped = std::move(held_.front());
    held_.pop_front();
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const WeightSnapshot>> WeightPublisher::Hold(int64_t version) const {
  MutexLock lock(mu_);
  if (closed_) return Closed();
  for (const std::shared_ptr<const WeightSnapshot>& snapshot : held_) {
    if (snapshot->manifest.version == version) return snapshot;
  }
  if (held_.empty()) return absl::AbortedError(fmt::format("weights: version {} is not here, none is published yet", version));
  return absl::AbortedError(fmt::format("weights: version {} is not held, only {} to {}; fetch the newest", version,
                                        held_.front()->manifest.version, held_.back()->manifest.version));
}

int64_t WeightPublisher::newest_version() const {
  MutexLock lock(mu_);
  return held_.empty() ? -1 : held_.back()->manifest.version;
}

std::map<std::string, int64_t> WeightPublisher::Acknowledged() const {
  MutexLock lock(mu_);
  return acknowledged_;
}

void WeightPublisher::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  changed_.NotifyAll();
}

absl::StatusOr<WeightManifest> WeightPublisher::WaitForVersion(int64_t newer_than, absl::Time deadline) {
  MutexLock lock(mu_);
  while (true) {
    if (closed_) return Closed();
    if (!held_.empty() && held_.back()->manifest.version > newer_than) return held_.back()->manifest;
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(fmt::format("weights: no version above {} was published in time", newer_than));
    }
    changed_.WaitUntil(mu_, deadline);
  }
}

absl::Status WeightPublisher::Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                                    const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink) {
  HONE_ASSIGN_OR_RETURN(const std::shared_ptr<const WeightSnapshot> snapshot, Hold(version));
  HONE_RETURN_IF_ERROR(CheckRange(snapshot->manifest, offset, length));
  for (const int64_t end = offset + length; offset < end;) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(fmt::format("weights: version {} was not fetched in time, {} bytes left", version, end - offset));
    }
    const int64_t chunk = std::min(kChunkBytes, end - offset);
    HONE_RETURN_IF_ERROR(sink(offset, absl::MakeConstSpan(snapshot->data + offset, static_cast<size_t>(chunk))));
    offset += chunk;
  }
  return absl::OkStatus();
}

absl::Status WeightPublisher::Acknowledge(const std::string& actor, int64_t version) {
  MutexLock lock(mu_);
  if (closed_) return Closed();
  const auto found = acknowledged_.find(actor);
  if (found == acknowledged_.end() && acknowledged_.size() >= kMaxActors) {
    return absl::ResourceExhaustedError(fmt::format("weights: {} actors have acknowledged already, no more are remembered", kMaxActors));
  }
  acknowledged_[actor] = version;
  return absl::OkStatus();
}

}  // namespace hone
