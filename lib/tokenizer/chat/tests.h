#pragma once

#include <string_view>

#include "lib/tokenizer/chat/arguments.h"

namespace hone::jinja {

// A test: `value is name(arguments)`. Const and without state; may be called from any thread.
using TestFunction = absl::StatusOr<bool> (*)(Budget& budget, const Value& value, const Arguments& arguments);

// Null when there is no test of this name.
TestFunction FindTest(std::string_view name);

}  // namespace hone::jinja
