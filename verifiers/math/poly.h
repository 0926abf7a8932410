#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "flint/fmpz_mpoly.h"
#include "verifiers/math/budget.h"
#include "verifiers/math/rational.h"

namespace hone::math {

// Variables a polynomial can have: the generators of one check.
constexpr int kMaxGenerators = 24;
using Exponents = std::array<ulong, kMaxGenerators>;

// FLINT's context of polynomials in kMaxGenerators variables with integer coefficients; one per thread.
const fmpz_mpoly_ctx_struct* PolyContext();

// A polynomial over the integers.
//
// Threads: one thread.
class Poly {
 public:
  Poly() { fmpz_mpoly_init(p_, PolyContext()); }
  explicit Poly(const fmpz* constant) : Poly() { fmpz_mpoly_set_fmpz(p_, constant, PolyContext()); }
  explicit Poly(int64_t constant) : Poly() { fmpz_mpoly_set_si(p_, constant, PolyContext()); }
  static Poly Generator(int index) {
    Poly p;
    fmpz_mpoly_gen(p.p_, index, PolyContext());
    return p;
  }
  Poly(const Poly& other) : Poly() { fmpz_mpoly_set(p_, other.p_, PolyContext()); }
  Poly(Poly&& other) noexcept : Poly() { fmpz_mpoly_swap(p_, other.p_, PolyContext()); }
  Poly& operator=(const Poly& other) {
    fmpz_mpoly_set(p_, other.p_, PolyContext());
    return *this;
  }
  Poly& operator=(Poly&& other) noexcept {
    fmpz_mpoly_swap(p_, other.p_, PolyContext());
    return *this;
  }
  ~Poly() { fmpz_mpoly_clear(p_, PolyContext()); }

  fmpz_mpoly_struct* raw() { return p_; }
  const fmpz_mpoly_struct* raw() const { return p_; }
  bool IsZero() const { return fmpz_mpoly_is_zero(p_, PolyContext()); }
  bool IsOne() const { return fmpz_mpoly_is_one(p_, PolyContext()); }
  bool IsConstant() const { return fmpz_mpoly_is_fmpz(p_, PolyContext()); }
  bool operator==(const Poly& other) const { return fmpz_mpoly_equal(p_, other.p_, PolyContext()); }
  int64_t Length() const { return fmpz_mpoly_length(p_, PolyContext()); }
  int64_t Degree(int generator) const { return IsZero() ? 0 : fmpz_mpoly_degree_si(p_, generator, PolyContext()); }
  // Bits of the longest coefficient.
  int64_t Bits() const { return std::abs(fmpz_mpoly_max_bits(p_)); }
  // The constant, of a constant polynomial.
  Rational Constant() const {
    Rational r;
    if (!IsZero()) fmpz_mpoly_get_fmpz(r.num(), p_, PolyContext());
    return r;
  }
  Exponents TermExponents(int64_t term) const {
    Exponents exponents;
    fmpz_mpoly_get_term_exp_ui(exponents.data(), p_, term, PolyContext());
    return exponents;
  }
  Rational TermCoefficient(int64_t term) const {
    Rational r;
    fmpz_mpoly_get_term_coeff_fmpz(r.num(), p_, term, PolyContext());
    return r;
  }
  void AddTerm(const fmpz* coefficient, const Exponents& exponents) {
    fmpz_mpoly_push_term_fmpz_ui(p_, coefficient, exponents.data(), PolyContext());
  }
  // After AddTerm in any order.
  void Tidy() {
    fmpz_mpoly_sort_terms(p_, PolyContext());
    fmpz_mpoly_combine_like_terms(p_, PolyContext());
  }
  bool Uses(int generator) const { return Degree(generator) > 0; }
  int64_t TotalDegree() const { return IsZero() ? 0 : fmpz_mpoly_total_degree_si(p_, PolyContext()); }

 private:
  fmpz_mpoly_t p_;
};

// Arithmetic that is sized before it is done: false, and nothing computed, when the budget, 20,000 terms, the bit limit or degree 1,000
// would be exceeded.
bool Multiply(const Poly& a, const Poly& b, Budget& budget, Poly* result);
bool Add(const Poly& a, const Poly& b, int sign, Budget& budget, Poly* result);
bool Power(const Poly& a, int64_t n, Budget& budget, Poly* result);

struct Fraction {
  Poly num, den{1};

  Fraction() = default;
  explicit Fraction(const Rational& value) : num(value.num()), den(value.den()) {}
  explicit Fraction(Poly n) : num(std::move(n)) {}
  bool IsRational() const { return num.IsConstant() && den.IsConstant(); }
  Rational Value() const { return num.Constant() / den.Constant(); }  // when IsRational
};

}  // namespace hone::math
