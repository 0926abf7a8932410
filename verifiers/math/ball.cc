#include "verifiers/math/ball.h"

#include <algorithm>
#include <string_view>

#include "lib/base/hash.h"

namespace hone::math {
namespace {
// Arguments beyond this are no use to a function with 64 to 512 bits.
constexpr slong kMaxArgumentExponent = 200;

bool Moderate(const Ball& x) {
  return x.IsFinite() && mag_cmp_2exp_si(arb_radref(x.re()), kMaxArgumentExponent) < 0 &&
         arf_cmpabs_2exp_si(arb_midref(x.re()), kMaxArgumentExponent) < 0 &&
         mag_cmp_2exp_si(arb_radref(x.im()), kMaxArgumentExponent) < 0 && arf_cmpabs_2exp_si(arb_midref(x.im()), kMaxArgumentExponent) < 0;
}

void SetRational(Ball& ball, const Rational& value, slong precision) {
  acb_set_fmpq(ball.raw(), value.raw(), precision);
}
}  // namespace

void PowerOf(Ball& result, const Ball& base, const Ball& exponent, const Rational* exact, slong precision) {
  if (exact != nullptr && exact->IsInteger() && fmpz_bits(exact->num()) <= 256) {
    acb_pow_fmpz(result.raw(), base.raw(), exact->num(), precision);
    return;
  }
  Ball logarithm;
  const bool real = arb_is_zero(base.im());
  if (real && arb_is_negative(base.re()) && exact != nullptr && fmpz_is_odd(exact->den())) {
    arb_neg(result.re(), base.re());
    arb_zero(result.im());
    arb_log(logarithm.re(), result.re(), precision);
    arb_mul(logarithm.re(), logarithm.re(), exponent.re(), precision);
    if (!Moderate(logarithm)) {
      acb_indeterminate(result.raw());
      return;
    }
    arb_exp(result.re(), logarithm.re(), precision);
    if (fmpz_is_odd(exact->num())) arb_neg(result.re(), result.re());
    return;
  }
  if (real && arb_contains_zero(base.re()) && !arb_is_zero(base.re()) && exact != nullptr && exact->Sign() > 0) {
    acb_root_ui(result.raw(), base.raw(), 2, precision);  // an enclosure is wanted, not a sharp one
    if (!(*exact == Rational(1, 2))) acb_indeterminate(result.raw());
    return;
  }
  if (arb_is_zero(base.re()) && real) {
    if (exact != nullptr && exact->Sign() > 0) {
      acb_zero(result.raw());
    } else {
      acb_indeterminate(result.raw());
    }
    return;
  }
  if (exact != nullptr && *exact == Rational(1, 2)) {
    acb_sqrt(result.raw(), base.raw(), precision);
    return;
  }
  acb_log(logarithm.raw(), base.raw(), precision);
  acb_mul(logarithm.raw(), logarithm.raw(), exponent.raw(), precision);
  if (!Moderate(logarithm)) {
    acb_indeterminate(result.raw());
    return;
  }
  acb_exp(result.raw(), logarithm.raw(), precision);
}

// A fixed value for a variable, by its name, so that a pair gives the same points on every machine.
Rational BallEvaluator::Coordinate(NodeId symbol) const {
  const uint64_t hash = Hash64(std::string_view(pool_.NameOf(pool_[symbol].value)), static_cast<uint64_t>(point_) + 1);
  const auto numerator = static_cast<int64_t>(hash % 1987) + 13;
  const auto denominator = static_cast<int64_t>(hash >> 32 & 511) + 389;
  // Odd points: all variables below zero, every second one, the others, some.
  uint64_t rank = 0;
  if (!positive_ && point_ % 2 == 1) {
    for (NodeId id = 0; id < symbol; ++id) rank += pool_[id].kind == Kind::kSymbol;
  }
  const bool pattern[] = {true, rank % 2 == 0, rank % 2 == 1, (hash >> 50) % 2 == 1};
  const bool negative = !positive_ && point_ % 2 == 1 && pattern[point_ / 2 % 4];
  return Rational(negative ? -numerator : numerator) / Rational(denominator);
}

bool BallEvaluator::Value(NodeId id, Ball* result) {
  const Node& node = pool_[id];
  if (node.kind == Kind::kNumber) {
    SetRational(*result, pool_.ValueOf(id), precision_);
    return true;
  }
  if (bound_.empty() && node.depth > 1) {
    if (const auto found = known_.find(id); found != known_.end()) {
      *result = found->second;
      return true;
    }
  }
  if (!budget_.Spend(20 + precision_ / 8)) return false;
  if (!Compute(id, result)) return false;
  if (bound_.empty() && node.depth > 1) known_[id] = *result;
  return true;
}

bool BallEvaluator::FiniteSum(NodeId id, Ball* result) {
  const NodeId variable = pool_.Child(id, 0);
  const auto from = exact_.Value(pool_.Child(id, 1)), to = exact_.Value(pool_.Child(id, 2));
  if (!from.has_value() || !to.has_value() || bound_.contains(variable)) return false;
  const auto first = from->Small(1 << 30), last = to->Small(1 << 30);
  if (!first.has_value() || !last.has_value() || *last - *first >= ExactEvaluator::kMaxTerms) return false;
  const bool product = pool_[id].value != 0;
  Ball total, term;
  if (product) acb_one(total.raw());
  bool good = true;
  for (int64_t i = *first; i <= *last && good; ++i) {
    bound_[variable] = Rational(i);
    good = Value(pool_.Child(id, 3), &term);
    if (product) {
      acb_mul(total.raw(), total.raw(), term.raw(), precision_);
    } else {
      acb_add(total.raw(), total.raw(), term.raw(), precision_);
    }
  }
  bound_.erase(variable);
  *result = total;
  return good;
}

bool BallEvaluator::Compute(NodeId id, Ball* result) {
  const Node node = pool_[id];
  const slong p = precision_;
  switch (node.kind) {
    case Kind::kSymbol: {
      const auto found = bound_.find(id);
      SetRational(*result, found == bound_.end() ? Coordinate(id) : found->second, p);
      return true;
    }
    case Kind::kPi:
      acb_const_pi(result->raw(), p);
      return true;
    case Kind::kE:
      arb_const_e(result->re(), p);
      arb_zero(result->im());
      return true;
    case Kind::kI:
      acb_onei(result->raw());
      return true;
    case Kind::kSum:
      return FiniteSum(id, result);
    default:
      break;
  }
  if (node.kind > Kind::kDegree || node.count == 0 || node.kind == Kind::kPlusMinus || node.kind == Kind::kApply) return false;
  std::vector<Ball> values(node.count);
  for (size_t i = 0; i < node.count; ++i) {
    if (!Value(pool_.Child(id, i), &values[i])) return false;
  }
  acb_ptr r = result->raw();
  switch (node.kind) {
    case Kind::kAdd:
      acb_set(r, values[0].raw());
      for (size_t i = 1; i < values.size(); ++i) acb_add(r, r, values[i].raw(), p);
      return true;
    case Kind::kMul:
      acb_set(r, values[0].raw());
      for (size_t i = 1; i < values.size(); ++i) acb_mul(r, r, values[i].raw(), p);
      return true;
    case Kind::kDiv:
      acb_div(r, values[0].raw(), values[1].raw(), p);
      return true;
    case Kind::kNeg:
      acb_neg(r, values[0].raw());
      return true;
    case Kind::kDegree:
      acb_const_pi(r, p);
      acb_mul(r, r, values[0].raw(), p);
      acb_div_ui(r, r, 180, p);
      return true;
    case Kind::kPow: {
      const auto exact = bound_.empty() ? exact_.Value(pool_.Child(id, 1)) : std::nullopt;
      // A squaring for each bit; where the result leaves the exponents of machine words, each of them allocates.
      const int64_t bits = exact.has_value() ? exact->Bits() : 0;
      if (!budget_.Spend(exact.has_value() ? 100 + p + bits * (bits > 60 ? 80 : 4) : 400 + 2 * p)) return false;
      PowerOf(*result, values[0], values[1], exact.has_value() ? &*exact : nullptr, p);
      if (!exact.has_value() && arb_is_exact(values[1].re()) && arb_is_int(values[1].re()) && arb_is_zero(values[1].im())) {
        Rational whole;
        if (arf_cmpabs_2exp_si(arb_midref(values[1].re()), 60) < 0) {
          fmpz_set_si(whole.num(), arf_get_si(arb_midref(values[1].re()), ARF_RND_DOWN));
          PowerOf(*result, values[0], values[1], &whole, p);
        }
      }
      return true;
    }
    case Kind::kRoot: {
      const auto index = exact_.Value(pool_.Child(id, 1));
      if (!index.has_value() || index->Sign() <= 0) return false;
      const Rational inverse = Rational(1) / *index;
      Ball exponent;
      SetRational(exponent, inverse, p);
      if (!budget_.Spend(200 + p)) return false;
      PowerOf(*result, values[0], exponent, &inverse, p);
      return true;
    }
    case Kind::kAbs:
      acb_abs(result->re(), values[0].raw(), p);
      arb_zero(result->im());
      return true;
    case Kind::kFloor:
    case Kind::kCeil: {
      if (!arb_is_zero(values[0].im()) || !Moderate(values[0])) return false;
      Ball rounded;
      if (node.kind == Kind::kFloor) {
        arb_floor(rounded.re(), values[0].re(), p);
      } else {
        arb_ceil(rounded.re(), values[0].re(), p);
      }
      *result = rounded;
      return true;
    }
    case Kind::kFactorial: {
      if (node.value != 0) return false;
      if (!arb_is_zero(values[0].im()) || !Moderate(values[0]) || arf_cmpabs_2exp_si(arb_midref(values[0].re()), 30) > 0) return false;
      if (!budget_.Spend(20 * p)) return false;
      arb_add_ui(result->re(), values[0].re(), 1, p);
      arb_gamma(result->re(), result->re(), p);
      arb_zero(result->im());
      return true;
    }
    case Kind::kBinomial: {
      if (!Moderate(values[0]) || !Moderate(values[1]) || !arb_is_zero(values[0].im()) || !arb_is_zero(values[1].im())) return false;
      if (arf_cmpabs_2exp_si(arb_midref(values[0].re()), 30) > 0 || arf_cmpabs_2exp_si(arb_midref(values[1].re()), 30) > 0) return false;
      if (!budget_.Spend(60 * p)) return false;
      Ball n, k, d;
      arb_add_ui(n.re(), values[0].re(), 1, p);
      arb_add_ui(k.re(), values[1].re(), 1, p);
      arb_sub(d.re(), n.re(), values[1].re(), p);
      arb_gamma(n.re(), n.re(), p);
      arb_rgamma(k.re(), k.re(), p);
      arb_rgamma(d.re(), d.re(), p);
      arb_mul(n.re(), n.re(), k.re(), p);
      arb_mul(n.re(), n.re(), d.re(), p);
      *result = n;
      return true;
    }
    case Kind::kFunction:
      return Call(static_cast<Function>(node.value), values, id, result);
    default:
      return false;
  }
}

bool BallEvaluator::Call(Function function, const std::vector<Ball>& arguments, NodeId id, Ball* result) {
  const slong p = precision_;
  for (const Ball& argument : arguments) {
    if (!Moderate(argument)) return false;
  }
  if (!budget_.Spend(150 + p)) return false;
  acb_srcptr x = arguments[0].raw();
  acb_ptr r = result->raw();
  switch (function) {
    case Function::kSin:
      acb_sin(r, x, p);
      return true;
    case Function::kCos:
      acb_cos(r, x, p);
      return true;
    case Function::kTan:
      acb_tan(r, x, p);
      return true;
    case Function::kCot:
      acb_cot(r, x, p);
      return true;
    case Function::kSec:
      acb_cos(r, x, p);
      acb_inv(r, r, p);
      return true;
    case Function::kCsc:
      acb_sin(r, x, p);
      acb_inv(r, r, p);
      return true;
    case Function::kAsin:
      acb_asin(r, x, p);
      return true;
    case Function::kAcos:
      acb_acos(r, x, p);
      return true;
    case Function::kAtan:
      acb_atan(r, x, p);
      return true;
    case Function::kAcot: {
      Ball half_pi;
      acb_const_pi(half_pi.raw(), p);
      acb_mul_2exp_si(half_pi.raw(), half_pi.raw(), -1);
      acb_atan(r, x, p);
      acb_sub(r, half_pi.raw(), r, p);
      return true;
    }
    case Function::kSinh:
      acb_sinh(r, x, p);
      return true;
    case Function::kCosh:
      acb_cosh(r, x, p);
      return true;
    case Function::kTanh:
      acb_tanh(r, x, p);
      return true;
    case Function::kExp:
      acb_exp(r, x, p);
      return true;
    case Function::kLn:
      acb_log(r, x, p);
      return true;
    case Function::kLog:
    case Function::kLogBase: {
      Ball base;
      if (function == Function::kLog) {
        acb_set_ui(base.raw(), 10);
      } else {
        base = arguments[0];
        x = arguments[1].raw();
      }
      acb_log(base.raw(), base.raw(), p);
      acb_log(r, x, p);
      acb_div(r, r, base.raw(), p);
      return true;
    }
    case Function::kRe:
      acb_set_arb(r, arguments[0].re());
      return true;
    case Function::kIm:
      acb_set_arb(r, arguments[0].im());
      return true;
    case Function::kArg:
      acb_arg(result->re(), x, p);
      arb_zero(result->im());
      return true;
    case Function::kConjugate:
      acb_conj(r, x);
      return true;
    case Function::kMax:
    case Function::kMin:
      acb_set(r, x);
      for (const Ball& argument : arguments) {
        if (!arb_is_zero(argument.im())) return false;
        if (function == Function::kMax) {
          arb_max(result->re(), result->re(), argument.re(), p);
        } else {
          arb_min(result->re(), result->re(), argument.re(), p);
        }
      }
      return true;
    default: {  // gcd and lcm: of integers only
      const auto exact = exact_.Value(id);
      if (!exact.has_value()) return false;
      SetRational(*result, *exact, p);
      return true;
    }
  }
}

}  // namespace hone::math
