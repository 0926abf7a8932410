#pragma once

#include "lib/base/status.h"

namespace hone {

// What the program's exit code says.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWrongUse = 2,     // wrong use or an invalid recipe: nothing was started
  kInterrupted = 3,  // stopped, and can be resumed
};

// Prints "hone: MESSAGE" to stderr and returns `code`.
int Report(const absl::Status& status, int code = kFailed);

}  // namespace hone
