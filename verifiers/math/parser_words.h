#pragma once
// What single words mean inside a formula.

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "verifiers/math/parser.h"

namespace hone::math {

template <size_t n>
bool OneOf(std::string_view name, const std::string_view (&list)[n]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}
bool AllDigits(std::string_view text);

std::optional<Function> FunctionNamed(std::string_view name);
bool IsGreek(std::string_view name);
// A word with a meaning of its own in a formula: a function, constant, Greek letter, "sqrt", differential.
bool IsMathWord(std::string_view word);
// A run of the letters that are digits of a base above ten.
bool IsHexLetters(std::string_view text);
// Whether a run of letters without such a meaning is a product of its letters.
// `is_formula`: it stands among signs, not among words.
bool IsProduct(std::string_view word, const ParseOptions& options, bool is_formula);
// A run of two to four capitals: a segment, a triangle, an outcome.
bool IsRunOfCapitals(std::string_view word);
// The digits of a base as a subscript names it: "16", "(2)", "two"; empty for anything else.
std::string BaseOfScript(std::string_view script);

}  // namespace hone::math
