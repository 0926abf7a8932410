#pragma once

#include "sandbox/slot.h"

namespace hone {

// The start-up test: a program of ours tries from inside what must not work (write outside of /tmp, global settings, a file of the host,
// pid 1's environment, a socket, more processes than allowed). FailedPrecondition names the probe that got out; other errors say what kept
// it from running.
absl::Status RunProbes(Slot& slot, const CageParts& parts);

}  // namespace hone
