#pragma once

#include <future>
#include <memory>

#include "sandbox/sandbox.h"
#include "verifiers/code/channel.h"

namespace hone {

// A program in its sandbox with the channel to it.
//
// Threads: one thread.
class Guest {
 public:
  explicit Guest(std::unique_ptr<LiveRun> run);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Whatever blocks on it comes back with DataLoss when the program has ended; what it had sent before can still be read.
  FrameChannel& channel() { return channel_; }

  // The record of a program whose end of the channel is gone; one that lives on without it is killed. Once; not after Kill.
  RunRecord End();
  // Ends a program that has done its work. Once; not after End.
  RunRecord Kill();

 private:
  const std::unique_ptr<LiveRun> run_;
  FrameChannel channel_;
  std::future<RunRecord> record_;
};

}  // namespace hone
