#pragma once

#include <map>
#include <string>
#include <vector>

#include "learner/intake/intake.h"

namespace hone {

// Adds what verification took and what became of it, from the verdict records of a batch: verify/... of docs/metrics.md.
// rollout_seconds: how long the batch was generated and verified.
void AddVerifyMetrics(const std::vector<CompletedGroup>& groups, double rollout_seconds, std::map<std::string, double>* metrics);

}  // namespace hone
