#include <cmath>
#include <cstdio>

#include "cli/commands.h"
#include "cli/engine_session.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "learner/recipe_config.h"
#include "lib/data/encode_prompt.h"
#include "nlohmann/json.hpp"
#include "verifiers/registry.h"

namespace hone {
namespace {

struct EvalOptions {
  ModelOptions model;
  std::string recipe;
  std::vector<std::string> overrides;
  int64_t prompts = 0;
  int32_t max_new_tokens = 0;
  int32_t samples = 0;
  double temperature = 1;
  int64_t max_batch = 64;
  int64_t kv_budget_mb = 1024;
};

struct Tally {
  double sum = 0, squares = 0, any = 0, tokens = 0;
  int64_t prompts = 0, samples = 0, unscored = 0;
};

// Generates `samples` completions of every prompt and scores them by the recipe's verifiers.
absl::StatusOr<Tally> Score(const EvalOptions& options, const Recipe& recipe, const ModelSession& session, const PromptSource& prompts,
                            int32_t samples, float temperature) {
  VerifierHost host;
  std::vector<std::pair<std::string, std::unique_ptr<CheckedVerifier>>> verifiers;
  for (const VerifierUse& use : recipe.verifiers) {
    HONE_ASSIGN_OR_RETURN(auto verifier, CreateVerifier(use.verifier, use.params, host));
    verifiers.emplace_back(use.name, std::move(verifier));
  }
  const RewardConfig reward = MakeRewardConfig(recipe);
  auto engine = MakeEngine(session, options.max_batch, options.kv_budget_mb, static_cast<uint64_t>(recipe.run.seed));
  SamplingSettings sampling = MakeSampling(recipe);
  sampling.temperature = temperature;
  sampling.top_k = 0;
  sampling.top_p = 1;
  sampling.min_p = 0;
  sampling.max_new_tokens = options.max_new_tokens > 0 ? options.max_new_tokens : static_cast<int32_t>(recipe.EvalMaxNewTokens());
  for (const int32_t id : session.files.stop_token_ids) sampling.stop_token_ids.push_back(id);
  const int64_t count = options.prompts > 0 ? options.prompts : std::max<int64_t>(recipe.eval.prompts, 1);
  std::vector<Prompt> tasks;
  std::vector<double> sums(count, 0), counts(count, 0), best(count, 0);
  Tally tally;
  tally.prompts = count;
  std::vector<int32_t> indices;
  for (int32_t s = 0; s < samples; ++s) indices.push_back(s);
  int64_t added = 0, done = 0;
  while (done < count * samples) {
    for (; added < count && engine->num_samples() < 2 * options.max_batch; ++added) {
      HONE_ASSIGN_OR_RETURN(tasks.emplace_back(), prompts.Get(added));
      HONE_ASSIGN_OR_RETURN(auto tokens, EncodePrompt(session.files, tasks.back(), recipe.model.chat));
      HONE_RETURN_IF_ERROR(engine->Add({.group = added, .prompt = std::move(tokens), .samples = indices, .sampling = sampling}));
    }
    HONE_ASSIGN_OR_RETURN(const auto completions, engine->Step());
    for (const Completion& completion : completions) {
      const Prompt& task = tasks[completion.group];
      std::vector<VerdictRecord> records;
      for (const auto& [label, verifier] : verifiers) {
        const VerifyRequest request{.prompt = task.text,
                                    .completion = completion.text,
                                    .reference = task.reference,
                                    .row = task.row,
                                    .num_tokens_completion = static_cast<int64_t>(completion.tokens.size()),
                                    .finish_reason = completion.finish_reason};
        records.push_back(ToRecord(label, verifier->Verify({&request, 1}).at(0)));
      }
      const Reward composed = ComposeReward(reward, records);
      ++done;
      if (composed.status != RewardStatus::kScored) {
        ++tally.unscored;
        continue;
      }
      ++tally.samples;
      tally.tokens += static_cast<double>(completion.tokens.size());
      sums[completion.group] += composed.value;
      counts[completion.group] += 1;
      best[completion.group] = std::max(best[completion.group], composed.value);
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    if (counts[i] == 0) continue;
    const double mean = sums[i] / counts[i];
    tally.sum += mean;
    tally.squares += mean * mean;
    tally.any += best[i];
  }
  return tally;
}

void Print(const char* kind, const Tally& tally, int32_t samples, int32_t budget) {
  const double n = static_cast<double>(std::max<int64_t>(1, tally.prompts)), p = tally.sum / n;
  const double half = n > 1 ? 1.96 * std::sqrt(std::max(0.0, tally.squares / n - p * p) / (n - 1)) : 0;
  std::printf("%s\n", nlohmann::ordered_json{{"kind", kind},
                                             {"score", p},
                                             {"low", p - half},
                                             {"high", p + half},
                                             {"prompts", tally.prompts},
                                             {"samples_per_prompt", samples},
                                             {"best_of_samples", tally.any / n},
                                             {"unscored", tally.unscored},
                                             {"max_new_tokens", budget},
                                             {"tokens_mean", tally.samples > 0 ? tally.tokens / static_cast<double>(tally.samples) : 0}}
                          .dump()
                          .c_str());
  std::fflush(stdout);
}

int Eval(const EvalOptions& options) {
  auto recipe = LoadRecipe(options.recipe, options.overrides);
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  if (recipe->eval.prompts == 0) recipe->eval.prompts = std::max<int64_t>(1, options.prompts);
  auto prompts = MakeEvalPrompts(*recipe);
  if (!prompts.ok()) return Report(prompts.status());
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  const int32_t budget = options.max_new_tokens > 0 ? options.max_new_tokens : static_cast<int32_t>(recipe->EvalMaxNewTokens());
  auto greedy = Score(options, *recipe, *session, **prompts, 1, 0);
  if (!greedy.ok()) return Report(greedy.status());
  Print("greedy", *greedy, 1, budget);
  if (options.samples > 0) {
    auto sampled = Score(options, *recipe, *session, **prompts, options.samples, static_cast<float>(options.temperature));
    if (!sampled.ok()) return Report(sampled.status());
    Print("sampled", *sampled, options.samples, budget);
  }
  return kDone;
}

}  // namespace

void AddEval(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("eval", "Greedy and sampled accuracy of a model on a recipe's held-out prompts, one JSON object a line");
  auto options = std::make_shared<EvalOptions>();
  AddModelOptions(*command, options->model);
  command->add_option("--recipe", options->recipe, "Recipe whose eval data, verifiers and reward are used")->required();
  command->add_option("--set", options->overrides, "Override a field of the recipe")->allow_extra_args(false);
  command->add_option("--prompts", options->prompts, "Prompts; 0: eval.prompts of the recipe")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--max-new-tokens", options->max_new_tokens, "Budget; 0: the recipe's")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--samples", options->samples, "Also this many samples a prompt at --temperature")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--temperature", options->temperature, "Of the samples")->check(CLI::Range(0.01, 100.0))->capture_default_str();
  command->add_option("--max-batch", options->max_batch, "Sequences decoded together")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--kv-budget-mb", options->kv_budget_mb, "Memory for the key/value cache")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([=, &exit_code] { exit_code = Eval(*options); });
}

}  // namespace hone
