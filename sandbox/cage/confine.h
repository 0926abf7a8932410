#pragma once

#include <linux/filter.h>

#include "sandbox/cage/protocol.h"

namespace hone::cage {

// The descriptors of a run as they came with its order; -1 where there is none.
struct RunDescriptors {
  int payload = -1, in = -1, out = -1, err = -1, channel = -1, program = -1;
};

// Where the descriptors stand in the process that becomes the program; both are gone when its code starts.
constexpr int kProgramDescriptor = 4;
constexpr int kSetupDescriptor = 5;

// Mounts what a run owns, in its own mount namespace: a bounded /tmp and a read-only /proc. False with errno.
bool MountOwn(const Order& order);

// Turns the calling process into one that may run untrusted code: own session, stdio, limits, no capabilities, no new privileges, the
// filter. Leaves 0-2, the channel when there is one, and the two descriptors above. Returns false with errno and *stage on failure.
bool Confine(const Order& order, const RunDescriptors& descriptors, int setup, const sock_fprog& filter, Stage* stage);

}  // namespace hone::cage
