#pragma once

#include <string>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/base/status.h"
#include "sandbox/descriptor.h"

namespace hone {

// The runner's side of the helper process that starts bubblewrap (cage/launcher.h).
//
// Threads: any. The destructor waits until the helper has removed the control groups and ended.
class Launcher {
 public:
  // bwrap: path; folders: control groups that the helper removes in the end.
  static absl::StatusOr<std::unique_ptr<Launcher>> Start(const std::string& bwrap, const std::vector<std::string>& folders);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Starts bubblewrap with these descriptors as 0, 1, 2, ... after joining control groups, in a network namespace and as a user id unless
  // these are -1. Returns a pidfd.
  // command: what it executes inside, at most 255 bytes in all.
  absl::StatusOr<Descriptor> Launch(const std::vector<std::string>& command, const std::vector<int>& joins,
                                    const std::vector<int>& descriptors, int network, int uid);

 private:
  Launcher(Descriptor socket, int pid) : pid_(pid), socket_(std::move(socket)) {}

  const int pid_;
  Mutex mu_;
  Descriptor socket_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
