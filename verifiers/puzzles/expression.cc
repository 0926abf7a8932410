#include "verifiers/puzzles/expression.h"

#include <limits>
#include <numeric>

#include "fmt/format.h"

namespace hone {
namespace {
using Wide = __int128;

Wide Gcd(Wide a, Wide b) {
  if (a < 0) a = -a;
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest < 0 ? -rest : rest;
  }
  return a;
}

std::optional<Rational> Reduced(Wide numerator, Wide denominator) {
  if (denominator == 0) return std::nullopt;
  if (denominator < 0) numerator = -numerator, denominator = -denominator;
  const Wide divisor = Gcd(numerator, denominator);
  numerator /= divisor, denominator /= divisor;
  constexpr Wide kMax = std::numeric_limits<int64_t>::max();
  if (numerator > kMax || numerator < -kMax || denominator > kMax) return std::nullopt;
  return Rational{static_cast<int64_t>(numerator), static_cast<int64_t>(denominator)};
}

int Precedence(char op) {
  return op == '*' || op == '/' ? 2 : op == '(' ? 0 : 1;
}
}  // namespace

std::optional<Rational> Rational::Make(int64_t numerator, int64_t denominator) {
  return Reduced(numerator, denominator);
}

std::optional<Rational> Rational::Apply(char op, const Rational& a, const Rational& b) {
  const Wide an = a.numerator, ad = a.denominator, bn = b.numerator, bd = b.denominator;
  switch (op) {
    case '+':
      return Reduced(an * bd + bn * ad, ad * bd);
    case '-':
      return Reduced(an * bd - bn * ad, ad * bd);
    case '*':
      return Reduced(an * bn, ad * bd);
    case '/':
      return Reduced(an * bd, ad * bn);
  }
  return std::nullopt;
}

std::string Rational::Text() const {
  return denominator == 1 ? std::to_string(numerator) : fmt::format("{}/{}", numerator, denominator);
}

// Dijkstra's shunting yard.
std::optional<std::vector<PostfixItem>> ParseExpression(std::string_view text) {
  std::vector<PostfixItem> postfix;
  std::vector<char> waiting;  // operators and open parentheses
  bool want_value = true;
  auto pop = [&] {
    postfix.push_back({waiting.back(), 0});
    waiting.pop_back();
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ' || c == '\t') {
      ++i;
    } else if (c >= '0' && c <= '9') {
      if (!want_value) return std::nullopt;
      int64_t number = 0;
      const size_t begin = i;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        if (i - begin == 12) return std::nullopt;
        number = number * 10 + (text[i] - '0');
      }
      postfix.push_back({0, number});
      want_value = false;
    } else if (c == '(') {
      if (!want_value) return std::nullopt;
      waiting.push_back(c);
      ++i;
    } else if (c == ')') {
      if (want_value) return std::nullopt;
      while (!waiting.empty() && waiting.back() != '(') pop();
      if (waiting.empty()) return std::nullopt;
      waiting.pop_back();
      ++i;
    } else {
      char op = 0;
      size_t bytes = 1;
      if (c == '+' || c == '-' || c == '*' || c == '/') op = c;
      if (c == 'x' || c == 'X') op = '*';
      if (text.substr(i).starts_with("\xC3\x97")) op = '*', bytes = 2;
      if (text.substr(i).starts_with("\xC3\xB7")) op = '/', bytes = 2;
      if (op == 0 || want_value) return std::nullopt;
      while (!waiting.empty() && Precedence(waiting.back()) >= Precedence(op)) pop();
      waiting.push_back(op);
      want_value = true;
      i += bytes;
    }
  }
  if (want_value) return std::nullopt;
  while (!waiting.empty()) {
    if (waiting.back() == '(') return std::nullopt;
    pop();
  }
  return postfix;
}

std::optional<Rational> Evaluate(const std::vector<PostfixItem>& postfix, std::vector<Rational>* steps) {
  std::vector<Rational> values;
  for (const PostfixItem& item : postfix) {
    if (item.op == 0) {
      values.push_back({item.number, 1});
      continue;
    }
    if (values.size() < 2) return std::nullopt;
    const Rational b = values.back();
    values.pop_back();
    const std::optional<Rational> value = Rational::Apply(item.op, values.back(), b);
    if (!value.has_value()) return std::nullopt;
    values.back() = *value;
    if (steps != nullptr) steps->push_back(*value);
  }
  return values.size() == 1 ? std::optional(values.back()) : std::nullopt;
}

}  // namespace hone
