#pragma once

#include <memory>
#include <string_view>

#include "lib/data/generators/interface.h"

namespace hone {

// Puzzles of several families as prompts without end: the recipe's data.source "puzzles". The row of a prompt is what the verifier
// `puzzle` reads.
//
// Parameters: families (names; all when empty), level and level_max (a level is drawn between the two), schedule (instead of them: a list
// of "FROM:LEVEL" or "FROM:LEVEL-LEVEL", the level from task FROM on, as in ["0:1", "2000:1-2", "6000:3"]), heldout_percent.
//
// A schedule is for training: held-out tasks are drawn from all the levels that it ever reaches, so that an evaluation means the same
// before, during and after. The puzzle itself (its numbers, its grid) decides the split, whatever its level.
absl::StatusOr<std::unique_ptr<PromptSource>> CreatePuzzles(std::string_view params_json, const GeneratorOptions& options);

}  // namespace hone
