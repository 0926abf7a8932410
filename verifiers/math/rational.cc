#include "verifiers/math/rational.h"

#include <cstdlib>

namespace hone::math {

Rational Rational::FromDigits(std::string_view digits) {
  Rational r;
  if (digits.size() <= 18) {
    int64_t value = 0;
    for (char c : digits) value = value * 10 + (c - '0');
    fmpz_set_si(r.num(), value);
  } else {
    fmpz_set_str(r.num(), std::string(digits).c_str(), 10);
  }
  return r;
}

Rational Rational::PowerOfTen(int64_t exponent) {
  Rational r(1);
  fmpz* power = exponent >= 0 ? r.num() : r.den();
  fmpz_set_ui(power, 10);
  fmpz_pow_ui(power, power, static_cast<ulong>(std::llabs(exponent)));
  return r;
}

std::optional<int64_t> Rational::Small(int64_t max_abs) const {
  if (!IsInteger() || COEFF_IS_MPZ(*num())) return std::nullopt;
  const int64_t value = *num();
  if (value > max_abs || value < -max_abs) return std::nullopt;
  return value;
}

Rational Rational::Power(int64_t n) const {
  Rational r;
  fmpq_pow_si(r.q_, q_, n);
  return r;
}

Rational Rational::Abs() const {
  Rational r;
  fmpq_abs(r.q_, q_);
  return r;
}

Rational Rational::Floor() const {
  Rational r;
  fmpz_fdiv_q(r.num(), num(), den());
  return r;
}

std::string Rational::ToString() const {
  char* text = fmpq_get_str(nullptr, 10, q_);
  std::string result(text);
  flint_free(text);
  return result;
}

}  // namespace hone::math
