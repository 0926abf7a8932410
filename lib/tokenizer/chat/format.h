#pragma once

#include <string>
#include <string_view>

#include "lib/tokenizer/chat/arguments.h"

namespace hone::jinja {

// Python's `format % values`: %s %r %d %i %u %f %F %e %E %g %G %x %X %o %c %%, with flags, width, precision and (name).
absl::StatusOr<std::string> FormatPercent(Budget& budget, std::string_view format, const Value& values);

// Python's format.format(*positional, **named): {} {0} {name} {name.attribute} {name[key]}, !s, !r and format specifications for strings
// and numbers.
absl::StatusOr<std::string> FormatBraces(Budget& budget, std::string_view format, const Arguments& arguments);

// What the filter and the C API of Python's json.dumps write.
struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  bool multi_line = false;
  std::string indent;
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
// Errors: InvalidArgument for values that JSON does not have (undefined, namespaces, generators, ...).
absl::Status AppendJson(Budget& budget, const Value& value, const JsonStyle& style, std::string& out, int depth = 0);

}  // namespace hone::jinja
