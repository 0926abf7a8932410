// Powers, radicals, exponentials and logarithms as fractions in generators. All of them rest on the primes of the rational numbers met.
#include <algorithm>

#include "verifiers/math/algebra.h"

namespace hone::math {
namespace {
constexpr int64_t kMaxScale = 64;      // of a radical's index
constexpr int64_t kMaxExponent = 500;  // of a generator
constexpr ulong kTrialLimit = 1000;

struct PrimePower {
  Rational base;
  int64_t exponent;
};

// n > 0 as a product of primes below kTrialLimit and of one rest without such factors.
std::vector<PrimePower> Factor(const Rational& n) {
  std::vector<PrimePower> factors;
  for (int sign = 1; sign >= -1; sign -= 2) {
    Rational rest;
    fmpz_set(rest.num(), sign > 0 ? n.num() : n.den());
    for (ulong p = 2; p < kTrialLimit && !rest.IsOne(); p += p == 2 ? 1 : 2) {
      if (fmpz_fdiv_ui(rest.num(), p) != 0) continue;
      const Rational prime(static_cast<int64_t>(p));
      const slong times = fmpz_remove(rest.num(), rest.num(), prime.num());
      factors.push_back({prime, sign * times});
    }
    if (rest.IsOne()) continue;
    int64_t times = sign;
    for (const int64_t k : {2, 3, 5}) {  // 10007^2
      while (const auto root = RationalRoot(rest, k)) {
        rest = *root;
        times *= k;
      }
    }
    factors.push_back({rest, times});
  }
  return factors;
}
}  // namespace

bool Algebra::RationalPower(const Fraction& a, const Rational& exponent, Fraction* result) {
  if (const auto n = exponent.Small(1 << 18)) {
    if (a.IsRational() && !a.num.IsZero() && std::abs(*n) * a.Value().Bits() > ExactEvaluator::kMaxBits)
      return PowerOfFractions(a, Fraction(exponent), result);
    return IntegerPower(a, *n, result);
  }
  if (exponent.IsInteger()) return PowerOfFractions(a, Fraction(exponent), result);
  if (a.num.IsZero()) {
    undefined_ = exponent.Sign() <= 0;
    *result = Fraction();
    return !undefined_;
  }
  const auto q = Rational(COEFF_IS_MPZ(*exponent.den()) ? 0 : fmpz_get_si(exponent.den())).Small(kMaxScale);
  Rational whole;
  fmpz_set(whole.num(), exponent.num());
  const auto p = whole.Small(kMaxExponent);
  if (!q.has_value() || *q < 2 || !p.has_value()) return false;
  if (a.IsRational()) {
    const Rational base = a.Value();
    if (base.Sign() > 0) return RadicalOf(base, exponent, result);
    Fraction positive;
    if (!RadicalOf(base.Abs(), exponent, &positive)) return false;
    if (*q % 2 == 1) return *p % 2 == 0 ? (*result = positive, true) : Sum(Fraction(), positive, -1, result);
    // The principal value: times e^(i pi p/q).
    Fraction cosine, sine, turn;
    const int i = ImaginaryUnit();
    if (i < 0 || !CosPi(exponent, &cosine) || !CosPi(Rational(1, 2) - exponent, &sine)) return false;
    return Product(sine, Fraction(Poly::Generator(i)), &turn) && Sum(cosine, turn, 1, &turn) && Product(positive, turn, result);
  }
  return RootOf(a, *p, *q, result);
}

bool Algebra::PowerOfFractions(const Fraction& base, const Fraction& exponent, Fraction* result) {
  const bool large = exponent.IsRational() && exponent.Value().IsInteger();
  if (exponent.IsRational() && !large) return RationalPower(base, exponent.Value(), result);
  if (exponent.IsRational() && exponent.Value().Small(1 << 18).has_value() &&
      (!base.IsRational() || std::abs(*exponent.Value().Small()) * base.Value().Bits() <= ExactEvaluator::kMaxBits)) {
    return IntegerPower(base, *exponent.Value().Small(), result);
  }
  if (base.IsRational()) {
    const Rational b = base.Value();
    if (b.IsZero()) return false;
    if (b.IsOne()) {
      *result = base;
      return true;
    }
    if (b.Sign() < 0) {
      // (-b)^n = (-1)^n b^n
      Fraction sign, positive;
      if (large) {
        sign = Fraction(Rational(fmpz_is_even(exponent.num.Constant().num()) ? 1 : -1));
      } else {
        const Fraction minus_one(Rational(-1));
        if (b == Rational(-1)) return ExpOf(Rational(1), &minus_one, exponent, result);
        if (!ExpOf(Rational(1), &minus_one, exponent, &sign)) return false;
      }
      return PowerOfFractions(Fraction(b.Abs()), exponent, &positive) && Product(sign, positive, result);
    }
    if (!exponent.den.IsConstant()) {
      // 2^(log 5 / log 2) = e^(log 5)
      Fraction logarithm;
      if (LogOf(base, &logarithm) && Product(exponent, logarithm, &logarithm)) {
        if (logarithm.den.IsConstant()) return ExpOf(Rational(), nullptr, logarithm, result);
        constexpr int64_t kMaxDivided = 50;  // terms
        Poly quotient;
        if (logarithm.num.Length() + logarithm.den.Length() <= kMaxDivided && budget_.Spend(500) &&
            fmpz_mpoly_divides(quotient.raw(), logarithm.num.raw(), logarithm.den.raw(), PolyContext())) {
          return ExpOf(Rational(), nullptr, Fraction(std::move(quotient)), result);
        }
      }
      if (restart_) return false;
    }
    return ExpOf(b, nullptr, exponent, result);
  }
  // (c^m)^e = c^(m e) for positive constants c.
  if (const int g = AsGenerator(base);
      g >= 0 && generators_[g].type == Type::kExp && generators_[g].base.Sign() > 0 && generators_[g].arguments.size() == 1) {
    Fraction product;
    const Generator generator = generators_[g];
    return Product(generator.arguments[0], exponent, &product) && Product(product, Fraction(Rational(1, generator.scale)), &product) &&
           ExpOf(generator.base, nullptr, product, result);
  }
  if (!base.num.IsZero() && IsPositiveTerm(base)) {
    // (3 sqrt 2)^x: factor by factor.
    Fraction product;
    const Rational coefficient = base.num.TermCoefficient(0) / base.den.TermCoefficient(0);
    if (coefficient.IsOne() ? !(product = Fraction(Rational(1)), true) : !ExpOf(coefficient, nullptr, exponent, &product)) return false;
    const Exponents up = base.num.TermExponents(0), down = base.den.TermExponents(0);
    for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
      const int64_t times = static_cast<int64_t>(up[g]) - static_cast<int64_t>(down[g]);
      if (times == 0) continue;
      Fraction power, factor;
      if (!Product(exponent, Fraction(Rational(times)), &power)) return false;
      const Fraction pi(Poly::Generator(g));
      if (generators_[g].type == Type::kPi ? !ExpOf(Rational(1), &pi, power, &factor) : !PowerOfTerm(g, power, &factor)) return false;
      if (!Product(product, factor, &product)) return false;
    }
    *result = std::move(product);
    return true;
  }
  return ExpOf(Rational(1), &base, exponent, result);
}

// base^exponent, base > 0: a rational number times generators p^(1/scale).
bool Algebra::RadicalOf(const Rational& base, const Rational& exponent, Fraction* result) {
  if (base.Bits() > 4096 || !budget_.Spend(300 + base.Bits())) return false;
  Fraction product(Rational(1));
  for (const PrimePower& factor : Factor(base)) {
    const Rational power = exponent * Rational(factor.exponent);
    int64_t scale = 1;
    if (!ScaleFor("r" + factor.base.ToString(), power, &scale)) return false;
    const auto steps = (power * Rational(scale)).Small(100'000);
    if (!steps.has_value()) return false;
    int64_t whole = *steps / scale, rest = *steps % scale;
    if (rest < 0) {
      rest += scale;
      --whole;
    }
    if (std::abs(whole) * factor.base.Bits() > ExactEvaluator::kMaxBits) return false;
    if (!Product(product, Fraction(factor.base.Power(whole)), &product)) return false;
    if (rest == 0) continue;
    int g = Find(Type::kRadical, 0, {}, factor.base);
    if (g < 0) {
      Generator generator{
          .type = Type::kRadical, .scale = scale, .base = factor.base, .root = static_cast<int>(scale), .radicand = Fraction(factor.base)};
      generator.algebraic = true;
      generator.log_u = static_cast<double>(factor.base.Bits()) / static_cast<double>(scale);
      g = Add(std::move(generator));
    }
    Fraction root;
    if (g < 0 || !IntegerPower(Fraction(Poly::Generator(g)), rest, &root) || !Product(product, root, &product)) return false;
  }
  *result = std::move(product);
  return true;
}

// a^(p/q), q >= 2, a no rational number.
bool Algebra::RootOf(const Fraction& a, int64_t p, int64_t q, Fraction* result) {
  std::vector<Part> parts;
  Fraction rest = a, outside(Rational(1));
  // A positive rational content comes out.
  Rational num, den;
  _fmpz_vec_content(num.num(), rest.num.raw()->coeffs, rest.num.Length());
  _fmpz_vec_content(den.num(), rest.den.raw()->coeffs, rest.den.Length());
  fmpz_mpoly_scalar_divexact_fmpz(rest.num.raw(), rest.num.raw(), num.num(), PolyContext());
  fmpz_mpoly_scalar_divexact_fmpz(rest.den.raw(), rest.den.raw(), den.num(), PolyContext());
  const Rational content = num / den;
  if (!content.IsOne() && !RadicalOf(content, Rational(p, q), &outside)) return false;
  const bool constant = IsConstant(rest);
  if (constant && q == 2 && SignOf(rest) < 0) {
    // sqrt(-r) = i sqrt(r)
    const int i = ImaginaryUnit();
    Fraction turn;
    if (i < 0 || !Sum(Fraction(), rest, -1, &rest) || !IntegerPower(Fraction(Poly::Generator(i)), p < 0 ? p + 4 * kMaxExponent : p, &turn))
      return false;
    if (!Product(outside, turn, &outside)) return false;
  }
  // A product of generators: each by itself where that is allowed over the reals.
  if (rest.num.Length() == 1 && rest.den.Length() == 1 && (!constant || IsPositiveTerm(rest))) {
    const Exponents up = rest.num.TermExponents(0), down = rest.den.TermExponents(0);
    const bool negative = rest.num.TermCoefficient(0).Sign() * rest.den.TermCoefficient(0).Sign() < 0;
    std::vector<std::pair<int, int64_t>> odd;
    Fraction even(Rational(1));
    for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
      const int64_t e = static_cast<int64_t>(up[g]) - static_cast<int64_t>(down[g]);
      if (e == 0) continue;
      const bool is_positive =
          positive_ || generators_[g].type == Type::kExp || generators_[g].type == Type::kPi || generators_[g].type == Type::kRadical;
      if (q % 2 == 1 || e % 2 != 0 || is_positive) {
        odd.push_back({g, e});
        continue;
      }
      Fraction absolute;
      const Rational power = Rational(e * p, q);
      if (!AbsOf(Fraction(Poly::Generator(g)), &absolute)) return false;
      if (power.IsInteger() ? !IntegerPower(absolute, *power.Small(), &absolute)
                            : !RootOf(absolute, *(power * Rational(q)).Small(), q, &absolute))
        return false;
      if (!Product(even, absolute, &even)) return false;
    }
    const bool apart = q % 2 == 1 || (!negative && (odd.size() <= 1 || positive_));
    if (apart) {
      if (negative && p % 2 != 0 && !Sum(Fraction(), even, -1, &even)) return false;
      for (const auto& [g, e] : odd) {
        // g^(e p / q) by powers of the generator g^(1/q).
        const Rational power = Rational(e * p, q);
        Fraction root;
        if (const auto whole = power.Small()) {
          if (!IntegerPower(Fraction(Poly::Generator(g)), *whole, &root)) return false;
        } else if (constant && generators_[g].type != Type::kPi) {
          if (!PowerOfTerm(g, Fraction(power), &root)) return false;
        } else {
          Rational step;
          fmpz_set(step.num(), power.den());
          const std::vector<Fraction> arguments = {Fraction(Poly::Generator(g)), Fraction(step)};
          int r = Find(Type::kRoot, 0, arguments, Rational());
          if (r < 0)
            r = Add({.type = Type::kRoot,
                     .arguments = arguments,
                     .base = Rational(),
                     .root = static_cast<int>(*step.Small()),
                     .radicand = arguments[0]});
          if (r < 0 || !IntegerPower(Fraction(Poly::Generator(r)), fmpz_get_si(power.num()), &root)) return false;
        }
        if (!Product(even, root, &even)) return false;
      }
      return Product(outside, even, result);
    }
  }
  // Squares come out as absolute values.
  if (q == 2 && !constant && rest.num.Length() <= 60 && rest.den.Length() <= 60 && budget_.Spend(2000)) {
    Fraction root;
    if (fmpz_mpoly_sqrt(root.num.raw(), rest.num.raw(), PolyContext()) && fmpz_mpoly_sqrt(root.den.raw(), rest.den.raw(), PolyContext())) {
      return AbsOf(root, &root) && IntegerPower(root, p, &root) && Product(outside, root, result);
    }
  }
  const std::vector<Fraction> arguments = {rest, Fraction(Rational(q))};
  int g = Find(Type::kRoot, 0, arguments, Rational());
  if (g < 0) {
    Generator generator{.type = Type::kRoot, .arguments = arguments, .base = Rational(), .root = static_cast<int>(q), .radicand = rest};
    std::vector<char> used;
    generator.algebraic = constant && CollectAlgebraic(rest.num, &used) && CollectAlgebraic(rest.den, &used);
    if (generator.algebraic) {
      const Bounds n = BoundsOf(rest.num), d = BoundsOf(rest.den);
      const double u = n.log_u + d.log_l, l = d.log_u + n.log_l;
      generator.log_u = (u + l * static_cast<double>(q - 1)) / static_cast<double>(q);
      generator.log_l = l;
    }
    g = Add(std::move(generator));
  }
  Fraction root;
  return g >= 0 && IntegerPower(Fraction(Poly::Generator(g)), p, &root) && Product(outside, root, result);
}

bool Algebra::IsPositiveTerm(const Fraction& a) const {
  if (a.num.Length() != 1 || a.den.Length() != 1 || a.num.TermCoefficient(0).Sign() * a.den.TermCoefficient(0).Sign() < 0) return false;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!a.num.Uses(static_cast<int>(g)) && !a.den.Uses(static_cast<int>(g))) continue;
    const Generator& generator = generators_[g];
    const bool power = generator.type == Type::kExp && generator.name == 0 && generator.base.Sign() >= 0 && generator.arguments.size() == 1;
    if (!generator.constant || !(power || generator.type == Type::kPi || generator.type == Type::kRadical)) return false;
  }
  return true;
}

// The power of a generator that is a power of e or of a rational number.
bool Algebra::PowerOfTerm(int g, const Fraction& exponent, Fraction* result) {
  const Generator generator = generators_[g];
  Fraction product;
  if (!Product(exponent, Fraction(Rational(1, generator.scale)), &product)) return false;
  if (generator.type == Type::kExp && !Product(product, generator.arguments[0], &product)) return false;
  return ExpOf(generator.base, nullptr, product, result);
}

// base^exponent; base 0: e; base 1: of *symbolic.
bool Algebra::ExpOf(const Rational& base, const Fraction* symbolic, const Fraction& exponent, Fraction* result) {
  std::vector<Part> parts;
  if (!Split(exponent, &parts)) return false;
  Fraction product(Rational(1));
  std::vector<PrimePower> primes = {{base, 1}};
  if (base.Sign() > 0 && symbolic == nullptr) {
    if (base.Bits() > 4096 || !budget_.Spend(300)) return false;
    primes = Factor(base);
  }
  for (const Part& part : parts) {
    for (const PrimePower& prime : primes) {
      const Rational coefficient = part.coefficient * Rational(prime.exponent);
      Fraction factor;
      if (part.is_one && symbolic != nullptr && coefficient.IsInteger() && !coefficient.Small(1 << 18).has_value()) {
        // x to a huge power.
        const std::vector<Fraction> arguments = {Fraction(coefficient), *symbolic};
        int g = Find(Type::kExp, 2, arguments, Rational(1));
        if (g < 0) g = Add({.type = Type::kExp, .name = 2, .arguments = arguments, .base = Rational(1)});
        if (g < 0) return false;
        factor = Fraction(Poly::Generator(g));
      } else if (part.is_one && symbolic != nullptr) {
        if (!RationalPower(*symbolic, coefficient, &factor)) return false;
      } else if (part.is_one && base.Sign() > 0) {
        const auto small = coefficient.Small(kMaxExponent);
        if (!coefficient.IsInteger()) {
          if (!RadicalOf(prime.base, coefficient, &factor)) return false;
        } else if (small.has_value() && std::abs(*small) * prime.base.Bits() <= ExactEvaluator::kMaxBits) {
          factor = Fraction(prime.base.Power(*small));
        } else {
          // Too large to write out: relative to the first such power of this prime.
          int g = -1;
          for (size_t i = 0; i < generators_.size(); ++i) {
            if (generators_[i].type != Type::kExp || generators_[i].name != 1 || !(generators_[i].base == prime.base)) continue;
            const Rational reference = generators_[i].arguments[0].Value();
            for (const int64_t times : {1, -1}) {
              const auto shift = (coefficient - Rational(times) * reference).Small(kMaxExponent);
              if (!shift.has_value()) continue;
              g = static_cast<int>(i);
              if (!IntegerPower(Fraction(Poly::Generator(g)), times, &factor) ||
                  !Product(factor, Fraction(prime.base.Power(*shift)), &factor))
                return false;
              break;
            }
            if (g >= 0) break;
          }
          if (g < 0) {
            g = Add({.type = Type::kExp, .name = 1, .arguments = {Fraction(coefficient)}, .base = prime.base});
            if (g < 0) return false;
            factor = Fraction(Poly::Generator(g));
          }
        }
      } else {
        // e^(i x) is trigonometry, e^(c log u) is u^c.
        const int i = Find(Type::kI, 0, {}, Rational());
        const int log = base.IsZero() ? AsGenerator(part.unit) : -1;
        if (base.IsZero() && i >= 0 && part.unit.num.Uses(i)) {
          if (part.unit.num.Length() != 1 || !part.unit.den.IsOne()) return false;
          Exponents exponents = part.unit.num.TermExponents(0);
          exponents[i] = 0;
          Fraction angle, sine, cosine, turn;
          angle.num.AddTerm(Rational(1).num(), exponents);
          if (!Product(angle, Fraction(coefficient), &angle)) return false;
          if (!SinCos(angle, &sine, &cosine) || !Product(sine, Fraction(Poly::Generator(i)), &turn) || !Sum(cosine, turn, 1, &factor))
            return false;
        } else if (log >= 0 && generators_[log].type == Type::kLog) {
          const Fraction argument = generators_[log].arguments[0];
          if (!RationalPower(argument, coefficient, &factor)) return false;
        } else {
          int64_t scale = 1;
          const std::string key = "e" + prime.base.ToString() + (symbolic == nullptr ? "" : "s") + part.key;
          if (!ScaleFor(key, coefficient, &scale)) return false;
          const auto steps = (coefficient * Rational(scale)).Small(kMaxExponent);
          if (!steps.has_value()) return false;
          std::vector<Fraction> arguments = {part.unit};
          if (symbolic != nullptr) arguments.push_back(*symbolic);
          int g = Find(Type::kExp, 0, arguments, prime.base);
          if (g < 0) g = Add({.type = Type::kExp, .arguments = arguments, .scale = scale, .base = prime.base});
          if (g < 0 || !IntegerPower(Fraction(Poly::Generator(g)), *steps, &factor)) return false;
        }
      }
      if (!Product(product, factor, &product)) return false;
    }
  }
  *result = std::move(product);
  return true;
}

bool Algebra::LogOf(const Fraction& a, Fraction* result) {
  if (a.num.IsZero()) {
    undefined_ = true;
    return false;
  }
  Fraction sum;
  const auto add = [&](const Fraction& argument, const Rational& times) {
    int g = Find(Type::kLog, 0, {argument}, Rational());
    if (g < 0) g = Add({.type = Type::kLog, .arguments = {argument}});
    Fraction term;
    return g >= 0 && Product(Fraction(Poly::Generator(g)), Fraction(times), &term) && Sum(sum, term, 1, &sum);
  };
  const auto add_rational = [&](const Rational& value) {
    if (value.Bits() > 4096 || !budget_.Spend(300 + value.Bits())) return false;
    for (const PrimePower& factor : Factor(value)) {
      if (!add(Fraction(factor.base), Rational(factor.exponent))) return false;
    }
    return true;
  };
  Fraction rest = a;
  Rational num, den;
  _fmpz_vec_content(num.num(), rest.num.raw()->coeffs, rest.num.Length());
  _fmpz_vec_content(den.num(), rest.den.raw()->coeffs, rest.den.Length());
  fmpz_mpoly_scalar_divexact_fmpz(rest.num.raw(), rest.num.raw(), num.num(), PolyContext());
  fmpz_mpoly_scalar_divexact_fmpz(rest.den.raw(), rest.den.raw(), den.num(), PolyContext());
  if (!add_rational(num / den)) return false;
  if (rest.num.Length() == 1 && rest.den.Length() == 1) {
    const Exponents up = rest.num.TermExponents(0), down = rest.den.TermExponents(0);
    if (rest.num.TermCoefficient(0).Sign() * rest.den.TermCoefficient(0).Sign() < 0) {
      if (!rest.IsRational()) return false;
      const int i = ImaginaryUnit();
      Fraction turn;
      int pi = Find(Type::kPi, 0, {}, Rational());
      if (pi < 0) pi = Add({.type = Type::kPi});
      if (i < 0 || pi < 0 || !Product(Fraction(Poly::Generator(i)), Fraction(Poly::Generator(pi)), &turn)) return false;
      return Sum(sum, turn, 1, result);
    }
    int variables = 0;
    bool plain = true;  // every factor is positive, or a single variable
    for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
      if (up[g] == down[g]) continue;
      const Generator& generator = generators_[g];
      const bool is_positive =
          generator.type == Type::kExp || generator.type == Type::kPi || generator.type == Type::kRadical || generator.type == Type::kAbs;
      if (generator.type == Type::kI || (generator.constant && !is_positive)) plain = false;
      variables += !is_positive && !positive_;
    }
    if (plain && variables <= 1) {
      for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
        const int64_t e = static_cast<int64_t>(up[g]) - static_cast<int64_t>(down[g]);
        if (e == 0) continue;
        const Generator generator = generators_[g];
        Fraction term;
        if (generator.type == Type::kRadical) {
          if (!add(Fraction(generator.base), Rational(e, generator.scale))) return false;
        } else if (generator.type == Type::kExp && generator.arguments.size() == 1 && generator.base.Sign() >= 0) {
          if (!Product(generator.arguments[0], Fraction(Rational(e, generator.scale)), &term)) return false;
          if (!generator.base.IsZero()) {
            Fraction log;
            if (!LogOf(Fraction(generator.base), &log) || !Product(term, log, &term)) return false;
          }
          if (!Sum(sum, term, 1, &sum)) return false;
        } else if (generator.type == Type::kRoot && generator.arguments.size() == 2) {
          Fraction log;
          if (!LogOf(generator.arguments[0], &log) || !Product(log, Fraction(Rational(e, generator.root)), &log) || !Sum(sum, log, 1, &sum))
            return false;
        } else {
          Fraction factor(Poly::Generator(g));
          const bool is_positive = generator.type == Type::kPi || generator.type == Type::kAbs || positive_;
          if (!is_positive && e % 2 == 0 && !AbsOf(factor, &factor)) return false;
          if (!add(factor, Rational(e))) return false;
        }
      }
      *result = std::move(sum);
      return true;
    }
  }
  if (!rest.IsRational() && !add(rest, Rational(1))) return false;
  *result = std::move(sum);
  return true;
}

}  // namespace hone::math
