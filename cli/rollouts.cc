#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "fmt/format.h"
#include "learner/recipe_config.h"
#include "lib/base/file.h"
#include "lib/ledger/run_ledger.h"
#include "nlohmann/json.hpp"
#include "verifiers/pool/identity.h"

namespace hone {
namespace {

using nlohmann::ordered_json;

struct RolloutsOptions {
  std::string run_dir;
  int64_t from_group = 0;
  int64_t limit = 10;
};

constexpr uint64_t kMaxRecipeBytes = 1 << 20;

// Rewards as the learner composes them from verdicts, before the overlong penalty and reward.bias, scale and clip.
struct Rewards {
  std::vector<NamedTerm> terms;
  RewardConfig config;
};

absl::StatusOr<Rewards> ReadRewards(const RunPaths& paths) {
  HONE_ASSIGN_OR_RETURN(const std::string text, ReadFile(paths.recipe(), kMaxRecipeBytes));
  HONE_ASSIGN_OR_RETURN(const Recipe recipe, ParseRecipe(text, paths.recipe()));
  return Rewards{recipe.reward.terms, MakeRewardConfig(recipe)};
}

// The values of the named terms of one reward.
std::vector<ScorePart> Terms(const Rewards& rewards, const Reward& reward) {
  std::vector<ScorePart> terms;
  for (const ScorePart& part : reward.parts) {
    const auto is_term = [&](const NamedTerm& term) { return term.name == part.name; };
    if (std::any_of(rewards.terms.begin(), rewards.terms.end(), is_term)) terms.push_back(part);
  }
  return terms;
}

ordered_json ToJson(const Trajectory& t, const Rewards& rewards) {
  ordered_json verdicts = ordered_json::array();
  for (const VerdictRecord& v : t.verdicts) {
    ordered_json parts = ordered_json::object();
    for (const ScorePart& part : v.parts) parts[part.name] = part.value;
    ordered_json verdict = {{"label", v.label}, {"verifier", v.verifier}, {"outcome", Name(v.outcome)}};
    if (v.outcome == OutcomeKind::kScore) verdict["score"] = v.score;
    verdict["parts"] = parts;
    verdict["reason"] = v.reason;
    verdict["evidence"] = v.evidence;
    verdict["attempts"] = v.attempts;
    verdict["cached"] = v.cached;
    verdict["queue_ms"] = v.queue_ms;
    verdict["wall_ms"] = v.wall_ms;
    verdict["config_hash"] = HashToHex(v.config_hash);
    verdict["input_hash"] = HashToHex(v.input_hash);
    verdicts.push_back(std::move(verdict));
  }
  ordered_json versions = ordered_json::array();
  for (const VersionSpan& span : t.versions) versions.push_back({{"begin", span.begin}, {"policy_version", span.policy_version}});
  const Reward reward = ComposeReward(rewards.config, t.verdicts);
  ordered_json terms = ordered_json::object();
  for (const ScorePart& term : Terms(rewards, reward)) terms[term.name] = term.value;
  return {{"group", t.group},
          {"sample", t.sample},
          {"prompt_id", t.prompt_id},
          {"actor", t.actor},
          {"completion", t.text},
          {"finish_reason", Name(t.finish_reason)},
          {"verdicts", verdicts},
          {"reward", reward.status == RewardStatus::kScored ? ordered_json(reward.value) : ordered_json()},
          {"reward_terms", terms},
          {"no_reward_because", reward.reason},
          {"policy_versions", versions},
          {"prompt_tokens", t.prompt_tokens},
          {"tokens", t.tokens},
          {"logprobs", t.logprobs},
          {"entropies", t.entropies},
          {"temperature", t.sampling.temperature},
          {"seed", t.seed}};
}

int ForEach(const RolloutsOptions& options, const std::function<void(const Trajectory&, const Rewards&)>& use) {
  auto ledger = RunLedger::OpenForReading(options.run_dir);
  if (!ledger.ok()) return Report(ledger.status());
  const auto rewards = ReadRewards((*ledger)->paths());
  if (!rewards.ok()) return Report(rewards.status());
  auto list = (*ledger)->List(options.from_group, options.limit);
  if (!list.ok()) return Report(list.status());
  for (const TrajectoryIndex& index : *list) {
    auto trajectory = (*ledger)->Read(index);
    if (!trajectory.ok()) return Report(trajectory.status());
    use(*trajectory, *rewards);
  }
  return kDone;
}

void Show(const Trajectory& t, const Rewards& rewards) {
  std::string verdicts;
  for (const VerdictRecord& v : t.verdicts) {
    verdicts += fmt::format("  {} {}{}", v.label, v.outcome == OutcomeKind::kScore ? fmt::format("{:g}", v.score) : Name(v.outcome),
                            v.reason.empty() ? "" : " (" + v.reason + ")");
  }
  const Reward reward = ComposeReward(rewards.config, t.verdicts);
  verdicts += reward.status == RewardStatus::kScored ? fmt::format("\n  reward {:g}", reward.value)
                                                     : fmt::format("\n  no reward: {}", reward.reason);
  for (const ScorePart& term : Terms(rewards, reward)) verdicts += fmt::format("  {} {:g}", term.name, term.value);
  double logprob = 0;
  for (const float l : t.logprobs) logprob += l;
  std::printf("group %lld sample %d  %s  version %lld  %zu tokens (%s)  mean log-probability %.3f\n ", static_cast<long long>(t.group),
              t.sample, t.prompt_id.c_str(), static_cast<long long>(t.versions.empty() ? -1 : t.versions.front().policy_version),
              t.tokens.size(), Name(t.finish_reason), t.tokens.empty() ? 0.0 : logprob / static_cast<double>(t.tokens.size()));
  std::printf("%s\n  | %s\n\n", verdicts.c_str(), ToLine(t.text).c_str());
}

}  // namespace

void AddRollouts(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("rollouts", "What a run has generated");
  command->require_subcommand(1);
  for (const bool as_export : {false, true}) {
    auto* part = command->add_subcommand(as_export ? "export" : "show",
                                         as_export ? "All fields, one JSON object a line" : "A few rollouts for people");
    auto options = std::make_shared<RolloutsOptions>();
    if (as_export) options->limit = INT64_MAX;
    part->add_option("run", options->run_dir, "The run's folder")->required();
    part->add_option("--from-group", options->from_group, "First group shown")->capture_default_str();
    part->add_option("--limit", options->limit, "Rollouts at most")->check(CLI::PositiveNumber);
    part->callback([=, &exit_code] {
      exit_code = ForEach(*options, [&](const Trajectory& t, const Rewards& rewards) {
        if (as_export) {
          std::printf("%s\n", ToLine(ToJson(t, rewards)).c_str());
        } else {
          Show(t, rewards);
        }
      });
    });
  }
}

}  // namespace hone
