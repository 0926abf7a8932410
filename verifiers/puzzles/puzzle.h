#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// The verifier `puzzle`: 1 for a right answer to a puzzle of verifiers/puzzles, else 0. Where several answers are right (a path, a
// colouring, an expression), each of them counts.
//
// The row says which puzzle it is: {"family": .., "level": .., "data": {..}} as the source "puzzles" writes it; the reference is the gold
// answer. The final answer of the completion is found as ExtractAnswer says, and only the whole of it counts.
//
// Parameters: require_stop. Parts: answered. Reasons: correct, wrong, no_answer, truncated; bad_row (a TaskError: the row is missing or no
// puzzle, its family is unknown, its data or the reference cannot be).
absl::StatusOr<std::unique_ptr<Verifier>> CreatePuzzle(std::string_view params_json);

}  // namespace hone
