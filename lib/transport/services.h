#pragma once
// The two services of the learner as seen from an actor, and as implemented by the learner. There is a gRPC pair (server that calls an
// implementation, client that is one) and the implementations themselves can be handed to an actor directly (--in-process).
//
// Threads: all methods may be called from any thread, also at once.
// Errors: Unavailable: repeat; Aborted: this lease or actor registration is no longer known, register and lease again; Cancelled: the run
// is stopping, leave; DeadlineExceeded: nothing came before `deadline`, ask again.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "lib/base/status.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// What an actor says of itself.
struct ActorInfo {
  std::string name;  // "actor-0"
  int64_t pid = 0;
  std::string device;
  std::string dtype;
  std::string isa;
  int64_t memory_bytes = 0;
  double tokens_per_second = 0;  // measured, 0 at first
};
// What it is told.
struct Registration {
  std::string run;          // run id
  std::string recipe_json;  // the resolved recipe
  std::string model_dir;    // folder with config.json and tokenizer
  uint64_t run_seed = 0;
};

class RolloutService {
 public:
  virtual ~RolloutService() = default;
  virtual absl::StatusOr<Registration> Register(const ActorInfo& actor) = 0;
  // Waits until there is work, then gives up to max_groups groups.
  virtual absl::StatusOr<std::vector<GroupLease>> Lease(const std::string& actor, int32_t max_groups, absl::Time deadline) = 0;
  // Says that the actor is alive and still works on these leases. Returns the leases that are no longer its own: drop them.
  virtual absl::StatusOr<std::vector<int64_t>> Renew(const std::string& actor, absl::Span<const int64_t> leases,
                                                     double tokens_per_second) = 0;
  // Idempotent: (group, sample) is taken once; a second copy is answered with false and changes nothing. One flag per trajectory.
  virtual absl::StatusOr<std::vector<bool>> Submit(const std::string& actor, std::vector<Trajectory> trajectories) = 0;
};

// One tensor of the flat weight arena.
struct WeightEntry {
  std::string name;
  std::vector<int64_t> shape;
  int64_t offset_bytes = 0;
  int64_t bytes = 0;
  uint64_t checksum = 0;  // XXH3 of these bytes
};
struct WeightManifest {
  int64_t version = -1;
  int64_t base_version = -1;  // -1: a full copy, not a difference
  std::string dtype;          // "bf16" or "fp32"
  std::string layout;         // names the engine's layout; an actor that does not know it refuses
  int64_t total_bytes = 0;
  std::vector<WeightEntry> entries;
};

class WeightService {
 public:
  virtual ~WeightService() = default;
  // The newest manifest as soon as its version is above `newer_than` (-1: any).
  virtual absl::StatusOr<WeightManifest> WaitForVersion(int64_t newer_than, absl::Time deadline) = 0;
  // Streams bytes [offset, offset + length) of that version in order through `sink`. Aborted when the version is no longer held.
  virtual absl::Status Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                             const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink) = 0;
  // The actor now decodes with this version.
  virtual absl::Status Acknowledge(const std::string& actor, int64_t version) = 0;
};

}  // namespace hone
