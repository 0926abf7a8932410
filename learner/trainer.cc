#include "learner/trainer.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "learner/recipe_config.h"
#include "learner/verify_metrics.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/data/encode_prompt.h"
#include "lib/transport/arena_manifest.h"
#include "lib/transport/checksums.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

// How often a wait looks whether the run is to stop.
constexpr absl::Duration kStopCheck = absl::Milliseconds(200);
// Without a single finished sample for this long, something is wrong and the run says so and ends.
constexpr absl::Duration kStall = absl::Minutes(60);
constexpr uint64_t kMaxMetricsBytes = uint64_t{1} << 30;

double Since(absl::Time start) {
  return absl::ToDoubleSeconds(absl::Now() - start);
}

// 95 % interval of a mean score: Wilson's for a share of ones, the normal one otherwise.
void SetInterval(const std::vector<double>& scores, EvalResult* result) {
  const double n = static_cast<double>(scores.size()), z = 1.959964;
  if (n == 0) return;
  bool binary = true;
  double sum = 0, squares = 0;
  for (const double score : scores) {
    sum += score;
    squares += score * score;
    binary &= score == 0 || score == 1;
  }
  const double p = result->score = sum / n;
  if (binary) {
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    result->low = centre - half;
    result->high = centre + half;
  } else {
    const double half = n > 1 ? z * std::sqrt(std::max(0.0, squares / n - p * p) / (n - 1)) : 0;
    result->low = p - half;
    result->high = p + half;
  }
}

}  // namespace

int64_t PeakMemoryBytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

Trainer::Trainer(Parts parts) : parts_(parts), alarms_(parts_.recipe) {}

bool Trainer::TimeIsUp() const {
  const auto& limit = parts_.recipe.run.time_limit_minutes;
  return limit.has_value() && Since(started_) > *limit * 60;
}

absl::StatusOr<std::vector<CompletedGroup>> Trainer::Take(const std::vector<int64_t>& groups) {
  absl::Time last_progress = absl::Now();
  int64_t arrived = -1;
  for (;;) {
    auto taken = parts_.intake.Take(groups, absl::Now() + kStopCheck);
    if (taken.ok() || !absl::IsDeadlineExceeded(taken.status())) return taken;
    if (stop_.load()) return absl::CancelledError("the run was asked to stop");
    const auto progress = parts_.intake.progress();
    if (progress.samples_arrived != arrived) {
      arrived = progress.samples_arrived;
      last_progress = absl::Now();
    }
    if (absl::Now() - last_progress > kStall) return Annotate(taken.status(), "no sample has finished for an hour");
  }
}

absl::Status Trainer::OfferUpTo(int64_t step) {
  const Recipe& recipe = parts_.recipe;
  const int64_t per_step = recipe.data.prompts_per_step, eta = recipe.algorithm.staleness.eta;
  for (; offered_ < std::min(step, recipe.run.steps); ++offered_) {
    std::vector<GroupWork> works;
    std::vector<Trajectory> arrived;
    for (int64_t group = offered_ * per_step; group < (offered_ + 1) * per_step; ++group) {
      GroupWork work{.group = group,
                     .num_samples = static_cast<int32_t>(recipe.rollout.group_size),
                     .policy_version = std::max<int64_t>(0, offered_ - eta),
                     .sampling = MakeSampling(recipe)};
      HONE_ASSIGN_OR_RETURN(work.prompt, parts_.prompts.Get(group));
      HONE_ASSIGN_OR_RETURN(auto stored, parts_.ledger.ReadGroup(group));
      for (Trajectory& trajectory : stored) arrived.push_back(std::move(trajectory));
      works.push_back(std::move(work));
    }
    HONE_RETURN_IF_ERROR(parts_.intake.Offer(std::move(works), std::move(arrived)));
  }
  return absl::OkStatus();
}

absl::Status Trainer::Publish(int64_t version) {
  const std::shared_ptr<WeightArena> weights = parts_.updater.weights();
  auto snapshot = std::make_shared<WeightSnapshot>();
  snapshot->manifest = ManifestOf(weights->layout(), weights->dtype());
  snapshot->manifest.version = version;
  FillChecksums(weights->bytes(), parts_.context.pool, snapshot->manifest);
  snapshot->data = weights->bytes();
  snapshot->owner = weights;
  return parts_.publisher.Publish(std::move(snapshot));
}

absl::Status Trainer::Checkpoint(int64_t step) {
  HONE_RETURN_IF_ERROR(checkpoints_.Wait());
  if (step == last_checkpoint_) return absl::OkStatus();
  last_checkpoint_ = step;
  const RunPaths& paths = parts_.ledger.paths();
  summary_.checkpoint = paths.checkpoint(step);
  checkpoints_.Start([this, step, paths]() -> absl::Status {
    HONE_RETURN_IF_ERROR(WriteCheckpoint(paths.checkpoint(step), parts_.decoder, parts_.updater, parts_.files, step));
    HONE_ASSIGN_OR_RETURN(const auto steps, parts_.ledger.Checkpoints());
    PruneCheckpoints(paths.checkpoints(), steps, std::max<int64_t>(1, parts_.recipe.checkpoint.keep_last),
                     parts_.recipe.checkpoint.keep_best ? best_step_ : -1);
    return absl::OkStatus();
  });
  return absl::OkStatus();
}

absl::StatusOr<EvalResult> Trainer::Evaluate(int64_t step, const std::string& kind) {
  const Recipe& recipe = parts_.recipe;
  EvalResult result{.step = step, .kind = kind, .prompts = recipe.eval.prompts};
  SamplingSettings sampling = MakeSampling(recipe);
  sampling.temperature = static_cast<float>(kind == "sampled" ? recipe.eval.sampled.temperature : recipe.eval.temperature);
  sampling.top_k = 0;
  sampling.top_p = 1;
  sampling.min_p = 0;
  sampling.max_new_tokens = static_cast<int32_t>(kind == "baseline" ? recipe.BaselineMaxNewTokens() : recipe.EvalMaxNewTokens());
  result.max_new_tokens = sampling.max_new_tokens;
  std::vector<int64_t> numbers;
  std::vector<GroupWork> works;
  const int64_t first = kEvalGroups + eval_round_++ * kEvalRound;
  for (int64_t i = 0; i < recipe.eval.prompts; ++i) {
    GroupWork work{.group = first + i,
                   .num_samples = static_cast<int32_t>(kind == "sampled" ? recipe.eval.sampled.n : 1),
                   .policy_version = step,
                   .evaluation = true,
                   .sampling = sampling};
    HONE_ASSIGN_OR_RETURN(work.prompt, parts_.eval_prompts->Get(i));
    numbers.push_back(work.group);
    works.push_back(std::move(work));
  }
  parts_.observer.OnPhase(
      fmt::format("evaluating {} held-out prompts ({}, at most {} tokens)", recipe.eval.prompts, kind, sampling.max_new_tokens));
  HONE_RETURN_IF_ERROR(parts_.intake.Offer(std::move(works)));
  HONE_ASSIGN_OR_RETURN(const auto groups, Take(numbers));
  const RewardConfig reward = MakeRewardConfig(recipe);
  std::vector<double> scores;
  double tokens = 0;
  for (const CompletedGroup& group : groups) {
    double sum = 0, count = 0;
    for (const Trajectory& trajectory : group.trajectories) {
      const Reward composed = ComposeReward(reward, trajectory.verdicts);
      if (composed.status != RewardStatus::kScored) continue;
      sum += composed.value;
      count += 1;
      tokens += static_cast<double>(trajectory.tokens.size());
      ++result.samples;
    }
    if (count > 0) scores.push_back(sum / count);
  }
  SetInterval(scores, &result);
  result.tokens_mean = result.samples > 0 ? tokens / static_cast<double>(result.samples) : 0;
  return result;
}

absl::Status Trainer::EvaluateAndNote(int64_t step, const std::string& kind) {
  if (parts_.eval_prompts == nullptr) return absl::OkStatus();
  HONE_ASSIGN_OR_RETURN(const EvalResult result, Evaluate(step, kind));
  parts_.observer.OnEval(result);
  summary_.evals.push_back(result);
  eval_metrics_["eval/" + kind + "_score"] = result.score;
  eval_metrics_["eval/" + kind + "_tokens_mean"] = result.tokens_mean;
  // Kept in the run, so that a resumed run's summary still knows the baseline.
  nlohmann::json all = nlohmann::json::array();
  HONE_ASSIGN_OR_RETURN(const auto before, parts_.ledger.Get("evals"));
  if (before.has_value()) all = nlohmann::json::parse(*before, nullptr, false);
  if (!all.is_array()) all = nlohmann::json::array();
  all.push_back({{"step", result.step},
                 {"kind", result.kind},
                 {"prompts", result.prompts},
                 {"samples", result.samples},
                 {"score", result.score},
                 {"low", result.low},
                 {"high", result.high},
                 {"tokens_mean", result.tokens_mean},
                 {"max_new_tokens", result.max_new_tokens}});
  HONE_RETURN_IF_ERROR(parts_.ledger.Put("evals", all.dump()));
  if (kind == "greedy" && result.score > best_eval_) {
    best_eval_ = result.score;
    best_step_ = step;
  }
  return absl::OkStatus();
}

absl::Status Trainer::WarmStart() {
  const auto& warm = parts_.recipe.stages.warm_start;
  if (warm.steps == 0) return absl::OkStatus();
  const int32_t end = parts_.files.stop_token_ids.empty() ? -1 : parts_.files.stop_token_ids[0];
  // Tasks far behind those of the RL steps in the source's order, so that the two stages do not share prompts by construction.
  const int64_t offset = int64_t{1} << 32;
  for (int64_t step = 1; step <= warm.steps; ++step) {
    if (stop_.load()) return absl::CancelledError("the run was asked to stop");
    std::vector<TrainGroup> groups;
    for (int64_t i = 0; i < warm.batch_prompts; ++i) {
      HONE_ASSIGN_OR_RETURN(const Prompt prompt, parts_.prompts.Get(offset + (step - 1) * warm.batch_prompts + i));
      TrainGroup group{.group = i};
      HONE_ASSIGN_OR_RETURN(group.prompt, EncodePrompt(parts_.files, prompt, parts_.recipe.model.chat));
      TrainSample sample;
      sample.tokens = parts_.files.tokenizer->Encode(prompt.reference);
      if (end >= 0) sample.tokens.push_back(end);
      sample.mask.assign(sample.tokens.size(), 1);
      group.samples.push_back(std::move(sample));
      groups.push_back(std::move(group));
    }
    const double lr = warm.lr * std::min(1.0, static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, warm.warmup_steps)));
    HONE_ASSIGN_OR_RETURN(const UpdateStats stats, parts_.updater.SupervisedStep(groups, lr));
    if (step % 20 == 0 || step == warm.steps)
      parts_.observer.OnPhase(fmt::format("warm start {}/{}: loss {:.3f}", step, warm.steps, stats.loss));
  }
  // RL starts with fresh moments.
  parts_.updater.moment1().Zero();
  parts_.updater.moment2().Zero();
  parts_.updater.set_adam_step(0);
  if (parts_.recipe.algorithm.kl.coef == 0) return absl::OkStatus();
  parts_.updater.FreezeReference();
  return WriteModel(parts_.ledger.paths().folder + "/reference", *parts_.decoder.layout(), DType::kFloat32, parts_.updater.master().data(),
                    DType::kFloat32, parts_.files.config_json, "", parts_.files.tokenizer_files);
}

absl::Status Trainer::Start() {
  HONE_ASSIGN_OR_RETURN(const auto checkpoints, parts_.ledger.Checkpoints());
  if (checkpoints.empty()) {
    HONE_RETURN_IF_ERROR(parts_.ledger.RollBackTo(0));
    HONE_RETURN_IF_ERROR(WarmStart());
    // Step 0 is on disk before the first step can be lost: a run killed early goes on from here.
    HONE_RETURN_IF_ERROR(Checkpoint(0));
  } else {
    const int64_t newest = checkpoints.back();
    const std::string folder = parts_.ledger.paths().checkpoint(newest);
    parts_.observer.OnPhase("reading " + folder);
    HONE_ASSIGN_OR_RETURN(const TrainerState state, ReadCheckpoint(folder, parts_.decoder, parts_.updater));
    HONE_ASSIGN_OR_RETURN(const int64_t committed, parts_.ledger.LastStep());
    if (committed > state.step) {
      HONE_LOG_INFO("steps {} to {} are taken again from the ledger", state.step + 1, committed);
      HONE_RETURN_IF_ERROR(parts_.ledger.RollBackTo(state.step));
    }
    step_.store(state.step);
    offered_ = state.step;
    last_checkpoint_ = state.step;
    summary_.checkpoint = folder;
    HONE_ASSIGN_OR_RETURN(const auto evals, parts_.ledger.Get("evals"));
    const auto list = nlohmann::json::parse(evals.value_or("[]"), nullptr, false);
    if (list.is_array()) {
      for (const auto& e : list) {
        if (e.value("step", int64_t{0}) > state.step) continue;
        summary_.evals.push_back({e.value("step", int64_t{0}), e.value("kind", ""), e.value("prompts", int64_t{0}),
                                  e.value("samples", int64_t{0}), e.value("score", 0.0), e.value("low", 0.0), e.value("high", 0.0),
                                  e.value("tokens_mean", 0.0), e.value("max_new_tokens", int64_t{0})});
      }
    }
    // Rounds of evaluation go on counting, so that their groups are new.
    eval_round_ = static_cast<int64_t>(list.is_array() ? list.size() : 0) + 1;
  }
  RecallMetrics();
  return Publish(step_.load());
}

void Trainer::RecallMetrics() {
  if (step_.load() == 0) return;
  const auto text = ReadFile(parts_.ledger.paths().metrics(), kMaxMetricsBytes);
  if (!text.ok()) {
    HONE_LOG_WARN("the alarms begin with a new baseline: {}", std::string(text.status().message()));
    return;
  }
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const auto line = nlohmann::json::parse(rest.substr(0, end), nullptr, false);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.is_object()) continue;
    Metrics metrics;
    for (const auto& [name, value] : line.items()) {
      if (value.is_number()) metrics[name] = value.get<double>();
    }
    if (metrics["step"] <= static_cast<double>(step_.load())) alarms_.Step(&metrics);
  }
}

absl::Status Trainer::Step(int64_t step) {
  const Recipe& recipe = parts_.recipe;
  const absl::Time start = absl::Now();
  HONE_RETURN_IF_ERROR(OfferUpTo(step + recipe.algorithm.staleness.eta));
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < recipe.data.prompts_per_step; ++i) numbers.push_back((step - 1) * recipe.data.prompts_per_step + i);
  HONE_ASSIGN_OR_RETURN(const auto groups, Take(numbers));
  const double rollout_seconds = Since(start);
  HONE_ASSIGN_OR_RETURN(PreparedBatch batch, PrepareBatch(recipe, groups, step - 1));
  HONE_RETURN_IF_ERROR(checkpoints_.Wait());  // it reads what the update changes

  const absl::Time update_start = absl::Now();
  const double lr = LearningRate(recipe, step);
  const bool skip = recipe.algorithm.skip_zero_variance && recipe.algorithm.kl.coef == 0 && recipe.algorithm.entropy.coef == 0;
  HONE_ASSIGN_OR_RETURN(const UpdateStats stats, parts_.updater.Update(batch.groups, lr, skip));
  const double update_seconds = Since(update_start);
  if (stats.non_finite) {
    ++non_finite_;
    nlohmann::json dump = {{"step", step}, {"loss", fmt::format("{}", stats.loss)}, {"grad_norm", fmt::format("{}", stats.grad_norm)}};
    for (const CompletedGroup& group : groups) dump["groups"].push_back({{"group", group.work.group}, {"prompt", group.work.prompt.id}});
    const std::string path = fmt::format("{}/nonfinite-step-{}.json", parts_.ledger.paths().logs(), step);
    WriteFileAtomically(path, dump.dump(2)).IgnoreError();
    HONE_LOG_ERROR("step {}: loss {} or gradient norm {} is not finite; the update is skipped, its groups are listed in {}", step,
                   stats.loss, stats.grad_norm, path);
    if (non_finite_ >= recipe.learner.max_nonfinite) {
      return absl::InternalError(
          fmt::format("{} steps in a row had a loss or gradient that is not finite; lower learner.lr or clip_norm, then `hone resume {}`",
                      non_finite_, parts_.ledger.paths().folder));
    }
  } else {
    non_finite_ = 0;
  }
  const absl::Time publish_start = absl::Now();
  HONE_RETURN_IF_ERROR(Publish(step));
  const double publish_seconds = Since(publish_start);

  auto& metrics = batch.metrics;
  metrics["groups/trained"] = static_cast<double>(stats.groups_trained);
  metrics["loss"] = std::isfinite(stats.loss) ? stats.loss : 0;
  metrics["grad_norm"] = std::isfinite(stats.grad_norm) ? stats.grad_norm : -1;
  metrics["kl/mean"] = stats.kl;
  metrics["clip_frac"] = stats.clip_frac;
  metrics["ppo_kl"] = stats.ppo_kl;
  metrics["mismatch/logprob_max_abs"] = stats.mismatch_max_abs;
  metrics["mismatch/gen_kl_error"] = stats.mismatch_gen_kl;
  metrics["updates/skipped"] = stats.non_finite;
  metrics["updates/optimizer_steps"] = static_cast<double>(stats.optimizer_steps);
  metrics["updates/micro_batches"] = static_cast<double>(stats.micro_batches);
  metrics["lr"] = lr;
  metrics["tokens/trained"] = static_cast<double>(stats.trained_tokens);
  metrics["tokens/rows"] = static_cast<double>(stats.rows);
  metrics["tokens_per_second/actor"] = rollout_seconds > 0 ? static_cast<double>(batch.num_tokens) / rollout_seconds : 0;
  metrics["tokens_per_second/learner"] = update_seconds > 0 ? static_cast<double>(stats.rows) / update_seconds : 0;
  metrics["seconds/rollout"] = rollout_seconds;
  AddVerifyMetrics(groups, rollout_seconds, &metrics);
  metrics["seconds/update"] = update_seconds;
  metrics["seconds/optimizer"] = stats.optimizer_seconds;
  metrics["seconds/publish"] = publish_seconds;
  metrics["seconds/step"] = Since(start);
  metrics["memory/peak_bytes"] = static_cast<double>(PeakMemoryBytes());
  metrics["memory/plan_bytes"] = static_cast<double>(parts_.planned_bytes);
  const auto counters = parts_.intake.counters();
  metrics["leases/expired"] = static_cast<double>(counters.expired_leases);
  metrics["samples/duplicates"] = static_cast<double>(counters.duplicates);
  step_seconds_.push_back(Since(start));

  // Evaluation belongs to the step it follows, so it is done before the commit.
  const bool last = step == recipe.run.steps;
  if (parts_.eval_prompts != nullptr && (last || (recipe.eval.every_steps > 0 && step % recipe.eval.every_steps == 0))) {
    const absl::Status evaluated = EvaluateAndNote(step, "greedy");
    if (!evaluated.ok() && !absl::IsCancelled(evaluated)) return evaluated;
    if (evaluated.ok() && recipe.eval.sampled.n > 0) HONE_RETURN_IF_ERROR(EvaluateAndNote(step, "sampled"));
  }
  for (const auto& [name, value] : eval_metrics_) metrics[name] = value;
  eval_metrics_.clear();
  const std::vector<AlarmEvent> begun = alarms_.Step(&metrics);
  nlohmann::ordered_json line = {{"step", step}, {"policy_version", step}, {"time", absl::ToUnixSeconds(absl::Now())}};
  for (const auto& [name, value] : metrics) line[name] = value;
  HONE_RETURN_IF_ERROR(parts_.ledger.CommitStep(
      {.step = step, .next_group = offered_ * recipe.data.prompts_per_step, .metrics_json = line.dump(), .groups = batch.consumed}));
  step_.store(step);
  summary_.rewards.push_back(metrics["reward/mean"]);
  // Time left by the median of the last steps: the first are slower.
  std::vector<double> recent(step_seconds_.end() - std::min<int64_t>(8, static_cast<int64_t>(step_seconds_.size())), step_seconds_.end());
  std::nth_element(recent.begin(), recent.begin() + static_cast<int64_t>(recent.size() / 2), recent.end());
  double seconds_left = recent[recent.size() / 2] * static_cast<double>(recipe.run.steps - step);
  if (recipe.run.time_limit_minutes.has_value())
    seconds_left = std::clamp(*recipe.run.time_limit_minutes * 60 - Since(started_), 0.0, seconds_left);
  for (const AlarmEvent& alarm : begun) parts_.observer.OnAlarm(step, alarm);
  parts_.observer.OnStep(step, recipe.run.steps, metrics, seconds_left);
  if (!begun.empty() && !last && recipe.reward.alarms.on_alarm == "stop") {
    parts_.observer.OnPhase(fmt::format("stopping after step {}: reward.alarms.on_alarm is \"stop\"", step));
    return absl::CancelledError(fmt::format("alarm {} at step {}", begun.front().name, step));
  }
  if (last || (recipe.checkpoint.every_steps > 0 && step % recipe.checkpoint.every_steps == 0)) HONE_RETURN_IF_ERROR(Checkpoint(step));
  return absl::OkStatus();
}

absl::StatusOr<TrainSummary> Trainer::Run() {
  started_ = absl::Now();
  auto body = [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(Start());
    if (parts_.eval_prompts != nullptr && step_.load() == 0) {
      HONE_RETURN_IF_ERROR(EvaluateAndNote(0, "greedy"));
      if (parts_.recipe.BaselineMaxNewTokens() != parts_.recipe.EvalMaxNewTokens()) HONE_RETURN_IF_ERROR(EvaluateAndNote(0, "baseline"));
    }
    for (int64_t step = step_.load() + 1; step <= parts_.recipe.run.steps; ++step) {
      if (stop_.load()) return absl::CancelledError("the run was asked to stop");
      if (TimeIsUp()) {
        // The run ends here as if this were its last step.
        parts_.observer.OnPhase(
            fmt::format("run.time_limit_minutes ({:g}) is used up after step {}", *parts_.recipe.run.time_limit_minutes, step - 1));
        if (step > 1) HONE_RETURN_IF_ERROR(EvaluateAndNote(step - 1, "greedy"));
        return Checkpoint(step - 1);
      }
      HONE_RETURN_IF_ERROR(Step(step));
    }
    return absl::OkStatus();
  };
  absl::Status status = body();
  if (absl::IsCancelled(status)) {
    summary_.interrupted = true;
    status = Checkpoint(step_.load());
  }
  status.Update(checkpoints_.Wait());
  summary_.last_step = step_.load();
  summary_.seconds = Since(started_);
  HONE_ASSIGN_OR_RETURN(summary_.trained_prompts, parts_.ledger.NumConsumed());
  HONE_RETURN_IF_ERROR(status);
  return summary_;
}

}  // namespace hone
