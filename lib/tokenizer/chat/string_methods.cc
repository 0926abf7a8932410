// The methods of Python's str.

#include "lib/tokenizer/chat/callable.h"
#include "lib/tokenizer/chat/format.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

using Result = absl::StatusOr<Value>;

// The arguments of a method, already bound, with typed access.
class Call {
 public:
  Call(Budget& budget, const FunctionObject& self, std::vector<Value> bound) : budget_(budget), self_(self), bound_(std::move(bound)) {}

  const std::string& text() const { return self_.object.text(); }
  bool given(size_t i) const { return !bound_[i].is(Kind::kMissing); }
  const Value& value(size_t i) const { return bound_[i]; }
  bool none(size_t i) const { return !given(i) || bound_[i].is(Kind::kNone); }
  Budget& budget() const { return budget_; }

  absl::StatusOr<std::string_view> Text(size_t i) const {
    if (bound_[i].is(Kind::kString)) return std::string_view(bound_[i].text());
    if (bound_[i].is(Kind::kUndefined)) return UndefinedError(bound_[i]);
    return absl::InvalidArgumentError(fmt::format("{}() needs a string, not {}", self_.name, TypeName(bound_[i])));
  }
  absl::StatusOr<int64_t> Int(size_t i, int64_t fallback) const { return IntArgument(self_.name, bound_[i], fallback); }

  // The method's result, marked as its object is.
  Result Give(std::string text) const {
    HONE_RETURN_IF_ERROR(budget_.Text(text.size()));
    return Value::String(std::move(text), self_.object.markup());
  }
  Result GiveList(const std::vector<std::string_view>& parts) const {
    HONE_RETURN_IF_ERROR(budget_.Items(parts.size()));
    HONE_RETURN_IF_ERROR(budget_.Text(text().size()));
    std::vector<Value> items;
    items.reserve(parts.size());
    for (const std::string_view part : parts) items.push_back(Value::String(std::string(part), self_.object.markup()));
    return Value::List(std::move(items));
  }

  // The part of the text that the arguments start and stop (numbers i and i + 1) select, and the code point it starts at; nothing when it
  // starts behind the end.
  absl::StatusOr<std::optional<std::pair<std::string_view, int64_t>>> Window(size_t i) const {
    const std::string_view whole = text();
    if (none(i) && none(i + 1)) return std::make_optional(std::make_pair(whole, int64_t{0}));
    const auto size = static_cast<int64_t>(CountCodePoints(whole));
    HONE_ASSIGN_OR_RETURN(int64_t start, none(i) ? absl::StatusOr<int64_t>(0) : Int(i, 0));
    HONE_ASSIGN_OR_RETURN(int64_t stop, none(i + 1) ? absl::StatusOr<int64_t>(size) : Int(i + 1, size));
    if (start < 0) start = start < -size ? 0 : start + size;
    if (stop < 0) stop = stop < -size ? 0 : stop + size;
    stop = std::min(stop, size);
    if (start > size || start > stop) return std::optional<std::pair<std::string_view, int64_t>>();
    size_t from = 0;
    for (int64_t n = 0; n < start; ++n) DecodeUtf8(whole, from);
    size_t to = from;
    for (int64_t n = start; n < stop; ++n) DecodeUtf8(whole, to);
    return std::make_optional(std::make_pair(whole.substr(from, to - from), start));
  }

 private:
  Budget& budget_;
  const FunctionObject& self_;
  const std::vector<Value> bound_;
};

struct Method {
  std::string_view name;
  std::initializer_list<std::string_view> parameters;
  size_t required;
  Result (*body)(const Call& call, std::string_view name);
};

Result StripMethod(const Call& call, std::string_view name) {
  std::optional<std::string_view> chars;
  if (!call.none(0)) {
    HONE_ASSIGN_OR_RETURN(chars, call.Text(0));
  }
  return call.Give(std::string(Strip(call.text(), chars, name != "rstrip", name != "lstrip")));
}

Result SplitMethod(const Call& call, std::string_view name) {
  std::optional<std::string_view> separator;
  if (!call.none(0)) {
    HONE_ASSIGN_OR_RETURN(separator, call.Text(0));
    if (separator->empty()) return absl::InvalidArgumentError("empty separator");
  }
  HONE_ASSIGN_OR_RETURN(const int64_t count, call.Int(1, -1));
  HONE_RETURN_IF_ERROR(call.budget().Steps(static_cast<int64_t>(call.text().size() / 16)));
  return call.GiveList(Split(call.text(), separator, count, name == "rsplit"));
}

Result SplitLinesMethod(const Call& call, std::string_view) {
  return call.GiveList(SplitLines(call.text(), call.given(0) && IsTrue(call.value(0))));
}

Result PartitionMethod(const Call& call, std::string_view name) {
  HONE_ASSIGN_OR_RETURN(const std::string_view separator, call.Text(0));
  if (separator.empty()) return absl::InvalidArgumentError("empty separator");
  const std::string_view text = call.text();
  const bool last = name == "rpartition";
  const size_t at = last ? text.rfind(separator) : text.find(separator);
  HONE_RETURN_IF_ERROR(call.budget().Text(text.size()));
  if (at == std::string_view::npos) {
    const Value empty = Value::String("");
    return last ? Value::Tuple({empty, empty, Value::String(text)}) : Value::Tuple({Value::String(text), empty, empty});
  }
  return Value::Tuple({Value::String(text.substr(0, at)), Value::String(separator), Value::String(text.substr(at + separator.size()))});
}

// startswith and endswith; the affix may be a tuple.
Result AffixMethod(const Call& call, std::string_view name) {
  HONE_ASSIGN_OR_RETURN(const auto window, call.Window(1));
  std::vector<Value> affixes = {call.value(0)};
  if (call.value(0).is(Kind::kTuple)) affixes = call.value(0).items();
  bool found = false;
  for (const Value& affix : affixes) {
    if (!affix.is(Kind::kString)) {
      return absl::InvalidArgumentError(fmt::format("{}() needs a string or a tuple of strings, not {}", name, TypeName(affix)));
    }
    if (!window) continue;
    found = found || (name == "startswith" ? window->first.starts_with(affix.text()) : window->first.ends_with(affix.text()));
  }
  return Value::Bool(found);
}

Result RemoveAffixMethod(const Call& call, std::string_view name) {
  HONE_ASSIGN_OR_RETURN(const std::string_view affix, call.Text(0));
  std::string_view text = call.text();
  if (name == "removeprefix" && text.starts_with(affix)) text.remove_prefix(affix.size());
  if (name == "removesuffix" && text.ends_with(affix)) text.remove_suffix(affix.size());
  return call.Give(std::string(text));
}

// find, rfind, index, rindex.
Result FindMethod(const Call& call, std::string_view name) {
  HONE_ASSIGN_OR_RETURN(const std::string_view part, call.Text(0));
  HONE_ASSIGN_OR_RETURN(const auto window, call.Window(1));
  size_t at = std::string_view::npos;
  if (window) at = name[0] == 'r' ? window->first.rfind(part) : window->first.find(part);
  HONE_RETURN_IF_ERROR(call.budget().Steps(static_cast<int64_t>(call.text().size() / 16)));
  if (at != std::string_view::npos) return Value::Int(window->second + static_cast<int64_t>(CountCodePoints(window->first.substr(0, at))));
  if (name.ends_with("index")) return absl::InvalidArgumentError("substring not found");
  return Value::Int(-1);
}

Result CountMethod(const Call& call, std::string_view) {
  HONE_ASSIGN_OR_RETURN(const std::string_view part, call.Text(0));
  HONE_ASSIGN_OR_RETURN(const auto window, call.Window(1));
  return Value::Int(window ? CountOccurrences(window->first, part) : 0);
}

Result ReplaceMethod(const Call& call, std::string_view) {
  HONE_ASSIGN_OR_RETURN(const std::string_view from, call.Text(0));
  HONE_ASSIGN_OR_RETURN(const std::string_view to, call.Text(1));
  HONE_ASSIGN_OR_RETURN(const int64_t count, call.Int(2, -1));
  const size_t hits = from.empty() ? call.text().size() + 1 : call.text().size() / from.size() + 1;
  HONE_RETURN_IF_ERROR(call.budget().Steps(static_cast<int64_t>(call.text().size() / 16)));
  if (to.size() > from.size() && (to.size() - from.size()) * hits > (size_t{1} << 24)) {  // count before making it
    const auto real = static_cast<size_t>(CountOccurrences(call.text(), from));
    HONE_RETURN_IF_ERROR(call.budget().Text(call.text().size() + (to.size() - from.size()) * real));
  }
  return call.Give(Replace(call.text(), from, to, count));
}

Result JoinMethod(const Call& call, std::string_view) {
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(call.budget(), call.value(0)));
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is(Kind::kString)) {
      return absl::InvalidArgumentError(fmt::format("sequence item {}: expected str instance, {} found", i, TypeName(items[i])));
    }
    HONE_RETURN_IF_ERROR(call.budget().Text(call.text().size() + items[i].text().size()));
    if (i > 0) out += call.text();
    out += items[i].text();
  }
  return call.Give(std::move(out));
}

Result CaseMethod(const Call& call, std::string_view name) {
  HONE_RETURN_IF_ERROR(call.budget().Text(call.text().size()));
  if (name == "upper") return call.Give(ToUpper(call.text()));
  if (name == "title") return call.Give(ToTitle(call.text()));
  if (name == "capitalize") return call.Give(Capitalize(call.text()));
  if (name == "swapcase") return call.Give(SwapCase(call.text()));
  if (name == "casefold") return call.Give(ToLower(Replace(Replace(call.text(), "ß", "ss", -1), "ς", "σ", -1)));
  return call.Give(ToLower(call.text()));
}

Result PropertyMethod(const Call& call, std::string_view name) {
  return Value::Bool(HasProperty(call.text(), name));
}

// ljust, rjust, center, zfill.
Result PadMethod(const Call& call, std::string_view name) {
  HONE_ASSIGN_OR_RETURN(const int64_t width, call.Int(0, 0));
  std::string_view fill = name == "zfill" ? "0" : " ";
  if (name != "zfill" && call.given(1)) {
    HONE_ASSIGN_OR_RETURN(fill, call.Text(1));
    if (CountCodePoints(fill) != 1) return absl::InvalidArgumentError("the fill character must be exactly one character long");
  }
  const auto size = static_cast<int64_t>(CountCodePoints(call.text()));
  const int64_t missing = std::max<int64_t>(0, width - size);
  HONE_RETURN_IF_ERROR(call.budget().Text(static_cast<size_t>(missing) * fill.size() + call.text().size()));
  int64_t left = name == "ljust" ? 0 : missing;
  if (name == "center") left = missing / 2 + (missing & width & 1);
  const auto repeat = [&](int64_t count) {
    std::string out;
    for (int64_t i = 0; i < count; ++i) out += fill;
    return out;
  };
  std::string_view text = call.text();
  std::string sign;
  if (name == "zfill" && !text.empty() && (text[0] == '+' || text[0] == '-')) {
    sign = text[0];
    text.remove_prefix(1);
  }
  return call.Give(sign + repeat(left) + std::string(text) + repeat(missing - left));
}

Result ExpandTabsMethod(const Call& call, std::string_view) {
  HONE_ASSIGN_OR_RETURN(const int64_t size, call.Int(0, 8));
  if (size > 1024) return absl::InvalidArgumentError("expandtabs() takes a size of at most 1024");
  std::string out;
  int64_t column = 0;
  for (const std::string_view c : SplitCodePoints(call.text())) {
    if (c == "\t") {
      const int64_t spaces = size > 0 ? size - column % size : 0;
      HONE_RETURN_IF_ERROR(call.budget().Text(static_cast<size_t>(spaces)));
      out.append(static_cast<size_t>(spaces), ' ');
      column += spaces;
    } else {
      out += c;
      column = c == "\n" || c == "\r" ? 0 : column + 1;
    }
  }
  return call.Give(std::move(out));
}

// A method Python has and templates do not need.
Result Unsupported(const Call&, std::string_view name) {
  return absl::InvalidArgumentError(fmt::format("the string method '{}' is not supported in templates", name));
}

const Method kMethods[] = {
    {"capitalize", {}, 0, CaseMethod},
    {"casefold", {}, 0, CaseMethod},
    {"center", {"width", "fillchar"}, 1, PadMethod},
    {"count", {"sub", "start", "end"}, 1, CountMethod},
    {"encode", {"encoding", "errors"}, 0, Unsupported},
    {"endswith", {"suffix", "start", "end"}, 1, AffixMethod},
    {"expandtabs", {"tabsize"}, 0, ExpandTabsMethod},
    {"find", {"sub", "start", "end"}, 1, FindMethod},
    {"format", {}, 0, nullptr},
    {"format_map", {}, 0, nullptr},
    {"index", {"sub", "start", "end"}, 1, FindMethod},
    {"isalnum", {}, 0, PropertyMethod},
    {"isalpha", {}, 0, PropertyMethod},
    {"isascii", {}, 0, PropertyMethod},
    {"isdecimal", {}, 0, PropertyMethod},
    {"isdigit", {}, 0, PropertyMethod},
    {"isidentifier", {}, 0, PropertyMethod},
    {"islower", {}, 0, PropertyMethod},
    {"isnumeric", {}, 0, PropertyMethod},
    {"isprintable", {}, 0, PropertyMethod},
    {"isspace", {}, 0, PropertyMethod},
    {"istitle", {}, 0, PropertyMethod},
    {"isupper", {}, 0, PropertyMethod},
    {"join", {"iterable"}, 1, JoinMethod},
    {"ljust", {"width", "fillchar"}, 1, PadMethod},
    {"lower", {}, 0, CaseMethod},
    {"lstrip", {"chars"}, 0, StripMethod},
    {"maketrans", {"x", "y", "z"}, 0, Unsupported},
    {"partition", {"sep"}, 1, PartitionMethod},
    {"removeprefix", {"prefix"}, 1, RemoveAffixMethod},
    {"removesuffix", {"suffix"}, 1, RemoveAffixMethod},
    {"replace", {"old", "new", "count"}, 2, ReplaceMethod},
    {"rfind", {"sub", "start", "end"}, 1, FindMethod},
    {"rindex", {"sub", "start", "end"}, 1, FindMethod},
    {"rjust", {"width", "fillchar"}, 1, PadMethod},
    {"rpartition", {"sep"}, 1, PartitionMethod},
    {"rsplit", {"sep", "maxsplit"}, 0, SplitMethod},
    {"rstrip", {"chars"}, 0, StripMethod},
    {"split", {"sep", "maxsplit"}, 0, SplitMethod},
    {"splitlines", {"keepends"}, 0, SplitLinesMethod},
    {"startswith", {"prefix", "start", "end"}, 1, AffixMethod},
    {"strip", {"chars"}, 0, StripMethod},
    {"swapcase", {}, 0, CaseMethod},
    {"title", {}, 0, CaseMethod},
    {"translate", {"table"}, 0, Unsupported},
    {"upper", {}, 0, CaseMethod},
    {"zfill", {"width"}, 1, PadMethod},
};

const Method* FindMethodEntry(std::string_view name) {
  for (const Method& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

Result CallStringMethod(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  const Method* method = FindMethodEntry(self.name);
  HONE_RETURN_IF_ERROR(budget.Text(self.object.text().size()));
  if (method->body == nullptr) {  // format, format_map
    Arguments values = arguments;
    if (self.name == "format_map") {
      if (arguments.positional.size() != 1 || !arguments.positional[0].is(Kind::kDict)) {
        return absl::InvalidArgumentError("format_map() needs one dict");
      }
      values = Arguments();
      for (const auto& [key, value] : arguments.positional[0].dict().items) {
        if (key.is(Kind::kString)) values.named.emplace_back(key.text(), value);
      }
    }
    HONE_ASSIGN_OR_RETURN(std::string text, FormatBraces(budget, self.object.text(), values));
    return Value::String(std::move(text), self.object.markup());
  }
  // Python takes keywords only in these.
  const bool keywords = self.name == "split" || self.name == "rsplit" || self.name == "splitlines" || self.name == "expandtabs";
  if (!keywords && !arguments.named.empty()) {
    return absl::InvalidArgumentError(fmt::format("{}() takes no keyword arguments", self.name));
  }
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments(self.name, arguments, method->parameters, method->required));
  return method->body(Call(budget, self, std::move(bound)), method->name);
}

}  // namespace

std::optional<Value> FindStringMethod(const Value& object, std::string_view name) {
  const Method* method = FindMethodEntry(name);
  if (method == nullptr) return std::nullopt;
  return MakeFunction(object, method->name, CallStringMethod);
}

}  // namespace hone::jinja
