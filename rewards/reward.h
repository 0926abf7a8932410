#pragma once
// Verdicts -> named parts -> reward. Pure functions: they know scores, and do no I/O.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "lib/rollout/trajectory.h"
#include "rewards/composition.h"

namespace hone {

// One verifier's place in the reward.
struct RewardTerm {
  std::string label;           // VerdictRecord::label
  double weight = 1;           // 0: a metric only
  bool optional = false;       // a failure of ours in it drops the term instead of the sample
  std::optional<double> gate;  // the whole sum counts only when the score is at least this
};

// reward = (all gates pass ? sum of weight * score : 0). A term that is dropped neither adds nor closes its gate.
// With a composition the reward is its result instead: then only labels of `terms` count, and a failure of ours masks the sample only where
// the result needs that verdict.
struct RewardConfig {
  std::vector<RewardTerm> terms;
  // When terms are dropped (NotApplicable, or optional and failed), the rest is scaled up by the share of the weights |w| they had.
  bool renormalise = false;
  std::optional<Composition> composition;
};

// InvalidArgument for no terms, an empty or repeated label, a weight or gate that is not finite, or weights that are all 0.
absl::Status Validate(const RewardConfig& config);

enum class RewardStatus : uint8_t {
  kScored,
  kUnscorable,   // our side failed, or no term applied: the sample is masked, never a reward of 0
  kQuarantined,  // the task is broken: its whole group is left out
};

struct Reward {
  RewardStatus status = RewardStatus::kUnscorable;
  double value = 0;  // only with kScored
  // Metrics: "label" with the score and "label/part" with each part, of every verdict that is a score; then the named terms.
  std::vector<ScorePart> parts;
  std::string reason;  // why it is not kScored
};

// The reward of one completion from all its verdicts, in any order. A term without a verdict, or with two, is a failure of ours. Verdicts
// whose label is in no term are metrics. A TaskError in any term, optional or not, quarantines.
Reward ComposeReward(const RewardConfig& config, std::span<const VerdictRecord> verdicts);

// The rewards of one group, sample by sample.
struct GroupRewards {
  std::vector<Reward> samples;
  bool quarantined = false;  // a sample has found the task broken; then no sample is scorable
  std::string reason;        // of the quarantine
  int64_t num_scored = 0;
};
GroupRewards ComposeGroup(const RewardConfig& config, std::span<const std::vector<VerdictRecord>> verdicts);

}  // namespace hone
