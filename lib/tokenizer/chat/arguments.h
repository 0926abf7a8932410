#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/tokenizer/chat/value.h"

namespace hone::jinja {

// The arguments of one call.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

// One value for each of `names`, missing where it was not given. `required`: how many of the first must be given.
// Errors: InvalidArgument for too many, unknown, repeated or absent arguments, with the name of the callee.
absl::StatusOr<std::vector<Value>> BindArguments(std::string_view callee, const Arguments& arguments,
                                                 std::initializer_list<std::string_view> names, size_t required = 0);

// A value as an int64 argument; `fallback` when it is missing. Errors: InvalidArgument for another type.
absl::StatusOr<int64_t> IntArgument(std::string_view callee, const Value& value, int64_t fallback);

}  // namespace hone::jinja
