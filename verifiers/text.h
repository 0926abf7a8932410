#pragma once

#include <string_view>

namespace hone {

// Without ASCII white space at both ends.
inline std::string_view TrimSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// The place of the brace that closes the one before `begin`, at most `reach` bytes behind it; npos when it is not closed there. An escaped
// brace is none, as in LaTeX.
inline size_t ClosingBrace(std::string_view text, size_t begin, size_t reach = std::string_view::npos) {
  size_t depth = 1;
  for (size_t i = begin; i < text.size() && i - begin <= reach; ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace hone
