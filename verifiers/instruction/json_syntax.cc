#include "verifiers/instruction/json_syntax.h"

#include <algorithm>
#include <string>

namespace hone::instruction {
namespace {

constexpr size_t kMaxIntegerDigits = 4300;

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool IsHexDigit(char32_t c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads from the front of the text; what it cannot read is left in front.
class Reader {
 public:
  explicit Reader(TextView text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  bool AtString() const { return rest_.starts_with(U'"'); }
  bool Take(TextView part) {
    if (!rest_.starts_with(part)) return false;
    rest_.remove_prefix(part.size());
    return true;
  }
  void SkipSpace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(U" \t\n\r"), rest_.size())); }

  bool TakeString() {
    if (!Take(U"\"")) return false;
    for (size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] < 0x20) return false;
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] != '\\') continue;
      if (++i == rest_.size()) return false;
      if (rest_[i] == 'u') {
        const TextView digits = rest_.substr(i + 1, 4);
        if (digits.size() < 4 || !std::all_of(digits.begin(), digits.end(), IsHexDigit)) return false;
        i += 4;
      } else if (TextView(U"\"\\/bfnrt").find(rest_[i]) == TextView::npos) {
        return false;
      }
    }
    return false;
  }

  // A number or a word. As in Python, "1." is the number 1 with something behind it.
  bool TakeScalar() {
    for (const TextView word : {U"null", U"true", U"false", U"NaN", U"Infinity", U"-Infinity"})
      if (Take(word)) return true;
    const size_t sign = rest_.starts_with(U'-') ? 1 : 0;
    const size_t digits = Digits(sign);
    if (digits == 0) return false;
    size_t end = sign + (rest_[sign] == '0' ? 1 : digits);
    const size_t integer_end = end;
    if (end < rest_.size() && rest_[end] == '.' && Digits(end + 1) > 0) end += 1 + Digits(end + 1);
    if (end < rest_.size() && (rest_[end] == 'e' || rest_[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < rest_.size() && (rest_[exponent] == '+' || rest_[exponent] == '-')) ++exponent;
      if (Digits(exponent) > 0) end = exponent + Digits(exponent);
    }
    if (end == integer_end && end - sign > kMaxIntegerDigits) return false;
    rest_.remove_prefix(end);
    return true;
  }

 private:
  size_t Digits(size_t from) const {
    size_t n = 0;
    while (from + n < rest_.size() && IsDigit(rest_[from + n])) ++n;
    return n;
  }

  TextView rest_;
};

// A key and the colon behind it.
bool TakeKey(Reader& reader) {
  if (!reader.TakeString()) return false;
  reader.SkipSpace();
  const bool colon = reader.Take(U":");
  reader.SkipSpace();
  return colon;
}

}  // namespace

bool IsJson(TextView text) {
  Reader reader(text);
  std::string open;  // '{' or '[' for every level
  reader.SkipSpace();
  for (;;) {
    // A value begins here.
    if (reader.Take(U"{")) {
      reader.SkipSpace();
      if (!reader.Take(U"}")) {
        if (!TakeKey(reader)) return false;
        open.push_back('{');
        continue;
      }
    } else if (reader.Take(U"[")) {
      reader.SkipSpace();
      if (!reader.Take(U"]")) {
        open.push_back('[');
        continue;
      }
    } else if (!(reader.AtString() ? reader.TakeString() : reader.TakeScalar())) {
      return false;
    }
    // It has ended; so may what it is in.
    for (;;) {
      reader.SkipSpace();
      if (open.empty()) return reader.AtEnd();
      if (reader.Take(U",")) {
        reader.SkipSpace();
        if (open.back() == '{' && !TakeKey(reader)) return false;
        break;
      }
      if (!reader.Take(open.back() == '{' ? U"}" : U"]")) return false;
      open.pop_back();
    }
  }
}

}  // namespace hone::instruction
