#include "lib/rollout/trajectory.h"

namespace hone {

const char* Name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kAborted:
      return "aborted";
  }
  return "unknown";
}

const char* Name(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kScore:
      return "score";
    case OutcomeKind::kNotApplicable:
      return "not_applicable";
    case OutcomeKind::kTaskError:
      return "task_error";
    case OutcomeKind::kInfraError:
      return "infra_error";
  }
  return "unknown";
}

}  // namespace hone
