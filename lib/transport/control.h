#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// One actor as the learner sees it. Mirrored by protos/hone/control/v1/control.proto.
struct ActorStatus {
  std::string name;
  int64_t pid = 0;
  int64_t policy_version = -1;  // that it decodes with, -1: none yet
  double tokens_per_second = 0;
  int64_t last_seen_ms_ago = 0;
};

// The run as a whole.
struct RunStatus {
  std::string run;
  std::string state;  // "starting", "running", "stopping"
  int64_t step = 0;
  int64_t total_steps = 0;
  int64_t policy_version = -1;
  std::vector<ActorStatus> actors;
};

// How a run is asked from outside: implemented by the learner, and by GrpcClient.
//
// Threads: methods may be called from any thread, also at once.
class RunControl {
 public:
  virtual ~RunControl() = default;
  virtual absl::StatusOr<RunStatus> GetStatus() = 0;
  // Asks the run to write a checkpoint and leave; returns at once.
  virtual absl::Status RequestStop(const std::string& reason) = 0;
};

}  // namespace hone
