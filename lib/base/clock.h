#pragma once

#include "absl/time/time.h"

namespace hone {

// Where a component reads the time, so that tests hand in their own.
// Threads: Now may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;

  // The machine's clock; lives as long as the process.
  static Clock& Real();
};

}  // namespace hone
