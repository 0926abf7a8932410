#pragma once

#include <map>
#include <optional>
#include <vector>

#include "verifiers/math/budget.h"
#include "verifiers/math/tree.h"

namespace hone::math {

// Exact values of trees without variables, radicals and transcendental functions. A result is sized before it is computed: beyond kMaxBits
// there is none.
//
// Threads: one thread at a time.
class ExactEvaluator {
 public:
  static constexpr int64_t kMaxBits = 1 << 17;
  static constexpr int64_t kMaxTerms = 10'000;

  ExactEvaluator(const Pool& pool, Budget& budget) : pool_(pool), budget_(budget) {}

  // nullopt: no rational number, or too large, or undefined.
  std::optional<Rational> Value(NodeId id);
  // An undefined operation (division by zero) was met.
  bool undefined() const { return undefined_; }

 private:
  std::optional<Rational> Compute(NodeId id);
  std::optional<Rational> Power(const Rational& base, const Rational& exponent);
  std::optional<Rational> FiniteSum(const Node& node, NodeId id);

  const Pool& pool_;
  Budget& budget_;
  std::vector<char> known_;  // 0 unknown, 1 value, 2 none
  std::vector<Rational> values_;
  std::map<NodeId, Rational> bound_;  // variables of the sums around
  bool undefined_ = false;
};

// base^(1/index) when it is rational; base >= 0.
std::optional<Rational> RationalRoot(const Rational& base, int64_t index);

}  // namespace hone::math
