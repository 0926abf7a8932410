#include "sandbox/network.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <thread>

#include "lib/base/file.h"

namespace hone {

absl::StatusOr<Descriptor> MakeNetwork() {
  Descriptor network;
  int error = 0;
  // A thread has a namespace of its own; this one takes nobody else there.
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0) network = Descriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!network.valid()) error = errno;
  }).join();
  if (!network.valid()) return ErrnoToStatus(error, "make a network namespace", "for a sandbox");
  return network;
}

}  // namespace hone
