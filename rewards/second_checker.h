#pragma once
// A second verifier that judges a share of the samples (recipe: reward.second). Its verdicts stand beside the others under a label of their
// own; they are compared, and never enter a reward or break a task.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lib/config/recipe.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// The second checker as one more use of a verifier, labelled "second/LABEL"; nullopt when the recipe has none.
std::optional<VerifierUse> SecondUse(const Recipe& recipe);

// Labels of recipes have no '/', so this is never one of theirs.
bool IsSecondLabel(std::string_view label);

// Whether this sample is judged twice: the same for every actor, attempt and replay.
bool InSecondShare(double share, uint64_t run_seed, int64_t group, int32_t sample);

// How the two verdicts compare: nullopt when there is no second one or either is not a score; true when the scores differ by half or more.
std::optional<bool> SecondDisagrees(const SecondChecker& second, std::span<const VerdictRecord> verdicts);

}  // namespace hone
