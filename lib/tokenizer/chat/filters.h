#pragma once

#include <string_view>

#include "lib/tokenizer/chat/arguments.h"

namespace hone::jinja {

// A filter: `value | name(arguments)`. Const and without state; may be called from any thread.
using FilterFunction = absl::StatusOr<Value> (*)(Budget& budget, const Value& value, const Arguments& arguments);

// Null when there is no filter of this name.
FilterFunction FindFilter(std::string_view name);

// The filters of strings and numbers, which FindFilter also searches.
FilterFunction FindTextFilter(std::string_view name);

}  // namespace hone::jinja
