// Zero tests, and what is asked of the algebra.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "verifiers/math/algebra.h"

namespace hone::math {
namespace {
constexpr double kMaxProofBits = 12'000;
constexpr double kMaxFieldDegree = 4096;
constexpr int64_t kMaxLinearCoefficient = 60;

int64_t Totient(int64_t n) {
  int64_t result = n;
  for (int64_t p = 2; p * p <= n; ++p) {
    if (n % p != 0) continue;
    while (n % p == 0) n /= p;
    result -= result / p;
  }
  return n > 1 ? result - result / n : result;
}

double LogSum(double a, double b) {  // log2(2^a + 2^b), rounded up
  return std::max(a, b) + std::log2(1 + std::exp2(-std::abs(a - b))) + 1e-9;
}
}  // namespace

// Marks the generators that p stands on; false when one of them is not algebraic.
bool Algebra::CollectAlgebraic(const Poly& p, std::vector<char>* used) const {
  used->resize(kMaxGenerators, 0);
  for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
    if ((*used)[g] || !p.Uses(g)) continue;
    if (!generators_[g].algebraic) return false;
    (*used)[g] = 1;
    if (generators_[g].type == Type::kRoot &&
        (!CollectAlgebraic(generators_[g].radicand.num, used) || !CollectAlgebraic(generators_[g].radicand.den, used)))
      return false;
  }
  return true;
}

Algebra::Bounds Algebra::BoundsOf(const Poly& p) const {
  Exponents highest{};
  for (int g = 0; g < static_cast<int>(generators_.size()); ++g) highest[g] = static_cast<ulong>(p.Degree(g));
  Bounds bounds;
  bool first = true;
  for (int64_t t = 0; t < p.Length(); ++t) {
    const Exponents exponents = p.TermExponents(t);
    double term = static_cast<double>(fmpz_bits(p.TermCoefficient(t).num()));
    for (size_t g = 0; g < generators_.size(); ++g) {
      term +=
          static_cast<double>(exponents[g]) * generators_[g].log_u + static_cast<double>(highest[g] - exponents[g]) * generators_[g].log_l;
    }
    bounds.log_u = first ? term : LogSum(bounds.log_u, term);
    first = false;
  }
  for (size_t g = 0; g < generators_.size(); ++g) bounds.log_l += static_cast<double>(highest[g]) * generators_[g].log_l;
  return bounds;
}

bool Algebra::GeneratorValue(int index, slong precision, std::map<int, Ball>* known, Ball* result) {
  if (const auto found = known->find(index); found != known->end()) {
    *result = found->second;
    return true;
  }
  if (!budget_.Spend(30 + precision * (1 + precision / 2000))) return false;
  const Generator& generator = generators_[index];
  Ball argument;
  if (!generator.arguments.empty() && !ValueOf(generator.arguments[0], precision, known, &argument)) return false;
  Ball scaled = argument;
  if (generator.scale != 1) acb_div_si(scaled.raw(), argument.raw(), generator.scale, precision);
  acb_ptr r = result->raw();
  switch (generator.type) {
    case Type::kPi:
      acb_const_pi(r, precision);
      break;
    case Type::kI:
      acb_onei(r);
      break;
    case Type::kRadical:
      acb_set_fmpq(r, generator.base.raw(), precision);
      acb_root_ui(r, r, static_cast<ulong>(generator.root), precision);
      break;
    case Type::kCosPi:
      acb_zero(r);
      arb_cos_pi_fmpq(result->re(), generator.base.raw(), precision);
      acb_mul_2exp_si(r, r, 1);
      break;
    case Type::kRoot: {
      const Rational inverse = Rational(1, generator.root);
      Ball exponent;
      acb_set_fmpq(exponent.raw(), inverse.raw(), precision);
      PowerOf(*result, argument, exponent, &inverse, precision);
      break;
    }
    case Type::kAbs:
      acb_abs(result->re(), argument.raw(), precision);
      arb_zero(result->im());
      break;
    case Type::kExp: {
      if (generator.name == 1 || generator.arguments.size() != 1) return false;
      Ball base;
      if (generator.base.IsZero()) {
        arb_const_e(base.re(), precision);
      } else {
        acb_set_fmpq(base.raw(), generator.base.raw(), precision);
      }
      PowerOf(*result, base, scaled, nullptr, precision);
      break;
    }
    case Type::kSin:
      acb_sin(r, scaled.raw(), precision);
      break;
    case Type::kCos:
      acb_cos(r, scaled.raw(), precision);
      break;
    case Type::kLog:
      acb_log(r, argument.raw(), precision);
      break;
    case Type::kAtan:
      acb_atan(r, argument.raw(), precision);
      break;
    case Type::kAsin:
      acb_asin(r, argument.raw(), precision);
      break;
    default:
      return false;
  }
  if (!acb_is_finite(r)) return false;
  (*known)[index] = *result;
  return true;
}

bool Algebra::ValueOf(const Poly& p, slong precision, std::map<int, Ball>* known, Ball* result) {
  Ball sum;
  for (int64_t t = 0; t < p.Length(); ++t) {
    if (!budget_.Spend(10 + precision / 16)) return false;
    const Exponents exponents = p.TermExponents(t);
    Ball term;
    acb_set_fmpz(term.raw(), p.TermCoefficient(t).num());
    for (size_t g = 0; g < generators_.size(); ++g) {
      if (exponents[g] == 0) continue;
      Ball value;
      if (!GeneratorValue(static_cast<int>(g), precision, known, &value)) return false;
      acb_pow_ui(value.raw(), value.raw(), exponents[g], precision);
      acb_mul(term.raw(), term.raw(), value.raw(), precision);
    }
    acb_add(sum.raw(), sum.raw(), term.raw(), precision);
  }
  *result = std::move(sum);
  return true;
}

bool Algebra::ValueOf(const Fraction& f, slong precision, std::map<int, Ball>* known, Ball* result) {
  Ball den;
  if (!ValueOf(f.num, precision, known, result)) return false;
  if (f.den.IsOne()) return true;
  if (!ValueOf(f.den, precision, known, &den) || den.ContainsZero()) return false;
  acb_div(result->raw(), result->raw(), den.raw(), precision);
  return true;
}

int Algebra::SignOf(const Fraction& f) {
  for (const slong precision : {64, 256}) {
    std::map<int, Ball> known;
    Ball value;
    if (!ValueOf(f, precision, &known, &value)) return 0;
    if (!arb_contains_zero(value.im())) return 0;
    const int i = Find(Type::kI, 0, {}, Rational());
    if (i >= 0 && (f.num.Uses(i) || f.den.Uses(i))) return 0;
    if (!arb_contains_zero(value.re())) return arb_is_positive(value.re()) ? 1 : -1;
  }
  return 0;
}

Truth Algebra::IsZeroAlgebraic(const Poly& p) {
  if (p.IsZero()) return Truth::kTrue;
  if (p.IsConstant()) return Truth::kFalse;
  std::vector<char> used;
  if (!CollectAlgebraic(p, &used)) return Truth::kUnknown;
  double degree = 1;
  int64_t circle = 1;  // of roots of unity
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!used[g]) continue;
    if (generators_[g].type == Type::kCosPi) {
      const int64_t q = 2 * fmpz_get_si(generators_[g].base.den());
      circle = circle / std::gcd(circle, q) * q;
      if (circle > 20'000) return Truth::kUnknown;
    } else {
      degree *= generators_[g].root;
    }
  }
  degree *= static_cast<double>(Totient(circle));
  const Bounds bounds = BoundsOf(p);
  const double needed = (degree - 1) * bounds.log_u + bounds.log_l + 2;
  Ball value;
  for (double precision = 64;; precision = std::min(precision * 4, needed + 64)) {
    if (degree > kMaxFieldDegree || needed > kMaxProofBits) {
      if (precision > 512) return Truth::kUnknown;
    }
    std::map<int, Ball> known;
    if (!ValueOf(p, static_cast<slong>(precision), &known, &value)) return Truth::kUnknown;
    if (!value.ContainsZero()) return Truth::kFalse;
    mag_t magnitude;
    mag_init(magnitude);
    acb_get_mag(magnitude, value.raw());
    const bool below = mag_cmp_2exp_si(magnitude, -static_cast<slong>(needed)) < 0;
    mag_clear(magnitude);
    if (below && needed <= kMaxProofBits && degree <= kMaxFieldDegree) return Truth::kTrue;
    if (precision >= needed + 64) {
      // The last step loses a few bits to rounding: once more, with room.
      if (precision > 4 * needed + 1024) return Truth::kUnknown;
      known.clear();
      if (!ValueOf(p, static_cast<slong>(2 * needed + 512), &known, &value)) return Truth::kUnknown;
      mag_init(magnitude);
      acb_get_mag(magnitude, value.raw());
      const bool proved = mag_cmp_2exp_si(magnitude, -static_cast<slong>(needed)) < 0;
      mag_clear(magnitude);
      if (!value.ContainsZero()) return Truth::kFalse;
      return proved ? Truth::kTrue : Truth::kUnknown;
    }
  }
}

// A linear combination of logarithms, or of arcs and pi, with rational coefficients.
Truth Algebra::IsZeroLinear(const Poly& p) {
  bool logs = true, arcs = true;
  for (int64_t t = 0; t < p.Length(); ++t) {
    const Exponents exponents = p.TermExponents(t);
    int degree = 0;
    for (size_t g = 0; g < generators_.size(); ++g) {
      if (exponents[g] == 0) continue;
      degree += static_cast<int>(std::min<ulong>(exponents[g], 2));
      const Type type = generators_[g].type;
      logs = logs && type == Type::kLog && generators_[g].constant;
      arcs = arcs && generators_[g].constant && (type == Type::kPi || type == Type::kAtan || type == Type::kAsin);
    }
    if (degree != 1 || !p.TermCoefficient(t).Small(1'000'000).has_value()) return Truth::kUnknown;
  }
  if (!logs && !arcs) return Truth::kUnknown;
  // Near zero, so that the product below decides.
  std::map<int, Ball> known;
  Ball value;
  if (!ValueOf(p, 128, &known, &value)) return Truth::kUnknown;
  if (!value.ContainsZero()) return Truth::kFalse;
  if (mag_cmp_2exp_si(arb_radref(value.re()), -8) > 0 || !arb_contains_zero(value.im())) return Truth::kUnknown;
  return ProductIsOne(p, arcs) ? Truth::kTrue : Truth::kUnknown;
}

// Logarithms: the product of the powers of their arguments is 1. Arcs: the product of e^(i arc) is real; the sum is small, so it is 0.
bool Algebra::ProductIsOne(const Poly& p, bool arcs) {
  Rational pi_times;
  Rational content;
  _fmpz_vec_content(content.num(), p.raw()->coeffs, p.Length());
  const int i = arcs ? ImaginaryUnit() : 0;
  if (i < 0) return false;
  // Least common factor: pi's coefficient may stay a fraction of the arcs'.
  Rational arc_content;
  for (int64_t t = 0; t < p.Length(); ++t) {
    const Exponents exponents = p.TermExponents(t);
    for (size_t g = 0; g < generators_.size(); ++g) {
      if (exponents[g] != 0 && generators_[g].type != Type::kPi) fmpz_gcd(arc_content.num(), arc_content.num(), p.TermCoefficient(t).num());
    }
  }
  if (arc_content.IsZero()) return false;
  Fraction product(Rational(1));
  for (int64_t t = 0; t < p.Length(); ++t) {
    const Exponents exponents = p.TermExponents(t);
    const Rational times = p.TermCoefficient(t) / arc_content;
    for (size_t g = 0; g < generators_.size(); ++g) {
      if (exponents[g] == 0) continue;
      if (generators_[g].type == Type::kPi) {
        pi_times = times;
        continue;
      }
      const auto n = times.Small(kMaxLinearCoefficient);
      if (!n.has_value()) return false;
      Fraction factor = generators_[g].arguments[0];
      if (arcs) {
        Fraction turn, real(Rational(1));
        if (!Product(factor, Fraction(Poly::Generator(i)), &turn)) return false;
        if (generators_[g].type == Type::kAsin && (!IntegerPower(factor, 2, &real) || !Sum(Fraction(Rational(1)), real, -1, &real) ||
                                                   !RationalPower(real, Rational(1, 2), &real)))
          return false;
        if (!Sum(real, turn, 1, &factor)) return false;
      } else if (SignOf(factor) <= 0) {
        return false;
      }
      if (!IntegerPower(factor, *n, &factor) || !Product(product, factor, &product)) return false;
    }
  }
  if (!arcs) {
    Fraction difference;
    return Sum(product, Fraction(Rational(1)), -1, &difference) && IsZeroAlgebraic(difference.num) == Truth::kTrue;
  }
  Fraction cosine, sine, turn, other;
  if (!CosPi(pi_times, &cosine) || !CosPi(Rational(1, 2) - pi_times, &sine) || !Product(sine, Fraction(Poly::Generator(i)), &turn))
    return false;
  if (!Sum(cosine, turn, 1, &turn) || !Product(product, turn, &product) || !Conjugate(product, &other) || !Sum(product, other, -1, &other))
    return false;
  return IsZeroAlgebraic(other.num) == Truth::kTrue;
}

// Zero when the coefficient of every monomial in the generators that are not algebraic is.
Truth Algebra::IsZero(const Poly& p) {
  if (p.IsZero()) return Truth::kTrue;
  bool independent = true, any_algebraic = false;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!p.Uses(static_cast<int>(g))) continue;
    independent = independent && (generators_[g].type == Type::kSymbol ||
                                  (generators_[g].type == Type::kNamed && generators_[g].name >= kUnknownFunctions));
    any_algebraic = any_algebraic || generators_[g].algebraic;
  }
  if (independent) return Truth::kFalse;  // a polynomial in variables that does not vanish
  if (any_algebraic) {
    std::map<Exponents, Poly> coefficients;
    for (int64_t t = 0; t < p.Length(); ++t) {
      if (!budget_.Spend(60)) return Truth::kUnknown;
      Exponents outer = p.TermExponents(t), inner{};
      for (size_t g = 0; g < generators_.size(); ++g) {
        if (!generators_[g].algebraic) continue;
        inner[g] = outer[g];
        outer[g] = 0;
      }
      coefficients[outer].AddTerm(p.TermCoefficient(t).num(), inner);
      if (coefficients.size() > 200) return Truth::kUnknown;
    }
    bool all = true;
    for (auto& [monomial, coefficient] : coefficients) {
      coefficient.Tidy();
      all = all && IsZeroAlgebraic(coefficient) == Truth::kTrue;
      if (!all) break;
    }
    if (all) return Truth::kTrue;
  }
  return IsZeroLinear(p);
}

Truth Algebra::Equal(NodeId a, NodeId b) {
  Fraction fa, fb, difference;
  safe_ = false;
  if (!BuildBoth(a, b, &fa, &fb) || !Sum(fa, fb, -1, &difference)) return Truth::kUnknown;
  safe_ = true;
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (!fa.den.Uses(static_cast<int>(g)) && !fb.den.Uses(static_cast<int>(g))) continue;
    const Type type = generators_[g].type;
    safe_ = safe_ && (type == Type::kSymbol || type == Type::kExp || type == Type::kNamed || type == Type::kFactorial || type == Type::kPi);
  }
  return IsZero(difference.num);
}

Truth Algebra::Proportional(NodeId left1, NodeId right1, NodeId left2, NodeId right2, int* sign) {
  *sign = 0;
  Fraction l1, r1, l2, r2;
  bool built = false;
  for (int round = 0; round < 5 && !built; ++round) {
    generators_.clear();
    built_.clear();
    units_.clear();
    restart_ = undefined_ = false;
    built = Build(left1, &l1) && Build(right1, &r1) && Build(left2, &l2) && Build(right2, &r2);
    if (!built && !restart_) return Truth::kUnknown;
  }
  if (!built || !Sum(l1, r1, -1, &l1) || !Sum(l2, r2, -1, &l2)) return Truth::kUnknown;
  const Poly& n1 = l1.num;
  const Poly& n2 = l2.num;
  if (n1.IsZero() || n2.IsZero()) return n1.IsZero() && n2.IsZero() ? Truth::kUnknown : Truth::kFalse;
  if (IsConstant(n1) || IsConstant(n2)) return Truth::kUnknown;
  // The coefficients of the first monomial in the variables decide the factor.
  const auto coefficient = [&](const Poly& p, const Exponents& outer) {
    Poly c;
    for (int64_t t = 0; t < p.Length(); ++t) {
      Exponents exponents = p.TermExponents(t), inner{};
      for (size_t g = 0; g < generators_.size(); ++g) {
        if (!generators_[g].constant) continue;
        inner[g] = exponents[g];
        exponents[g] = 0;
      }
      if (exponents == outer) c.AddTerm(p.TermCoefficient(t).num(), inner);
    }
    c.Tidy();
    return c;
  };
  if (!budget_.Spend(100 * (n1.Length() + n2.Length()))) return Truth::kUnknown;
  Exponents outer = n1.TermExponents(0);
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (generators_[g].constant) outer[g] = 0;
  }
  const Poly c1 = coefficient(n1, outer), c2 = coefficient(n2, outer);
  if (c2.IsZero()) return Truth::kFalse;
  Poly left, right, factor(1);
  if (!Multiply(n1, c2, budget_, &left) || !Multiply(n2, c1, budget_, &right) || !math::Add(left, right, -1, budget_, &left))
    return Truth::kUnknown;
  if (!ReducePoly(&left, &factor)) return Truth::kUnknown;
  const Truth zero = IsZero(left);
  if (zero != Truth::kTrue) return zero;
  // N1 = (c1/c2) N2 and l = N / den: the sign of the factor between the two sides needs constant denominators.
  if (!IsConstant(l1.den) || !IsConstant(l2.den)) {
    *sign = 0;
    return Truth::kTrue;
  }
  Fraction quotient;
  if (!Quotient(Fraction(c1), Fraction(c2), &quotient)) return Truth::kTrue;
  Fraction dens;
  dens.num = l2.den;
  dens.den = l1.den;
  if (Product(quotient, dens, &quotient)) *sign = SignOf(quotient);
  return Truth::kTrue;
}

}  // namespace hone::math
