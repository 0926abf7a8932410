// Numerals: integers, decimals, periods, powers of ten, mixed numbers, other bases.
#include <algorithm>
#include <optional>
#include <string>

#include "verifiers/math/parser.h"
#include "verifiers/math/parser_words.h"
#include "verifiers/math/units.h"

namespace hone::math {
namespace {
constexpr int64_t kExpandedExponent = 5000;
}  // namespace

NodeId Parser::MakeBase(std::string_view digits, std::string_view base) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const int64_t value = base.size() == 1 ? base[0] - '0' : (base[0] - '0') * 10 + base[1] - '0';
  if (value < 2 || value > 36) return Fail("bad base");
  return pool_.Make(Kind::kBase, pool_.Name(digits), {pool_.Number(value)});
}

// A numeral with letters for digits, of a base above ten: 1A_{16}, 2A7_{16}. kNoNode, and nothing taken, when there is none.
NodeId Parser::NumeralOfLetters() {
  const size_t start = at_;
  std::string digits, script;
  while (digits.size() <= 32 && (at_ == start || !Peek().space_before)) {
    const Token& token = Peek();
    const bool is_part =
        token.kind == TokenKind::kNumber ? AllDigits(token.text) : token.kind == TokenKind::kWord && IsHexLetters(token.text);
    if (!is_part) break;
    digits += token.text;
    ++at_;
  }
  if (at_ > start + 1 && TakeSymbol('_') && SubscriptText(&script)) {
    const std::string base = BaseOfScript(script);
    if (base.size() == 2) return MakeBase(digits, base);
  }
  at_ = start;
  return kNoNode;
}

NodeId Parser::NumberLiteral(bool mixed) {
  const Token& token = Peek();
  base_token_ = at_;
  const std::string_view text = token.text.substr(used_digits_);
  used_digits_ = 0;
  ++at_;
  // digits . digits (period) e exponent
  const size_t e = text.find('e');
  const std::string_view mantissa = text.substr(0, e);
  const size_t open = mantissa.find('(');
  const size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, std::min(point, mantissa.size()));
  const std::string_view decimals =
      point == std::string_view::npos ? "" : mantissa.substr(point + 1, open == std::string_view::npos ? open : open - point - 1);
  if (AllDigits(text) && text.size() == token.text.size() && Peek().kind == TokenKind::kWord && !Peek().space_before) {
    --at_;
    if (const NodeId numeral = NumeralOfLetters(); numeral != kNoNode) return numeral;
    ++at_;
  }
  Rational value = whole.empty() ? Rational() : Rational::FromDigits(whole);
  if (!decimals.empty()) value = value + Rational::FromDigits(decimals) / Rational::PowerOfTen(static_cast<int64_t>(decimals.size()));
  if (open != std::string_view::npos) {
    const std::string_view period = mantissa.substr(open + 1, mantissa.size() - open - 2);
    const Rational nines = Rational::PowerOfTen(static_cast<int64_t>(period.size())) - Rational(1);
    value = value + Rational::FromDigits(period) / nines / Rational::PowerOfTen(static_cast<int64_t>(decimals.size()));
  }
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > 1000) return Fail("decimal exponent of more than 1000 digits");
    Rational exponent = digits.empty() ? Rational() : Rational::FromDigits(digits);
    if (negative) exponent = -exponent;
    if (const auto small = exponent.Small(kExpandedExponent)) {
      return pool_.Number(value * Rational::PowerOfTen(*small), true);
    }
    return pool_.Make(Kind::kMul, 0, {pool_.Number(value), pool_.Make(Kind::kPow, 0, {pool_.Number(10), pool_.Number(exponent)})});
  }
  if (point == std::string_view::npos) {
    if (!mixed) return pool_.Number(value);
    if (const NodeId sum = PlainFraction(value); sum != kNoNode) return sum;
    if (const int zeros = Peek().kind == TokenKind::kWord ? ScaleOfWord(Peek().text) : 0; zeros > 0) {
      ++at_;
      return pool_.Number(value * Rational::PowerOfTen(zeros));
    }
    return pool_.Number(value);
  }
  if (const int zeros = Peek().kind == TokenKind::kWord ? ScaleOfWord(Peek().text) : 0; zeros > 0) {
    ++at_;
    value = value * Rational::PowerOfTen(zeros);
  }
  return pool_.Number(value, true);
}

// A fraction of two digit strings behind a whole number: a mixed number. kNoNode, and nothing taken, when there is none.
NodeId Parser::PlainFraction(Rational whole) {
  const size_t start = at_, start_digits = used_digits_;
  const auto digits = [&](Rational* value) {
    const bool braced = Peek().kind == TokenKind::kOpenBrace && used_digits_ == 0;
    if (braced) ++at_;
    if (Peek().kind != TokenKind::kNumber || !AllDigits(Peek().text)) return false;
    if (braced) {
      *value = Rational::FromDigits(Peek().text);
      ++at_;
      if (Peek().kind != TokenKind::kCloseBrace) return false;
      ++at_;
      return true;
    }
    *value = Rational::FromDigits(Peek().text.substr(used_digits_, 1));
    if (++used_digits_ == Peek().text.size()) {
      used_digits_ = 0;
      ++at_;
    }
    return true;
  };
  Rational numerator, denominator;
  if (Peek().IsMacro("frac")) {
    ++at_;
    if (digits(&numerator) && digits(&denominator) && used_digits_ == 0 && !denominator.IsZero())
      return pool_.Number(whole + numerator / denominator);
  } else if (Peek().kind == TokenKind::kNumber && Peek().space_before && AllDigits(Peek().text) && Peek(1).Is('/') &&
             Peek(2).kind == TokenKind::kNumber && AllDigits(Peek(2).text)) {
    numerator = Rational::FromDigits(Peek().text);
    denominator = Rational::FromDigits(Peek(2).text);
    if (!denominator.IsZero()) {
      at_ += 3;
      return pool_.Number(whole + numerator / denominator);
    }
  }
  at_ = start;
  used_digits_ = start_digits;
  return kNoNode;
}

}  // namespace hone::math
