#include "learner/batch.h"

#include <algorithm>
#include <cmath>

#include "learner/recipe_config.h"
#include "rewards/alarms.h"
#include "rewards/second_checker.h"

namespace hone {
namespace {

struct Summary {
  double mean = 0, std = 0;
};
Summary Summarise(const std::vector<double>& values) {
  Summary out;
  if (values.empty()) return out;
  for (const double value : values) out.mean += value;
  out.mean /= static_cast<double>(values.size());
  for (const double value : values) out.std += (value - out.mean) * (value - out.mean);
  out.std = values.size() > 1 ? std::sqrt(out.std / static_cast<double>(values.size() - 1)) : 0;
  return out;
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const size_t at = std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(at), values.end());
  return values[at];
}

int64_t VersionAt(const Trajectory& trajectory, int32_t token) {
  int64_t version = -1;
  for (const VersionSpan& span : trajectory.versions) {
    if (span.begin <= token) version = span.policy_version;
  }
  return version;
}

TrainSample MakeSample(const Recipe& recipe, const Trajectory& trajectory, int64_t policy_version) {
  TrainSample sample;
  sample.tokens = trajectory.tokens;
  sample.mask = trajectory.mask;
  sample.logprobs_rollout = trajectory.logprobs;
  for (size_t t = 0; t < trajectory.tokens.size(); ++t) {
    // A token is of this version when all it attends to is: later spans see older keys.
    sample.same_version.push_back(trajectory.versions.size() == 1 && VersionAt(trajectory, static_cast<int32_t>(t)) == policy_version);
    if (!std::isfinite(sample.logprobs_rollout[t])) {
      sample.mask[t] = 0;  // counted by the caller: a non-finite input is dropped, not trained on
      sample.logprobs_rollout[t] = 0;
    }
  }
  if (recipe.algorithm.mask_truncated && trajectory.finish_reason == FinishReason::kLength) {
    std::fill(sample.mask.begin(), sample.mask.end(), 0);
  }
  return sample;
}

}  // namespace

absl::StatusOr<PreparedBatch> PrepareBatch(const Recipe& recipe, const std::vector<CompletedGroup>& groups, int64_t policy_version) {
  const RewardConfig reward_config = MakeRewardConfig(recipe);
  const OverlongConfig overlong = MakeOverlongConfig(recipe);
  PreparedBatch batch;
  std::vector<int64_t> group_of, length_of;
  std::vector<double> rewards, raw_rewards, lengths, entropies, ages;
  std::vector<uint8_t> valid;
  std::map<std::string, std::vector<double>> parts;
  std::vector<AlarmSample> seen;
  int64_t truncated = 0, samples = 0, unscorable = 0, quarantined = 0, dropped_tokens = 0, abandoned = 0;
  double verify_ms = 0;

  for (const CompletedGroup& group : groups) {
    std::vector<std::vector<VerdictRecord>> verdicts;
    for (const Trajectory& trajectory : group.trajectories) verdicts.push_back(trajectory.verdicts);
    const GroupRewards composed = ComposeGroup(reward_config, verdicts);
    bool broken = composed.quarantined;
    for (const auto& records : verdicts) {
      for (const VerdictRecord& record : records) broken |= record.outcome == OutcomeKind::kTaskError && !IsSecondLabel(record.label);
    }
    abandoned += group.abandoned;
    ConsumedGroup consumed{group.work.group, group.work.prompt.id, GroupFate::kTrained};
    TrainGroup train{.group = group.work.group, .temperature = group.work.sampling.temperature};
    bool any_scored = false;
    for (size_t i = 0; i < group.trajectories.size(); ++i) {
      const Trajectory& trajectory = group.trajectories[i];
      const Reward& reward = composed.samples[i];
      ++samples;
      batch.num_tokens += static_cast<int64_t>(trajectory.tokens.size());
      lengths.push_back(static_cast<double>(trajectory.tokens.size()));
      truncated += trajectory.finish_reason == FinishReason::kLength;
      for (const float entropy : trajectory.entropies) entropies.push_back(entropy);
      if (!trajectory.versions.empty()) ages.push_back(static_cast<double>(policy_version - trajectory.versions.front().policy_version));
      verify_ms += trajectory.verify_ms;
      for (const ScorePart& part : reward.parts) parts[part.name].push_back(part.value);
      const bool scored = reward.status == RewardStatus::kScored && !trajectory.tokens.empty();
      seen.push_back({.group = group.work.group,
                      .scored = scored && !broken,
                      .reward = reward.value,
                      .num_tokens = static_cast<int64_t>(trajectory.tokens.size()),
                      .completion = trajectory.text,
                      .verdicts = trajectory.verdicts});
      if (broken) continue;
      unscorable += !scored;
      any_scored |= scored;
      double shaped = ApplyOverlong(overlong, reward.value, static_cast<int64_t>(trajectory.tokens.size()),
                                    trajectory.finish_reason == FinishReason::kLength);
      shaped = (shaped + recipe.reward.bias) * recipe.reward.scale;
      if (recipe.reward.clip.has_value()) shaped = std::clamp(shaped, -*recipe.reward.clip, *recipe.reward.clip);
      TrainSample sample = MakeSample(recipe, trajectory, policy_version);
      for (size_t t = 0; t < sample.mask.size(); ++t) dropped_tokens += sample.mask[t] != trajectory.mask[t];
      sample.valid = scored;
      const bool in_baseline = scored && !(recipe.algorithm.mask_truncated && !recipe.algorithm.mask_truncated_in_baseline &&
                                           trajectory.finish_reason == FinishReason::kLength);
      group_of.push_back(group.work.group);
      length_of.push_back(std::count(sample.mask.begin(), sample.mask.end(), uint8_t{1}));
      rewards.push_back(shaped);
      valid.push_back(in_baseline);
      if (scored) raw_rewards.push_back(reward.value);
      train.prompt = trajectory.prompt_tokens;
      train.samples.push_back(std::move(sample));
    }
    if (broken) {
      ++quarantined;
      consumed.fate = GroupFate::kQuarantined;
    } else if (!any_scored) {
      consumed.fate = GroupFate::kUnscorable;
    }
    // Samples of a group without a prompt (all of them failed before a token) have nothing to train on, but their rows are in the arrays.
    if (!broken) batch.groups.push_back(std::move(train));
    batch.consumed.push_back(std::move(consumed));
  }

  const AdvantageInput input{.group = group_of, .reward = rewards, .valid = valid, .length = length_of};
  HONE_ASSIGN_OR_RETURN(const Advantages advantages, ComputeAdvantages(MakeAdvantageConfig(recipe), input));
  size_t next = 0;
  double absolute = 0;
  for (TrainGroup& group : batch.groups) {
    for (TrainSample& sample : group.samples) {
      sample.advantage = advantages.value[next++];
      absolute += std::abs(sample.advantage);
    }
  }
  std::erase_if(batch.groups, [](const TrainGroup& group) { return group.prompt.empty(); });
  for (ConsumedGroup& consumed : batch.consumed) {
    if (consumed.fate != GroupFate::kTrained) continue;
    const auto group =
        std::find_if(batch.groups.begin(), batch.groups.end(), [&](const TrainGroup& g) { return g.group == consumed.group; });
    if (group == batch.groups.end()) continue;
    const bool flat = std::all_of(group->samples.begin(), group->samples.end(), [](const TrainSample& s) { return s.advantage == 0; });
    if (flat) consumed.fate = GroupFate::kZeroVariance;
  }

  auto& metrics = batch.metrics;
  const Summary reward = Summarise(raw_rewards), length = Summarise(lengths);
  metrics["reward/mean"] = reward.mean;
  metrics["reward/std"] = reward.std;
  for (const auto& [name, values] : parts) metrics["reward_parts/" + name] = Summarise(values).mean;
  metrics["advantage/abs_mean"] = rewards.empty() ? 0 : absolute / static_cast<double>(rewards.size());
  metrics["entropy/mean"] = Summarise(entropies).mean;
  metrics["completion_length/mean"] = length.mean;
  metrics["completion_length/p95"] = Percentile(lengths, 0.95);
  metrics["completion_length/truncated"] = samples > 0 ? static_cast<double>(truncated) / static_cast<double>(samples) : 0;
  metrics["groups/total"] = static_cast<double>(groups.size());
  metrics["groups/zero_variance"] = static_cast<double>(advantages.num_zero_variance_groups);
  metrics["groups/singleton"] = static_cast<double>(advantages.num_singletons);
  metrics["groups/quarantined"] = static_cast<double>(quarantined);
  metrics["samples/total"] = static_cast<double>(samples);
  metrics["samples/unscorable"] = static_cast<double>(unscorable);
  metrics["samples/abandoned"] = static_cast<double>(abandoned);
  metrics["tokens/completion"] = static_cast<double>(batch.num_tokens);
  metrics["tokens/dropped"] = static_cast<double>(dropped_tokens);
  metrics["staleness/mean"] = Summarise(ages).mean;
  metrics["staleness/max"] = ages.empty() ? 0 : *std::max_element(ages.begin(), ages.end());
  metrics["seconds/verify"] = verify_ms / 1000;
  metrics.merge(ReadSigns(recipe.reward, seen));
  return batch;
}

}  // namespace hone
