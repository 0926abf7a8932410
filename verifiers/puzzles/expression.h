#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

// A fraction in lowest terms, denominator above 0. Arithmetic gives nothing when a part would not fit into 64 bits or one divides by 0.
struct Rational {
  int64_t numerator = 0;
  int64_t denominator = 1;
  bool operator==(const Rational&) const = default;

  static std::optional<Rational> Make(int64_t numerator, int64_t denominator);
  // op: + - * /
  static std::optional<Rational> Apply(char op, const Rational& a, const Rational& b);
  // "7", "-3/4"
  std::string Text() const;
};

// One item of an expression in postfix order: a number (op 0) or an operator on the two values before it.
struct PostfixItem {
  char op = 0;
  int64_t number = 0;
};

// Reads whole numbers of at most 12 digits, + - * / (also x, × and ÷) and parentheses into postfix order; nullopt for anything else, a sign
// before a number too. Nothing is nested on the program's stack: any text is safe.
std::optional<std::vector<PostfixItem>> ParseExpression(std::string_view text);

// The value; nullopt as Rational::Apply. steps, when given, gets the value of every operation in order.
std::optional<Rational> Evaluate(const std::vector<PostfixItem>& postfix, std::vector<Rational>* steps = nullptr);

}  // namespace hone
