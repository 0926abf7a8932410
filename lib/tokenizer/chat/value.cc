#include "lib/tokenizer/chat/value.h"

#include <bit>
#include <cmath>

#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

constexpr size_t kIndexFrom = 12;

absl::Status TooDeep() {
  return absl::ResourceExhaustedError(fmt::format("values nest deeper than {}", kMaxDepth));
}

absl::Status AppendItems(Budget& budget, const std::vector<Value>& items, std::string& out, int depth) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    HONE_RETURN_IF_ERROR(AppendRepr(budget, items[i], out, depth + 1));
  }
  return absl::OkStatus();
}

absl::Status AppendDict(Budget& budget, const DictObject& dict, std::string& out, int depth) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : dict.items) {
    if (!first) out += ", ";
    first = false;
    HONE_RETURN_IF_ERROR(AppendRepr(budget, key, out, depth + 1));
    out += ": ";
    HONE_RETURN_IF_ERROR(AppendRepr(budget, value, out, depth + 1));
  }
  out += '}';
  return absl::OkStatus();
}

// Comparison of an integer and a double without rounding: -1, 0, 1; 2 when the double is not a number.
int CompareIntFloat(int64_t a, double b) {
  if (std::isnan(b)) return 2;
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const auto whole = static_cast<int64_t>(b);
  if (a != whole) return a < whole ? -1 : 1;
  const double rest = b - std::trunc(b);
  return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

int CompareNumbers(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  if (a.is_integer()) return CompareIntFloat(a.integer(), b.number());
  if (b.is_integer()) {
    const int reverse = CompareIntFloat(b.integer(), a.number());
    return reverse == 2 ? 2 : -reverse;
  }
  if (std::isnan(a.number()) || std::isnan(b.number())) return 2;
  return a.number() < b.number() ? -1 : a.number() > b.number() ? 1 : 0;
}

// Equality of hashable keys, which cannot fail.
bool SameKey(const Value& a, const Value& b) {
  if (a.is(Kind::kString) && b.is(Kind::kString)) return a.text() == b.text();
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::kTuple)) {
    if (a.items().size() != b.items().size()) return false;
    for (size_t i = 0; i < a.items().size(); ++i) {
      if (!SameKey(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  if (a.is(Kind::kNone) || a.is(Kind::kUndefined)) return true;
  if (a.is(Kind::kBigInt)) return a.text() == b.text();
  return a.shared() == b.shared();
}

}  // namespace

Value Value::Undefined(std::string message) {
  auto object = std::make_shared<UndefinedObject>();
  object->message = std::move(message);
  return Of(Kind::kUndefined, std::move(object));
}

Value Value::BigInt(std::string digits) {
  auto object = std::make_shared<StringObject>();
  object->text = std::move(digits);
  return Of(Kind::kBigInt, std::move(object));
}

Value Value::Float(double number) {
  Value value(Kind::kFloat);
  value.float_ = number;
  return value;
}

Value Value::String(std::string text, bool markup) {
  auto object = std::make_shared<StringObject>();
  object->text = std::move(text);
  object->ascii = IsAscii(object->text);
  object->markup = markup;
  return Of(Kind::kString, std::move(object));
}

Value Value::List(std::vector<Value> items) {
  auto object = std::make_shared<ListObject>();
  object->items = std::move(items);
  return Of(Kind::kList, std::move(object));
}

Value Value::Tuple(std::vector<Value> items) {
  Value value = List(std::move(items));
  value.kind_ = Kind::kTuple;
  return value;
}

Value Value::Dict(std::vector<std::pair<Value, Value>> items) {
  auto object = std::make_shared<DictObject>();
  if (items.size() < kIndexFrom) {
    object->items = std::move(items);
  } else {
    for (auto& [key, value] : items) object->Set(key, std::move(value));
  }
  return Of(Kind::kDict, std::move(object));
}

const std::string& Value::text() const {
  return object<StringObject>().text;
}
bool Value::markup() const {
  return object<StringObject>().markup;
}
const std::vector<Value>& Value::items() const {
  return object<ListObject>().items;
}
const DictObject& Value::dict() const {
  return object<DictObject>();
}

void Discard(std::vector<Value> items) {
  thread_local std::vector<Value>* pile = nullptr;
  if (pile != nullptr) {  // called from a destructor below the loop: leave the work to it
    for (Value& item : items) {
      if (item.shared() != nullptr) pile->push_back(std::move(item));
    }
    return;
  }
  pile = &items;
  while (!items.empty()) {
    const Value last = std::move(items.back());
    items.pop_back();
  }
  pile = nullptr;
}

DictObject::~DictObject() {
  std::vector<Value> values;
  for (auto& [key, value] : items) {
    if (key.is(Kind::kTuple)) values.push_back(key);
    values.push_back(std::move(value));
  }
  Discard(std::move(values));
}

const Value* DictObject::Find(const Value& key) const {
  if (key.is(Kind::kString)) return Find(std::string_view(key.text()));
  for (const auto& [other, value] : items) {
    if (SameKey(other, key)) return &value;
  }
  return nullptr;
}

const Value* DictObject::Find(std::string_view key) const {
  if (!index_.empty()) {
    const auto found = index_.find(std::string(key));
    return found == index_.end() ? nullptr : &items[found->second].second;
  }
  for (const auto& [other, value] : items) {
    if (other.is(Kind::kString) && other.text() == key) return &value;
  }
  return nullptr;
}

void DictObject::Set(const Value& key, Value value) {
  if (const Value* found = Find(key)) {
    *const_cast<Value*>(found) = std::move(value);
    return;
  }
  items.emplace_back(key, std::move(value));
  if (!index_.empty()) {
    if (key.is(Kind::kString)) index_.emplace(key.text(), items.size() - 1);
  } else if (items.size() >= kIndexFrom) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].first.is(Kind::kString)) index_.emplace(items[i].first.text(), i);
    }
  }
}

int64_t RangeObject::size() const {
  if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
  return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

const char* TypeName(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
    case Kind::kBigInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return value.markup() ? "Markup" : "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kDict:
      return "dict";
    case Kind::kRange:
      return "range";
    case Kind::kView:
      return value.object<ListObject>().view_name;
    case Kind::kGenerator:
      return value.object<GeneratorObject>().name;
    case Kind::kNamespace:
      return "Namespace";
    case Kind::kLoop:
      return "LoopContext";
    case Kind::kMacro:
      return "Macro";
    case Kind::kFunction:
      return "function";
  }
  return "object";
}

bool IsTrue(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.integer() != 0;
    case Kind::kFloat:
      return value.number() != 0;
    case Kind::kString:
      return !value.text().empty();
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kView:
      return !value.items().empty();
    case Kind::kDict:
      return !value.dict().items.empty();
    case Kind::kRange:
      return value.object<RangeObject>().size() > 0;
    default:
      return true;
  }
}

absl::Status AppendString(Budget& budget, const Value& value, std::string& out) {
  if (value.is(Kind::kString)) {
    HONE_RETURN_IF_ERROR(budget.Text(value.text().size()));
    out += value.text();
    return budget.CheckSize(out.size());
  }
  if (value.is(Kind::kUndefined) || value.is(Kind::kMissing)) return absl::OkStatus();
  return AppendRepr(budget, value, out);
}

absl::Status AppendRepr(Budget& budget, const Value& value, std::string& out, int depth) {
  if (depth > kMaxDepth) return TooDeep();
  HONE_RETURN_IF_ERROR(budget.Steps(1));
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      out += "Undefined";
      break;
    case Kind::kNone:
      out += "None";
      break;
    case Kind::kBool:
      out += value.boolean() ? "True" : "False";
      break;
    case Kind::kInt:
      out += std::to_string(value.integer());
      break;
    case Kind::kBigInt:
      out += value.text();
      break;
    case Kind::kFloat:
      out += FloatRepr(value.number());
      break;
    case Kind::kString:
      HONE_RETURN_IF_ERROR(budget.Text(value.text().size()));
      out += value.markup() ? fmt::format("Markup({})", Repr(value.text())) : Repr(value.text());
      break;
    case Kind::kList:
      out += '[';
      HONE_RETURN_IF_ERROR(AppendItems(budget, value.items(), out, depth));
      out += ']';
      break;
    case Kind::kTuple:
      out += '(';
      HONE_RETURN_IF_ERROR(AppendItems(budget, value.items(), out, depth));
      out += value.items().size() == 1 ? ",)" : ")";
      break;
    case Kind::kView:
      out += fmt::format("{}([", value.object<ListObject>().view_name);
      HONE_RETURN_IF_ERROR(AppendItems(budget, value.items(), out, depth));
      out += "])";
      break;
    case Kind::kDict:
      HONE_RETURN_IF_ERROR(AppendDict(budget, value.dict(), out, depth));
      break;
    case Kind::kRange: {
      const auto& range = value.object<RangeObject>();
      out += range.step == 1 ? fmt::format("range({}, {})", range.start, range.stop)
                             : fmt::format("range({}, {}, {})", range.start, range.stop, range.step);
      break;
    }
    case Kind::kNamespace:
      out += "<Namespace ";
      HONE_RETURN_IF_ERROR(AppendDict(budget, value.object<NamespaceObject>().attributes, out, depth));
      out += '>';
      break;
    case Kind::kMacro:
      out += fmt::format("<Macro {}>", Repr(value.object<NamedObject>().name));
      break;
    case Kind::kGenerator:
    case Kind::kLoop:
    case Kind::kFunction:
      out += fmt::format("<{} object>", TypeName(value));
      break;
  }
  return budget.CheckSize(out.size());
}

absl::StatusOr<std::string> ToString(Budget& budget, const Value& value) {
  std::string out;
  HONE_RETURN_IF_ERROR(AppendString(budget, value, out));
  return out;
}

absl::StatusOr<bool> Equal(Budget& budget, const Value& a, const Value& b, int depth) {
  if (depth > kMaxDepth) return TooDeep();
  HONE_RETURN_IF_ERROR(budget.Steps(1));
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.shared() != nullptr && a.shared() == b.shared()) return true;
  switch (a.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kString:
      HONE_RETURN_IF_ERROR(budget.Steps(static_cast<int64_t>(a.text().size() / 64)));
      return a.text() == b.text();
    case Kind::kBigInt:
      return a.text() == b.text();
    case Kind::kView:
      if (a.object<ListObject>().view_name == std::string_view("dict_values")) return false;
      [[fallthrough]];
    case Kind::kList:
    case Kind::kTuple:
      if (a.items().size() != b.items().size()) return false;
      for (size_t i = 0; i < a.items().size(); ++i) {
        HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, a.items()[i], b.items()[i], depth + 1));
        if (!same) return false;
      }
      return true;
    case Kind::kDict:
      if (a.dict().items.size() != b.dict().items.size()) return false;
      for (const auto& [key, value] : a.dict().items) {
        const Value* other = b.dict().Find(key);
        if (other == nullptr) return false;
        HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, value, *other, depth + 1));
        if (!same) return false;
      }
      return true;
    case Kind::kRange: {
      const auto &x = a.object<RangeObject>(), &y = b.object<RangeObject>();
      return x.size() == y.size() && (x.size() == 0 || (x.start == y.start && (x.size() == 1 || x.step == y.step)));
    }
    default:
      return false;
  }
}

absl::StatusOr<bool> Less(Budget& budget, const Value& a, const Value& b, int depth) {
  if (depth > kMaxDepth) return TooDeep();
  HONE_RETURN_IF_ERROR(budget.Steps(1));
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b) == -1;
  if (a.is(Kind::kString) && b.is(Kind::kString)) return a.text() < b.text();
  if (a.is(Kind::kUndefined)) return UndefinedError(a);
  if (b.is(Kind::kUndefined)) return UndefinedError(b);
  if (a.kind() == b.kind() && (a.is(Kind::kList) || a.is(Kind::kTuple))) {
    for (size_t i = 0; i < a.items().size() && i < b.items().size(); ++i) {
      HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, a.items()[i], b.items()[i], depth + 1));
      if (!same) return Less(budget, a.items()[i], b.items()[i], depth + 1);
    }
    return a.items().size() < b.items().size();
  }
  return absl::InvalidArgumentError(fmt::format("'<' not supported between instances of '{}' and '{}'", TypeName(a), TypeName(b)));
}

absl::Status CheckHashable(const Value& value, int depth) {
  if (depth > kMaxDepth) return TooDeep();
  if (value.is(Kind::kList) || value.is(Kind::kDict)) {
    return absl::InvalidArgumentError(fmt::format("unhashable type: '{}'", TypeName(value)));
  }
  if (value.is(Kind::kTuple)) {
    for (const Value& item : value.items()) HONE_RETURN_IF_ERROR(CheckHashable(item, depth + 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Value>> Iterate(Budget& budget, const Value& value) {
  std::vector<Value> items;
  switch (value.kind()) {
    case Kind::kUndefined:
      return items;
    case Kind::kString:
      HONE_RETURN_IF_ERROR(budget.Items(value.text().size()));
      for (const std::string_view c : SplitCodePoints(value.text())) items.push_back(Value::String(std::string(c), value.markup()));
      return items;
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kView:
      HONE_RETURN_IF_ERROR(budget.Items(value.items().size()));
      return value.items();
    case Kind::kDict:
      HONE_RETURN_IF_ERROR(budget.Items(value.dict().items.size()));
      for (const auto& item : value.dict().items) items.push_back(item.first);
      return items;
    case Kind::kRange: {
      const auto& range = value.object<RangeObject>();
      HONE_RETURN_IF_ERROR(budget.Items(static_cast<size_t>(range.size())));
      for (int64_t i = 0; i < range.size(); ++i) items.push_back(Value::Int(range.start + i * range.step));
      return items;
    }
    case Kind::kGenerator: {
      auto& generator = value.object<GeneratorObject>();
      HONE_RETURN_IF_ERROR(budget.Items(generator.items.size()));
      items.assign(generator.items.begin() + static_cast<int64_t>(generator.next), generator.items.end());
      generator.next = generator.items.size();
      HONE_RETURN_IF_ERROR(generator.error);
      return items;
    }
    default:
      return absl::InvalidArgumentError(fmt::format("'{}' object is not iterable", TypeName(value)));
  }
}

absl::StatusOr<int64_t> Length(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kString:
      return static_cast<int64_t>(value.object<StringObject>().ascii ? value.text().size() : CountCodePoints(value.text()));
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kView:
      return static_cast<int64_t>(value.items().size());
    case Kind::kDict:
      return static_cast<int64_t>(value.dict().items.size());
    case Kind::kRange:
      return value.object<RangeObject>().size();
    default:
      return absl::InvalidArgumentError(fmt::format("object of type '{}' has no len()", TypeName(value)));
  }
}

absl::Status UndefinedError(const Value& value) {
  const auto* object = value.is(Kind::kUndefined) && value.shared() != nullptr ? &value.object<UndefinedObject>() : nullptr;
  return absl::InvalidArgumentError(object == nullptr || object->message.empty() ? "the value is undefined" : object->message);
}

}  // namespace hone::jinja
