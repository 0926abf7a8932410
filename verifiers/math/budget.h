#pragma once

#include <cstdint>

namespace hone::math {

// The work of one check, counted instead of timed, so that the same input gets the same verdict on every machine. A unit is about ten
// nanoseconds.
class Budget {
 public:
  explicit Budget(int64_t units = kUnits) : left_(units) {}
  // False, from then on always, when the budget is spent.
  bool Spend(int64_t units) {
    if (units > left_) left_ = -1;
    if (left_ < 0) return false;
    left_ -= units;
    return true;
  }
  bool spent() const { return left_ < 0; }
  int64_t used() const { return left_ < 0 ? kUnits : kUnits - left_; }

  static constexpr int64_t kUnits = 600'000;

 private:
  int64_t left_;
};

}  // namespace hone::math
