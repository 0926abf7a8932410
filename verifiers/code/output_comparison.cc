#include "verifiers/code/output_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "fmt/format.h"
#include "verifiers/number.h"

namespace hone {
namespace {
constexpr int64_t kMaxDigits = 2000;       // of a difference; what lies below cannot matter to a double
constexpr int64_t kMaxExponent = 100'000;  // a text with more is no number

constexpr std::array<std::pair<std::string_view, OutputMode>, 6> kModes = {{{"exact", OutputMode::kExact},
                                                                            {"lines", OutputMode::kLines},
                                                                            {"tokens", OutputMode::kTokens},
                                                                            {"casefold", OutputMode::kCasefold},
                                                                            {"floats", OutputMode::kFloats},
                                                                            {"unordered_lines", OutputMode::kUnorderedLines}}};

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    while (!line.empty() && absl::ascii_isspace(line.back())) line.remove_suffix(1);
    lines.push_back(line);
    begin = end + 1;
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// The next word of *text, which is taken off; empty at the end.
std::string_view NextToken(std::string_view* text) {
  size_t begin = 0;
  while (begin < text->size() && absl::ascii_isspace((*text)[begin])) ++begin;
  size_t end = begin;
  while (end < text->size() && !absl::ascii_isspace((*text)[end])) ++end;
  const std::string_view token = text->substr(begin, end - begin);
  text->remove_prefix(end);
  return token;
}

struct WrittenNumber {
  Decimal value;
  bool whole = true;  // neither point nor exponent
};

// [+-]digits[.digits][e[+-]digits], nothing else.
std::optional<WrittenNumber> ParseNumber(std::string_view token) {
  WrittenNumber number;
  Decimal& value = number.value;
  size_t at = 0;
  if (at < token.size() && (token[at] == '+' || token[at] == '-')) value.negative = token[at++] == '-';
  bool any = false;
  for (; at < token.size(); ++at) {
    const char c = token[at];
    if (c == '.' && number.whole) {
      number.whole = false;
    } else if (c >= '0' && c <= '9') {
      any = true;
      value.digits += c;
      if (!number.whole) --value.exponent;
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    number.whole = false;
    const bool negative = ++at < token.size() && token[at] == '-';
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (at == token.size()) return std::nullopt;
    int64_t exponent = 0;
    for (; at < token.size() && token[at] >= '0' && token[at] <= '9'; ++at)
      exponent = std::min(kMaxExponent + 1, exponent * 10 + (token[at] - '0'));
    if (exponent > kMaxExponent) return std::nullopt;
    value.exponent += negative ? -exponent : exponent;
  }
  if (at != token.size()) return std::nullopt;
  value.digits.erase(0, std::min(value.digits.find_first_not_of('0'), value.digits.size()));
  while (!value.digits.empty() && value.digits.back() == '0') {
    value.digits.pop_back();
    ++value.exponent;
  }
  if (value.digits.empty()) value = Decimal();
  return number;
}

// The place above the leading digit: the number is less than 10^Top.
int64_t Top(const Decimal& value) {
  return value.exponent + static_cast<int64_t>(value.digits.size());
}

// |value| / 10^places.
double Scaled(const Decimal& value, int64_t places) {
  return std::strtod(fmt::format("0.{}e{}", value.digits, Top(value) - places).c_str(), nullptr);
}

// |a - b|. Digits more than kMaxDigits below the leading one are dropped.
Decimal Difference(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) return a.digits.empty() ? b : a;
  const int64_t high = std::max(Top(a), Top(b));
  const int64_t low = std::max(std::min(a.exponent, b.exponent), high - kMaxDigits);
  auto digit = [&](const Decimal& d, int64_t place) {
    const int64_t index = Top(d) - 1 - place;
    return index >= 0 && index < static_cast<int64_t>(d.digits.size()) ? d.digits[index] - '0' : 0;
  };
  // Signed digits of |a| - |b| or |a| + |b|, then carries; the sign of the result does not matter.
  const int sign = a.negative == b.negative ? -1 : 1;
  std::vector<int> digits;  // from the lowest place up
  for (int64_t place = low; place < high; ++place) digits.push_back(digit(a, place) + sign * digit(b, place));
  digits.push_back(0);
  const auto leading = std::find_if(digits.rbegin(), digits.rend(), [](int d) { return d != 0; });
  if (leading == digits.rend()) return {};
  const int flip = *leading < 0 ? -1 : 1;
  int carry = 0;
  for (int& d : digits) {
    const int sum = flip * d + carry;
    carry = sum < 0 ? -1 : sum > 9 ? 1 : 0;
    d = sum - 10 * carry;
  }
  Decimal result{.exponent = low};
  for (auto d = digits.rbegin(); d != digits.rend(); ++d) result.digits += static_cast<char>('0' + *d);
  return result;
}

bool SameToken(std::string_view want, std::string_view got, const OutputComparison& comparison) {
  if (want == got) return true;
  if (comparison.mode == OutputMode::kCasefold)
    return absl::EqualsIgnoreCase(absl::string_view(want.data(), want.size()), absl::string_view(got.data(), got.size()));
  if (comparison.mode != OutputMode::kFloats) return false;
  const auto a = ParseNumber(want), b = ParseNumber(got);
  if (!a.has_value() || !b.has_value()) return false;
  if (a->value == b->value) return true;
  if (a->whole && b->whole) return false;
  const Decimal difference = Difference(a->value, b->value);
  const int64_t places = std::max(Top(difference), Top(a->value));  // a double's range is not a decimal's
  return Scaled(difference, 0) <= comparison.abs || Scaled(difference, places) <= comparison.rel * Scaled(a->value, places);
}
}  // namespace

std::optional<OutputMode> OutputModeFromName(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (name == known) return mode;
  }
  return std::nullopt;
}

bool OutputMatches(std::string_view want, std::string_view got, const OutputComparison& comparison) {
  switch (comparison.mode) {
    case OutputMode::kExact:
      return want == got;
    case OutputMode::kLines:
      return Lines(want) == Lines(got);
    case OutputMode::kUnorderedLines: {
      std::vector<std::string_view> a = Lines(want), b = Lines(got);
      std::sort(a.begin(), a.end());
      std::sort(b.begin(), b.end());
      return a == b;
    }
    default:
      break;
  }
  while (true) {
    const std::string_view a = NextToken(&want), b = NextToken(&got);
    if (a.empty() || b.empty()) return a.empty() && b.empty();
    if (!SameToken(a, b, comparison)) return false;
  }
}

}  // namespace hone
