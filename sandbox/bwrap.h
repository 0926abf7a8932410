#pragma once

#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// Descriptors that bubblewrap finds when it starts, beside the cage's own (cage/protocol.h).
struct BwrapDescriptors {
  static constexpr int kArguments = 5, kSeccomp = 6, kCage = 7, kPasswd = 8, kPythonProgram = 9, kCageLibrary = 10, kCount = 11;
};

// The program's path: `wanted` when not empty, else from PATH. NotFound with the cure.
absl::StatusOr<std::string> FindBwrap(const std::string& wanted);

// What --args reads: all arguments but the command, NUL-separated. own_network: bubblewrap makes a network namespace; else it is in one.
// headers: a folder that is seen as /.cage/headers; may be empty.
std::string BwrapArguments(bool own_network, const std::string& headers);

// Turns what bubblewrap said when it failed into a status with the cure.
absl::Status ExplainBwrap(const std::string& bwrap, const std::string& said);

}  // namespace hone
