#pragma once

#include <memory>
#include <string_view>

#include "lib/data/generators/interface.h"

namespace hone {

// Which of two decimals is larger, as in 9.11 against 9.9; the answer is the larger one as it is written. The two always differ, share
// their whole part as often as `same_whole_percent` says, and the trap (the longer fraction is the smaller number) comes up by itself in
// pairs of different length.
//
// The pair, in either order, decides the split. Parameters: whole_max, digits_max, same_whole_percent, heldout_percent.
absl::StatusOr<std::unique_ptr<PromptSource>> CreateDecimals(std::string_view params_json, const GeneratorOptions& options);

}  // namespace hone
