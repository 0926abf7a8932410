#include "lib/tokenizer/chat/callable.h"

#include <ctime>

#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

using Result = absl::StatusOr<Value>;
constexpr int64_t kMaxRange = 100'000;

struct Method {
  std::string_view name;
  FunctionObject::Body body;  // null: changes its object, which the sandbox forbids
};

Value Forbidden(std::string_view name, const Value& object) {
  return Value::Undefined(fmt::format("access to attribute '{}' of '{}' object is unsafe", name, TypeName(object)));
}

std::optional<Value> FindIn(const Value& object, std::string_view name, const Method* begin, const Method* end) {
  for (const Method* method = begin; method != end; ++method) {
    if (method->name != name) continue;
    return method->body == nullptr ? Forbidden(name, object) : MakeFunction(object, method->name, method->body);
  }
  return std::nullopt;
}

// --- Lists and tuples.

Result ListCount(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(const auto bound, BindArguments("count", arguments, {"value"}, 1));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, self.object));
  int64_t count = 0;
  for (const Value& item : items) {
    HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, item, bound[0]));
    count += same ? 1 : 0;
  }
  return Value::Int(count);
}

Result ListIndex(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(const auto bound, BindArguments("index", arguments, {"value", "start", "stop"}, 1));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, self.object));
  const auto size = static_cast<int64_t>(items.size());
  HONE_ASSIGN_OR_RETURN(int64_t start, IntArgument("index", bound[1], 0));
  HONE_ASSIGN_OR_RETURN(int64_t stop, IntArgument("index", bound[2], size));
  if (start < 0) start = start < -size ? 0 : start + size;
  if (stop < 0) stop += size;
  for (int64_t i = start; i < size && i < stop; ++i) {
    HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, items[static_cast<size_t>(i)], bound[0]));
    if (same) return Value::Int(i);
  }
  return absl::InvalidArgumentError("the value is not in the list");
}

Result CopyOf(Budget&, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("copy", arguments, {}).status());
  return self.object;
}

constexpr Method kListMethods[] = {{"append", nullptr}, {"clear", nullptr},   {"copy", CopyOf},    {"count", ListCount},
                                   {"extend", nullptr}, {"index", ListIndex}, {"insert", nullptr}, {"pop", nullptr},
                                   {"remove", nullptr}, {"reverse", nullptr}, {"sort", nullptr}};
constexpr Method kTupleMethods[] = {{"count", ListCount}, {"index", ListIndex}};

// --- Dicts.

Result MakeView(Budget& budget, std::string_view callee, const char* name, const FunctionObject& self, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments(callee, arguments, {}).status());
  const auto& entries = self.object.dict().items;
  HONE_RETURN_IF_ERROR(budget.Items(entries.size() * 2));
  auto view = std::make_shared<ListObject>();
  view->view_name = name;
  view->items.reserve(entries.size());
  for (const auto& [key, value] : entries) {
    view->items.push_back(callee == "keys" ? key : callee == "values" ? value : Value::Tuple({key, value}));
  }
  return Value::Of(Kind::kView, std::move(view));
}

Result DictItems(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  return MakeView(budget, "items", "dict_items", self, arguments);
}
Result DictKeys(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  return MakeView(budget, "keys", "dict_keys", self, arguments);
}
Result DictValues(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  return MakeView(budget, "values", "dict_values", self, arguments);
}
Result DictGet(Budget&, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  if (!arguments.named.empty()) return absl::InvalidArgumentError("get() takes no keyword arguments");
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("get", arguments, {"key", "default"}, 1));
  HONE_RETURN_IF_ERROR(CheckHashable(bound[0]));
  if (const Value* found = self.object.dict().Find(bound[0])) return *found;
  return bound[1].is(Kind::kMissing) ? Value::None() : bound[1];
}

constexpr Method kDictMethods[] = {{"clear", nullptr},  {"copy", CopyOf},      {"get", DictGet},     {"items", DictItems},
                                   {"keys", DictKeys},  {"pop", nullptr},      {"popitem", nullptr}, {"setdefault", nullptr},
                                   {"update", nullptr}, {"values", DictValues}};

// --- loop.

Result LoopCycle(Budget&, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  if (arguments.positional.empty()) return absl::InvalidArgumentError("loop.cycle() needs values");
  const size_t index = self.object.object<LoopObject>().index;
  return arguments.positional[index % arguments.positional.size()];
}

Result LoopChanged(Budget& budget, absl::Time, const FunctionObject& self, const Arguments& arguments) {
  auto& loop = self.object.object<LoopObject>();
  Value now = Value::Tuple(arguments.positional);
  if (loop.last_checked) {
    HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, *loop.last_checked, now));
    if (same) return Value::Bool(false);
  }
  loop.last_checked = std::move(now);
  return Value::Bool(true);
}

constexpr Method kLoopMethods[] = {{"cycle", LoopCycle}, {"changed", LoopChanged}};

std::optional<Value> FindLoopAttribute(const Value& object, std::string_view name) {
  const auto& loop = object.object<LoopObject>();
  const auto index = static_cast<int64_t>(loop.index), size = static_cast<int64_t>(loop.items.size());
  if (name == "index") return Value::Int(index + 1);
  if (name == "index0") return Value::Int(index);
  if (name == "revindex") return Value::Int(size - index);
  if (name == "revindex0") return Value::Int(size - index - 1);
  if (name == "first") return Value::Bool(index == 0);
  if (name == "last") return Value::Bool(index + 1 == size);
  if (name == "length") return Value::Int(size);
  if (name == "depth") return Value::Int(1);
  if (name == "depth0") return Value::Int(0);
  if (name == "previtem") return index > 0 ? loop.items[loop.index - 1] : Value::Undefined("there is no previous item");
  if (name == "nextitem") return index + 1 < size ? loop.items[loop.index + 1] : Value::Undefined("there is no next item");
  return FindIn(object, name, std::begin(kLoopMethods), std::end(kLoopMethods));
}

// --- Globals.

Result Range(Budget&, absl::Time, const FunctionObject&, const Arguments& arguments) {
  if (!arguments.named.empty()) return absl::InvalidArgumentError("range() takes no keyword arguments");
  HONE_ASSIGN_OR_RETURN(const auto bound, BindArguments("range", arguments, {"start", "stop", "step"}, 1));
  auto range = std::make_shared<RangeObject>();
  HONE_ASSIGN_OR_RETURN(range->start, IntArgument("range", bound[0], 0));
  HONE_ASSIGN_OR_RETURN(range->stop, IntArgument("range", bound[1], 0));
  HONE_ASSIGN_OR_RETURN(range->step, IntArgument("range", bound[2], 1));
  if (bound[1].is(Kind::kMissing)) {
    range->stop = range->start;
    range->start = 0;
  }
  if (range->step == 0) return absl::InvalidArgumentError("range() step must not be zero");
  int64_t span = 0;
  const bool overflow = __builtin_sub_overflow(range->stop, range->start, &span) || range->step == INT64_MIN || span == INT64_MIN;
  if (overflow || range->size() > kMaxRange) {
    return absl::InvalidArgumentError(fmt::format("the range is longer than the limit of {} items", kMaxRange));
  }
  return Value::Of(Kind::kRange, std::move(range));
}

// The entries of dict(...) and namespace(...): of a dict or of pairs, then the keyword arguments.
absl::Status FillDict(Budget& budget, std::string_view callee, const Arguments& arguments, DictObject& dict) {
  if (arguments.positional.size() > 1) return absl::InvalidArgumentError(fmt::format("{}() takes at most one positional argument", callee));
  if (!arguments.positional.empty() && arguments.positional[0].is(Kind::kDict)) {
    HONE_RETURN_IF_ERROR(budget.Items(arguments.positional[0].dict().items.size()));
    for (const auto& [key, value] : arguments.positional[0].dict().items) dict.Set(key, value);
  } else if (!arguments.positional.empty()) {
    HONE_ASSIGN_OR_RETURN(const auto entries, Iterate(budget, arguments.positional[0]));
    for (const Value& entry : entries) {
      HONE_ASSIGN_OR_RETURN(const auto pair, Iterate(budget, entry));
      if (pair.size() != 2) return absl::InvalidArgumentError(fmt::format("{}() needs pairs, got {} values", callee, pair.size()));
      HONE_RETURN_IF_ERROR(CheckHashable(pair[0]));
      dict.Set(pair[0], pair[1]);
    }
  }
  for (const auto& [name, value] : arguments.named) dict.Set(Value::String(name), value);
  return absl::OkStatus();
}

Result Dict(Budget& budget, absl::Time, const FunctionObject&, const Arguments& arguments) {
  auto dict = std::make_shared<DictObject>();
  HONE_RETURN_IF_ERROR(FillDict(budget, "dict", arguments, *dict));
  return Value::Of(Kind::kDict, std::move(dict));
}

Result Namespace(Budget& budget, absl::Time, const FunctionObject&, const Arguments& arguments) {
  auto object = std::make_shared<NamespaceObject>();
  HONE_RETURN_IF_ERROR(FillDict(budget, "namespace", arguments, object->attributes));
  return Value::Of(Kind::kNamespace, std::move(object));
}

Result RaiseException(Budget& budget, absl::Time, const FunctionObject&, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(const auto bound, BindArguments("raise_exception", arguments, {"message"}, 1));
  HONE_ASSIGN_OR_RETURN(const std::string message, ToString(budget, bound[0]));
  return absl::InvalidArgumentError(message);
}

Result StrftimeNow(Budget&, absl::Time now, const FunctionObject&, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(const auto bound, BindArguments("strftime_now", arguments, {"format"}, 1));
  if (!bound[0].is(Kind::kString)) {
    return absl::InvalidArgumentError(fmt::format("strftime_now() needs a string, not {}", TypeName(bound[0])));
  }
  // %f, %z and %Z are Python's own for a time without zone; the rest is the C library's.
  std::string format;
  const std::string& given = bound[0].text();
  const int64_t microseconds = absl::ToInt64Microseconds(now - absl::FromTimeT(absl::ToTimeT(now)));
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i] != '%' || i + 1 == given.size()) {
      format += given[i] == '%' ? "%%" : std::string(1, given[i]);
      continue;
    }
    ++i;
    if (given[i] == 'f') {
      format += fmt::format("{:06}", microseconds);
    } else if (given[i] != 'z' && given[i] != 'Z') {
      format += '%';
      format += given[i];
    }
  }
  if (format.empty()) return Value::String("");
  if (format.size() > 4096) return absl::InvalidArgumentError("strftime_now() takes a format of at most 4096 bytes");
  for (size_t at = format.find('%'); at != std::string::npos; at = format.find('%', at + 2)) {
    if (at + 1 < format.size() && format[at + 1] >= '0' && format[at + 1] <= '9') {
      return absl::InvalidArgumentError("strftime_now() takes no field widths");
    }
  }
  const std::tm fields = absl::ToTM(now, absl::UTCTimeZone());
  std::string buffer(format.size() * 64 + 64, '\0');
  buffer.resize(std::strftime(buffer.data(), buffer.size(), format.c_str(), &fields));
  return Value::String(std::move(buffer));
}

constexpr Method kGlobals[] = {
    {"range", Range}, {"dict", Dict}, {"namespace", Namespace}, {"raise_exception", RaiseException}, {"strftime_now", StrftimeNow}};

}  // namespace

Value MakeFunction(Value object, std::string_view name, FunctionObject::Body body) {
  auto function = std::make_shared<FunctionObject>();
  function->object = std::move(object);
  function->name = name;
  function->body = body;
  return Value::Of(Kind::kFunction, std::move(function));
}

std::optional<Value> FindGlobal(std::string_view name) {
  return FindIn(Value(), name, std::begin(kGlobals), std::end(kGlobals));
}

std::optional<Value> FindAttribute(const Value& object, std::string_view name) {
  if (name.starts_with("__") && name.ends_with("__") && name.size() > 4 && object.kind() != Kind::kNamespace) {
    for (const std::string_view known :
         {"__class__", "__doc__", "__dir__", "__eq__", "__init__", "__str__", "__repr__", "__hash__", "__new__"}) {
      if (name == known) return Forbidden(name, object);
    }
  }
  switch (object.kind()) {
    case Kind::kString:
      return FindStringMethod(object, name);
    case Kind::kList:
      return FindIn(object, name, std::begin(kListMethods), std::end(kListMethods));
    case Kind::kTuple:
      if (object.object<ListObject>().view_name == kGroupName && name == "grouper") return object.items()[0];
      if (object.object<ListObject>().view_name == kGroupName && name == "list") return object.items()[1];
      return FindIn(object, name, std::begin(kTupleMethods), std::end(kTupleMethods));
    case Kind::kDict:
      return FindIn(object, name, std::begin(kDictMethods), std::end(kDictMethods));
    case Kind::kLoop:
      return FindLoopAttribute(object, name);
    case Kind::kRange: {
      const auto& range = object.object<RangeObject>();
      if (name == "start") return Value::Int(range.start);
      if (name == "stop") return Value::Int(range.stop);
      if (name == "step") return Value::Int(range.step);
      return FindIn(object, name, std::begin(kTupleMethods), std::end(kTupleMethods));
    }
    case Kind::kNamespace: {
      const Value* found = object.object<NamespaceObject>().attributes.Find(name);
      return found == nullptr ? std::nullopt : std::optional<Value>(*found);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace hone::jinja
