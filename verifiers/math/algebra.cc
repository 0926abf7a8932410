// Arithmetic of fractions, generators and their relations. Powers are in algebra_powers.cc, functions in
// algebra_functions.cc, zero tests in algebra_zero.cc.
#include "verifiers/math/algebra.h"

#include <algorithm>

#include "fmt/format.h"

namespace hone::math {
namespace {
constexpr int64_t kMaxScale = 64;
constexpr int kMaxRestarts = 4;
constexpr uint32_t kSumNames = 900, kDoubleFactorial = 910;  // of kNamed generators
}  // namespace

bool Algebra::Sum(const Fraction& a, const Fraction& b, int sign, Fraction* result) {
  Fraction sum;
  if (a.den == b.den) {
    if (!math::Add(a.num, b.num, sign, budget_, &sum.num)) return false;
    sum.den = a.den;
  } else {
    Poly left, right;
    if (!Multiply(a.num, b.den, budget_, &left) || !Multiply(b.num, a.den, budget_, &right)) return false;
    if (!math::Add(left, right, sign, budget_, &sum.num) || !Multiply(a.den, b.den, budget_, &sum.den)) return false;
  }
  *result = std::move(sum);
  return Reduce(result);
}

bool Algebra::Product(const Fraction& a, const Fraction& b, Fraction* result) {
  Fraction product;
  if (!Multiply(a.num, b.num, budget_, &product.num) || !Multiply(a.den, b.den, budget_, &product.den)) return false;
  *result = std::move(product);
  return Reduce(result);
}

bool Algebra::Quotient(const Fraction& a, const Fraction& b, Fraction* result) {
  if (b.num.IsZero()) {
    undefined_ = true;
    return false;
  }
  Fraction inverse;
  inverse.num = b.den;
  inverse.den = b.num;
  return Product(a, inverse, result);
}

// Whether every generator of a has a relation that lowers its powers.
bool Algebra::IsLowered(const Fraction& a) const {
  bool any = false;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!a.num.Uses(static_cast<int>(g)) && !a.den.Uses(static_cast<int>(g))) continue;
    if (generators_[g].root == 0 || !generators_[g].constant) return false;
    any = true;
  }
  return any;
}

bool Algebra::IntegerPower(const Fraction& a, int64_t n, Fraction* result) {
  if (n < 0 && a.num.IsZero()) {
    undefined_ = true;
    return false;
  }
  constexpr int64_t kWrittenOut = 8;
  if (std::abs(n) > kWrittenOut && IsLowered(a)) {
    // By squares: the relations keep every one of them short.
    Fraction square = a, product(Rational(1));
    for (int64_t rest = std::abs(n); rest > 0; rest /= 2) {
      if (rest % 2 == 1 && !Product(product, square, &product)) return false;
      if (rest > 1 && !Product(square, square, &square)) return false;
    }
    return n < 0 ? Quotient(Fraction(Rational(1)), product, result) : (*result = std::move(product), true);
  }
  Fraction power;
  if (!math::Power(n < 0 ? a.den : a.num, std::abs(n), budget_, &power.num)) return false;
  if (!math::Power(n < 0 ? a.num : a.den, std::abs(n), budget_, &power.den)) return false;
  *result = std::move(power);
  return Reduce(result);
}

// Numerator and denominator are made free of powers that a relation lowers, and of a common factor that is a term.
bool Algebra::Reduce(Fraction* f) {
  Poly factor(1);
  if (!ReducePoly(&f->num, &factor)) return false;
  if (!factor.IsOne() && !Multiply(f->den, factor, budget_, &f->den)) return false;
  factor = Poly(1);
  if (!ReducePoly(&f->den, &factor)) return false;
  if (!factor.IsOne() && (!Multiply(f->num, factor, budget_, &f->num) || !ReducePoly(&f->num, &factor))) return false;
  if (f->den.IsZero()) {
    undefined_ = true;
    return false;
  }
  if (f->num.IsZero()) {
    f->den = Poly(1);
    return true;
  }
  if (f->den.IsOne()) return true;
  if (!budget_.Spend((f->num.Length() + f->den.Length()) * (5 + (f->num.Bits() + f->den.Bits()) / 32))) return false;
  // The largest term that divides all terms of both.
  Poly a, b;
  fmpz_mpoly_term_content(a.raw(), f->num.raw(), PolyContext());
  fmpz_mpoly_term_content(b.raw(), f->den.raw(), PolyContext());
  if (!fmpz_mpoly_gcd(a.raw(), a.raw(), b.raw(), PolyContext())) return false;
  if (fmpz_sgn(f->den.raw()->coeffs) < 0) fmpz_mpoly_neg(a.raw(), a.raw(), PolyContext());
  if (a.IsOne()) return true;
  return fmpz_mpoly_divides(f->num.raw(), f->num.raw(), a.raw(), PolyContext()) &&
         fmpz_mpoly_divides(f->den.raw(), f->den.raw(), a.raw(), PolyContext());
}

// *p becomes *p times the factor that *denominator is multiplied with.
bool Algebra::ReducePoly(Poly* p, Poly* denominator) {
  for (int round = 0; round < 8; ++round) {
    bool changed = false;
    for (int g = static_cast<int>(generators_.size()) - 1; g >= 0; --g) {
      const int root = generators_[g].root;
      if (root == 0 || p->IsConstant()) continue;
      const int64_t degree = p->Degree(g);
      if (degree < root) continue;
      if (!budget_.Spend(50 + p->Length() * 20)) return false;
      changed = true;
      const int64_t highest = degree / root;
      std::vector<Poly> parts(highest + 1);
      for (int64_t t = 0; t < p->Length(); ++t) {
        Exponents exponents = p->TermExponents(t);
        const int64_t times = static_cast<int64_t>(exponents[g]) / root;
        exponents[g] %= root;
        parts[times].AddTerm(p->TermCoefficient(t).num(), exponents);
      }
      const Fraction radicand = generators_[g].radicand;
      Poly sum;
      for (int64_t times = 0; times <= highest; ++times) {
        if (parts[times].Length() == 0) continue;
        parts[times].Tidy();
        Poly power, other, term;
        if (!math::Power(radicand.num, times, budget_, &power) || !math::Power(radicand.den, highest - times, budget_, &other))
          return false;
        if (!Multiply(parts[times], power, budget_, &term) || !Multiply(term, other, budget_, &term)) return false;
        if (!math::Add(sum, term, 1, budget_, &sum)) return false;
      }
      *p = std::move(sum);
      Poly power;
      if (!math::Power(radicand.den, highest, budget_, &power) || !Multiply(*denominator, power, budget_, denominator)) return false;
    }
    if (!changed) return true;
  }
  return false;
}

bool Algebra::Same(const Fraction& a, const Fraction& b) {
  Poly left, right;
  if (!Multiply(a.num, b.den, budget_, &left) || !Multiply(b.num, a.den, budget_, &right)) return false;
  if (left == right) return true;
  Poly factor(1);
  return math::Add(left, right, -1, budget_, &left) && ReducePoly(&left, &factor) && left.IsZero();
}

int Algebra::Find(Type type, uint32_t name, const std::vector<Fraction>& arguments, const Rational& base) {
  for (size_t g = 0; g < generators_.size(); ++g) {
    const Generator& candidate = generators_[g];
    if (candidate.type != type || candidate.name != name || candidate.arguments.size() != arguments.size() || !(candidate.base == base))
      continue;
    bool same = true;
    for (size_t i = 0; i < arguments.size() && same; ++i) same = Same(generators_[g].arguments[i], arguments[i]);
    if (same) return static_cast<int>(g);
  }
  return -1;
}

int Algebra::Add(Generator generator) {
  if (generators_.size() >= kMaxGenerators) return -1;
  for (const Fraction& argument : generator.arguments) generator.constant = generator.constant && IsConstant(argument);
  generators_.push_back(std::move(generator));
  return static_cast<int>(generators_.size() - 1);
}

bool Algebra::IsConstant(const Poly& p) const {
  if (p.IsConstant()) return true;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!generators_[g].constant && p.Uses(static_cast<int>(g))) return false;
  }
  return true;
}

int Algebra::AsGenerator(const Fraction& a) const {
  if (!a.den.IsOne() || a.num.Length() != 1 || a.num.TotalDegree() != 1 || !a.num.TermCoefficient(0).IsOne()) return -1;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (a.num.Uses(static_cast<int>(g))) return static_cast<int>(g);
  }
  return -1;
}

int Algebra::ImaginaryUnit() {
  if (const int found = Find(Type::kI, 0, {}, Rational()); found >= 0) return found;
  Generator generator{.type = Type::kI, .root = 2, .radicand = Fraction(Rational(-1)), .algebraic = true};
  return Add(std::move(generator));
}

bool Algebra::Split(const Fraction& a, std::vector<Part>* parts) {
  parts->clear();
  if (a.num.IsZero()) return true;
  if (a.den.IsConstant()) {
    if (a.num.Length() > 50) return false;
    const Rational denominator = a.den.Constant();
    for (int64_t t = 0; t < a.num.Length(); ++t) {
      Part part;
      part.coefficient = a.num.TermCoefficient(t) / denominator;
      const Exponents exponents = a.num.TermExponents(t);
      for (int g = 0; g < kMaxGenerators; ++g) {
        if (exponents[g] > 0) part.key += fmt::format("g{}^{}", g, exponents[g]);
      }
      part.is_one = part.key.empty();
      part.unit.num.AddTerm(Rational(1).num(), exponents);
      parts->push_back(std::move(part));
    }
    return true;
  }
  // One part: the rational content and the rest.
  Part part;
  part.is_one = false;
  part.unit = a;
  const auto content = [](Poly* p) {
    Rational c;
    _fmpz_vec_content(c.num(), p->raw()->coeffs, p->Length());
    if (fmpz_sgn(p->raw()->coeffs) < 0) fmpz_neg(c.num(), c.num());
    fmpz_mpoly_scalar_divexact_fmpz(p->raw(), p->raw(), c.num(), PolyContext());
    return c;
  };
  part.coefficient = content(&part.unit.num);
  part.coefficient = part.coefficient / content(&part.unit.den);
  size_t index = 0;
  while (index < units_.size() && !Same(units_[index], part.unit)) ++index;
  if (index == units_.size()) {
    units_.push_back(part.unit);
  } else {
    part.unit = units_[index];
  }
  part.key = fmt::format("u{}", index);
  parts->push_back(std::move(part));
  return true;
}

// The least common multiple of all denominators met in front of `key`; a larger one than before makes the pair start again.
bool Algebra::ScaleFor(const std::string& key, const Rational& coefficient, int64_t* scale) {
  if (fmpz_cmp_si(coefficient.den(), kMaxScale) > 0) return false;
  const int64_t denominator = fmpz_get_si(coefficient.den());
  int64_t& known = scales_.try_emplace(key, denominator).first->second;
  if (known % denominator != 0) {
    Rational lcm(known);
    fmpz_lcm(lcm.num(), lcm.num(), coefficient.den());
    if (fmpz_cmp_si(lcm.num(), kMaxScale) > 0) return false;
    known = fmpz_get_si(lcm.num());
    restart_ = true;
    return false;
  }
  *scale = known;
  return true;
}

bool Algebra::BuildBoth(NodeId a, NodeId b, Fraction* fa, Fraction* fb) {
  for (int round = 0; round <= kMaxRestarts; ++round) {
    generators_.clear();
    built_.clear();
    units_.clear();
    restart_ = false;
    undefined_ = false;
    if (Build(a, fa) && Build(b, fb)) return true;
    if (!restart_) return false;
  }
  return false;
}

bool Algebra::Build(NodeId id, Fraction* result) {
  if (const auto found = built_.find(id); found != built_.end()) {
    *result = found->second;
    return true;
  }
  if (!budget_.Spend(80)) return false;
  if (!Compute(id, result)) return false;
  built_[id] = *result;
  return true;
}

bool Algebra::Compute(NodeId id, Fraction* result) {
  const Node node = pool_[id];
  if (const auto exact = exact_.Value(id)) {
    *result = Fraction(*exact);
    return true;
  }
  if (exact_.undefined()) {
    undefined_ = true;
    return false;
  }
  switch (node.kind) {
    case Kind::kSymbol:
    case Kind::kDots:
    case Kind::kOpaque: {
      int g = Find(Type::kSymbol, id, {}, Rational());
      if (g < 0) g = Add({.type = Type::kSymbol, .name = id, .constant = false});
      if (g < 0) return false;
      *result = Fraction(Poly::Generator(g));
      return true;
    }
    case Kind::kPi: {
      int g = Find(Type::kPi, 0, {}, Rational());
      if (g < 0) g = Add({.type = Type::kPi});
      if (g < 0) return false;
      *result = Fraction(Poly::Generator(g));
      return true;
    }
    case Kind::kE:
      return ExpOf(Rational(), nullptr, Fraction(Rational(1)), result);
    case Kind::kI: {
      const int g = ImaginaryUnit();
      if (g < 0) return false;
      *result = Fraction(Poly::Generator(g));
      return true;
    }
    case Kind::kAdd:
    case Kind::kMul: {
      Fraction total;
      if (!Build(pool_.Child(id, 0), &total)) return false;
      for (size_t i = 1; i < node.count; ++i) {
        Fraction next;
        if (!Build(pool_.Child(id, i), &next)) return false;
        if (!(node.kind == Kind::kAdd ? Sum(total, next, 1, &total) : Product(total, next, &total))) return false;
      }
      *result = std::move(total);
      return true;
    }
    default:
      break;
  }
  if (node.kind > Kind::kDegree && node.kind != Kind::kMatrix) return false;
  if (node.kind == Kind::kFunction || node.kind == Kind::kApply || node.kind == Kind::kMatrix) return Call(id, result);
  if (node.kind == Kind::kPlusMinus) return false;
  if (node.kind == Kind::kSum) {
    // Known by its range and its terms; the parser gives the variable a name of its own.
    std::vector<Fraction> parts(3);
    for (size_t i = 0; i < 3; ++i) {
      if (!Build(pool_.Child(id, i + 1), &parts[i])) return false;
    }
    return NamedOf(kSumNames + node.value, std::move(parts), result);
  }
  std::vector<Fraction> f(node.count);
  for (size_t i = 0; i < node.count; ++i) {
    // e^x: the exponent is all that counts.
    if (node.kind == Kind::kPow && i == 0 && pool_.Is(pool_.Child(id, 0), Kind::kE)) continue;
    if (!Build(pool_.Child(id, i), &f[i])) return false;
  }
  switch (node.kind) {
    case Kind::kDiv:
      return Quotient(f[0], f[1], result);
    case Kind::kNeg:
      return Sum(Fraction(), f[0], -1, result);
    case Kind::kDegree: {
      Fraction pi;
      Generator generator{.type = Type::kPi};
      int g = Find(Type::kPi, 0, {}, Rational());
      if (g < 0) g = Add(generator);
      if (g < 0) return false;
      pi.num = Poly::Generator(g);
      return Product(f[0], pi, result) && Product(*result, Fraction(Rational(1, 180)), result);
    }
    case Kind::kPow:
      if (pool_.Is(pool_.Child(id, 0), Kind::kE)) return ExpOf(Rational(), nullptr, f[1], result);
      return PowerOfFractions(f[0], f[1], result);
    case Kind::kRoot: {
      Fraction inverse;  // none of a degree that turns out to be zero
      if (!Quotient(Fraction(Rational(1)), f[1], &inverse)) return false;
      return inverse.IsRational() ? RationalPower(f[0], inverse.Value(), result) : PowerOfFractions(f[0], inverse, result);
    }
    case Kind::kAbs:
      return AbsOf(f[0], result);
    case Kind::kFloor:
      return FloorOf(f[0], result);
    case Kind::kCeil: {
      Fraction negative;
      return Sum(Fraction(), f[0], -1, &negative) && FloorOf(negative, &negative) && Sum(Fraction(), negative, -1, result);
    }
    case Kind::kFactorial:
      return node.value == 0 ? FactorialOf(f[0], result) : NamedOf(kDoubleFactorial, std::move(f), result);
    case Kind::kBinomial: {
      const int64_t k = f[1].IsRational() ? f[1].Value().Small(50).value_or(-1) : -1;
      Fraction top(Rational(1)), bottom, rest;
      if (k >= 0) {
        for (int64_t j = 0; j < k; ++j) {
          Fraction factor;
          if (!Sum(f[0], Fraction(Rational(j)), -1, &factor) || !Product(factor, Fraction(Rational(1, j + 1)), &factor) ||
              !Product(top, factor, &top))
            return false;
        }
        *result = std::move(top);
        return true;
      }
      return FactorialOf(f[0], &top) && FactorialOf(f[1], &bottom) && Sum(f[0], f[1], -1, &rest) && FactorialOf(rest, &rest) &&
             Product(bottom, rest, &bottom) && Quotient(top, bottom, result);
    }
    default:
      return false;
  }
}

}  // namespace hone::math
