// Numbers as they are written: groups of three, decimals, periods, exponents.
#include <algorithm>
#include <string>

#include "verifiers/math/lexer.h"

namespace hone::math {

namespace {

// The shortest run of digits that the decimals end with at least twice, a single digit three times; empty when there is none.
std::string_view RepeatedTail(std::string_view decimals) {
  constexpr size_t kLongest = 64;
  for (size_t n = 1; n <= std::min(kLongest, decimals.size() / 2); ++n) {
    const std::string_view tail = decimals.substr(decimals.size() - n);
    const size_t times = n == 1 ? 3 : 2;
    if (decimals.size() < n * times) continue;
    bool same = true;
    for (size_t k = 2; k <= times && same; ++k) same = decimals.substr(decimals.size() - n * k, n) == tail;
    if (same) return tail;
  }
  return {};
}

}  // namespace

std::string_view Lexer::Period(size_t i, size_t* end) const {
  *end = 0;
  for (const std::string_view mark : {"\\overline", "\\bar", "("}) {
    if (text_.substr(i, mark.size()) != mark) continue;
    size_t from = i + mark.size();
    if (mark != "(") from = SkipSpace(from);
    const char close = mark == "(" ? ')' : At(from) == '{' ? '}' : '\0';
    if (close == '\0') {  // one digit, without braces
      if (!IsDigit(At(from))) return {};
      *end = from + 1;
      return text_.substr(from, 1);
    }
    if (close == '}') ++from;
    const size_t to = DigitsEnd(from);
    if (to == from || At(to) != close) return {};
    *end = to + 1;
    return text_.substr(from, to - from);
  }
  return {};
}

// Where dots that go on with the digits in front of them end, 0 when there are none.
size_t Lexer::DotsEnd(size_t i) const {
  for (const std::string_view mark : {"...", "\\ldots", "\\dots", "\\cdots"}) {
    if (text_.substr(i, mark.size()) != mark) continue;
    const size_t end = i + mark.size();
    if (mark != "..." && IsLetter(At(end))) return 0;
    return IsDigit(At(SkipSpace(end))) || At(end) == '.' ? 0 : end;
  }
  return 0;
}

bool Lexer::Number() {
  const size_t start = digits_.size();
  size_t i = DigitsEnd(at_);
  digits_ += text_.substr(at_, i - at_);

  // Groups of three: 1,234  1{,}234  1\,234  1,\!234  1~234. Inside brackets a bare comma separates.
  const auto group_end = [&](size_t at) -> size_t {
    for (const std::string_view mark : {",\\!", "{,}", "\\,", ",", "~", "{}"}) {
      if (text_.substr(at, mark.size()) != mark) continue;
      size_t from = at + mark.size();
      if (mark == ",\\!") from = SkipSpace(from);
      if (mark == "," && brackets_ > 0) return 0;
      const size_t to = DigitsEnd(from);
      return to - from == 3 ? to : 0;
    }
    return 0;
  };
  if (i - at_ >= 1 && i - at_ <= 3 && text_[at_] != '0') {
    // All groups or none: 1,234,56 is no number with groups.
    size_t to = i;
    while (const size_t next = group_end(to)) {
      to = next;
    }
    const bool stray = to > i && At(to) == ',' && IsDigit(At(to + 1)) && brackets_ <= 0;
    if (to > i && !stray) {
      size_t from = i;
      while (from < to) {
        from = group_end(from);
        digits_ += text_.substr(from - 3, 3);
      }
      i = to;
    }
  }
  if (At(i) == '.' && (IsDigit(At(i + 1)) || At(i + 1) != '.')) {
    const size_t end = DigitsEnd(i + 1);
    size_t period_end = 0;
    const bool point = end > i + 1 || text_.substr(i + 1, 4) == "\\dot" || !Period(i + 1, &period_end).empty();
    if (point) {
      const std::string_view decimals = text_.substr(i + 1, end - i - 1);
      digits_ += text_.substr(i, end - i);
      i = end;
      // The period: \overline{3}, \bar{3}, \dot{1}4\dot{2}, (3), 333...
      size_t j = i;
      std::string period(Period(i, &j));
      if (period.empty()) j = i;
      if (text_.substr(i, 4) == "\\dot" && !IsLetter(At(i + 4))) {
        int dots = 0;
        while (true) {
          if (text_.substr(j, 4) == "\\dot" && !IsLetter(At(j + 4)) && dots < 2) {
            size_t k = SkipSpace(j + 4);
            const bool braced = At(k) == '{';
            if (braced) ++k;
            if (!IsDigit(At(k)) || (braced && At(k + 1) != '}')) return false;
            period += text_[k];
            j = k + (braced ? 2 : 1);
            if (++dots == 2) break;
          } else if (IsDigit(At(j)) && text_.find("\\dot", j) == DigitsEnd(j)) {
            period += text_[j++];
          } else {
            break;
          }
        }
      }
      if (const size_t behind = period.empty() ? DotsEnd(i) : 0; behind > 0) {
        period = RepeatedTail(decimals);
        j = behind;
      }
      if (!period.empty()) {
        digits_ += '(';
        digits_ += period;
        digits_ += ')';
        i = j;
      }
    } else if (SkipSpace(i + 1) >= text_.size()) {
      i = text_.size();  // the final full stop
    } else if (At(i + 1) == ' ' || At(i + 1) == '$' || At(i + 1) == '}' || At(i + 1) == '\\') {
      ++i;  // "3." before something else
    }
  }
  if ((At(i) == 'e' || At(i) == 'E') && digits_.back() != ')') {
    const bool sign = At(i + 1) == '-' || At(i + 1) == '+';
    const size_t from = i + 1 + (sign ? 1 : 0), to = DigitsEnd(from);
    if (to > from && !IsLetter(At(to))) {
      digits_ += 'e';
      if (At(i + 1) == '-') digits_ += '-';
      digits_ += text_.substr(from, to - from);
      i = to;
    }
  }
  Emit(TokenKind::kNumber, std::string_view(digits_).substr(start));
  at_ = i;
  return true;
}

}  // namespace hone::math
