#include "learner/verify_metrics.h"

#include <algorithm>

namespace hone {

void AddVerifyMetrics(const std::vector<CompletedGroup>& groups, double rollout_seconds, std::map<std::string, double>* metrics) {
  int64_t verdicts = 0, cached = 0, retries = 0, infra_errors = 0;
  double wait_ms = 0, wall_ms = 0;
  for (const CompletedGroup& group : groups) {
    for (const Trajectory& trajectory : group.trajectories) {
      for (const VerdictRecord& verdict : trajectory.verdicts) {
        ++verdicts;
        cached += verdict.cached;
        retries += std::max(0, verdict.attempts - 1);
        infra_errors += verdict.outcome == OutcomeKind::kInfraError;
        wait_ms += verdict.queue_ms;
        wall_ms += verdict.wall_ms;
      }
    }
  }
  const double all = static_cast<double>(std::max<int64_t>(1, verdicts)),
               called = static_cast<double>(std::max<int64_t>(1, verdicts - cached));
  (*metrics)["verify/wait_ms"] = wait_ms / all;
  (*metrics)["verify/wall_ms"] = wall_ms / called;
  (*metrics)["verify/cached"] = static_cast<double>(cached) / all;
  (*metrics)["verify/retries"] = static_cast<double>(retries);
  (*metrics)["verify/infra_errors"] = static_cast<double>(infra_errors);
  // Little's law: requests that wait at a time = arrivals per second x seconds each waits.
  (*metrics)["verify/queue_depth"] = rollout_seconds > 0 ? wait_ms / 1000 / rollout_seconds : 0;
}

}  // namespace hone
