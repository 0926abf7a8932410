#include "lib/tokenizer/chat/text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "fmt/format.h"
#include "utf8proc.h"

namespace hone::jinja {
namespace {

utf8proc_category_t Category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}
bool IsLineEnd(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool IsUpper(char32_t c) {
  return Category(c) == UTF8PROC_CATEGORY_LU;
}
bool IsLower(char32_t c) {
  return Category(c) == UTF8PROC_CATEGORY_LL || c == 0xAA || c == 0xBA;
}
bool IsTitle(char32_t c) {
  return Category(c) == UTF8PROC_CATEGORY_LT;
}
bool IsCased(char32_t c) {
  return IsUpper(c) || IsLower(c) || IsTitle(c);
}
bool IsAlpha(char32_t c) {
  const auto category = Category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
bool IsDecimal(char32_t c) {
  return Category(c) == UTF8PROC_CATEGORY_ND;
}
bool IsDigit(char32_t c) {
  return IsDecimal(c) || c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ||
         (c >= 0x2080 && c <= 0x2089) || (c >= 0x2460 && c <= 0x2468);
}
bool IsNumeric(char32_t c) {
  const auto category = Category(c);
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

// The upper case of one code point; a few have more than one letter in it.
void AppendUpper(std::string& out, char32_t c, bool title) {
  struct Special {
    char32_t from;
    const char* upper;
    const char* title;
  };
  static constexpr Special kSpecial[] = {{0xDF, "SS", "Ss"},     {0x149, "ʼN", "ʼN"},  {0x1F0, "J̌", "J̌"},    {0x587, "ԵՒ", "Եւ"},
                                         {0xFB00, "FF", "Ff"},   {0xFB01, "FI", "Fi"}, {0xFB02, "FL", "Fl"}, {0xFB03, "FFI", "Ffi"},
                                         {0xFB04, "FFL", "Ffl"}, {0xFB05, "ST", "St"}, {0xFB06, "ST", "St"}, {0x1E96, "H̱", "H̱"},
                                         {0x1E97, "T̈", "T̈"},     {0x1E98, "W̊", "W̊"},   {0x1E99, "Y̊", "Y̊"},   {0x1E9A, "Aʾ", "Aʾ"}};
  for (const Special& special : kSpecial) {
    if (special.from == c) {
      out += title ? special.title : special.upper;
      return;
    }
  }
  const auto code = static_cast<utf8proc_int32_t>(c);
  AppendUtf8(out, static_cast<char32_t>(title ? utf8proc_totitle(code) : utf8proc_toupper(code)));
}

void AppendLower(std::string& out, char32_t c) {
  if (c == 0x130) {
    out += "i̇";
    return;
  }
  AppendUtf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
}

std::vector<char32_t> Decode(std::string_view text) {
  std::vector<char32_t> result;
  result.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) result.push_back(DecodeUtf8(text, pos));
  return result;
}

// A capital sigma ends a word when a cased letter stands before it and none after it; marks and punctuation inside words are skipped.
bool IsFinalSigma(const std::vector<char32_t>& text, size_t i) {
  const auto ignorable = [](char32_t c) {
    const auto category = Category(c);
    return c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2019 || category == UTF8PROC_CATEGORY_MN ||
           category == UTF8PROC_CATEGORY_ME || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_LM ||
           category == UTF8PROC_CATEGORY_SK;
  };
  size_t before = i;
  while (before > 0 && ignorable(text[before - 1])) --before;
  if (before == 0 || !IsCased(text[before - 1])) return false;
  size_t after = i + 1;
  while (after < text.size() && ignorable(text[after])) ++after;
  return after >= text.size() || !IsCased(text[after]);
}

void AppendLowerAt(std::string& out, const std::vector<char32_t>& text, size_t i) {
  if (text[i] == 0x3A3) {
    out += IsFinalSigma(text, i) ? "ς" : "σ";
  } else {
    AppendLower(out, text[i]);
  }
}

}  // namespace

char32_t DecodeUtf8(std::string_view text, size_t& pos) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(pos);
  if (first < 0x80) {
    ++pos;
    return first;
  }
  utf8proc_int32_t code_point = -1;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + pos;
  const auto length = utf8proc_iterate(data, static_cast<utf8proc_ssize_t>(text.size() - pos), &code_point);
  if (length <= 0 || code_point < 0) {
    ++pos;
    return 0xDC00 + first;
  }
  pos += static_cast<size_t>(length);
  return static_cast<char32_t>(code_point);
}

void AppendUtf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c >= 0xDC80 && c <= 0xDCFF) {
    out += static_cast<char>(c - 0xDC00);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

size_t CountCodePoints(std::string_view text) {
  if (IsAscii(text)) return text.size();
  size_t count = 0;
  for (size_t pos = 0; pos < text.size(); ++count) DecodeUtf8(text, pos);
  return count;
}

std::vector<std::string_view> SplitCodePoints(std::string_view text) {
  std::vector<std::string_view> result;
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    DecodeUtf8(text, pos);
    result.push_back(text.substr(start, pos - start));
  }
  return result;
}

bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool IsPrintable(char32_t c) {
  if (c == ' ') return true;
  switch (Category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

bool IsWordChar(char32_t c) {
  return c == '_' || IsAlpha(c) || IsNumeric(c);
}

std::string_view Strip(std::string_view text, std::optional<std::string_view> chars, bool left, bool right) {
  std::vector<char32_t> set;
  if (chars) set = Decode(*chars);
  const auto goes = [&](char32_t c) {
    if (!chars) return IsSpace(c);
    for (const char32_t other : set) {
      if (other == c) return true;
    }
    return false;
  };
  while (left && !text.empty()) {
    size_t pos = 0;
    if (!goes(DecodeUtf8(text, pos))) break;
    text.remove_prefix(pos);
  }
  while (right && !text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    size_t pos = start;
    char32_t last = DecodeUtf8(text, pos);
    if (pos != text.size()) {  // stray bytes: the last one stands alone
      start = text.size() - 1;
      last = 0xDC00 + static_cast<unsigned char>(text[start]);
    }
    if (!goes(last)) break;
    text = text.substr(0, start);
  }
  return text;
}

std::vector<std::string_view> Split(std::string_view text, std::optional<std::string_view> separator, int64_t max_splits, bool from_right) {
  std::vector<std::string_view> parts;
  if (max_splits < 0) max_splits = std::numeric_limits<int64_t>::max();
  if (!separator) {
    text = Strip(text, std::nullopt, !from_right, from_right);
    while (!text.empty()) {
      if (static_cast<int64_t>(parts.size()) == max_splits) {
        parts.push_back(text);  // the rest keeps its white space
        break;
      }
      size_t cut = from_right ? 0 : text.size(), next = cut;
      for (size_t pos = 0; pos < text.size();) {
        const size_t start = pos;
        if (!IsSpace(DecodeUtf8(text, pos))) continue;
        if (from_right) {
          cut = pos;
          next = start;
        } else {
          cut = start;
          next = pos;
          break;
        }
      }
      if (from_right) {
        parts.push_back(text.substr(cut));
        text = Strip(text.substr(0, next), std::nullopt, false, true);
      } else {
        parts.push_back(text.substr(0, cut));
        text = Strip(text.substr(next), std::nullopt, true, false);
      }
    }
  } else {
    while (static_cast<int64_t>(parts.size()) < max_splits) {
      const size_t at = from_right ? text.rfind(*separator) : text.find(*separator);
      if (at == std::string_view::npos) break;
      if (from_right) {
        parts.push_back(text.substr(at + separator->size()));
        text = text.substr(0, at);
      } else {
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at + separator->size());
      }
    }
    parts.push_back(text);
  }
  if (from_right) {
    for (size_t i = 0, j = parts.size(); i + 1 < j; ++i) std::swap(parts[i], parts[--j]);
  }
  return parts;
}

std::vector<std::string_view> SplitLines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  size_t start = 0;
  for (size_t pos = 0; pos < text.size();) {
    const size_t at = pos;
    const char32_t c = DecodeUtf8(text, pos);
    if (!IsLineEnd(c)) continue;
    if (c == '\r' && pos < text.size() && text[pos] == '\n') ++pos;
    lines.push_back(text.substr(start, (keep_ends ? pos : at) - start));
    start = pos;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

std::string Replace(std::string_view text, std::string_view from, std::string_view to, int64_t count) {
  if (count < 0) count = std::numeric_limits<int64_t>::max();
  std::string out;
  if (from.empty()) {  // `to` before every code point and at the end
    for (size_t pos = 0; pos < text.size();) {
      if (count-- > 0) out += to;
      const size_t start = pos;
      DecodeUtf8(text, pos);
      out += text.substr(start, pos - start);
    }
    if (count > 0) out += to;
    return out;
  }
  size_t pos = 0;
  while (count-- > 0) {
    const size_t at = text.find(from, pos);
    if (at == std::string_view::npos) break;
    out += text.substr(pos, at - pos);
    out += to;
    pos = at + from.size();
  }
  out += text.substr(pos);
  return out;
}

int64_t CountOccurrences(std::string_view text, std::string_view part) {
  if (part.empty()) return static_cast<int64_t>(CountCodePoints(text)) + 1;
  int64_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string ToUpper(std::string_view text) {
  std::string out;
  for (size_t pos = 0; pos < text.size();) AppendUpper(out, DecodeUtf8(text, pos), false);
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out;
  const auto decoded = Decode(text);
  for (size_t i = 0; i < decoded.size(); ++i) AppendLowerAt(out, decoded, i);
  return out;
}

std::string ToTitle(std::string_view text) {
  std::string out;
  const auto decoded = Decode(text);
  bool inside_word = false;
  for (size_t i = 0; i < decoded.size(); ++i) {
    if (inside_word) {
      AppendLowerAt(out, decoded, i);
    } else {
      AppendUpper(out, decoded[i], true);
    }
    inside_word = IsCased(decoded[i]);
  }
  return out;
}

std::string Capitalize(std::string_view text) {
  std::string out;
  const auto decoded = Decode(text);
  for (size_t i = 0; i < decoded.size(); ++i) {
    if (i == 0) {
      AppendUpper(out, decoded[i], true);
    } else {
      AppendLowerAt(out, decoded, i);
    }
  }
  return out;
}

std::string SwapCase(std::string_view text) {
  std::string out;
  const auto decoded = Decode(text);
  for (size_t i = 0; i < decoded.size(); ++i) {
    if (IsUpper(decoded[i])) {
      AppendLowerAt(out, decoded, i);
    } else if (IsLower(decoded[i])) {
      AppendUpper(out, decoded[i], false);
    } else {
      AppendUtf8(out, decoded[i]);
    }
  }
  return out;
}

bool HasProperty(std::string_view text, std::string_view method) {
  const auto decoded = Decode(text);
  if (method == "isascii") return IsAscii(text);
  if (method == "isprintable") {
    for (const char32_t c : decoded) {
      if (!IsPrintable(c)) return false;
    }
    return true;
  }
  if (method == "isupper" || method == "islower") {
    bool any = false;
    for (const char32_t c : decoded) {
      if (IsTitle(c) || (method == "isupper" ? IsLower(c) : IsUpper(c))) return false;
      any = any || IsCased(c);
    }
    return any;
  }
  if (method == "istitle") {
    bool any = false, inside_word = false;
    for (const char32_t c : decoded) {
      if ((IsUpper(c) || IsTitle(c)) && inside_word) return false;
      if (IsLower(c) && !inside_word) return false;
      inside_word = IsCased(c);
      any = any || inside_word;
    }
    return any;
  }
  bool (*rule)(char32_t) = nullptr;
  if (method == "isalpha") rule = IsAlpha;
  if (method == "isdecimal") rule = IsDecimal;
  if (method == "isdigit") rule = IsDigit;
  if (method == "isnumeric") rule = IsNumeric;
  if (method == "isspace") rule = IsSpace;
  if (method == "isalnum") rule = [](char32_t c) { return IsAlpha(c) || IsNumeric(c); };
  if (method == "isidentifier") {
    if (!decoded.empty() && decoded[0] != '_' && !IsAlpha(decoded[0])) return false;
    rule = IsWordChar;
  }
  if (rule == nullptr || decoded.empty()) return false;
  for (const char32_t c : decoded) {
    if (!rule(c)) return false;
  }
  return true;
}

std::string Repr(std::string_view text) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (size_t pos = 0; pos < text.size();) {
    const char32_t c = DecodeUtf8(text, pos);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (IsPrintable(c)) {
      AppendUtf8(out, c);
    } else if (c < 0x100) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
    } else if (c < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else {
      out += fmt::format("\\U{:08x}", static_cast<uint32_t>(c));
    }
  }
  return out + quote;
}

std::string FloatRepr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[64];
  // Shortest digits that read back as the same number; Python switches to an exponent below 1e-4 and from 1e16.
  const auto scientific = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  std::string text(buffer, scientific.ptr);
  const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  text.assign(buffer, fixed.ptr);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

double RoundTo(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > 300) return value;
  if (digits < -308) return 0.0 * value;
  if (digits >= 0) return std::strtod(fmt::format("{:.{}f}", value, static_cast<int>(digits)).c_str(), nullptr);
  const double scale = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / scale) * scale;
}

std::optional<int64_t> ParseInt(std::string_view text, int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  text = Strip(text, std::nullopt, true, true);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 2 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const int64_t prefix_base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (prefix_base != 0 && (base == 0 || base == prefix_base)) {
      base = prefix_base;
      text.remove_prefix(2);
      if (text[0] == '_') text.remove_prefix(1);
    }
  }
  if (base == 0) {
    base = 10;
    if (text.size() > 1 && text[0] == '0' && text.find_first_not_of("0_") != std::string_view::npos) return std::nullopt;
  }
  uint64_t value = 0;
  bool digit_before = false;
  for (const char c : text) {
    if (c == '_' && digit_before) {
      digit_before = false;
      continue;
    }
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') digit = c - 'A' + 10;
    if (digit < 0 || digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(base), &value)) return std::nullopt;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(digit), &value)) return std::nullopt;
    digit_before = true;
  }
  if (!digit_before) return std::nullopt;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  if (value > limit) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

std::optional<double> ParseFloat(std::string_view text) {
  text = Strip(text, std::nullopt, true, true);
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto is_digit = [&](size_t j) { return j < text.size() && text[j] >= '0' && text[j] <= '9'; };
    if (text[i] == '_') {
      if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) return std::nullopt;
      continue;
    }
    digits += text[i];
  }
  std::string lower = ToLower(digits);
  const std::string_view unsigned_part = std::string_view(lower).substr(!lower.empty() && (lower[0] == '+' || lower[0] == '-') ? 1 : 0);
  const bool word = unsigned_part == "inf" || unsigned_part == "infinity" || unsigned_part == "nan";
  if (!word && (unsigned_part.empty() || lower.find_first_not_of("0123456789+-.e") != std::string::npos)) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(lower.c_str(), &end);
  if (end != lower.c_str() + lower.size()) return std::nullopt;
  return value;
}

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string JsonQuote(std::string_view text, bool ensure_ascii) {
  std::string out = "\"";
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    const char32_t c = DecodeUtf8(text, pos);
    switch (c) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '\f':
        out += "\\f";
        continue;
      case '\b':
        out += "\\b";
        continue;
      default:
        break;
    }
    if (c < 0x20 || (ensure_ascii && c > 0x7E && c < 0x10000)) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else if (ensure_ascii && c >= 0x10000) {
      const auto rest = static_cast<uint32_t>(c) - 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
      out += text.substr(start, pos - start);
    }
  }
  return out + '"';
}

}  // namespace hone::jinja
