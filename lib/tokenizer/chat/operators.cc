#include "lib/tokenizer/chat/operators.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "lib/tokenizer/chat/callable.h"
#include "lib/tokenizer/chat/format.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

absl::Status Unsupported(std::string_view op, const Value& a, const Value& b) {
  if (a.is(Kind::kUndefined)) return UndefinedError(a);
  if (b.is(Kind::kUndefined)) return UndefinedError(b);
  if (op == "+" && a.is(Kind::kString)) {
    return absl::InvalidArgumentError(fmt::format("can only concatenate str (not \"{}\") to str", TypeName(b)));
  }
  return absl::InvalidArgumentError(fmt::format("unsupported operand types for {}: '{}' and '{}'", op, TypeName(a), TypeName(b)));
}

absl::Status Overflow() {
  return absl::InvalidArgumentError("an integer leaves the 64 bits that templates compute with");
}
absl::Status DivisionByZero() {
  return absl::InvalidArgumentError("division by zero");
}

absl::StatusOr<Value> IntegerPower(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return DivisionByZero();
    return Value::Float(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t result = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) return Overflow();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) return Overflow();
  }
  return Value::Int(result);
}

absl::StatusOr<Value> IntegerArithmetic(std::string_view op, int64_t a, int64_t b) {
  int64_t result = 0;
  if (op == "+") return __builtin_add_overflow(a, b, &result) ? absl::StatusOr<Value>(Overflow()) : Value::Int(result);
  if (op == "-") return __builtin_sub_overflow(a, b, &result) ? absl::StatusOr<Value>(Overflow()) : Value::Int(result);
  if (op == "*") return __builtin_mul_overflow(a, b, &result) ? absl::StatusOr<Value>(Overflow()) : Value::Int(result);
  if (op == "**") return IntegerPower(a, b);
  if (b == 0) return DivisionByZero();
  if (op == "/") return Value::Float(static_cast<double>(a) / static_cast<double>(b));
  if (a == std::numeric_limits<int64_t>::min() && b == -1) return op == "%" ? absl::StatusOr<Value>(Value::Int(0)) : Overflow();
  int64_t quotient = a / b, remainder = a % b;
  if (remainder != 0 && (remainder < 0) != (b < 0)) {  // towards minus infinity
    --quotient;
    remainder += b;
  }
  return Value::Int(op == "//" ? quotient : remainder);
}

absl::StatusOr<Value> FloatArithmetic(std::string_view op, double a, double b) {
  if (op == "+") return Value::Float(a + b);
  if (op == "-") return Value::Float(a - b);
  if (op == "*") return Value::Float(a * b);
  if (op == "**") {
    if (a == 0 && b < 0) return DivisionByZero();
    if (a < 0 && std::isfinite(b) && b != std::floor(b)) return absl::InvalidArgumentError("complex numbers are not supported");
    const double power = std::pow(a, b);
    if (std::isinf(power) && std::isfinite(a) && std::isfinite(b)) return absl::InvalidArgumentError("the power is out of range");
    return Value::Float(power);
  }
  if (b == 0) return DivisionByZero();
  if (op == "/") return Value::Float(a / b);
  double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (remainder != 0) {
    if ((b < 0) != (remainder < 0)) {
      remainder += b;
      quotient -= 1.0;
    }
  } else {
    remainder = std::copysign(0.0, b);
  }
  if (op == "%") return Value::Float(remainder);
  if (quotient == 0) return Value::Float(std::copysign(0.0, a / b));
  const double floor = std::floor(quotient);
  return Value::Float(quotient - floor > 0.5 ? floor + 1.0 : floor);
}

absl::StatusOr<Value> AddStrings(Budget& budget, const Value& a, const Value& b) {
  const bool markup = a.markup() || b.markup();
  HONE_RETURN_IF_ERROR(budget.Text(a.text().size() + b.text().size()));
  std::string text = markup && !a.markup() ? EscapeHtml(a.text()) : a.text();
  text += markup && !b.markup() ? EscapeHtml(b.text()) : b.text();
  return Value::String(std::move(text), markup);
}

absl::StatusOr<Value> Repeat(Budget& budget, const Value& value, int64_t count) {
  const size_t size = value.is(Kind::kString) ? value.text().size() : value.items().size();
  if (count < 0 || size == 0) count = 0;
  if (count > 0 && static_cast<size_t>(count) > (size_t{1} << 40) / size)
    count = static_cast<int64_t>((size_t{1} << 40) / size);  // over any limit
  const size_t total = size * static_cast<size_t>(count);
  if (value.is(Kind::kString)) {
    HONE_RETURN_IF_ERROR(budget.Text(total));
    std::string text;
    text.reserve(total);
    for (int64_t i = 0; i < count; ++i) text += value.text();
    return Value::String(std::move(text), value.markup());
  }
  HONE_RETURN_IF_ERROR(budget.Items(total));
  std::vector<Value> items;
  items.reserve(total);
  for (int64_t i = 0; i < count; ++i) items.insert(items.end(), value.items().begin(), value.items().end());
  return value.is(Kind::kList) ? Value::List(std::move(items)) : Value::Tuple(std::move(items));
}

bool IsSequence(const Value& value) {
  return value.is(Kind::kString) || value.is(Kind::kList) || value.is(Kind::kTuple);
}

// The code point at an index that exists.
Value CharacterAt(const Value& value, int64_t index) {
  if (value.object<StringObject>().ascii) return Value::String(value.text().substr(static_cast<size_t>(index), 1), value.markup());
  const std::string& text = value.text();
  size_t pos = 0;
  for (; index > 0; --index) DecodeUtf8(text, pos);
  const size_t start = pos;
  DecodeUtf8(text, pos);
  return Value::String(text.substr(start, pos - start), value.markup());
}

// object[key] where Python gives an item; nothing where it raises an error.
absl::StatusOr<std::optional<Value>> TryItem(Budget& budget, const Value& object, const Value& key) {
  std::optional<Value> none;
  switch (object.kind()) {
    case Kind::kDict: {
      if (!CheckHashable(key).ok()) return none;
      if (const Value* found = object.dict().Find(key)) return std::optional<Value>(*found);
      return none;
    }
    case Kind::kString:
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kRange: {
      if (!key.is_integer()) return none;
      HONE_ASSIGN_OR_RETURN(const int64_t size, Length(object));
      int64_t index = key.integer();
      if (index < 0 && index >= -size) index += size;
      if (index < 0 || index >= size) return none;
      if (object.is(Kind::kRange)) {
        const auto& range = object.object<RangeObject>();
        return std::optional<Value>(Value::Int(range.start + index * range.step));
      }
      if (!object.is(Kind::kString)) return std::optional<Value>(object.items()[static_cast<size_t>(index)]);
      if (!object.object<StringObject>().ascii) HONE_RETURN_IF_ERROR(budget.Steps(index / 16));
      return std::optional<Value>(CharacterAt(object, index));
    }
    default:
      return none;
  }
}

}  // namespace

absl::StatusOr<Value> Binary(Budget& budget, std::string_view op, const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return IntegerArithmetic(op, a.integer(), b.integer());
  if (a.is_number() && b.is_number()) return FloatArithmetic(op, a.number(), b.number());
  if (op == "+") {
    if (a.is(Kind::kString) && b.is(Kind::kString)) return AddStrings(budget, a, b);
    if (a.kind() == b.kind() && (a.is(Kind::kList) || a.is(Kind::kTuple))) {
      HONE_RETURN_IF_ERROR(budget.Items(a.items().size() + b.items().size()));
      std::vector<Value> items = a.items();
      items.insert(items.end(), b.items().begin(), b.items().end());
      return a.is(Kind::kList) ? Value::List(std::move(items)) : Value::Tuple(std::move(items));
    }
  }
  if (op == "*" && IsSequence(a) && b.is_integer()) return Repeat(budget, a, b.integer());
  if (op == "*" && a.is_integer() && IsSequence(b)) return Repeat(budget, b, a.integer());
  if (op == "%" && a.is(Kind::kString)) {
    HONE_ASSIGN_OR_RETURN(std::string text, FormatPercent(budget, a.text(), b));
    return Value::String(std::move(text), a.markup());
  }
  return Unsupported(op, a, b);
}

absl::StatusOr<Value> Negate(const Value& value) {
  if (value.is(Kind::kFloat)) return Value::Float(-value.number());
  if (value.is_integer()) return IntegerArithmetic("-", 0, value.integer());
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  return absl::InvalidArgumentError(fmt::format("bad operand type for unary -: '{}'", TypeName(value)));
}

absl::StatusOr<bool> Compare(Budget& budget, std::string_view op, const Value& a, const Value& b) {
  if (op == "==") return Equal(budget, a, b);
  if (op == "!=") {
    HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, a, b));
    return !same;
  }
  if (op == "<") return Less(budget, a, b);
  if (op == ">") return Less(budget, b, a);
  if (op == "in") return Contains(budget, b, a);
  if (op == "not in") {
    HONE_ASSIGN_OR_RETURN(const bool found, Contains(budget, b, a));
    return !found;
  }
  HONE_ASSIGN_OR_RETURN(const bool less, op == "<=" ? Less(budget, a, b) : Less(budget, b, a));
  if (less) return true;
  return Equal(budget, a, b);
}

absl::StatusOr<bool> Contains(Budget& budget, const Value& container, const Value& item) {
  if (container.is(Kind::kString)) {
    if (!item.is(Kind::kString)) {
      return absl::InvalidArgumentError(fmt::format("'in <string>' requires string as left operand, not {}", TypeName(item)));
    }
    HONE_RETURN_IF_ERROR(budget.Steps(static_cast<int64_t>(container.text().size() / 64)));
    return container.text().find(item.text()) != std::string::npos;
  }
  if (container.is(Kind::kDict)) {
    HONE_RETURN_IF_ERROR(CheckHashable(item));
    return container.dict().Find(item) != nullptr;
  }
  if (container.is(Kind::kList) || container.is(Kind::kTuple) || container.is(Kind::kView)) {
    for (const Value& other : container.items()) {
      HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, other, item));
      if (same) return true;
    }
    return false;
  }
  if (container.is(Kind::kRange) || container.is(Kind::kGenerator) || container.is(Kind::kUndefined)) {
    HONE_ASSIGN_OR_RETURN(const std::vector<Value> items, Iterate(budget, container));
    for (const Value& other : items) {
      HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, other, item));
      if (same) return true;
    }
    return false;
  }
  return absl::InvalidArgumentError(fmt::format("argument of type '{}' is not iterable", TypeName(container)));
}

absl::StatusOr<Value> GetAttribute(Budget& budget, const Value& object, std::string_view name) {
  if (object.is(Kind::kUndefined)) return UndefinedError(object);
  if (std::optional<Value> attribute = FindAttribute(object, name)) return *std::move(attribute);
  HONE_ASSIGN_OR_RETURN(std::optional<Value> item, TryItem(budget, object, Value::String(name)));
  if (item) return *std::move(item);
  return Value::Undefined(fmt::format("'{} object' has no attribute '{}'", TypeName(object), name));
}

absl::StatusOr<Value> GetItem(Budget& budget, const Value& object, const Value& key) {
  if (object.is(Kind::kUndefined)) return UndefinedError(object);
  HONE_ASSIGN_OR_RETURN(std::optional<Value> item, TryItem(budget, object, key));
  if (item) return *std::move(item);
  if (key.is(Kind::kString)) {
    if (std::optional<Value> attribute = FindAttribute(object, key.text())) return *std::move(attribute);
    return Value::Undefined(fmt::format("'{} object' has no attribute '{}'", TypeName(object), key.text()));
  }
  if (key.is(Kind::kInt)) return Value::Undefined(fmt::format("'{} object' has no element {}", TypeName(object), key.integer()));
  return Value::Undefined(fmt::format("'{} object' has no such element", TypeName(object)));
}

absl::StatusOr<Value> GetSlice(Budget& budget, const Value& object, const Value& start, const Value& stop, const Value& step) {
  if (object.is(Kind::kUndefined)) return UndefinedError(object);
  if (!IsSequence(object) && !object.is(Kind::kRange)) {
    return absl::InvalidArgumentError(fmt::format("'{}' object cannot be sliced", TypeName(object)));
  }
  const Value* const parts[] = {&start, &stop, &step};
  for (const Value* part : parts) {
    if (!part->is_integer() && !part->is(Kind::kNone) && !part->is(Kind::kMissing)) {
      return absl::InvalidArgumentError(fmt::format("slice indices must be integers or none, not {}", TypeName(*part)));
    }
  }
  HONE_ASSIGN_OR_RETURN(const int64_t size, Length(object));
  int64_t stride = step.is_integer() ? step.integer() : 1;
  if (stride == 0) return absl::InvalidArgumentError("slice step cannot be zero");
  stride = std::max(-std::numeric_limits<int64_t>::max(), stride);
  const auto clamp = [&](const Value& part, int64_t fallback) {
    if (!part.is_integer()) return fallback;
    int64_t index = part.integer();
    if (index < 0) index = index < -size ? -1 : index + size;
    if (index < 0) return stride < 0 ? int64_t{-1} : int64_t{0};
    return std::min(index, stride < 0 ? size - 1 : size);
  };
  const int64_t first = clamp(start, stride < 0 ? size - 1 : 0);
  const int64_t end = clamp(stop, stride < 0 ? -1 : size);
  if (object.is(Kind::kRange)) {
    auto range = std::make_shared<RangeObject>();
    const auto& whole = object.object<RangeObject>();
    range->start = whole.start + first * whole.step;
    range->stop = whole.start + end * whole.step;
    if (__builtin_mul_overflow(whole.step, stride, &range->step)) return Overflow();
    return Value::Of(Kind::kRange, std::move(range));
  }
  if (stride > 0 ? first >= end : first <= end) {
    if (object.is(Kind::kString)) return Value::String("", object.markup());
    return object.is(Kind::kList) ? Value::List({}) : Value::Tuple({});
  }
  const int64_t count = stride > 0 ? (end - first - 1) / stride + 1 : (first - end - 1) / -stride + 1;
  if (object.is(Kind::kString)) {
    const std::string& text = object.text();
    HONE_RETURN_IF_ERROR(budget.Text(text.size()));
    HONE_RETURN_IF_ERROR(budget.Steps(static_cast<int64_t>(text.size() / 16)));
    const bool ascii = object.object<StringObject>().ascii;
    if (ascii && stride == 1) return Value::String(text.substr(static_cast<size_t>(first), static_cast<size_t>(count)), object.markup());
    const auto characters = SplitCodePoints(text);
    std::string out;
    for (int64_t i = 0, at = first; i < count; ++i, at += stride) out += characters[static_cast<size_t>(at)];
    return Value::String(std::move(out), object.markup());
  }
  HONE_RETURN_IF_ERROR(budget.Items(static_cast<size_t>(count)));
  std::vector<Value> items;
  items.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) items.push_back(object.items()[static_cast<size_t>(first + i * stride)]);
  return object.is(Kind::kList) ? Value::List(std::move(items)) : Value::Tuple(std::move(items));
}

}  // namespace hone::jinja
