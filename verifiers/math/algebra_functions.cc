// Trigonometry, absolute values, factorials and the rest as fractions in generators. Powers and logarithms are in algebra_powers.cc.
#include <algorithm>

#include "verifiers/math/algebra.h"

namespace hone::math {
namespace {
constexpr int64_t kMaxMultiple = 40;        // of an angle
constexpr int64_t kMaxFactorialShift = 60;  // between factorials of one family

// max(a, b) is max(b, a).
bool IsSymmetric(uint32_t name) {
  for (const Function function : {Function::kGcd, Function::kLcm, Function::kMax, Function::kMin}) {
    if (name == static_cast<uint32_t>(function)) return true;
  }
  return false;
}
}  // namespace

// cos(pi turns)
bool Algebra::CosPi(const Rational& turns, Fraction* result) {
  // Into [0, 1/2], with the sign kept apart.
  Rational t = turns - Rational(2) * (turns * Rational(1, 2)).Floor();
  if (Rational(1) < t) t = Rational(2) - t;
  const bool negative = Rational(1, 2) < t;
  if (negative) t = Rational(1) - t;
  Fraction value;
  if (t.IsZero()) {
    value = Fraction(Rational(1));
  } else if (t == Rational(1, 2)) {
    value = Fraction();
  } else if (t == Rational(1, 3)) {
    value = Fraction(Rational(1, 2));
  } else if (t == Rational(1, 4)) {
    if (!RadicalOf(Rational(2), Rational(1, 2), &value) || !Product(value, Fraction(Rational(1, 2)), &value)) return false;
  } else if (t == Rational(1, 6)) {
    if (!RadicalOf(Rational(3), Rational(1, 2), &value) || !Product(value, Fraction(Rational(1, 2)), &value)) return false;
  } else {
    if (fmpz_cmp_si(t.den(), 1000) > 0) return false;
    int g = Find(Type::kCosPi, 0, {}, t);
    if (g < 0) g = Add({.type = Type::kCosPi, .base = t, .algebraic = true, .log_u = 1});
    if (g < 0 || !Product(Fraction(Poly::Generator(g)), Fraction(Rational(1, 2)), &value)) return false;
  }
  if (negative) return Sum(Fraction(), value, -1, result);
  *result = std::move(value);
  return true;
}

// Of an arctangent or arcsine.
bool Algebra::SinCosOfArc(int generator, Fraction* sine, Fraction* cosine) {
  const bool arcsine = generators_[generator].type == Type::kAsin;
  const Fraction x = generators_[generator].arguments[0], one(Rational(1));
  Fraction root;
  if (!IntegerPower(x, 2, &root) || !Sum(one, root, arcsine ? -1 : 1, &root) || !RationalPower(root, Rational(1, 2), &root)) return false;
  if (!arcsine) return Quotient(x, root, sine) && Quotient(one, root, cosine);
  *sine = x;
  *cosine = std::move(root);
  return true;
}

bool Algebra::SinCos(const Fraction& a, Fraction* sine, Fraction* cosine) {
  std::vector<Part> parts;
  if (!Split(a, &parts)) return false;
  Fraction s, c(Rational(1));
  for (const Part& part : parts) {
    Fraction ps, pc(Rational(1));
    const int g = AsGenerator(part.unit);
    if (g >= 0 && generators_[g].type == Type::kPi) {
      if (!CosPi(part.coefficient, &pc) || !CosPi(Rational(1, 2) - part.coefficient, &ps)) return false;
    } else {
      int64_t scale = 1;
      if (!ScaleFor("t" + part.key, part.coefficient, &scale)) return false;
      const auto steps = (part.coefficient * Rational(scale)).Small(kMaxMultiple);
      if (!steps.has_value()) return false;
      const bool arc = scale == 1 && g >= 0 && (generators_[g].type == Type::kAsin || generators_[g].type == Type::kAtan);
      int sg = arc ? g : Find(Type::kSin, 0, {part.unit}, Rational());
      if (sg < 0) {
        if (generators_.size() + 2 > kMaxGenerators) return false;
        Fraction radicand;
        const int cg = static_cast<int>(generators_.size()) + 1;
        radicand.num = Poly::Generator(cg);
        if (!math::Power(radicand.num, 2, budget_, &radicand.num) || !math::Add(Poly(1), radicand.num, -1, budget_, &radicand.num))
          return false;
        sg = Add({.type = Type::kSin, .arguments = {part.unit}, .scale = scale, .base = Rational(), .root = 2, .radicand = radicand});
        Add({.type = Type::kCos, .arguments = {part.unit}, .scale = scale});
      }
      Fraction s1, c1;
      if (arc) {
        if (!SinCosOfArc(g, &s1, &c1)) return false;
      } else {
        s1 = Fraction(Poly::Generator(sg));
        c1 = Fraction(Poly::Generator(sg + 1));
      }
      for (int64_t k = 0; k < std::abs(*steps); ++k) {
        Fraction a1, a2, b1, b2;
        if (!Product(ps, c1, &a1) || !Product(pc, s1, &a2) || !Product(pc, c1, &b1) || !Product(ps, s1, &b2)) return false;
        if (!Sum(a1, a2, 1, &ps) || !Sum(b1, b2, -1, &pc)) return false;
      }
      if (*steps < 0 && !Sum(Fraction(), ps, -1, &ps)) return false;
    }
    Fraction a1, a2, b1, b2;
    if (!Product(s, pc, &a1) || !Product(c, ps, &a2) || !Product(c, pc, &b1) || !Product(s, ps, &b2)) return false;
    if (!Sum(a1, a2, 1, &s) || !Sum(b1, b2, -1, &c)) return false;
  }
  *sine = std::move(s);
  *cosine = std::move(c);
  return true;
}

bool Algebra::AbsOf(const Fraction& a, Fraction* result) {
  if (a.num.IsZero()) {
    *result = a;
    return true;
  }
  if (IsConstant(a)) {
    if (const int sign = SignOf(a); sign != 0) return sign > 0 ? (*result = a, true) : Sum(Fraction(), a, -1, result);
    // |z| = sqrt(z conj z)
    Fraction other;
    return Conjugate(a, &other) && Product(a, other, &other) && RationalPower(other, Rational(1, 2), result);
  }
  if (positive_ && AsGenerator(a) >= 0 && generators_[AsGenerator(a)].type == Type::kSymbol) {
    *result = a;
    return true;
  }
  std::vector<Fraction> factors;
  Fraction product(Rational(1)), rest = a;
  Rational num, den;
  for (Poly* p : {&rest.num, &rest.den}) {
    Rational& content = p == &rest.num ? num : den;
    _fmpz_vec_content(content.num(), p->raw()->coeffs, p->Length());
    if (fmpz_sgn(p->raw()->coeffs) < 0) fmpz_neg(content.num(), content.num());
    fmpz_mpoly_scalar_divexact_fmpz(p->raw(), p->raw(), content.num(), PolyContext());
  }
  product = Fraction((num / den).Abs());
  const auto times_abs = [&](const Fraction& f, int64_t power) {
    const int direct = AsGenerator(f);
    const bool is_positive =
        direct >= 0 &&
        (generators_[direct].type == Type::kAbs ||
         (generators_[direct].type == Type::kExp && generators_[direct].base.Sign() >= 0 && generators_[direct].arguments.size() == 1) ||
         generators_[direct].type == Type::kPi || generators_[direct].type == Type::kRadical);
    int g = is_positive ? direct : Find(Type::kAbs, 0, {f}, Rational());
    Fraction square;
    if (g < 0) {
      if (!IntegerPower(f, 2, &square)) return false;
      g = Add({.type = Type::kAbs, .arguments = {f}, .base = Rational(), .root = 2, .radicand = square});
    }
    return g >= 0 && IntegerPower(Fraction(Poly::Generator(g)), power, &square) && Product(product, square, &product);
  };
  if (rest.num.Length() == 1 && rest.den.Length() == 1) {
    const Exponents up = rest.num.TermExponents(0), down = rest.den.TermExponents(0);
    for (int g = 0; g < static_cast<int>(generators_.size()); ++g) {
      const int64_t e = static_cast<int64_t>(up[g]) - static_cast<int64_t>(down[g]);
      if (e != 0 && !times_abs(Fraction(Poly::Generator(g)), e)) return false;
    }
  } else if (!times_abs(rest, 1)) {
    return false;
  }
  *result = std::move(product);
  return true;
}

// arctan or arcsin; arcsine and the rest are written with them.
bool Algebra::ArcOf(Type type, const Fraction& a, Fraction* result) {
  // A multiple of pi where the argument is a special value.
  if (IsConstant(a)) {
    std::map<int, Ball> known;
    Ball value;
    if (ValueOf(a, 64, &known, &value) && arb_contains_zero(value.im())) {
      Ball angle, pi;
      if (type == Type::kAtan) {
        arb_atan(angle.re(), value.re(), 64);
      } else {
        arb_asin(angle.re(), value.re(), 64);
      }
      arb_const_pi(pi.re(), 64);
      arb_div(angle.re(), angle.re(), pi.re(), 64);
      for (const int64_t q : {1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 30, 36, 60}) {
        Ball multiple;
        arb_mul_si(multiple.re(), angle.re(), q, 64);
        fmpz_t n;
        fmpz_init(n);
        const bool whole = arb_get_unique_fmpz(n, multiple.re());
        const Rational turns = whole ? Rational(fmpz_get_si(n)) / Rational(q) : Rational();
        fmpz_clear(n);
        if (!whole) continue;
        Fraction sine, cosine, difference;
        if (!CosPi(turns, &cosine) || !CosPi(Rational(1, 2) - turns, &sine)) break;
        if (type == Type::kAtan && !Quotient(sine, cosine, &sine)) break;
        if (!Sum(sine, a, -1, &difference) || IsZero(difference.num) != Truth::kTrue) break;
        int g = Find(Type::kPi, 0, {}, Rational());
        if (g < 0) g = Add({.type = Type::kPi});
        return g >= 0 && Product(Fraction(Poly::Generator(g)), Fraction(turns), result);
      }
    }
  }
  // Odd functions.
  const bool negative = fmpz_sgn(a.num.raw()->coeffs) < 0;
  Fraction argument = a;
  if (negative && !Sum(Fraction(), a, -1, &argument)) return false;
  int g = Find(type, 0, {argument}, Rational());
  if (g < 0) g = Add({.type = type, .arguments = {argument}});
  if (g < 0) return false;
  Fraction value(Poly::Generator(g));
  return negative ? Sum(Fraction(), value, -1, result) : (*result = value, true);
}

bool Algebra::FactorialOf(const Fraction& a, Fraction* result) {
  if (a.IsRational()) {
    const Rational n = a.Value();
    if (!n.IsInteger() || n.Sign() < 0) return false;
    if (const auto small = n.Small(3000)) {
      Rational value;
      if (!budget_.Spend(*small * 4)) return false;
      fmpz_fac_ui(value.num(), static_cast<ulong>(*small));
      *result = Fraction(value);
      return true;
    }
  }
  // Relative to a factorial that differs by a whole number.
  for (size_t g = 0; g < generators_.size(); ++g) {
    if (generators_[g].type != Type::kFactorial) continue;
    const Fraction reference = generators_[g].arguments[0];
    Fraction difference;
    if (!Sum(a, reference, -1, &difference)) return false;
    const auto shift = difference.IsRational() ? difference.Value().Small(kMaxFactorialShift) : std::nullopt;
    if (!shift.has_value()) continue;
    Fraction product(Rational(1));
    for (int64_t j = 0; j < std::abs(*shift); ++j) {
      Fraction factor;
      if (!Sum(*shift > 0 ? a : reference, Fraction(Rational(j)), -1, &factor) || !Product(product, factor, &product)) return false;
    }
    const Fraction base(Poly::Generator(static_cast<int>(g)));
    return *shift >= 0 ? Product(base, product, result) : Quotient(base, product, result);
  }
  const int g = Add({.type = Type::kFactorial, .arguments = {a}});
  if (g < 0) return false;
  *result = Fraction(Poly::Generator(g));
  return true;
}

bool Algebra::FloorOf(const Fraction& a, Fraction* result) {
  if (IsConstant(a)) {
    std::map<int, Ball> known;
    Ball value;
    for (const slong precision : {64, 256}) {
      known.clear();
      if (!ValueOf(a, precision, &known, &value) || !arb_contains_zero(value.im()) || !arb_is_finite(value.re())) return false;
      arb_floor(value.re(), value.re(), precision);
      fmpz_t n;
      fmpz_init(n);
      const bool unique = mag_cmp_2exp_si(arb_radref(value.re()), 60) < 0 && arf_cmpabs_2exp_si(arb_midref(value.re()), 1000) < 0 &&
                          arb_get_unique_fmpz(n, value.re());
      Rational floor;
      fmpz_set(floor.num(), n);
      fmpz_clear(n);
      if (unique) {
        *result = Fraction(floor);
        return true;
      }
    }
    return false;
  }
  // A whole number comes out.
  Fraction rest = a;
  Rational whole;
  std::vector<Part> parts;
  if (!Split(a, &parts)) return false;
  for (const Part& part : parts) {
    if (part.is_one) whole = part.coefficient.Floor();
  }
  if (!Sum(a, Fraction(whole), -1, &rest)) return false;
  int g = Find(Type::kFloor, 0, {rest}, Rational());
  if (g < 0) g = Add({.type = Type::kFloor, .arguments = {rest}});
  return g >= 0 && Sum(Fraction(Poly::Generator(g)), Fraction(whole), 1, result);
}

bool Algebra::Conjugate(const Fraction& a, Fraction* result) {
  const int i = Find(Type::kI, 0, {}, Rational());
  if (i < 0) {
    *result = a;
    return true;
  }
  for (const Generator& generator : generators_) {
    for (const Fraction& argument : generator.arguments) {
      if (argument.num.Uses(i) || argument.den.Uses(i)) return false;
    }
  }
  Fraction other = a;
  for (Poly* p : {&other.num, &other.den}) {
    Poly image;
    for (int64_t t = 0; t < p->Length(); ++t) {
      const Exponents exponents = p->TermExponents(t);
      const Rational c = p->TermCoefficient(t);
      image.AddTerm((exponents[i] % 2 == 1 ? -c : c).num(), exponents);
    }
    image.Tidy();
    *p = std::move(image);
  }
  *result = std::move(other);
  return Reduce(result);
}

bool Algebra::NamedOf(uint32_t name, std::vector<Fraction> arguments, Fraction* result) {
  int g = Find(Type::kNamed, name, arguments, Rational());
  if (g < 0 && arguments.size() == 2 && IsSymmetric(name)) g = Find(Type::kNamed, name, {arguments[1], arguments[0]}, Rational());
  if (g < 0)
    g = Add({.type = Type::kNamed, .name = name, .arguments = std::move(arguments), .base = Rational(), .radicand = {}, .constant = false});
  if (g < 0) return false;
  *result = Fraction(Poly::Generator(g));
  return true;
}

bool Algebra::Call(NodeId id, Fraction* result) {
  const Node node = pool_[id];
  std::vector<Fraction> f(node.count);
  for (size_t i = 0; i < node.count; ++i) {
    if (!Build(pool_.Child(id, i), &f[i])) return false;
  }
  if (node.kind != Kind::kFunction) return NamedOf(kUnknownFunctions + node.value * 2 + (node.kind == Kind::kMatrix), std::move(f), result);
  Fraction s, c, one(Rational(1));
  const auto function = static_cast<Function>(node.value);
  switch (function) {
    case Function::kSin:
    case Function::kCos:
    case Function::kTan:
    case Function::kCot:
    case Function::kSec:
    case Function::kCsc: {
      if (!SinCos(f[0], &s, &c)) return false;
      if (function == Function::kSin) return *result = s, true;
      if (function == Function::kCos) return *result = c, true;
      if (function == Function::kTan) return Quotient(s, c, result);
      if (function == Function::kCot) return Quotient(c, s, result);
      return Quotient(one, function == Function::kSec ? c : s, result);
    }
    case Function::kSinh:
    case Function::kCosh:
    case Function::kTanh: {
      Fraction plus, minus, negative, sum, difference;
      if (!Sum(Fraction(), f[0], -1, &negative) || !ExpOf(Rational(), nullptr, f[0], &plus) ||
          !ExpOf(Rational(), nullptr, negative, &minus))
        return false;
      if (!Sum(plus, minus, 1, &sum) || !Sum(plus, minus, -1, &difference)) return false;
      if (function == Function::kTanh) return Quotient(difference, sum, result);
      return Product(function == Function::kSinh ? difference : sum, Fraction(Rational(1, 2)), result);
    }
    case Function::kExp:
      return ExpOf(Rational(), nullptr, f[0], result);
    case Function::kLn:
      return LogOf(f[0], result);
    case Function::kLog:
      return LogOf(f[0], &s) && LogOf(Fraction(Rational(10)), &c) && Quotient(s, c, result);
    case Function::kLogBase:
      return LogOf(f[1], &s) && LogOf(f[0], &c) && Quotient(s, c, result);
    case Function::kAsin:
      return !f[0].num.IsZero() ? ArcOf(Type::kAsin, f[0], result) : (*result = f[0], true);
    case Function::kAtan:
      return !f[0].num.IsZero() ? ArcOf(Type::kAtan, f[0], result) : (*result = f[0], true);
    case Function::kAcos:
    case Function::kAcot: {
      int pi = Find(Type::kPi, 0, {}, Rational());
      if (pi < 0) pi = Add({.type = Type::kPi});
      if (pi < 0 || !Product(Fraction(Poly::Generator(pi)), Fraction(Rational(1, 2)), &c)) return false;
      if (!f[0].num.IsZero() && !ArcOf(function == Function::kAcos ? Type::kAsin : Type::kAtan, f[0], &s)) return false;
      return Sum(c, s, -1, result);
    }
    case Function::kConjugate:
      return Conjugate(f[0], result);
    case Function::kRe:
      return Conjugate(f[0], &c) && Sum(f[0], c, 1, &c) && Product(c, Fraction(Rational(1, 2)), result);
    case Function::kIm: {
      const int i = ImaginaryUnit();
      return i >= 0 && Conjugate(f[0], &c) && Sum(f[0], c, -1, &c) && Quotient(c, Fraction(Poly::Generator(i)), &c) &&
             Product(c, Fraction(Rational(1, 2)), result);
    }
    default:
      return NamedOf(node.value, std::move(f), result);
  }
}

}  // namespace hone::math
