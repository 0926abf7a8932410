#pragma once

#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// How many processes a second this machine can run without a sandbox's bookkeeping: what `hone bench sandbox` compares with.
//
// command: argv, [0] a path; each process is spawned, waited for and must exit with 0, its stdout is dropped. processes: how many runs one
// process stands for, more than 1 where it forks by itself. Threads: starts `threads` callers and waits for them.
absl::StatusOr<double> BareRunsPerSecond(const std::vector<std::string>& command, int processes, int threads, double seconds);

}  // namespace hone
