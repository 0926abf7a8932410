#pragma once
// What single words mean inside a formula.

#include <optional>
#include <string_view>

#include "verifiers/math/parser.h"

namespace hone::math {

std::optional<Function> FunctionNamed(std::string_view name);
bool IsGreek(std::string_view name);
// A word with a meaning of its own in a formula: a function, constant, Greek letter, "sqrt", differential.
bool IsMathWord(std::string_view word);
// Whether a run of letters without such a meaning is a product of its letters.
bool IsProduct(std::string_view word, const ParseOptions& options);

}  // namespace hone::math
