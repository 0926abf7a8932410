#include "verifiers/number.h"

#include <algorithm>
#include <vector>

#include "verifiers/text.h"

namespace hone {
namespace {
constexpr size_t kMaxFractionDigits = 64;
// More digits than any decimal that equals a fraction of two 64-digit numbers.
constexpr size_t kMaxDigitsBesideFraction = 1000;
constexpr size_t kMaxExponentDigits = 4;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Currency signs: $, pound, yen, euro, rupee.
constexpr std::string_view kCurrencies[] = {"$", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xAC", "\xE2\x82\xB9"};
constexpr std::string_view kMinus = "\xE2\x88\x92";  // U+2212

// Where a number stands and which parts it has; no copies yet.
struct Token {
  size_t begin = 0, end = 0;  // with sign and currency in front, percent behind
  bool negative = false, percent = false;
  std::string_view whole, fraction;  // digits; whole may hold commas
  int64_t exponent = 0;
  std::string_view denominator;  // empty when there is none
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The last number.
  std::optional<Token> Last() {
    std::optional<Token> last;
    for (size_t i = 0; i < text_.size();) {
      if (!IsDigit(text_[i]) && !(text_[i] == '.' && IsDigit(At(i + 1)) && !BlocksLeadingPoint(i))) {
        ++i;
        continue;
      }
      if (auto token = Read(i, &i)) last = token;
    }
    return last;
  }

 private:
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  size_t SkipDigits(size_t i) const {
    while (i < text_.size() && IsDigit(text_[i])) ++i;
    return i;
  }

  bool BlocksLeadingPoint(size_t i) const {
    const char before = i == 0 ? ' ' : text_[i - 1];
    return IsDigit(before) || IsLetter(before) || before == '.' || before == ')' || before == ']' || before == '_';
  }

  // Digits here belong to a word, an index or an exponent.
  bool BelongsToWord(size_t i) const {
    if (i == 0) return false;
    char before = text_[i - 1];
    if (before == '{' && i >= 2) {
      before = text_[i - 2];
      return before == '^' || before == '_';
    }
    return IsLetter(before) || before == '_' || before == '^';
  }

  // Takes currency signs and the sign in front of `i` into the token.
  void ReadFront(size_t i, Token* token) const {
    size_t begin = BackOverCurrency(i);
    size_t sign = 0;
    if (begin > 0 && (text_[begin - 1] == '-' || text_[begin - 1] == '+')) sign = 1;
    if (text_.substr(0, begin).ends_with(kMinus)) sign = kMinus.size();
    if (sign > 0) {
      const char before = begin == sign ? ' ' : text_[begin - sign - 1];
      const bool joined = IsDigit(before) || IsLetter(before) || std::string_view(")]}%-+_.").find(before) != std::string_view::npos;
      if (!joined) {
        token->negative = text_[begin - sign] != '+';
        begin -= sign;
        begin = BackOverCurrency(begin);
      }
    }
    token->begin = begin;
  }

  size_t BackOverCurrency(size_t i) const {
    for (std::string_view currency : kCurrencies) {
      if (text_.substr(0, i).ends_with(currency)) return i - currency.size();
    }
    return i;
  }

  // Reads the number at `i`; *next is where to go on in any case.
  std::optional<Token> Read(size_t i, size_t* next) const {
    Token token;
    const size_t start = i;
    const bool word = BelongsToWord(i);
    ReadFront(i, &token);

    // Whole part: digits, with commas when they are thousands.
    size_t end = SkipDigits(i);
    if (At(end) == ',' && IsDigit(At(end + 1))) {
      bool thousands = end - i <= 3 && text_[i] != '0';
      size_t last_group = i, previous_end = end, last_end = end;
      while (At(last_end) == ',' && IsDigit(At(last_end + 1))) {
        last_group = last_end + 1;
        previous_end = last_end;
        last_end = SkipDigits(last_group);
        thousands = thousands && last_end - last_group == 3;
      }
      if (thousands) {
        end = last_end;
      } else {
        // A list: its last but one stands for all before the last, which is read next.
        *next = last_group;
        if (word && text_.find(',', i) == previous_end) return std::nullopt;
        size_t group = previous_end;
        while (group > i && IsDigit(text_[group - 1])) --group;
        if (group != i) {
          token.begin = group;
          token.negative = false;
        }
        token.whole = text_.substr(group, previous_end - group);
        token.end = previous_end;
        return token;
      }
    }
    token.whole = text_.substr(i, end - i);

    // Fraction of a decimal; a chain of points is no number.
    bool good = !word;
    if (At(end) == '.' && IsDigit(At(end + 1))) {
      const size_t begin = end + 1;
      end = SkipDigits(begin);
      token.fraction = text_.substr(begin, end - begin);
      while (At(end) == '.' && IsDigit(At(end + 1))) {
        good = false;
        end = SkipDigits(end + 1);
      }
    }
    end = ReadExponent(end, &token);
    const bool plain = token.fraction.empty() && token.exponent == 0 && IsDigit(text_[end - 1]);
    *next = end;
    if (At(end) == '^') return std::nullopt;

    // Denominator.
    if (plain && At(end) == '/' && IsDigit(At(end + 1)) && (start == 0 || text_[start - 1] != '/')) {
      const size_t begin = end + 1, stop = SkipDigits(begin);
      const bool chain = (At(stop) == '/' || At(stop) == '.' || At(stop) == ',') && IsDigit(At(stop + 1));
      const bool small = stop - begin <= kMaxFractionDigits && token.whole.size() <= kMaxFractionDigits;
      if (!chain && At(stop) != '^' && small) {
        token.denominator = text_.substr(begin, stop - begin);
        *next = end = stop;
        if (token.denominator.find_first_not_of('0') == std::string_view::npos) return std::nullopt;
      }
    }
    if (!good) return std::nullopt;
    token.end = ReadPercent(end, &token);
    return token;
  }

  size_t ReadExponent(size_t i, Token* token) const {
    if (At(i) != 'e' && At(i) != 'E') return i;
    size_t begin = i + 1;
    const bool negative = At(begin) == '-';
    if (negative || At(begin) == '+') ++begin;
    const size_t end = SkipDigits(begin);
    if (end == begin || end - begin > kMaxExponentDigits || IsLetter(At(end)) || At(end) == '_') return i;
    for (size_t j = begin; j < end; ++j) token->exponent = token->exponent * 10 + (text_[j] - '0');
    if (negative) token->exponent = -token->exponent;
    return end;
  }

  size_t ReadPercent(size_t i, Token* token) const {
    size_t at = i;
    if (At(at) == ' ') ++at;
    if (At(at) == '\\') ++at;
    if (At(at) != '%') return i;
    token->percent = true;
    return at + 1;
  }

  const std::string_view text_;
};

Decimal MakeDecimal(bool negative, std::string_view whole, std::string_view fraction, int64_t exponent) {
  Decimal decimal;
  decimal.digits.reserve(whole.size() + fraction.size());
  for (char c : whole) {
    if (c != ',') decimal.digits += c;
  }
  decimal.digits += fraction;
  decimal.exponent = exponent - static_cast<int64_t>(fraction.size());
  const size_t last = decimal.digits.find_last_not_of('0');
  if (last == std::string::npos) return Decimal{};
  decimal.exponent += static_cast<int64_t>(decimal.digits.size() - last - 1);
  decimal.digits.resize(last + 1);
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
  decimal.negative = negative;
  return decimal;
}

Number MakeNumber(const Token& token) {
  Number number;
  number.numerator = MakeDecimal(token.negative, token.whole, token.fraction, token.exponent);
  if (!token.denominator.empty()) number.denominator = MakeDecimal(false, token.denominator, "", 0);
  number.percent = token.percent;
  return number;
}

// Schoolbook product; cost is the product of the lengths.
Decimal Product(const Decimal& a, const Decimal& b) {
  std::vector<int> cells(a.digits.size() + b.digits.size(), 0);
  for (size_t i = a.digits.size(); i-- > 0;) {
    int carry = 0;
    for (size_t j = b.digits.size(); j-- > 0;) {
      const int sum = cells[i + j + 1] + (a.digits[i] - '0') * (b.digits[j] - '0') + carry;
      cells[i + j + 1] = sum % 10;
      carry = sum / 10;
    }
    cells[i] += carry;
  }
  std::string digits(cells.size(), '0');
  for (size_t i = 0; i < cells.size(); ++i) digits[i] = static_cast<char>('0' + cells[i]);
  return MakeDecimal(a.negative != b.negative, digits, "", a.exponent + b.exponent);
}
}  // namespace

bool Equal(const Number& a, const Number& b, bool percent_scales) {
  Decimal left = a.numerator, right = b.numerator;
  if (percent_scales && a.percent && !left.digits.empty()) left.exponent -= 2;
  if (percent_scales && b.percent && !right.digits.empty()) right.exponent -= 2;
  if (a.denominator == b.denominator) return left == right;
  if (std::max(left.digits.size(), right.digits.size()) > kMaxDigitsBesideFraction) return false;
  return Product(left, b.denominator) == Product(right, a.denominator);
}

std::optional<Number> LastNumber(std::string_view text) {
  const std::optional<Token> token = Scanner(text).Last();
  if (!token.has_value()) return std::nullopt;
  return MakeNumber(*token);
}

std::optional<Number> WholeNumber(std::string_view text) {
  text = TrimSpace(text);
  const std::optional<Token> token = Scanner(text).Last();
  if (!token.has_value() || token->begin != 0) return std::nullopt;
  std::string_view rest = TrimSpace(text.substr(token->end));
  for (std::string_view currency : kCurrencies) {
    if (rest.starts_with(currency)) {
      rest.remove_prefix(currency.size());
      break;
    }
  }
  if (!rest.empty() && rest != ".") return std::nullopt;
  return MakeNumber(*token);
}

}  // namespace hone
