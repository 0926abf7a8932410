#include "lib/tokenizer/chat/format.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "lib/tokenizer/chat/operators.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

constexpr int64_t kMaxWidth = 10'000;

absl::Status BadFormat(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("bad format string: {}", what));
}

// One conversion: [[fill]align][sign][#][0][width][,_][.precision][type].
struct Spec {
  std::string fill = " ";
  char align = 0;  // < > ^ =
  char sign = '-';
  bool alternate = false;
  char group = 0;
  int64_t width = 0;
  int64_t precision = -1;
  char type = 0;
};

std::string Pad(std::string text, const Spec& spec, char default_align, size_t sign_size = 0) {
  const auto size = static_cast<int64_t>(CountCodePoints(text));
  const int64_t missing = spec.width - size;
  if (missing <= 0) return text;
  const char align = spec.align != 0 ? spec.align : default_align;
  const auto repeat = [&](int64_t count) {
    std::string out;
    for (int64_t i = 0; i < count; ++i) out += spec.fill;
    return out;
  };
  if (align == '<') return text + repeat(missing);
  if (align == '^') return repeat(missing / 2) + text + repeat(missing - missing / 2);
  if (align == '=') return text.substr(0, sign_size) + repeat(missing) + text.substr(sign_size);
  return repeat(missing) + text;
}

void Group(std::string& digits, char separator, size_t every) {
  size_t end = digits.find_first_not_of("0123456789abcdefABCDEF");
  if (end == std::string::npos) end = digits.size();
  for (size_t at = end; at > every;) {
    at -= every;
    digits.insert(at, 1, separator);
  }
}

std::string SignOf(bool negative, char sign) {
  return negative ? "-" : sign == '+' ? "+" : sign == ' ' ? " " : "";
}

absl::StatusOr<std::string> FormatInt(int64_t value, const Spec& spec) {
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string digits, prefix;
  switch (spec.type) {
    case 'x':
      digits = fmt::format("{:x}", magnitude);
      prefix = "0x";
      break;
    case 'X':
      digits = fmt::format("{:X}", magnitude);
      prefix = "0X";
      break;
    case 'o':
      digits = fmt::format("{:o}", magnitude);
      prefix = "0o";
      break;
    case 'b':
      digits = fmt::format("{:b}", magnitude);
      prefix = "0b";
      break;
    default:
      digits = fmt::format("{}", magnitude);
      break;
  }
  if (spec.group != 0) Group(digits, spec.group, prefix.empty() ? 3 : 4);
  std::string sign = SignOf(value < 0, spec.sign) + (spec.alternate ? prefix : "");
  const size_t sign_size = sign.size();
  return Pad(sign + digits, spec, '>', sign_size);
}

absl::StatusOr<std::string> FormatFloat(double value, const Spec& spec) {
  const char type = static_cast<char>(std::tolower(spec.type));
  const bool upper = spec.type >= 'A' && spec.type <= 'Z';
  const int precision = static_cast<int>(spec.precision);
  const double magnitude = std::fabs(value);
  std::string digits;
  if (!std::isfinite(value)) {
    digits = std::isnan(value) ? "nan" : "inf";
    if (type == '%') digits += '%';
  } else if (type == 'e') {
    digits = fmt::format("{:.{}e}", magnitude, precision < 0 ? 6 : precision);
  } else if (type == 'f') {
    digits = fmt::format("{:.{}f}", magnitude, precision < 0 ? 6 : precision);
  } else if (type == '%') {
    digits = fmt::format("{:.{}f}%", magnitude * 100, precision < 0 ? 6 : precision);
  } else if (type == 0 && precision < 0) {
    digits = FloatRepr(magnitude);
  } else {
    digits = fmt::format("{:.{}g}", magnitude, precision < 0 ? 6 : std::max(precision, 1));
    if (type == 0 && digits.find_first_of(".e") == std::string::npos) digits += ".0";
  }
  if (upper) digits = ToUpper(digits);
  if (spec.group != 0 && std::isfinite(value)) Group(digits, spec.group, 3);
  const std::string sign = SignOf(std::signbit(value) && !std::isnan(value), spec.sign);
  return Pad(sign + digits, spec, '>', sign.size());
}

// --- The percent style.

class PercentFormatter {
 public:
  PercentFormatter(Budget& budget, std::string_view format, const Value& values) : budget_(budget), format_(format), values_(values) {}

  absl::StatusOr<std::string> Run() {
    std::string out;
    while (pos_ < format_.size()) {
      const size_t percent = format_.find('%', pos_);
      out += format_.substr(pos_, percent == std::string_view::npos ? std::string_view::npos : percent - pos_);
      if (percent == std::string_view::npos) break;
      pos_ = percent + 1;
      HONE_ASSIGN_OR_RETURN(const std::string piece, Conversion());
      HONE_RETURN_IF_ERROR(budget_.Text(piece.size()));
      out += piece;
    }
    const size_t given = values_.is(Kind::kTuple) ? values_.items().size() : values_.is(Kind::kDict) || values_.is(Kind::kList) ? used_ : 1;
    if (used_ < given) return absl::InvalidArgumentError("not all arguments converted during string formatting");
    return out;
  }

 private:
  absl::StatusOr<Value> NextValue() {
    if (values_.is(Kind::kTuple)) {
      if (used_ >= values_.items().size()) return absl::InvalidArgumentError("not enough arguments for format string");
      return values_.items()[used_++];
    }
    if (used_++ > 0) return absl::InvalidArgumentError("not enough arguments for format string");
    return values_;
  }

  absl::StatusOr<int64_t> Number() {
    if (pos_ < format_.size() && format_[pos_] == '*') {
      ++pos_;
      HONE_ASSIGN_OR_RETURN(const Value value, NextValue());
      if (!value.is_integer()) return absl::InvalidArgumentError("* wants int");
      if (std::abs(value.integer()) > kMaxWidth) return BadFormat("the width is too large");
      return value.integer();
    }
    int64_t number = 0;
    for (; pos_ < format_.size() && format_[pos_] >= '0' && format_[pos_] <= '9'; ++pos_) {
      number = number * 10 + (format_[pos_] - '0');
      if (number > kMaxWidth) return BadFormat("the width is too large");
    }
    return number;
  }

  absl::StatusOr<std::string> Conversion() {
    Spec spec;
    std::optional<Value> named;
    if (pos_ < format_.size() && format_[pos_] == '(') {
      const size_t close = format_.find(')', pos_);
      if (close == std::string_view::npos) return BadFormat("incomplete format key");
      if (!values_.is(Kind::kDict)) return absl::InvalidArgumentError("format requires a mapping");
      const Value* found = values_.dict().Find(format_.substr(pos_ + 1, close - pos_ - 1));
      if (found == nullptr) return BadFormat("a key that is not in the mapping");
      named = *found;
      pos_ = close + 1;
    }
    bool zero = false, left = false;
    for (; pos_ < format_.size() && std::string_view("-+ #0").find(format_[pos_]) != std::string_view::npos; ++pos_) {
      if (format_[pos_] == '-') left = true;
      if (format_[pos_] == '0') zero = true;
      if (format_[pos_] == '#') spec.alternate = true;
      if (format_[pos_] == '+') spec.sign = '+';
      if (format_[pos_] == ' ' && spec.sign != '+') spec.sign = ' ';
    }
    HONE_ASSIGN_OR_RETURN(spec.width, Number());
    if (spec.width < 0) {
      left = true;
      spec.width = -spec.width;
    }
    if (pos_ < format_.size() && format_[pos_] == '.') {
      ++pos_;
      HONE_ASSIGN_OR_RETURN(spec.precision, Number());
      spec.precision = std::max<int64_t>(0, spec.precision);
    }
    while (pos_ < format_.size() && std::string_view("hlL").find(format_[pos_]) != std::string_view::npos) ++pos_;
    if (pos_ >= format_.size()) return BadFormat("incomplete format");
    const char type = format_[pos_++];
    if (type == '%') return std::string("%");
    spec.align = left ? '<' : '>';
    if (std::string_view("sradiuxXofFeEgGc").find(type) == std::string_view::npos)
      return BadFormat(fmt::format("unsupported format character '{}'", type));
    Value value;
    if (named) {
      value = *std::move(named);
    } else {
      HONE_ASSIGN_OR_RETURN(value, NextValue());
    }
    if (type == 's' || type == 'r' || type == 'a') {
      std::string text;
      HONE_RETURN_IF_ERROR(type == 's' ? AppendString(budget_, value, text) : AppendRepr(budget_, value, text));
      if (spec.precision >= 0) text = Truncated(text, spec.precision);
      return Pad(std::move(text), spec, '>');
    }
    if (type == 'c') {
      if (value.is(Kind::kString) && CountCodePoints(value.text()) == 1) return Pad(value.text(), spec, '>');
      if (!value.is_integer() || value.integer() < 0 || value.integer() > 0x10FFFF)
        return absl::InvalidArgumentError("%c requires int or char");
      std::string text;
      AppendUtf8(text, static_cast<char32_t>(value.integer()));
      return Pad(std::move(text), spec, '>');
    }
    if (value.is(Kind::kUndefined)) return UndefinedError(value);
    if (!value.is_number())
      return absl::InvalidArgumentError(fmt::format("%{} format: a real number is required, not {}", type, TypeName(value)));
    if (zero && !left) {
      spec.fill = "0";
      spec.align = '=';
    }
    if (std::string_view("diuxXo").find(type) != std::string_view::npos) {
      spec.type = type == 'i' || type == 'u' ? 'd' : type;
      if (value.is(Kind::kFloat)) {
        if (spec.type != 'd') return absl::InvalidArgumentError(fmt::format("%{} format: an integer is required, not float", type));
        if (!(std::fabs(value.number()) < 9.2e18)) return absl::InvalidArgumentError("the number leaves 64 bits");
        return FormatInt(static_cast<int64_t>(value.number()), spec);
      }
      return FormatInt(value.integer(), spec);
    }
    spec.type = type;
    return FormatFloat(value.number(), spec);
  }

  static std::string Truncated(const std::string& text, int64_t count) {
    size_t pos = 0;
    for (; count > 0 && pos < text.size(); --count) DecodeUtf8(text, pos);
    return text.substr(0, pos);
  }

  Budget& budget_;
  const std::string_view format_;
  const Value& values_;
  size_t pos_ = 0;
  size_t used_ = 0;
};

// --- The braces style.

class BraceFormatter {
 public:
  BraceFormatter(Budget& budget, const Arguments& arguments) : budget_(budget), arguments_(arguments) {}

  absl::StatusOr<std::string> Run(std::string_view format, int depth) {
    if (depth > 2) return BadFormat("fields nest too deep");
    std::string out;
    for (size_t pos = 0; pos < format.size();) {
      const char c = format[pos];
      if (c != '{' && c != '}') {
        out += c;
        ++pos;
      } else if (pos + 1 < format.size() && format[pos + 1] == c) {
        out += c;
        pos += 2;
      } else if (c == '}') {
        return BadFormat("single '}'");
      } else {
        size_t end = pos + 1;
        for (int open = 1; end < format.size(); ++end) {
          if (format[end] == '{') ++open;
          if (format[end] == '}' && --open == 0) break;
        }
        if (end >= format.size()) return BadFormat("expected '}'");
        HONE_ASSIGN_OR_RETURN(const std::string piece, Field(format.substr(pos + 1, end - pos - 1), depth));
        HONE_RETURN_IF_ERROR(budget_.Text(piece.size()));
        out += piece;
        pos = end + 1;
      }
    }
    return out;
  }

 private:
  absl::StatusOr<std::string> Field(std::string_view field, int depth) {
    size_t name_end = 0;
    bool in_brackets = false;
    for (; name_end < field.size(); ++name_end) {
      if (field[name_end] == '[') in_brackets = true;
      if (field[name_end] == ']') in_brackets = false;
      if (!in_brackets && (field[name_end] == '!' || field[name_end] == ':')) break;
    }
    HONE_ASSIGN_OR_RETURN(Value value, Lookup(field.substr(0, name_end)));
    std::string_view rest = field.substr(name_end);
    if (rest.starts_with('!')) {
      if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':')) return BadFormat("expected ':' after conversion");
      std::string text;
      if (rest[1] == 'r') {
        HONE_RETURN_IF_ERROR(AppendRepr(budget_, value, text));
      } else if (rest[1] == 's') {
        HONE_RETURN_IF_ERROR(AppendString(budget_, value, text));
      } else {
        return BadFormat("unknown conversion");
      }
      value = Value::String(std::move(text));
      rest.remove_prefix(2);
    }
    if (rest.starts_with(':')) rest.remove_prefix(1);
    HONE_ASSIGN_OR_RETURN(const std::string spec, Run(rest, depth + 1));
    return Formatted(value, spec);
  }

  absl::StatusOr<Value> Lookup(std::string_view name) {
    size_t end = name.find_first_of(".[");
    const std::string_view first = name.substr(0, end);
    Value value;
    if (first.empty() || first.find_first_not_of("0123456789") == std::string_view::npos) {
      const size_t index = first.empty() ? next_++ : static_cast<size_t>(ParseInt(first, 10).value_or(INT64_MAX));
      if (index >= arguments_.positional.size()) return absl::InvalidArgumentError("a replacement index is out of range of the arguments");
      value = arguments_.positional[index];
    } else {
      for (const auto& [key, named] : arguments_.named) {
        if (key == first) value = named;
      }
      if (value.is(Kind::kMissing)) return BadFormat(fmt::format("there is no argument '{}'", first));
    }
    while (end != std::string_view::npos && end < name.size()) {
      name.remove_prefix(end);
      if (name[0] == '.') {
        end = name.find_first_of(".[", 1);
        HONE_ASSIGN_OR_RETURN(value, GetAttribute(budget_, value, name.substr(1, end == std::string_view::npos ? end : end - 1)));
      } else {
        const size_t close = name.find(']');
        if (close == std::string_view::npos) return BadFormat("missing ']'");
        const std::string_view key = name.substr(1, close - 1);
        const auto index = key.find_first_not_of("0123456789") == std::string_view::npos ? ParseInt(key, 10) : std::nullopt;
        HONE_ASSIGN_OR_RETURN(value, GetItem(budget_, value, index ? Value::Int(*index) : Value::String(key)));
        end = close + 1;
      }
    }
    return value;
  }

  absl::StatusOr<std::string> Formatted(const Value& value, const std::string& text) {
    if (text.empty()) return ToString(budget_, value);
    Spec spec;
    size_t pos = 0;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    DecodeUtf8(text, pos);
    if (pos < text.size() && is_align(text[pos])) {
      spec.fill = text.substr(0, pos);
      spec.align = text[pos++];
    } else {
      pos = 0;
      if (is_align(text[0])) spec.align = text[pos++];
    }
    if (pos < text.size() && (text[pos] == '+' || text[pos] == '-' || text[pos] == ' ')) spec.sign = text[pos++];
    if (pos < text.size() && text[pos] == '#') {
      spec.alternate = true;
      ++pos;
    }
    if (pos < text.size() && text[pos] == '0') {
      if (spec.align == 0) {
        spec.fill = "0";
        spec.align = value.is_number() ? '=' : '<';
      }
      ++pos;
    }
    const auto number = [&](int64_t& out) {
      out = 0;
      for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9' && out <= kMaxWidth; ++pos) out = out * 10 + (text[pos] - '0');
      return out <= kMaxWidth;
    };
    if (!number(spec.width)) return BadFormat("the width is too large");
    if (pos < text.size() && (text[pos] == ',' || text[pos] == '_')) spec.group = text[pos++];
    if (pos < text.size() && text[pos] == '.') {
      ++pos;
      if (!number(spec.precision)) return BadFormat("the precision is too large");
    }
    if (pos < text.size()) spec.type = text[pos++];
    if (pos != text.size()) return BadFormat(fmt::format("invalid format specifier '{}'", text));
    if (value.is(Kind::kString)) {
      if (spec.type != 0 && spec.type != 's') return BadFormat(fmt::format("unknown format code '{}' for a string", spec.type));
      std::string shown = value.text();
      if (spec.precision >= 0) {
        size_t end = 0;
        for (int64_t i = 0; i < spec.precision && end < shown.size(); ++i) DecodeUtf8(shown, end);
        shown.resize(end);
      }
      return Pad(std::move(shown), spec, '<');
    }
    if (!value.is_number())
      return absl::InvalidArgumentError(fmt::format("unsupported format string passed to {}.__format__", TypeName(value)));
    if (value.is(Kind::kBool) && spec.type == 0) return FormatInt(value.integer(), spec);
    if (value.is_integer() && (spec.type == 0 || std::string_view("dxXob").find(spec.type) != std::string_view::npos))
      return FormatInt(value.integer(), spec);
    if (spec.type != 0 && std::string_view("eEfFgG%").find(spec.type) == std::string_view::npos) {
      return BadFormat(fmt::format("unknown format code '{}' for a number", spec.type));
    }
    return FormatFloat(value.number(), spec);
  }

  Budget& budget_;
  const Arguments& arguments_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<std::string> FormatPercent(Budget& budget, std::string_view format, const Value& values) {
  HONE_RETURN_IF_ERROR(budget.Text(format.size()));
  return PercentFormatter(budget, format, values).Run();
}

absl::StatusOr<std::string> FormatBraces(Budget& budget, std::string_view format, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(budget.Text(format.size()));
  return BraceFormatter(budget, arguments).Run(format, 0);
}

}  // namespace hone::jinja
