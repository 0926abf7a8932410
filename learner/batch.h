#pragma once

#include <map>
#include <string>
#include <vector>

#include "learner/intake/intake.h"
#include "learner/policy_update.h"
#include "lib/config/recipe.h"
#include "lib/ledger/run_ledger.h"

namespace hone {

// A rollout batch on its way into the update: rewards composed, advantages computed over the whole batch.
struct PreparedBatch {
  std::vector<TrainGroup> groups;         // without quarantined ones
  std::vector<ConsumedGroup> consumed;    // all of them, with their fate
  std::map<std::string, double> metrics;  // "reward/mean", "completion_length/mean", ...
  int64_t num_tokens = 0;                 // completion tokens of all samples
};

// policy_version: the version about to be updated; tokens of it are checked for exact agreement.
// Errors: InvalidArgument from the advantage estimator (a recipe that does not fit its rewards).
absl::StatusOr<PreparedBatch> PrepareBatch(const Recipe& recipe, const std::vector<CompletedGroup>& groups, int64_t policy_version);

}  // namespace hone
