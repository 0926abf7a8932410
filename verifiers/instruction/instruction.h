#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Judges whether the completion follows the instructions that its row lists: the 25 constraints of IFEval (arXiv:2311.07911), the 58 of
// IFBench and the 29 that its authors train on (arXiv:2507.02833), by the rules of the published checkers. The row has
// `instruction_id_list` and `kwargs`.
//
// Score: the share of instructions followed in the strict sense. Parts: strict and loose (shares), strict_all and loose_all (1 when every
// instruction is followed). Evidence: a JSON list with id, strict, loose and reason of each instruction. A row that is none, an unknown
// constraint and missing or bad parameters are TaskErrors. README.md beside this file says what each constraint demands.
// Parameters: none. Reasons: followed, partly_followed, not_followed, bad_row, budget.
absl::StatusOr<std::unique_ptr<Verifier>> CreateInstruction(std::string_view params_json);

}  // namespace hone
