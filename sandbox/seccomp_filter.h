#pragma once

#include <string>

#include "lib/base/status.h"

namespace hone {

// kCage: for pid 1 of a sandbox, which mounts and makes namespaces; inherited by all that runs in it. kProgram: what untrusted code is
// refused beyond that, loaded on top for each run and so kept short, since the kernel compiles it each time. kProgramWithoutGroup: and
// memory that only a control group could bound.
enum class FilterKind : uint8_t { kCage, kProgram, kProgramWithoutGroup };

// The system calls that are refused, as a program for the kernel's filter machine (an array of sock_filter, as bytes). Everything else is
// allowed; calls of other architectures kill the process, and calls newer than this list do not exist.
absl::StatusOr<std::string> SeccompFilter(FilterKind kind);

}  // namespace hone
