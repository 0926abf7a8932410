#pragma once

#include <string_view>

#include "lib/tokenizer/chat/value.h"

namespace hone::jinja {

// a op b for + - * / // % **. Errors: InvalidArgument for types that do not go together, division by zero, an undefined operand and an
// integer that leaves 64 bits.
absl::StatusOr<Value> Binary(Budget& budget, std::string_view op, const Value& a, const Value& b);
absl::StatusOr<Value> Negate(const Value& value);

// a op b for == != < <= > >= in, not in.
absl::StatusOr<bool> Compare(Budget& budget, std::string_view op, const Value& a, const Value& b);
absl::StatusOr<bool> Contains(Budget& budget, const Value& container, const Value& item);

// object.name: the attribute or method of that name, else the item, else undefined. object[key]: the other way round.
// Errors: InvalidArgument when the object is undefined.
absl::StatusOr<Value> GetAttribute(Budget& budget, const Value& object, std::string_view name);
absl::StatusOr<Value> GetItem(Budget& budget, const Value& object, const Value& key);
// object[start:stop:step]; absent parts are missing or none.
absl::StatusOr<Value> GetSlice(Budget& budget, const Value& object, const Value& start, const Value& stop, const Value& step);

}  // namespace hone::jinja
