#pragma once
// Enclosures of values by balls (Arb): what two balls without a common point prove is that the values differ.

#include <cstdint>
#include <map>
#include <vector>

#include "acb.h"
#include "verifiers/math/exact.h"
#include "verifiers/math/tree.h"

namespace hone::math {

class Ball {
 public:
  Ball() { acb_init(z_); }
  Ball(const Ball& other) {
    acb_init(z_);
    acb_set(z_, other.z_);
  }
  Ball(Ball&& other) noexcept {
    acb_init(z_);
    acb_swap(z_, other.z_);
  }
  Ball& operator=(const Ball& other) {
    acb_set(z_, other.z_);
    return *this;
  }
  Ball& operator=(Ball&& other) noexcept {
    acb_swap(z_, other.z_);
    return *this;
  }
  ~Ball() { acb_clear(z_); }

  acb_ptr raw() { return z_; }
  acb_srcptr raw() const { return z_; }
  arb_ptr re() { return acb_realref(z_); }
  arb_srcptr re() const { return acb_realref(z_); }
  arb_ptr im() { return acb_imagref(z_); }
  arb_srcptr im() const { return acb_imagref(z_); }

  bool IsFinite() const { return acb_is_finite(z_); }
  bool ContainsZero() const { return acb_contains_zero(z_); }
  bool Overlaps(const Ball& other) const { return acb_overlaps(z_, other.z_); }

 private:
  acb_t z_;
};

// a^b for real-valued mathematics: of a negative number with an exponent p/q, q odd, the real value, else the principal one. `exponent` is
// the exact exponent where it is known.
void PowerOf(Ball& result, const Ball& base, const Ball& exponent, const Rational* exact_exponent, slong precision);

// Values of trees at a point: a rational number for each variable.
//
// Threads: one thread at a time.
class BallEvaluator {
 public:
  // point: variable k in order of its node number has the value point(k).
  BallEvaluator(const Pool& pool, ExactEvaluator& exact, Budget& budget, int point, bool positive, slong precision)
      : pool_(pool), exact_(exact), budget_(budget), point_(point), positive_(positive), precision_(precision) {}

  // False: no value here (undefined, not supported, too large, out of budget). A value may be an infinite ball.
  bool Value(NodeId id, Ball* result);

 private:
  bool Compute(NodeId id, Ball* result);
  bool Call(Function function, const std::vector<Ball>& arguments, NodeId id, Ball* result);
  bool FiniteSum(NodeId id, Ball* result);
  Rational Coordinate(NodeId symbol) const;

  const Pool& pool_;
  ExactEvaluator& exact_;
  Budget& budget_;
  const int point_;
  const bool positive_;
  const slong precision_;
  std::map<NodeId, Ball> known_;
  std::map<NodeId, Rational> bound_;
};

}  // namespace hone::math
