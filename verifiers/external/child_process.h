#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/external/command.h"

namespace hone {

// A program with its three standard streams in our hands, in a process group of its own, without core dumps. Not a sandbox: it may do what
// hone may.
//
// It is killed when the thread that started it ends, and so when hone dies.
// Threads: Start and the destructor on one thread, which outlives the child; the rest from any.
class ChildProcess {
 public:
  // Unavailable when it cannot be started, with the system's reason.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Command& command);
  // Kills the group and takes the child off the process table.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int in() const { return in_; }    // a socket: send(MSG_NOSIGNAL); does not block
  int out() const { return out_; }  // do not block
  int err() const { return err_; }

  // No more input: a well-behaved program ends.
  void CloseInput();
  // To the whole group.
  void Signal(int signal);
  // "exit code 1", "signal 11 (Segmentation fault)"; empty when it still runs at the deadline.
  std::string WaitUntil(absl::Time deadline);

 private:
  ChildProcess(pid_t pid, int in, int out, int err) : pid_(pid), in_(in), out_(out), err_(err) {}

  const pid_t pid_;
  const int in_, out_, err_;
  std::string end_;  // how it ended
};

}  // namespace hone
