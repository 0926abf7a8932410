#pragma once

#include <string>
#include <string_view>

namespace hone::math {

// Rewrites the Unicode spellings of mathematics in `text` as ASCII and LaTeX macros: minus signs, full-width forms, super- and subscripts,
// vulgar fractions, roots, Greek letters, relations, set signs, degree and prime signs, spaces. Invisible characters are dropped; other
// letters stay as they are (a Cyrillic letter is not the Latin one it looks like).
//
// Returns false for invalid UTF-8, control characters (NUL too) and bidirectional overrides: such a text is no answer. Linear; the result
// is at most 16 times as long.
bool Fold(std::string_view text, std::string* folded);

}  // namespace hone::math
