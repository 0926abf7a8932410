#include "verifiers/math/exact.h"

#include <algorithm>

namespace hone::math {

std::optional<Rational> RationalRoot(const Rational& base, int64_t index) {
  Rational root;
  if (index < 1 || index > 1 << 20) return std::nullopt;
  if (!fmpz_root(root.num(), base.num(), static_cast<slong>(index)) || !fmpz_root(root.den(), base.den(), static_cast<slong>(index)))
    return std::nullopt;
  return root;
}

std::optional<Rational> ExactEvaluator::Value(NodeId id) {
  if (pool_[id].kind == Kind::kNumber) return pool_.ValueOf(id);
  if (!bound_.empty()) return Compute(id);
  if (known_.size() < pool_.size()) {
    known_.resize(pool_.size(), 0);
    values_.resize(pool_.size());
  }
  if (known_[id] == 1) return values_[id];
  if (known_[id] == 2) return std::nullopt;
  std::optional<Rational> value = Compute(id);
  known_[id] = value.has_value() ? 1 : 2;
  if (value.has_value()) values_[id] = *value;
  return value;
}

std::optional<Rational> ExactEvaluator::Power(const Rational& base, const Rational& exponent) {
  if (base.IsOne()) return base;
  if (exponent.IsZero()) {
    if (!base.IsZero()) return Rational(1);
    undefined_ = true;
    return std::nullopt;
  }
  if (base.IsZero()) {
    if (exponent.Sign() > 0) return base;
    undefined_ = true;
    return std::nullopt;
  }
  const auto index = Rational(fmpz_get_si(exponent.den())).Small(64);
  if (COEFF_IS_MPZ(*exponent.den()) || !index.has_value()) return std::nullopt;
  Rational root = base;
  if (*index > 1) {
    // The real root: of a negative number only for an odd index.
    if (base.Sign() < 0 && *index % 2 == 0) return std::nullopt;
    if (!budget_.Spend(base.Bits() / 8)) return std::nullopt;
    const auto positive = RationalRoot(base.Abs(), *index);
    if (!positive.has_value()) return std::nullopt;
    root = base.Sign() < 0 ? -*positive : *positive;
  }
  Rational whole;
  fmpz_set(whole.num(), exponent.num());
  if (root.Abs().IsOne()) return fmpz_is_even(whole.num()) ? Rational(1) : root;
  const auto n = whole.Small(kMaxBits);
  if (!n.has_value()) return std::nullopt;
  const int64_t bits = root.Bits() * (*n < 0 ? -*n : *n);
  if (bits > kMaxBits || !budget_.Spend(bits / 16)) return std::nullopt;
  return root.Power(*n);
}

std::optional<Rational> ExactEvaluator::FiniteSum(const Node& node, NodeId id) {
  const NodeId variable = pool_.Child(id, 0), body = pool_.Child(id, 3);
  const auto from = Value(pool_.Child(id, 1)), to = Value(pool_.Child(id, 2));
  if (!from.has_value() || !to.has_value()) return std::nullopt;
  const auto first = from->Small(1 << 30), last = to->Small(1 << 30);
  if (!first.has_value() || !last.has_value() || *last - *first >= kMaxTerms) return std::nullopt;
  Rational total(node.value == 0 ? 0 : 1);
  const auto outer = bound_.find(variable) == bound_.end() ? std::nullopt : std::optional<Rational>(bound_[variable]);
  bool good = true;
  for (int64_t i = *first; i <= *last && good; ++i) {
    bound_[variable] = Rational(i);
    const auto term = Value(body);
    good = term.has_value() && budget_.Spend(4 + total.Bits() / 16);
    if (good) total = node.value == 0 ? total + *term : total * *term;
    good = good && total.Bits() <= kMaxBits;
  }
  if (outer.has_value()) {
    bound_[variable] = *outer;
  } else {
    bound_.erase(variable);
  }
  if (!good) return std::nullopt;
  return total;
}

std::optional<Rational> ExactEvaluator::Compute(NodeId id) {
  const Node node = pool_[id];
  if (!budget_.Spend(4)) return std::nullopt;
  if (node.kind == Kind::kSymbol) {
    const auto found = bound_.find(id);
    return found == bound_.end() ? std::nullopt : std::optional<Rational>(found->second);
  }
  if (node.kind == Kind::kSum) return FiniteSum(node, id);
  if (node.kind > Kind::kBinomial) return std::nullopt;
  if (node.count == 0) return std::nullopt;
  std::vector<Rational> values;
  values.reserve(node.count);
  int64_t bits = 0, denominator_bits = 0;
  for (const NodeId child : pool_.Children(id)) {
    auto value = Value(child);
    if (!value.has_value()) return std::nullopt;
    bits += value->Bits();
    denominator_bits += static_cast<int64_t>(fmpz_bits(value->den()));
    values.push_back(std::move(*value));
  }
  // Fractions cost a greatest common divisor.
  if (bits > 2 * kMaxBits || !budget_.Spend(bits / 16 + (bits / 64) * (denominator_bits / 64) / 50)) return std::nullopt;
  switch (node.kind) {
    case Kind::kAdd: {
      Rational sum = values[0];
      for (size_t i = 1; i < values.size(); ++i) sum = sum + values[i];
      return sum;
    }
    case Kind::kMul: {
      Rational product = values[0];
      for (size_t i = 1; i < values.size(); ++i) product = product * values[i];
      return product;
    }
    case Kind::kDiv:
      if (values[1].IsZero()) {
        undefined_ = true;
        return std::nullopt;
      }
      return values[0] / values[1];
    case Kind::kNeg:
      return -values[0];
    case Kind::kAbs:
      return values[0].Abs();
    case Kind::kFloor:
      return values[0].Floor();
    case Kind::kCeil:
      return -(-values[0]).Floor();
    case Kind::kPow:
      return Power(values[0], values[1]);
    case Kind::kRoot:
      if (values[1].Sign() <= 0 || !values[1].IsInteger()) return std::nullopt;
      return Power(values[0], Rational(1) / values[1]);
    case Kind::kFactorial: {
      const auto n = values[0].Small(20'000);
      if (!n.has_value() || *n < 0 || !budget_.Spend(*n)) return std::nullopt;
      Rational result(1);
      if (node.value == 0) {
        fmpz_fac_ui(result.num(), static_cast<ulong>(*n));
        return result;
      }
      if (*n > 2'000 || !budget_.Spend(*n * 4)) return std::nullopt;
      for (int64_t k = *n; k > 1; k -= 2) fmpz_mul_ui(result.num(), result.num(), static_cast<ulong>(k));
      return result;
    }
    case Kind::kBinomial: {
      const auto n = values[0].Small(1'000'000'000), k = values[1].Small(1'000'000'000);
      if (!n.has_value() || !k.has_value() || *n < 0) return std::nullopt;
      if (*k < 0 || *k > *n) return Rational(0);
      const int64_t least = std::min(*k, *n - *k);
      if (least > 2'000 || !budget_.Spend(20 * least)) return std::nullopt;
      Rational result;
      fmpz_bin_uiui(result.num(), static_cast<ulong>(*n), static_cast<ulong>(least));
      return result;
    }
    case Kind::kFunction: {
      const auto function = static_cast<Function>(node.value);
      if (function == Function::kMax) return *std::max_element(values.begin(), values.end());
      if (function == Function::kMin) return *std::min_element(values.begin(), values.end());
      if (function == Function::kRe || function == Function::kConjugate) return values[0];
      if (function == Function::kIm) return Rational(0);
      if (function != Function::kGcd && function != Function::kLcm) return std::nullopt;
      Rational result = values[0].Abs();
      for (const Rational& value : values) {
        if (!value.IsInteger()) return std::nullopt;
        if (function == Function::kGcd) {
          fmpz_gcd(result.num(), result.num(), value.num());
        } else {
          fmpz_lcm(result.num(), result.num(), value.num());
        }
      }
      return result;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace hone::math
