#include "learner/recipe_config.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "lib/data/generators/registry.h"
#include "lib/data/jsonl_source.h"
#include "verifiers/puzzles/source.h"

namespace hone {
namespace {

absl::StatusOr<std::unique_ptr<PromptSource>> MakeSource(const DataSource& data, const Recipe& recipe, Split split, bool shuffle,
                                                         double heldout_fraction) {
  if (data.source != "jsonl") {
    const GeneratorOptions options{
        .seed = static_cast<uint64_t>(recipe.data.seed), .split = split, .chat = recipe.model.chat, .system = data.system};
    if (data.source == "puzzles") return CreatePuzzles(data.params, options);
    auto generator = CreateGenerator(data.source, data.params, options);
    if (!absl::IsNotFound(generator.status())) return generator;
    std::vector<std::string> names = KnownGenerators();
    names.insert(names.end(), {"jsonl", "puzzles"});
    std::sort(names.begin(), names.end());
    return absl::NotFoundError(fmt::format("unknown data source \"{}\"{}", data.source, DidYouMean(data.source, names)));
  }
  JsonlOptions options;
  options.path = data.path;
  options.prompt_field = data.fields.prompt;
  options.messages_field = data.fields.messages;
  options.reference_field = data.fields.reference;
  options.id_field = data.fields.id;
  options.reference_pattern = data.reference_pattern;
  options.reference_strip_commas = data.reference_strip_commas;
  options.prompt_template = data.prompt_template;
  options.system = data.system;
  options.chat = recipe.model.chat;
  options.heldout_fraction = heldout_fraction;
  options.split = split;
  options.shuffle = shuffle;
  options.seed = static_cast<uint64_t>(recipe.data.seed);
  HONE_ASSIGN_OR_RETURN(auto source, JsonlSource::Open(options));
  return std::unique_ptr<PromptSource>(std::move(source));
}

}  // namespace

absl::StatusOr<PolicyUpdateConfig> MakePolicyUpdateConfig(const Recipe& recipe) {
  const auto& algorithm = recipe.algorithm;
  PolicyUpdateConfig config;
  HONE_ASSIGN_OR_RETURN(config.loss.loss, ParsePolicyLoss(algorithm.loss.name));
  config.loss.behaviour_rollout = algorithm.loss.behaviour == "rollout";
  config.loss.eps_low = algorithm.loss.eps_low;
  config.loss.eps_high = algorithm.loss.eps_high;
  config.loss.dual_clip = algorithm.loss.dual_clip;
  config.loss.ratio_cap = algorithm.loss.ratio_cap;
  config.loss.is_weight_min = algorithm.loss.is_weight_min;
  config.loss.is_weight_max = algorithm.loss.is_weight_max;
  config.loss.log_ratio_clamp = algorithm.log_ratio_clamp;
  HONE_ASSIGN_OR_RETURN(config.kl.estimator, ParseKlEstimator(algorithm.kl.estimator));
  config.kl.log_clamp = algorithm.kl.log_clamp;
  config.kl.value_clamp = algorithm.kl.value_clamp;
  config.kl_coef = algorithm.kl.coef;
  HONE_ASSIGN_OR_RETURN(config.aggregation.mode, ParseAggregation(algorithm.aggregation.mode));
  config.aggregation.constant = algorithm.aggregation.constant.value_or(0);
  config.entropy_coef = algorithm.entropy.coef;
  config.micro_batch_tokens = recipe.learner.micro_batch_tokens;
  config.minibatches = static_cast<int>(recipe.learner.minibatches);
  config.epochs = static_cast<int>(recipe.learner.epochs);
  config.clip_norm = recipe.learner.clip_norm;
  config.adam.beta1 = static_cast<float>(recipe.learner.betas[0]);
  config.adam.beta2 = static_cast<float>(recipe.learner.betas[1]);
  config.adam.eps = static_cast<float>(recipe.learner.eps);
  config.adam.weight_decay = static_cast<float>(recipe.learner.weight_decay);
  return config;
}

AdvantageConfig MakeAdvantageConfig(const Recipe& recipe) {
  AdvantageConfig config;
  config.name = recipe.algorithm.advantage.name;
  config.ddof = static_cast<int>(recipe.algorithm.advantage.ddof);
  config.eps = recipe.algorithm.advantage.eps;
  config.singleton = recipe.algorithm.singleton;
  return config;
}

RewardConfig MakeRewardConfig(const Recipe& recipe) {
  RewardConfig config;
  for (const VerifierUse& use : recipe.verifiers) {
    config.terms.push_back({.label = use.name, .weight = use.weight, .optional = use.optional, .gate = use.gate});
  }
  config.renormalise = recipe.reward.renormalise;
  if (!recipe.reward.terms.empty()) config.composition.emplace(recipe.verifiers, recipe.reward);
  return config;
}

OverlongConfig MakeOverlongConfig(const Recipe& recipe) {
  return {.kind = recipe.algorithm.overlong.kind,
          .max_len = recipe.OverlongMaxLen(),
          .buffer = recipe.OverlongBuffer(),
          .factor = recipe.algorithm.overlong.factor};
}

SamplingSettings MakeSampling(const Recipe& recipe) {
  SamplingSettings sampling;
  sampling.temperature = static_cast<float>(recipe.sampling.temperature);
  sampling.top_k = static_cast<int32_t>(recipe.sampling.top_k);
  sampling.top_p = static_cast<float>(recipe.sampling.top_p);
  sampling.min_p = static_cast<float>(recipe.sampling.min_p);
  sampling.max_new_tokens = static_cast<int32_t>(recipe.rollout.max_new_tokens);
  for (const int64_t id : recipe.sampling.stop_token_ids) sampling.stop_token_ids.push_back(static_cast<int32_t>(id));
  sampling.stop = recipe.sampling.stop;
  sampling.ignore_eos = recipe.sampling.ignore_eos;
  return sampling;
}

absl::StatusOr<std::unique_ptr<PromptSource>> MakeTrainPrompts(const Recipe& recipe) {
  return MakeSource(recipe.data, recipe, Split::kTrain, recipe.data.shuffle, recipe.data.heldout_fraction);
}

absl::StatusOr<std::unique_ptr<PromptSource>> MakeEvalPrompts(const Recipe& recipe) {
  if (recipe.eval.prompts == 0) return std::unique_ptr<PromptSource>();
  // A data set of its own is taken whole and in its order; else the held-out half of the training data.
  const bool heldout = recipe.EvalUsesHeldoutSplit();
  return MakeSource(recipe.EvalData(), recipe, Split::kHeldout, /*shuffle=*/false, heldout ? recipe.data.heldout_fraction : 0);
}

double LearningRate(const Recipe& recipe, int64_t step) {
  const auto& learner = recipe.learner;
  if (step <= learner.warmup_steps) return learner.lr * static_cast<double>(step) / static_cast<double>(learner.warmup_steps);
  const double span = static_cast<double>(std::max<int64_t>(1, recipe.run.steps - learner.warmup_steps));
  const double progress = std::min(1.0, static_cast<double>(step - learner.warmup_steps) / span);
  double shape = 1;
  if (learner.schedule == "cosine") shape = 0.5 * (1 + std::cos(M_PI * progress));
  if (learner.schedule == "linear") shape = 1 - progress;
  return learner.lr * (learner.min_lr_ratio + (1 - learner.min_lr_ratio) * shape);
}

}  // namespace hone
