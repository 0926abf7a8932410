#include "cli/rescore.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "actor/recipe_pool.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "fmt/format.h"
#include "learner/recipe_config.h"
#include "lib/base/file.h"
#include "lib/base/mutex.h"
#include "lib/config/nearest.h"
#include "lib/ledger/run_ledger.h"
#include "nlohmann/json.hpp"
#include "rewards/second_checker.h"

namespace hone {
namespace {

using nlohmann::ordered_json;

// Completions judged at once; their lines are printed together, in order.
constexpr size_t kChunk = 1024;

// How a verdict on record and the one made now compare.
enum class Comparison { kEqual, kDifferent, kRecovered, kFailed, kInputChanged };
const char* Name(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return "equal";
    case Comparison::kDifferent:
      return "different";
    case Comparison::kRecovered:
      return "recovered";
    case Comparison::kFailed:
      return "failed";
    case Comparison::kInputChanged:
      return "input_changed";
  }
  return "?";
}

std::map<std::string, double> PartsOf(const VerdictRecord& record) {
  std::map<std::string, double> parts;
  for (const ScorePart& part : record.parts) parts[part.name] = part.value;
  return parts;
}

Comparison Compare(const VerdictRecord& recorded, const VerdictRecord& now) {
  if (!recorded.input_hash.empty() && recorded.input_hash != now.input_hash) return Comparison::kInputChanged;
  const bool failed_then = recorded.outcome == OutcomeKind::kInfraError, fails_now = now.outcome == OutcomeKind::kInfraError;
  if (failed_then != fails_now) return failed_then ? Comparison::kRecovered : Comparison::kFailed;
  if (recorded.outcome != now.outcome) return Comparison::kDifferent;
  if (recorded.outcome != OutcomeKind::kScore) return Comparison::kEqual;
  return recorded.score == now.score && PartsOf(recorded) == PartsOf(now) ? Comparison::kEqual : Comparison::kDifferent;
}

ordered_json ToJson(const VerdictRecord& record) {
  ordered_json out = {{"verifier", record.verifier}, {"outcome", Name(record.outcome)}};
  if (record.outcome == OutcomeKind::kScore) {
    out["score"] = record.score;
    out["parts"] = PartsOf(record);
  }
  out["reason"] = record.reason;
  return out;
}

struct Tally {
  std::map<Comparison, int64_t> counts;
  std::map<std::string, std::pair<std::string, std::string>> versions;  // by label: one on record and the one now
  int64_t verdicts = 0, completions = 0;

  bool AllEqual() const {
    return std::all_of(counts.begin(), counts.end(), [](const auto& entry) {
      return entry.first == Comparison::kEqual || entry.first == Comparison::kRecovered || entry.second == 0;
    });
  }
};

// Prompts by the number of their group.
class RunPrompts {
 public:
  static absl::StatusOr<RunPrompts> Open(const Recipe& recipe) {
    RunPrompts prompts;
    HONE_ASSIGN_OR_RETURN(prompts.train_, MakeTrainPrompts(recipe));
    HONE_ASSIGN_OR_RETURN(prompts.heldout_, MakeEvalPrompts(recipe));
    return prompts;
  }
  absl::StatusOr<Prompt> Get(int64_t group) const {
    if (group < kEvalGroups) return train_->Get(group);
    if (heldout_ == nullptr) return absl::DataLossError(fmt::format("group {} is of an evaluation, and the recipe has none", group));
    return heldout_->Get((group - kEvalGroups) % kEvalRound);
  }

 private:
  std::unique_ptr<PromptSource> train_, heldout_;
};

// Judges completions and waits for all of them.
absl::StatusOr<std::vector<std::vector<VerdictRecord>>> JudgeAll(VerifierPool& pool, std::vector<VerifyInput> inputs) {
  Mutex mu;
  CondVar changed;
  size_t missing = inputs.size();
  std::vector<std::vector<VerdictRecord>> verdicts(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    HONE_RETURN_IF_ERROR(pool.Submit(std::move(inputs[i]), [&, i](std::vector<VerdictRecord> records) {
      MutexLock lock(mu);
      verdicts[i] = std::move(records);
      if (--missing == 0) changed.NotifyAll();
    }));
  }
  MutexLock lock(mu);
  while (missing > 0) changed.Wait(mu);
  return verdicts;
}

void CompareOne(const Trajectory& trajectory, const std::vector<VerdictRecord>& now, Tally* tally) {
  ++tally->completions;
  for (const VerdictRecord& fresh : now) {
    const auto recorded = std::find_if(trajectory.verdicts.begin(), trajectory.verdicts.end(),
                                       [&](const VerdictRecord& record) { return record.label == fresh.label; });
    if (recorded == trajectory.verdicts.end()) continue;  // the actor refused the prompt: no verifier was asked
    const Comparison comparison = Compare(*recorded, fresh);
    ++tally->verdicts;
    ++tally->counts[comparison];
    tally->versions[fresh.label] = {recorded->verifier, fresh.verifier};
    if (comparison == Comparison::kEqual) continue;
    std::printf("%s\n", ToLine({{"group", trajectory.group},
                                {"sample", trajectory.sample},
                                {"prompt_id", trajectory.prompt_id},
                                {"label", fresh.label},
                                {"comparison", Name(comparison)},
                                {"recorded", ToJson(*recorded)},
                                {"now", ToJson(fresh)}})
                            .c_str());
  }
}

absl::Status RescoreLedger(RunLedger& ledger, const RunPrompts& prompts, VerifierPool& pool, Tally* tally) {
  HONE_ASSIGN_OR_RETURN(const std::vector<TrajectoryIndex> list, ledger.List(0, INT64_MAX));
  for (size_t begin = 0; begin < list.size(); begin += kChunk) {
    std::vector<Trajectory> trajectories;
    std::vector<VerifyInput> inputs;
    for (size_t i = begin; i < std::min(list.size(), begin + kChunk); ++i) {
      HONE_ASSIGN_OR_RETURN(Trajectory trajectory, ledger.Read(list[i]));
      if (trajectory.verdicts.empty()) continue;  // cut off: never judged
      HONE_ASSIGN_OR_RETURN(const Prompt prompt, prompts.Get(trajectory.group));
      if (prompt.id != trajectory.prompt_id) {
        return absl::FailedPreconditionError(fmt::format("group {} was prompt {}, and is prompt {} now: the run's data has changed",
                                                         trajectory.group, trajectory.prompt_id, prompt.id));
      }
      inputs.push_back(MakeVerifyInput(prompt, trajectory));
      trajectories.push_back(std::move(trajectory));
    }
    HONE_ASSIGN_OR_RETURN(const auto verdicts, JudgeAll(pool, std::move(inputs)));
    for (size_t i = 0; i < trajectories.size(); ++i) CompareOne(trajectories[i], verdicts[i], tally);
  }
  return absl::OkStatus();
}

void PrintSummary(const Tally& tally, bool json) {
  const auto count = [&](Comparison comparison) {
    const auto found = tally.counts.find(comparison);
    return found == tally.counts.end() ? int64_t{0} : found->second;
  };
  constexpr Comparison kAll[] = {Comparison::kEqual, Comparison::kDifferent, Comparison::kRecovered, Comparison::kFailed,
                                 Comparison::kInputChanged};
  if (json) {
    ordered_json out = {{"completions", tally.completions}, {"verdicts", tally.verdicts}};
    for (const Comparison comparison : kAll) out[Name(comparison)] = count(comparison);
    for (const auto& [label, versions] : tally.versions) out["verifiers"][label] = {{"recorded", versions.first}, {"now", versions.second}};
    std::printf("%s\n", ToLine(out).c_str());
    return;
  }
  std::printf("%lld completions, %lld verdicts:", static_cast<long long>(tally.completions), static_cast<long long>(tally.verdicts));
  const char* separator = "";
  for (const Comparison comparison : kAll) {
    std::printf("%s %lld %s", separator, static_cast<long long>(count(comparison)), Name(comparison));
    separator = ",";
  }
  std::printf("\n");
  for (const auto& [label, versions] : tally.versions) {
    std::printf("  %-20s recorded by %s, now by %s\n", label.c_str(), versions.first.c_str(), versions.second.c_str());
  }
}

// Leaves only the verifier `label` in the recipe, with other parameters when they are given.
absl::Status Narrow(const RescoreOptions& options, Recipe* recipe) {
  if (options.label.empty()) {
    if (!options.params.has_value()) return absl::OkStatus();
    return absl::InvalidArgumentError("--params needs --verifier LABEL: whose parameters are they?");
  }
  std::vector<std::string> labels;
  for (const VerifierUse& use : recipe->verifiers) {
    labels.push_back(use.name);
    if (use.name != options.label) continue;
    VerifierUse chosen = use;
    chosen.params = options.params.value_or(use.params);
    recipe->verifiers = {chosen};
    recipe->reward.second.reset();
    return absl::OkStatus();
  }
  if (const auto second = SecondUse(*recipe)) {
    labels.push_back(second->name);
    if (second->name == options.label) {
      recipe->reward.second->params = options.params.value_or(second->params);
      recipe->verifiers.clear();
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("the recipe of this run has no verifier \"{}\"{}", options.label, DidYouMean(options.label, labels)));
}

}  // namespace

int Rescore(const RescoreOptions& options) {
  auto ledger = RunLedger::OpenForReading(options.run_dir);
  if (!ledger.ok()) return Report(ledger.status(), absl::IsNotFound(ledger.status()) ? kWrongUse : kFailed);
  const RunPaths& paths = (*ledger)->paths();
  auto text = ReadFile(paths.recipe());
  if (!text.ok()) return Report(text.status());
  auto recipe = ParseRecipe(*text, paths.recipe());
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  if (const absl::Status narrowed = Narrow(options, &*recipe); !narrowed.ok()) return Report(narrowed, kWrongUse);
  auto prompts = RunPrompts::Open(*recipe);
  if (!prompts.ok()) return Report(prompts.status());
  auto pool = MakeRecipePool(*recipe, {});
  if (!pool.ok()) return Report(pool.status(), kWrongUse);
  Tally tally;
  const absl::Status done = RescoreLedger(**ledger, *prompts, **pool, &tally);
  if (!done.ok()) return Report(done);
  PrintSummary(tally, options.json);
  return tally.AllEqual() ? kDone : kFailed;
}

}  // namespace hone
