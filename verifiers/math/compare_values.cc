// Equality and order of values: exact numbers, then balls, then algebra, then more balls.
#include "verifiers/math/compare.h"

namespace hone::math {
namespace {
constexpr int kPoints = 8;
}  // namespace

std::optional<int> Comparer::InfinitySign(NodeId id) const {
  if (pool_.Is(id, Kind::kInfinity)) return 1;
  if (!pool_.Is(id, Kind::kNeg)) return std::nullopt;
  const auto inner = InfinitySign(pool_.Child(id, 0));
  return inner.has_value() ? std::optional<int>(-*inner) : std::nullopt;
}

// Whether a and b are shown to have different values at a point. A point outside the real domain of either says nothing, unless i occurs.
bool Comparer::Disjoint(NodeId a, NodeId b, int point, slong precision, bool* both_finite) {
  const bool positive = policy_.variables == Policy::Variables::kPositive;
  BallEvaluator evaluator(pool_, exact_, budget_, point, positive, precision);
  Ball x, y;
  if (!evaluator.Value(a, &x) || !evaluator.Value(b, &y) || !x.IsFinite() || !y.IsFinite()) return false;
  *both_finite = true;
  if (x.Overlaps(y)) return false;
  const bool real = arb_contains_zero(x.im()) && arb_contains_zero(y.im());
  return real || policy_.variables == Policy::Variables::kComplex || pool_.ContainsKind(a, Kind::kI) || pool_.ContainsKind(b, Kind::kI) ||
         !(pool_.ContainsKind(a, Kind::kSymbol) || pool_.ContainsKind(b, Kind::kSymbol));
}

Match Comparer::Numbers(NodeId a, NodeId b) {
  if (pool_.ContainsKind(a, Kind::kInfinity) || pool_.ContainsKind(b, Kind::kInfinity)) {
    const auto x = InfinitySign(a), y = InfinitySign(b);
    return Decide(x.has_value() && x == y ? Match::kEqual : Match::kDifferent, "infinity", "infinity");
  }
  const auto exact_a = exact_.Value(a), exact_b = exact_.Value(b);
  if (exact_a.has_value() && exact_b.has_value()) {
    return Decide(*exact_a == *exact_b ? Match::kEqual : Match::kDifferent, "number",
                  *exact_a == *exact_b ? "same_number" : "other_number");
  }
  if (exact_.undefined()) return Decide(Match::kDifferent, "number", "undefined");
  bool finite = false;
  if (Disjoint(a, b, 0, 64, &finite)) return Decide(Match::kDifferent, "ball", "values_differ");
  const bool variables = pool_.ContainsKind(a, Kind::kSymbol) || pool_.ContainsKind(b, Kind::kSymbol);
  if (variables && Disjoint(a, b, 1, 64, &finite)) return Decide(Match::kDifferent, "ball", "values_differ");
  Algebra algebra(pool_, exact_, budget_, policy_.variables == Policy::Variables::kPositive);
  const Truth truth = algebra.Equal(a, b);
  if (algebra.undefined()) return Decide(Match::kDifferent, "algebra", "undefined");
  if (truth == Truth::kFalse) return Decide(Match::kDifferent, "algebra", "values_differ");
  for (int point = variables ? 2 : 0; !finite && point < kPoints; ++point) {
    if (Disjoint(a, b, point, 128, &finite)) return Decide(Match::kDifferent, "ball", "values_differ");
    if (!variables) break;
  }
  if (truth == Truth::kTrue && (finite || algebra.divides_safely())) return Decide(Match::kEqual, "algebra", "identity");
  for (const slong precision : {128, 256, 512}) {
    for (int point = 0; point < (variables ? kPoints : 1); ++point) {
      if (Disjoint(a, b, point, precision, &finite)) return Decide(Match::kDifferent, "ball", "values_differ");
    }
  }
  return Decide(Match::kUndecided, "ball", finite ? "likely_equal" : "undecided");
}

Match Comparer::Values(NodeId a, NodeId b) {
  if (a == kNoNode || b == kNoNode) return Decide(Match::kUndecided, "budget", "over_budget");
  if (a == b) return Decide(Match::kEqual, "tree", "same_form");
  if (policy_.tolerance != Policy::Tolerance::kNone) return WithTolerance(a, b);
  return Numbers(a, b);
}

std::optional<int> Comparer::Order(NodeId a, NodeId b) {
  if (a == kNoNode || b == kNoNode || !budget_.Spend(8)) return std::nullopt;
  const auto inf_a = InfinitySign(a), inf_b = InfinitySign(b);
  if (inf_a.has_value() || inf_b.has_value()) {
    const int x = inf_a.value_or(0), y = inf_b.value_or(0);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a == b) return 0;
  const auto exact_a = exact_.Value(a), exact_b = exact_.Value(b);
  if (exact_a.has_value() && exact_b.has_value()) return *exact_a < *exact_b ? -1 : *exact_a == *exact_b ? 0 : 1;
  if (pool_.ContainsKind(a, Kind::kSymbol) || pool_.ContainsKind(b, Kind::kSymbol)) return std::nullopt;
  for (const slong precision : {64, 256}) {
    BallEvaluator evaluator(pool_, exact_, budget_, 0, true, precision);
    Ball x, y;
    if (!evaluator.Value(a, &x) || !evaluator.Value(b, &y) || !x.IsFinite() || !y.IsFinite()) return std::nullopt;
    if (!arb_contains_zero(x.im()) || !arb_contains_zero(y.im())) return std::nullopt;
    if (arb_lt(x.re(), y.re())) return -1;
    if (arb_gt(x.re(), y.re())) return 1;
    if (precision == 64 && Numbers(a, b) == Match::kEqual) return 0;
  }
  return std::nullopt;
}

Match Comparer::WithTolerance(NodeId gold, NodeId answer) {
  const bool integers = exact_.Value(gold).has_value() && exact_.Value(gold)->IsInteger() && exact_.Value(answer).has_value() &&
                        exact_.Value(answer)->IsInteger();
  if (policy_.tolerance == Policy::Tolerance::kRelative && integers) return Numbers(gold, answer);
  if (pool_.ContainsKind(gold, Kind::kSymbol) || pool_.ContainsKind(answer, Kind::kSymbol)) return Numbers(gold, answer);
  BallEvaluator evaluator(pool_, exact_, budget_, 0, true, 256);
  Ball x, y, slack;
  if (!evaluator.Value(gold, &x) || !evaluator.Value(answer, &y) || !x.IsFinite() || !y.IsFinite()) return Numbers(gold, answer);
  Ball difference;
  acb_sub(difference.raw(), x.raw(), y.raw(), 256);
  acb_abs(difference.re(), difference.raw(), 256);
  arb_zero(difference.im());
  switch (policy_.tolerance) {
    case Policy::Tolerance::kAbsolute:
      acb_set_fmpq(slack.raw(), policy_.slack.raw(), 256);
      break;
    case Policy::Tolerance::kRelative:
      acb_set_fmpq(slack.raw(), policy_.slack.raw(), 256);
      acb_abs(x.re(), x.raw(), 256);
      arb_mul(slack.re(), slack.re(), x.re(), 256);
      break;
    case Policy::Tolerance::kFloat64:
      acb_abs(x.re(), x.raw(), 256);
      arb_mul_2exp_si(slack.re(), x.re(), -53);
      break;
    case Policy::Tolerance::kFromGoldDigits: {
      // Half a unit of the last decimal shown.
      NodeId number = gold;
      if (pool_.Is(number, Kind::kNeg)) number = pool_.Child(number, 0);
      if (!pool_.Is(number, Kind::kNumber) || !pool_[number].flag) return Numbers(gold, answer);
      Rational rest = pool_.ValueOf(number), unit(1);
      for (int digits = 0; digits < 1000 && !rest.IsInteger(); ++digits) {
        rest = rest * Rational(10);
        unit = unit * Rational(1, 10);
      }
      unit = unit * Rational(1, 2);
      acb_set_fmpq(slack.raw(), unit.raw(), 256);
      break;
    }
    case Policy::Tolerance::kNone:
      break;
  }
  if (arb_le(difference.re(), slack.re())) return Decide(Match::kEqual, "tolerance", "within_tolerance");
  const Match match = Numbers(gold, answer);
  return match == Match::kUndecided && !arb_gt(difference.re(), slack.re()) ? match : match;
}

// Whether the answer stands in the form that the policy asks for; its value is right already.
bool Comparer::FormFits(NodeId gold, NodeId answer) const {
  if (policy_.form == Policy::Form::kValue) return true;
  std::vector<char> needed(answer + 1, 0);
  needed[answer] = 1;
  for (NodeId id = answer + 1; id-- > 0;) {
    if (!needed[id]) continue;
    const Node& node = pool_[id];
    for (const NodeId child : pool_.Children(id)) needed[child] = 1;
    const auto is_number = [&](NodeId child) {
      return pool_.Is(child, Kind::kNumber) || (pool_.Is(child, Kind::kNeg) && pool_.Is(pool_.Child(child, 0), Kind::kNumber));
    };
    if (policy_.form == Policy::Form::kExact && node.kind == Kind::kNumber && node.flag && !pool_.ContainsKind(gold, Kind::kNumber))
      return false;
    if (policy_.form == Policy::Form::kExact && node.kind == Kind::kNumber && node.flag &&
        !(pool_.Is(gold, Kind::kNumber) && pool_[gold].flag))
      return false;
    if (policy_.form == Policy::Form::kReduced || policy_.form == Policy::Form::kSimplified) {
      if (node.kind == Kind::kDiv && is_number(pool_.Child(id, 0)) && is_number(pool_.Child(id, 1))) {
        NodeId n = pool_.Child(id, 0), d = pool_.Child(id, 1);
        if (pool_.Is(n, Kind::kNeg)) n = pool_.Child(n, 0);
        if (pool_.Is(d, Kind::kNeg)) return false;
        const Rational quotient = pool_.ValueOf(n) / pool_.ValueOf(d);
        if (!(fmpz_equal(quotient.num(), pool_.ValueOf(n).num()) && fmpz_equal(quotient.den(), pool_.ValueOf(d).num())) ||
            quotient.IsInteger())
          return false;
      }
    }
    if (policy_.form == Policy::Form::kSimplified) {
      if (node.kind == Kind::kPow && is_number(pool_.Child(id, 0)) && is_number(pool_.Child(id, 1))) return false;
      if (node.kind == Kind::kAdd || node.kind == Kind::kMul) {
        int numbers = 0;
        for (const NodeId child : pool_.Children(id)) numbers += is_number(child);
        if (numbers > 1) return false;
      }
      if (node.kind == Kind::kRoot && is_number(pool_.Child(id, 0)) && exact_.Value(id).has_value()) return false;
    }
  }
  if (policy_.form == Policy::Form::kFactored) {
    const auto factored = [&](NodeId id) {
      while (pool_.Is(id, Kind::kNeg)) id = pool_.Child(id, 0);
      return pool_.Is(id, Kind::kMul) || pool_.Is(id, Kind::kPow) || pool_.Is(id, Kind::kDiv);
    };
    return factored(answer) || !factored(gold);
  }
  return true;
}

}  // namespace hone::math
