#pragma once
// The runner's helper outside of the sandboxes: a small single-threaded process that starts bubblewrap for it. It is the parent that the
// sandboxes must not outlive, it takes on a slot's user id without touching the runner's memory, and it cleans up after a runner that was
// killed.

#include <cstdint>

namespace hone::cage {

// Runner to launcher, with descriptors: first `joins` files of control groups to which the child writes "0", then a network namespace if it
// shall enter one, then those that become 0, 1, 2, ...
struct LaunchOrder {
  uint32_t joins = 0;
  uint32_t networks = 0;   // 0 or 1
  int32_t uid = -1;        // -1: keep
  char command[256] = {};  // what bubblewrap executes: strings, each ended by NUL; the last is empty
};
// The answer is one int32: the process id, or minus an errno.

constexpr int kBwrapArguments = 5;  // descriptor of bubblewrap's arguments, NUL-separated

// arguments: bubblewrap's path, then the control groups to remove at the end. Serves descriptor 3 until its other end is closed; then kills
// what is left in the groups and removes them.
int Launch(int argc, char** argv);

}  // namespace hone::cage
