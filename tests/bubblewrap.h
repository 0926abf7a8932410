#pragma once

#include <cstdlib>

namespace hone {

// Whether bubblewrap itself works on this machine, asked without any code of ours: a container may forbid it. Where it works, a sandbox that
// does not start is a failure.
inline bool BubblewrapWorks() {
  static const bool works = std::system("bwrap --unshare-user --unshare-pid --ro-bind / / --dev /dev --proc /proc true >/dev/null 2>&1") == 0;
  return works;
}

}  // namespace hone
