#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// 1 when the last number of the completion (or of the extracted answer) is the reference, else 0. Numbers are read and compared as
// verifiers/number.h says: exactly, by their digits, with thousands commas, signs, currency signs and fractions such as 3/4.
//
// The last number is meant: "3 + 4 = 7 apples" is 7, "7 apples in 2 bags" is 2. The reference must be one number and nothing else, or the
// task is a TaskError. For expressions use a mathematics checker.
// Parameters: percent_scales (7% is 0.07; else the sign is ignored), require_stop (a completion cut by the token limit scores 0, since its
// last number may be half a number). Parts: answered, 1 when there is a number at all.
// Reasons: correct, wrong, no_number, truncated, bad_reference.
absl::StatusOr<std::unique_ptr<Verifier>> CreateNumeric(std::string_view params_json);

}  // namespace hone
