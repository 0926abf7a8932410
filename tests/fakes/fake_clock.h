#pragma once

#include "lib/base/clock.h"
#include "lib/base/mutex.h"

namespace hone {

// A clock that stands still until it is moved.
class FakeClock : public Clock {
 public:
  absl::Time Now() override {
    MutexLock lock(mu_);
    return now_;
  }
  void Advance(absl::Duration by) {
    MutexLock lock(mu_);
    now_ += by;
  }

 private:
  Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_) = absl::UnixEpoch();
};

}  // namespace hone
