#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone::jinja {

enum class TokenKind : uint8_t {
  kData,           // text between tags, white space control applied
  kVariableBegin,  // {{
  kVariableEnd,
  kBlockBegin,  // {%
  kBlockEnd,
  kName,
  kString,  // text: the value, escapes resolved
  kInteger,
  kFloat,
  kOperator,  // text: its spelling
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  int line = 1;
  std::string text;
  int64_t integer = 0;
  double number = 0;
};

// Cuts a template into tokens, with trim_blocks and lstrip_blocks on and the last line break of the template dropped. Comments and raw
// blocks are resolved here.
//
// Errors: InvalidArgument "line N: ..." for what no template may hold (an open comment, string or raw block, brackets that do not match,
//   a character that starts no token).
// Source: the white space rules of Jinja's template designer documentation.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view source);

}  // namespace hone::jinja
