#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// Starts this very program with other arguments. The child gets SIGTERM when this process dies. stdout and stderr are inherited.
absl::StatusOr<pid_t> SpawnSelf(const std::vector<std::string>& arguments);

// A child that has ended.
struct Ended {
  pid_t pid = 0;
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
};
// Waits for the next child to end, up to `timeout_ms`; pid 0 when none did. Wakes early for signals (see InstallStopSignals).
Ended WaitForChild(int timeout_ms);

// SIGINT and SIGTERM set a flag from now on. StopSignals: how many came.
void InstallStopSignals();
int StopSignals();

// "exit code 1", "signal 9 (Killed)"
std::string Describe(const Ended& ended);

}  // namespace hone
