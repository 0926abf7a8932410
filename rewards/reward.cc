#include "rewards/reward.h"

#include <cmath>
#include <iterator>

#include "fmt/format.h"
#include "rewards/second_checker.h"

namespace hone {

absl::Status Validate(const RewardConfig& config) {
  if (config.terms.empty()) return absl::InvalidArgumentError("the reward has no terms; name at least one verifier");
  bool counts = false;
  for (size_t i = 0; i < config.terms.size(); ++i) {
    const RewardTerm& term = config.terms[i];
    if (term.label.empty()) return absl::InvalidArgumentError(fmt::format("reward term {} has no label", i));
    for (size_t j = 0; j < i; ++j) {
      if (config.terms[j].label == term.label)
        return absl::InvalidArgumentError(fmt::format("reward term \"{}\" is given twice", term.label));
    }
    if (!std::isfinite(term.weight))
      return absl::InvalidArgumentError(fmt::format("reward term \"{}\": weight {} is not finite", term.label, term.weight));
    if (term.gate.has_value() && !std::isfinite(*term.gate)) {
      return absl::InvalidArgumentError(fmt::format("reward term \"{}\": gate {} is not finite", term.label, *term.gate));
    }
    counts = counts || term.weight != 0;
  }
  if (!counts) return absl::InvalidArgumentError("every reward term has weight 0: nothing can be learned; give one a weight");
  return absl::OkStatus();
}

namespace {
constexpr const char* kNothingApplies = "no term of the reward applies";

Reward NotScored(Reward reward, RewardStatus status, std::string reason) {
  reward.status = status;
  reward.value = 0;
  reward.reason = std::move(reason);
  return reward;
}

Reward Scored(Reward reward, double value) {
  reward.status = RewardStatus::kScored;
  reward.value = value;
  return reward;
}

Reward ByTerms(const Composition& composition, std::span<const VerdictRecord> verdicts, Reward reward) {
  Composition::Result result = composition.Evaluate(verdicts);
  std::move(result.terms.begin(), result.terms.end(), std::back_inserter(reward.parts));
  switch (result.value.kind) {
    case TermValue::Kind::kNumber:
      return Scored(std::move(reward), result.value.number);
    case TermValue::Kind::kNotApplicable:
      return NotScored(std::move(reward), RewardStatus::kUnscorable, kNothingApplies);
    case TermValue::Kind::kFailed:
      break;
  }
  return NotScored(std::move(reward), RewardStatus::kUnscorable, std::move(result.value.reason));
}

Reward ByWeights(const RewardConfig& config, std::span<const VerdictRecord> verdicts, Reward reward) {
  double sum = 0, weight_all = 0, weight_used = 0;
  bool open = true;
  int num_used = 0;
  for (const RewardTerm& term : config.terms) {
    weight_all += std::abs(term.weight);
    std::string why;
    const VerdictRecord* found = FindVerdict(verdicts, term.label, &why);
    if (found != nullptr && found->outcome == OutcomeKind::kNotApplicable) continue;
    if (found == nullptr || found->outcome != OutcomeKind::kScore || !std::isfinite(found->score)) {
      if (term.optional) continue;
      if (found != nullptr) why = found->outcome == OutcomeKind::kScore ? "the score is not finite" : found->reason;
      return NotScored(std::move(reward), RewardStatus::kUnscorable, fmt::format("{}: {}", term.label, why));
    }
    if (term.weight != 0 || term.gate.has_value()) ++num_used;
    if (term.gate.has_value() && found->score < *term.gate) open = false;
    weight_used += std::abs(term.weight);
    sum += term.weight * found->score;
  }
  if (num_used == 0) return NotScored(std::move(reward), RewardStatus::kUnscorable, kNothingApplies);
  if (config.renormalise && weight_used > 0 && weight_used != weight_all) sum *= weight_all / weight_used;
  if (!std::isfinite(sum)) return NotScored(std::move(reward), RewardStatus::kUnscorable, "the sum of the terms is not finite");
  return Scored(std::move(reward), open ? sum : 0);
}

}  // namespace

Reward ComposeReward(const RewardConfig& config, std::span<const VerdictRecord> verdicts) {
  Reward reward;
  for (const VerdictRecord& verdict : verdicts) {
    if (verdict.outcome != OutcomeKind::kScore || IsSecondLabel(verdict.label)) continue;
    reward.parts.push_back({verdict.label, verdict.score});
    for (const ScorePart& part : verdict.parts) reward.parts.push_back({verdict.label + "/" + part.name, part.value});
  }

  // A broken task goes before everything else, whichever term finds it.
  for (const RewardTerm& term : config.terms) {
    for (const VerdictRecord& verdict : verdicts) {
      if (verdict.label == term.label && verdict.outcome == OutcomeKind::kTaskError) {
        return NotScored(std::move(reward), RewardStatus::kQuarantined, fmt::format("{}: {}", term.label, verdict.reason));
      }
    }
  }

  return config.composition.has_value() ? ByTerms(*config.composition, verdicts, std::move(reward))
                                        : ByWeights(config, verdicts, std::move(reward));
}

GroupRewards ComposeGroup(const RewardConfig& config, std::span<const std::vector<VerdictRecord>> verdicts) {
  GroupRewards group;
  for (const std::vector<VerdictRecord>& of_sample : verdicts) {
    group.samples.push_back(ComposeReward(config, of_sample));
    const Reward& reward = group.samples.back();
    if (reward.status == RewardStatus::kScored) ++group.num_scored;
    if (reward.status == RewardStatus::kQuarantined && !group.quarantined) {
      group.quarantined = true;
      group.reason = reward.reason;
    }
  }
  if (group.quarantined) {
    group.num_scored = 0;
    for (Reward& reward : group.samples) {
      if (reward.status == RewardStatus::kScored) reward = NotScored(std::move(reward), RewardStatus::kQuarantined, group.reason);
    }
  }
  return group;
}

}  // namespace hone
