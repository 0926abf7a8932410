#pragma once
// Numbers as they stand in text, compared exactly: no floating point, so 9.11 and 9.9 differ by what is written, 72.0 is 72, and a
// thousand digits are as good as one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hone {

// sign * digits * 10^exponent in its only form: digits have neither leading nor trailing zeros, and zero is no digits, exponent 0, +.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
  bool operator==(const Decimal&) const = default;
};

// numerator / denominator; the denominator is a whole number above 0, and 1 unless the text had a fraction.
struct Number {
  Decimal numerator;
  Decimal denominator{false, "1", 0};
  bool percent = false;  // a percent sign follows
};

// Whether both are the same number. percent_scales: 7% is 0.07; else the sign is ignored.
bool Equal(const Number& a, const Number& b, bool percent_scales);

// The last number of a text of arbitrary bytes. One pass, memory only for the number found.
//
// What is one number:
//   7  007  -5  +5  .5  7.  1,234  1,234,567.89  1.5e3  3/4  $7.00  -$7  $-7  7%  7$  **7**  x=7  7apples  (7)  \boxed{7}
//   - A sign counts when it touches the number (or its currency sign) and no letter, digit, closing bracket, '%', '.' or other sign touches
//     it: "-5" and "x = -5" are -5; "3-5" and "10 - 5" end in 5; U+2212 is a minus too.
//   - Commas are thousands when groups of exactly three follow one to three digits that do not begin with 0; else they separate: "3,4" is
//     3 and 4. The point is the decimal point, always: "1.234,50" is 1.234 and 50.
//   - 3/4 without spaces is one number, a fraction of whole numbers of at most 64 digits. 3/4/2024 is three numbers. 1 1/2 is two.
// What is none, and is passed over: digits right behind a letter, '_', '^', "_{" or "^{" (H2O, m^2, x_1, v1.2); digits before '^' (10^3);
// chains of points (1.2.3); a fraction by zero; non-ASCII digits. LaTeX beyond that is not read: \frac{3}{4} ends in 4.
std::optional<Number> LastNumber(std::string_view text);

// A text that is one number and nothing else but white space, currency or percent sign and a final point; nullopt otherwise.
std::optional<Number> WholeNumber(std::string_view text);

}  // namespace hone
