#include "lib/tokenizer/chat/arguments.h"

namespace hone::jinja {

absl::StatusOr<std::vector<Value>> BindArguments(std::string_view callee, const Arguments& arguments,
                                                 std::initializer_list<std::string_view> names, size_t required) {
  std::vector<Value> bound(names.size());
  if (arguments.positional.size() > names.size()) {
    return absl::InvalidArgumentError(
        fmt::format("{}() takes at most {} arguments, {} were given", callee, names.size(), arguments.positional.size()));
  }
  for (size_t i = 0; i < arguments.positional.size(); ++i) bound[i] = arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    size_t i = 0;
    while (i < names.size() && *(names.begin() + i) != name) ++i;
    if (i == names.size()) return absl::InvalidArgumentError(fmt::format("{}() has no argument named '{}'", callee, name));
    if (!bound[i].is(Kind::kMissing)) return absl::InvalidArgumentError(fmt::format("{}() got the argument '{}' twice", callee, name));
    bound[i] = value;
  }
  for (size_t i = 0; i < required; ++i) {
    if (bound[i].is(Kind::kMissing))
      return absl::InvalidArgumentError(fmt::format("{}() needs the argument '{}'", callee, *(names.begin() + i)));
  }
  return bound;
}

absl::StatusOr<int64_t> IntArgument(std::string_view callee, const Value& value, int64_t fallback) {
  if (value.is(Kind::kMissing)) return fallback;
  if (value.is_integer()) return value.integer();
  return absl::InvalidArgumentError(fmt::format("{}() needs an integer, not {}", callee, TypeName(value)));
}

}  // namespace hone::jinja
