#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "lib/tokenizer/chat/ast.h"

namespace hone::jinja {

// Parses a template by recursive descent and works out the names of its scopes (scopes.h).
//
// Tags: for, if, set, macro, call, filter, with, print, block (rendered in place), raw, break, continue, generation.
// Errors: InvalidArgument "line N: ..." for a template that is not well formed, that nests deeper than kMaxDepth, or that uses a tag for
//   several files (extends, include, import, from). A filter or test that does not exist is an error here, except inside `if` and `x if y`,
//   where it is one only when it is reached.
absl::StatusOr<std::shared_ptr<const Template>> ParseTemplate(std::string_view source);

}  // namespace hone::jinja
