#pragma once

#include <cstdint>
#include <string>

#include "lib/base/status.h"
#include "sandbox/sandbox.h"

namespace hone {

// What of a process's sandboxes can be counted from outside.
struct Footprint {
  int64_t descendants = 0;  // processes
  int64_t descriptors = 0;
  int64_t mounts = 0;
  int64_t group_folders = 0;
  int64_t files = 0;           // of ours among temporary files
  int64_t resident_bytes = 0;  // of this process
};
Footprint MeasureFootprint();
std::string ToString(const Footprint& footprint);

struct SoakResult {
  int64_t runs = 0;
  Footprint warm;           // after the first runs, while the sandbox is up
  Footprint last;           // after all runs, while the sandbox is up
  Footprint before, after;  // without a sandbox
  double seconds = 0;
};

// Runs a mixture of good and bad programs in several threads and both modes and checks every record; then that nothing is left behind and
// that memory did not grow. Internal with what was found otherwise.
absl::StatusOr<SoakResult> Soak(const SandboxOptions& options, int64_t runs, int threads);

}  // namespace hone
