#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/mutex.h"

namespace hone {

// Threads for calls that may never come back.
//
// A call runs on a thread of this object while its caller waits up to a deadline. A call that is not back by then is asked to end and, if
// it does not, keeps its thread, which ends with it, if ever; the caller goes on. There are at most `max_stuck` such threads at a time;
// beyond them calls are not made.
//
// Threads: any.
class WatchedCalls {
 public:
  explicit WatchedCalls(int max_stuck);
  // Ends the idle threads. Those that are stuck stay, and with them whatever their calls hold.
  ~WatchedCalls();
  WatchedCalls(const WatchedCalls&) = delete;
  WatchedCalls& operator=(const WatchedCalls&) = delete;

  enum class End { kReturned, kStuck, kRefused };
  // `call` must own what it uses. At the deadline `cancel` runs on this thread and the call gets `grace` more. kStuck: it had not returned
  // by then. kRefused: it was not made. An exception of the call is thrown again here.
  End Run(std::function<void()> call, absl::Time deadline, absl::Duration grace, const std::function<void()>& cancel);

 private:
  struct Worker;
  struct Shared;
  // Leaves a worker behind; false when its call has come back after all.
  bool GiveUp(Worker& worker);

  const int max_stuck_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace hone
