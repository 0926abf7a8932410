#pragma once
// Exact rational numbers: FLINT's fmpq with an owner. Numbers below 2^62 need no memory of their own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flint/fmpq.h"

namespace hone::math {

// Threads: one thread at a time.
class Rational {
 public:
  Rational() { fmpq_init(q_); }
  Rational(int64_t n, int64_t d = 1) {  // d > 0
    fmpq_init(q_);
    fmpq_set_si(q_, n, static_cast<ulong>(d));
  }
  Rational(const Rational& other) {
    fmpq_init(q_);
    fmpq_set(q_, other.q_);
  }
  Rational(Rational&& other) noexcept {
    fmpq_init(q_);
    fmpq_swap(q_, other.q_);
  }
  Rational& operator=(const Rational& other) {
    fmpq_set(q_, other.q_);
    return *this;
  }
  Rational& operator=(Rational&& other) noexcept {
    fmpq_swap(q_, other.q_);
    return *this;
  }
  ~Rational() { fmpq_clear(q_); }

  // Decimal digits only, at least one.
  static Rational FromDigits(std::string_view digits);
  static Rational PowerOfTen(int64_t exponent);

  fmpq* raw() { return q_; }
  const fmpq* raw() const { return q_; }
  fmpz* num() { return fmpq_numref(q_); }
  const fmpz* num() const { return fmpq_numref(q_); }
  fmpz* den() { return fmpq_denref(q_); }
  const fmpz* den() const { return fmpq_denref(q_); }

  bool IsZero() const { return fmpq_is_zero(q_); }
  bool IsOne() const { return fmpq_is_one(q_); }
  bool IsInteger() const { return fmpz_is_one(fmpq_denref(q_)); }
  int Sign() const { return fmpq_sgn(q_); }
  // Of numerator and denominator together.
  int64_t Bits() const { return static_cast<int64_t>(fmpz_bits(num()) + fmpz_bits(den())); }
  // The value when it is an integer of at most `max_abs` in absolute value (max_abs below 2^60).
  std::optional<int64_t> Small(int64_t max_abs = int64_t{1} << 60) const;

  friend Rational operator+(const Rational& a, const Rational& b) {
    Rational r;
    fmpq_add(r.q_, a.q_, b.q_);
    return r;
  }
  friend Rational operator-(const Rational& a, const Rational& b) {
    Rational r;
    fmpq_sub(r.q_, a.q_, b.q_);
    return r;
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    Rational r;
    fmpq_mul(r.q_, a.q_, b.q_);
    return r;
  }
  // b is not 0.
  friend Rational operator/(const Rational& a, const Rational& b) {
    Rational r;
    fmpq_div(r.q_, a.q_, b.q_);
    return r;
  }
  Rational operator-() const {
    Rational r;
    fmpq_neg(r.q_, q_);
    return r;
  }
  bool operator==(const Rational& other) const { return fmpq_equal(q_, other.q_); }
  bool operator<(const Rational& other) const { return fmpq_cmp(q_, other.q_) < 0; }

  // this^n; the caller has bounded Bits() * |n|; not 0 when n < 0.
  Rational Power(int64_t n) const;
  Rational Abs() const;
  // The largest integer at most this.
  Rational Floor() const;

  std::string ToString() const;  // "3", "-7/2"

 private:
  fmpq_t q_;
};

}  // namespace hone::math
