// Filters of strings and numbers.

#include <cmath>

#include "lib/tokenizer/chat/filters.h"
#include "lib/tokenizer/chat/format.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

using Result = absl::StatusOr<Value>;

bool Flag(const Value& value) {
  return !value.is(Kind::kMissing) && IsTrue(value);
}

// The text of any value, marked when the value is marked text.
absl::StatusOr<std::pair<std::string, bool>> Soft(Budget& budget, const Value& value) {
  HONE_ASSIGN_OR_RETURN(std::string text, ToString(budget, value));
  return std::make_pair(std::move(text), value.is(Kind::kString) && value.markup());
}

template <std::string (*kChange)(std::string_view)>
Result Change(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("the filter", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  return Value::String(kChange(text.first), text.second);
}

// Each word's first letter in upper case; words start after white space and any of - ( { [ <.
std::string TitleWords(std::string_view text) {
  std::string out, word;
  const auto flush = [&] {
    if (word.empty()) return;
    size_t pos = 0;
    DecodeUtf8(word, pos);
    out += ToUpper(word.substr(0, pos)) + ToLower(word.substr(pos));
    word.clear();
  };
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    const char32_t c = DecodeUtf8(text, pos);
    if (c == '-' || c == '(' || c == '{' || c == '[' || c == '<' || IsSpace(c)) {
      flush();
      out += text.substr(start, pos - start);
    } else {
      word += text.substr(start, pos - start);
    }
  }
  flush();
  return out;
}

Result Trim(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("trim", arguments, {"chars"}));
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  std::optional<std::string_view> chars;
  if (bound[0].is(Kind::kString)) chars = bound[0].text();
  if (!chars && !bound[0].is(Kind::kMissing) && !bound[0].is(Kind::kNone))
    return absl::InvalidArgumentError("trim needs a string of characters");
  return Value::String(std::string(Strip(text.first, chars, true, true)), text.second);
}

Result StringFilter(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("string", arguments, {}).status());
  if (value.is(Kind::kString)) return value;
  HONE_ASSIGN_OR_RETURN(std::string text, ToString(budget, value));
  return Value::String(std::move(text));
}

Result Safe(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("safe", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(std::string text, ToString(budget, value));
  return Value::String(std::move(text), true);
}

Result Escape(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("escape", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  if (text.second) return value;
  HONE_RETURN_IF_ERROR(budget.Text(text.first.size() * 5));
  return Value::String(EscapeHtml(text.first), true);
}

Result ReplaceFilter(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("replace", arguments, {"old", "new", "count"}, 2));
  HONE_ASSIGN_OR_RETURN(const std::string text, ToString(budget, value));
  HONE_ASSIGN_OR_RETURN(const std::string from, ToString(budget, bound[0]));
  HONE_ASSIGN_OR_RETURN(const std::string to, ToString(budget, bound[1]));
  HONE_ASSIGN_OR_RETURN(const int64_t count, bound[2].is(Kind::kNone) ? absl::StatusOr<int64_t>(-1) : IntArgument("replace", bound[2], -1));
  if (to.size() > from.size()) {
    HONE_RETURN_IF_ERROR(budget.Text(text.size() + (to.size() - from.size()) * static_cast<size_t>(CountOccurrences(text, from))));
  }
  return Value::String(Replace(text, from, to, count));
}

Result Indent(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("indent", arguments, {"width", "first", "blank"}));
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (!value.is(Kind::kString)) return absl::InvalidArgumentError(fmt::format("indent needs a string, not {}", TypeName(value)));
  std::string indention;
  if (bound[0].is(Kind::kString)) {
    indention = bound[0].text();
  } else {
    HONE_ASSIGN_OR_RETURN(const int64_t width, IntArgument("indent", bound[0], 4));
    HONE_RETURN_IF_ERROR(budget.Text(static_cast<size_t>(std::max<int64_t>(0, width))));
    indention.assign(static_cast<size_t>(std::max<int64_t>(0, width)), ' ');
  }
  const std::string text = value.text() + "\n";
  const auto lines = SplitLines(text, false);
  HONE_RETURN_IF_ERROR(budget.Text(text.size() + lines.size() * indention.size()));
  std::string out = Flag(bound[1]) ? indention : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      out += '\n';
      if (!lines[i].empty() || Flag(bound[2])) out += indention;
    }
    out += lines[i];
  }
  return Value::String(std::move(out), value.markup());
}

Result ToJson(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"}));
  JsonStyle style;
  style.ensure_ascii = Flag(bound[0]);
  style.sort_keys = Flag(bound[3]);
  if (!bound[1].is(Kind::kMissing) && !bound[1].is(Kind::kNone)) {
    style.multi_line = true;
    style.item_separator = ",";
    if (bound[1].is(Kind::kString)) {
      style.indent = bound[1].text();
    } else {
      HONE_ASSIGN_OR_RETURN(const int64_t width, IntArgument("tojson", bound[1], 0));
      HONE_RETURN_IF_ERROR(budget.Text(static_cast<size_t>(std::max<int64_t>(0, width))));
      style.indent.assign(static_cast<size_t>(std::max<int64_t>(0, width)), ' ');
    }
  }
  if (!bound[2].is(Kind::kMissing) && !bound[2].is(Kind::kNone)) {
    HONE_ASSIGN_OR_RETURN(const auto pair, Iterate(budget, bound[2]));
    if (pair.size() != 2 || !pair[0].is(Kind::kString) || !pair[1].is(Kind::kString)) {
      return absl::InvalidArgumentError("tojson needs separators of two strings");
    }
    style.item_separator = pair[0].text();
    style.key_separator = pair[1].text();
  }
  std::string out;
  HONE_RETURN_IF_ERROR(AppendJson(budget, value, style, out));
  HONE_RETURN_IF_ERROR(budget.Text(out.size()));
  return Value::String(std::move(out));
}

Result Abs(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("abs", arguments, {}).status());
  if (value.is(Kind::kFloat)) return Value::Float(std::fabs(value.number()));
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (!value.is_integer() || value.integer() == INT64_MIN)
    return absl::InvalidArgumentError(fmt::format("bad operand type for abs(): '{}'", TypeName(value)));
  return Value::Int(std::abs(value.integer()));
}

// A finite double as an integer value, or an error.
Result FloatToInt(double number) {
  if (!(std::fabs(number) < 9223372036854775808.0)) return absl::InvalidArgumentError("the number does not fit in 64 bits");
  return Value::Int(static_cast<int64_t>(number));
}

Result Int(Budget&, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("int", arguments, {"default", "base"}));
  HONE_ASSIGN_OR_RETURN(const int64_t base, IntArgument("int", bound[1], 10));
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (value.is_integer()) return Value::Int(value.integer());
  if (value.is(Kind::kBigInt)) return value;
  std::optional<double> number;
  if (value.is(Kind::kFloat)) number = value.number();
  if (value.is(Kind::kString)) {
    if (const auto parsed = ParseInt(value.text(), base)) return Value::Int(*parsed);
    number = ParseFloat(value.text());
  }
  if (number && std::isfinite(*number)) return FloatToInt(*number);
  return bound[0].is(Kind::kMissing) ? Value::Int(0) : bound[0];
}

Result Float(Budget&, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("float", arguments, {"default"}));
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (value.is_number()) return Value::Float(value.number());
  if (value.is(Kind::kString) || value.is(Kind::kBigInt)) {
    if (const auto parsed = ParseFloat(value.text())) return Value::Float(*parsed);
  }
  return bound[0].is(Kind::kMissing) ? Value::Float(0) : bound[0];
}

Result Round(Budget&, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("round", arguments, {"precision", "method"}));
  HONE_ASSIGN_OR_RETURN(const int64_t precision, IntArgument("round", bound[0], 0));
  const std::string method = bound[1].is(Kind::kString) ? bound[1].text() : bound[1].is(Kind::kMissing) ? "common" : "";
  if (method != "common" && method != "ceil" && method != "floor")
    return absl::InvalidArgumentError("method must be common, ceil or floor");
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (!value.is_number()) return absl::InvalidArgumentError(fmt::format("type {} doesn't define __round__ method", TypeName(value)));
  if (method == "common") {
    if (value.is_integer() && precision >= 0) return Value::Int(value.integer());
    if (value.is_integer()) return FloatToInt(RoundTo(value.number(), precision));
    return Value::Float(RoundTo(value.number(), precision));
  }
  const double scale = std::pow(10.0, static_cast<double>(precision));
  const double scaled = value.number() * scale;
  if (!std::isfinite(scaled)) return absl::InvalidArgumentError("cannot round a number that is not finite");
  return Value::Float((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Result Format(Budget& budget, const Value& value, const Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.named.empty()) {
    return absl::InvalidArgumentError("can't handle positional and keyword arguments at the same time");
  }
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  std::vector<std::pair<Value, Value>> named;
  for (const auto& [name, argument] : arguments.named) named.emplace_back(Value::String(name), argument);
  const Value values = named.empty() ? Value::Tuple(arguments.positional) : Value::Dict(std::move(named));
  HONE_ASSIGN_OR_RETURN(std::string out, FormatPercent(budget, text.first, values));
  return Value::String(std::move(out), text.second);
}

Result WordCount(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("wordcount", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  int64_t count = 0;
  bool inside = false;
  for (size_t pos = 0; pos < text.first.size();) {
    const bool word = IsWordChar(DecodeUtf8(text.first, pos));
    if (word && !inside) ++count;
    inside = word;
  }
  return Value::Int(count);
}

Result Truncate(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("truncate", arguments, {"length", "killwords", "end", "leeway"}));
  HONE_ASSIGN_OR_RETURN(const int64_t length, IntArgument("truncate", bound[0], 255));
  HONE_ASSIGN_OR_RETURN(const int64_t leeway, bound[3].is(Kind::kNone) ? absl::StatusOr<int64_t>(5) : IntArgument("truncate", bound[3], 5));
  const std::string end = bound[2].is(Kind::kString) ? bound[2].text() : "...";
  HONE_ASSIGN_OR_RETURN(const std::string text, ToString(budget, value));
  const auto end_size = static_cast<int64_t>(CountCodePoints(end));
  if (length < end_size || leeway < 0)
    return absl::InvalidArgumentError(fmt::format("truncate expects length >= {} and leeway >= 0", end_size));
  const auto characters = SplitCodePoints(text);
  if (static_cast<int64_t>(characters.size()) <= length + leeway) return value;
  size_t bytes = 0;
  for (int64_t i = 0; i < length - end_size; ++i) bytes += characters[static_cast<size_t>(i)].size();
  std::string out = text.substr(0, bytes);
  if (!Flag(bound[1])) {
    const size_t space = out.rfind(' ');
    if (space != std::string::npos) out.resize(space);
  }
  return Value::String(out + end);
}

Result Center(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("center", arguments, {"width"}));
  HONE_ASSIGN_OR_RETURN(const int64_t width, IntArgument("center", bound[0], 80));
  HONE_ASSIGN_OR_RETURN(const auto text, Soft(budget, value));
  const int64_t missing = std::max<int64_t>(0, width - static_cast<int64_t>(CountCodePoints(text.first)));
  HONE_RETURN_IF_ERROR(budget.Text(static_cast<size_t>(missing) + text.first.size()));
  const int64_t left = missing / 2 + (missing & width & 1);
  return Value::String(std::string(static_cast<size_t>(left), ' ') + text.first + std::string(static_cast<size_t>(missing - left), ' '),
                       text.second);
}

struct Entry {
  std::string_view name;
  FilterFunction function;
};
constexpr Entry kFilters[] = {
    {"abs", Abs},
    {"capitalize", Change<Capitalize>},
    {"center", Center},
    {"e", Escape},
    {"escape", Escape},
    {"float", Float},
    {"format", Format},
    {"indent", Indent},
    {"int", Int},
    {"lower", Change<ToLower>},
    {"replace", ReplaceFilter},
    {"round", Round},
    {"safe", Safe},
    {"string", StringFilter},
    {"title", Change<TitleWords>},
    {"tojson", ToJson},
    {"trim", Trim},
    {"truncate", Truncate},
    {"upper", Change<ToUpper>},
    {"wordcount", WordCount},
};

}  // namespace

FilterFunction FindTextFilter(std::string_view name) {
  for (const Entry& entry : kFilters) {
    if (entry.name == name) return entry.function;
  }
  return nullptr;
}

}  // namespace hone::jinja
