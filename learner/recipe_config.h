#pragma once
// From the recipe's sections to the configuration structs of the parts that do the work.

#include <memory>

#include "learner/policy_update.h"
#include "lib/config/recipe.h"
#include "lib/data/prompt_source.h"
#include "lib/rollout/trajectory.h"
#include "rewards/advantage.h"
#include "rewards/overlong.h"
#include "rewards/reward.h"

namespace hone {

absl::StatusOr<PolicyUpdateConfig> MakePolicyUpdateConfig(const Recipe& recipe);
AdvantageConfig MakeAdvantageConfig(const Recipe& recipe);
RewardConfig MakeRewardConfig(const Recipe& recipe);
OverlongConfig MakeOverlongConfig(const Recipe& recipe);
// Settings of training rollouts.
SamplingSettings MakeSampling(const Recipe& recipe);

absl::StatusOr<std::unique_ptr<PromptSource>> MakeTrainPrompts(const Recipe& recipe);
// Null when the recipe evaluates on nothing (eval.prompts 0).
absl::StatusOr<std::unique_ptr<PromptSource>> MakeEvalPrompts(const Recipe& recipe);

// Learning rate of a step, 1-based: linear warm-up, then the recipe's schedule down to min_lr_ratio.
double LearningRate(const Recipe& recipe, int64_t step);

}  // namespace hone
