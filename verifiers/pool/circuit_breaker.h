#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace hone {

// Says whether an endpoint may be called. After kFailures failed calls in a row it is left alone for a while, then one call tries it; when
// that fails too the while doubles, up to 30 s.
//
// Threads: the caller's lock.
class CircuitBreaker {
 public:
  static constexpr int kFailures = 5;

  bool MayCall(absl::Time now) const { return failures_ < kFailures || (now >= closed_until_ && !probing_); }
  bool open() const { return failures_ >= kFailures; }

  // A call begins; MayCall was true.
  void Begin() { probing_ = open(); }
  void Succeeded() { *this = {}; }
  void Failed(absl::Time now) {
    probing_ = false;
    if (++failures_ < kFailures || now < closed_until_) return;  // calls that were under way fail together
    closed_until_ = now + pause_;
    pause_ = std::min(2 * pause_, absl::Seconds(30));
  }

 private:
  int failures_ = 0;  // in a row
  bool probing_ = false;
  absl::Time closed_until_ = absl::InfinitePast();
  absl::Duration pause_ = absl::Milliseconds(500);
};

}  // namespace hone
