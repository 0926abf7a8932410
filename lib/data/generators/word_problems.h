#pragma once

#include <memory>
#include <string_view>

#include "lib/data/generators/interface.h"

namespace hone {

// One-step word problems from twenty templates (gain, loss, together, groups, shares, difference, ...): a name, an object and two small
// numbers, of which the answer is the sum, difference, product or quotient. Every prompt ends with "Answer with just the number.".
//
// The two numbers in the text, in either order, decide the split: a pair that is trained on never stands in a held-out problem, in no
// template. Parameters: operand_max, factor_max, heldout_percent, templates (names; all when empty). InvalidArgument when a split would
// have no pair for some template.
absl::StatusOr<std::unique_ptr<PromptSource>> CreateWordProblems(std::string_view params_json, const GeneratorOptions& options);

}  // namespace hone
