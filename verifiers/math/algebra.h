#pragma once
// Proofs of equality. Trees are rewritten as fractions of polynomials in generators: variables, pi, powers of constants and of e, radicals,
// sines and cosines, logarithms, functions known by name only. Known relations (g^k = radicand, s^2 = 1 - c^2, i^2 = -1) are applied, so
// that many equal expressions get equal fractions.
//
// A difference whose numerator vanishes proves equality. Where algebraic constants are left over, a number is shown to be zero by a
// separation bound: an algebraic number of degree D, built with bounds u and l on its conjugates, is zero or at least 1 / (u^(D-1) l) in
// absolute value, so a ball below that proves zero. Source: Burnikel, Funke, Mehlhorn, Schirra, Schmitt, "A separation bound for real
// algebraic expressions", ESA 2001; it holds for complex numbers too, since it bounds the norm.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifiers/math/ball.h"
#include "verifiers/math/poly.h"

namespace hone::math {

// Names of functions from here on are those of f, g, ..: nothing is known about them.
constexpr uint32_t kUnknownFunctions = 1000;

enum class Truth { kTrue, kFalse, kUnknown };

// Threads: one thread at a time; for one pair of trees.
class Algebra {
 public:
  Algebra(const Pool& pool, ExactEvaluator& exact, Budget& budget, bool positive_variables)
      : pool_(pool), exact_(exact), budget_(budget), positive_(positive_variables) {}

  // Whether a - b vanishes identically where both are defined. kFalse only for rational functions in independent variables.
  Truth Equal(NodeId a, NodeId b);

  // Whether the equations or inequalities left1 R right1 and left2 R right2 are the same up to a constant factor. *sign: 1 when the factor
  // is positive, -1 when negative, 0 when unknown.
  Truth Proportional(NodeId left1, NodeId right1, NodeId left2, NodeId right2, int* sign);

  // An operation was undefined whatever the variables are: 1/0, log 0.
  bool undefined() const { return undefined_; }
  // The denominators of the last Equal are products of generators that are never 0, or polynomials in independent ones: they do not vanish
  // identically.
  bool divides_safely() const { return safe_; }

 private:
  enum class Type : uint8_t {
    kSymbol,  // a variable
    kPi,
    kI,
    kRadical,  // root of a positive rational: g^root = radicand
    kCosPi,    // 2 cos(pi a / q)
    kRoot,     // root of something else: g^root = radicand
    kAbs,      // |argument|: root 2, radicand its square
    kExp,      // base^(argument / scale)
    kSin,      // of argument / scale; the generator behind it is the cosine
    kCos,
    kLog,  // of argument
    kAtan,
    kAsin,
    kFloor,
    kFactorial,
    kNamed,  // function `name` of arguments
  };
  struct Generator {
    Type type;
    uint32_t name = 0;  // kSymbol: node; kNamed: kind of function
    std::vector<Fraction> arguments;
    int64_t scale = 1;
    Rational base;  // kExp: base, 0 for e and for bases that are arguments[1]
    int root = 0;   // > 0: g^root = radicand
    Fraction radicand;
    bool constant = true, algebraic = false;
    double log_u = 0, log_l = 0;  // bits, of algebraic generators
  };
  struct Bounds {
    double log_u = 0, log_l = 0;
  };
  // A rational multiple of something without a rational factor.
  struct Part {
    Rational coefficient;
    Fraction unit;
    std::string key;  // names the unit among those of this pair
    bool is_one;      // the unit is 1
  };

  // Building fractions (algebra.cc, algebra_powers.cc, algebra_functions.cc).
  bool BuildBoth(NodeId a, NodeId b, Fraction* fa, Fraction* fb);
  bool Build(NodeId id, Fraction* result);
  bool Compute(NodeId id, Fraction* result);
  bool Call(NodeId id, Fraction* result);
  bool Sum(const Fraction& a, const Fraction& b, int sign, Fraction* result);
  bool Product(const Fraction& a, const Fraction& b, Fraction* result);
  bool Quotient(const Fraction& a, const Fraction& b, Fraction* result);
  bool IntegerPower(const Fraction& a, int64_t n, Fraction* result);
  bool RationalPower(const Fraction& a, const Rational& exponent, Fraction* result);
  bool RadicalOf(const Rational& base, const Rational& exponent, Fraction* result);
  bool RootOf(const Fraction& a, int64_t p, int64_t q, Fraction* result);
  bool PowerOfTerm(int g, const Fraction& exponent, Fraction* result);
  bool PowerOfFractions(const Fraction& base, const Fraction& exponent, Fraction* result);
  bool ExpOf(const Rational& base, const Fraction* symbolic_base, const Fraction& exponent, Fraction* result);
  bool SinCos(const Fraction& a, Fraction* sine, Fraction* cosine);
  bool CosPi(const Rational& turns, Fraction* result);
  bool SinCosOfArc(int generator, Fraction* sine, Fraction* cosine);
  bool LogOf(const Fraction& a, Fraction* result);
  bool AbsOf(const Fraction& a, Fraction* result);
  bool ArcOf(Type type, const Fraction& a, Fraction* result);
  bool FactorialOf(const Fraction& a, Fraction* result);
  bool FloorOf(const Fraction& a, Fraction* result);
  bool Conjugate(const Fraction& a, Fraction* result);
  bool NamedOf(uint32_t name, std::vector<Fraction> arguments, Fraction* result);

  // a as a sum of parts.
  bool Split(const Fraction& a, std::vector<Part>* parts);
  // Whether a is a term of generators that are positive constants: pi, powers of e and of rational numbers.
  bool IsPositiveTerm(const Fraction& a) const;
  bool IsLowered(const Fraction& a) const;
  // The generator that a fraction is, -1 when it is something else.
  int AsGenerator(const Fraction& a) const;

  // Generators.
  int Find(Type type, uint32_t name, const std::vector<Fraction>& arguments, const Rational& base);
  int Add(Generator generator);  // -1 when there are too many
  bool Same(const Fraction& a, const Fraction& b);
  bool ScaleFor(const std::string& key, const Rational& coefficient, int64_t* scale);
  int ImaginaryUnit();
  bool IsConstant(const Poly& p) const;
  bool IsConstant(const Fraction& f) const { return IsConstant(f.num) && IsConstant(f.den); }

  // Relations.
  bool Reduce(Fraction* f);
  bool ReducePoly(Poly* p, Poly* denominator);

  // Zero tests (algebra_zero.cc).
  Truth IsZero(const Poly& p);
  Truth IsZeroAlgebraic(const Poly& p);
  Truth IsZeroLinear(const Poly& p);
  bool ProductIsOne(const Poly& p, bool arcs);
  bool CollectAlgebraic(const Poly& p, std::vector<char>* used) const;
  Bounds BoundsOf(const Poly& p) const;
  bool ValueOf(const Poly& p, slong precision, std::map<int, Ball>* known, Ball* result);
  bool ValueOf(const Fraction& f, slong precision, std::map<int, Ball>* known, Ball* result);
  bool GeneratorValue(int index, slong precision, std::map<int, Ball>* known, Ball* result);
  // The sign of a real constant: 1, -1, 0 when it cannot be told.
  int SignOf(const Fraction& f);

  const Pool& pool_;
  ExactEvaluator& exact_;
  Budget& budget_;
  const bool positive_;
  std::vector<Generator> generators_;
  std::map<NodeId, Fraction> built_;
  std::vector<Fraction> units_;            // units with a denominator
  std::map<std::string, int64_t> scales_;  // least common denominators seen in front of a monomial
  bool restart_ = false, undefined_ = false, safe_ = false;
};

}  // namespace hone::math
