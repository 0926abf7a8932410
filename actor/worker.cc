#include "actor/worker.h"

#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "actor/recipe_pool.h"
#include "fmt/format.h"
#include "lib/base/log.h"
#include "lib/data/encode_prompt.h"
#include "lib/transport/arena_manifest.h"

namespace hone {
namespace {

constexpr size_t kMaxSubmit = 64;

double MillisecondsSince(absl::Time start) {
  return absl::ToDoubleMilliseconds(absl::Now() - start);
}

}  // namespace

RolloutWorker::RolloutWorker(WorkerOptions options, RolloutService& rollout, WeightService& weights)
    : options_(std::move(options)), rollout_(rollout), weights_(weights) {}

RolloutWorker::~RolloutWorker() {
  Leave();
}

void RolloutWorker::Leave() {
  Stop();
  leases_.Close();
  finished_.Close();
  judged_.Close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  verifiers_.reset();
}

void RolloutWorker::Fail(absl::Status status) {
  {
    MutexLock lock(mu_);
    if (failure_.ok() && !absl::IsCancelled(status)) failure_ = std::move(status);
    changed_.NotifyAll();
  }
  stop_.store(true);
  leases_.Close();
}

absl::Status RolloutWorker::Setup() {
  ActorInfo info{.name = options_.name, .pid = ::getpid(), .device = "cpu", .dtype = "", .isa = ops::Name(ops::BestIsa())};
  const absl::Time give_up = absl::Now() + options_.give_up;
  for (;;) {
    auto registration = rollout_.Register(info);
    if (registration.ok()) {
      registration_ = std::move(registration).value();
      break;
    }
    if (!absl::IsUnavailable(registration.status()) && !absl::IsDeadlineExceeded(registration.status())) return registration.status();
    if (stopping() || absl::Now() > give_up) return registration.status();
  }
  HONE_ASSIGN_OR_RETURN(recipe_, ParseRecipe(registration_.recipe_json, "the learner's recipe"));
  HONE_ASSIGN_OR_RETURN(model_, LoadModelFiles(registration_.model_dir));
  pool_ = std::make_unique<ThreadPool>(options_.threads);
  context_ = {.device = {}, .pool = pool_.get(), .isa = ops::BestIsa()};
  const int64_t context = std::min<int64_t>(recipe_.model.max_context.value_or(model_.config.max_positions), model_.config.max_positions);
  HONE_ASSIGN_OR_RETURN(decoder_, Decoder::Create(model_.config, context));
  const DType dtype = recipe_.model.dtype == "fp32" ? DType::kFloat32 : DType::kBFloat16;
  EngineOptions engine{.max_batch = recipe_.actors.max_batch,
                       .prefill_chunk_tokens = recipe_.actors.prefill_chunk_tokens,
                       .kv_block_tokens = recipe_.actors.kv_block_tokens,
                       .seed = registration_.run_seed};
  if (recipe_.actors.kv_budget_mb > 0) engine.kv_budget_bytes = recipe_.actors.kv_budget_mb << 20;
  engine_ = std::make_unique<Engine>(context_, *decoder_, model_.tokenizer.get(), dtype, engine);
  HONE_ASSIGN_OR_RETURN(verifiers_, MakeRecipePool(recipe_, {.workers = options_.verifier_workers, .token = options_.token}));
  return absl::OkStatus();
}

absl::Status RolloutWorker::Run() {
  HONE_RETURN_IF_ERROR(Setup());
  threads_.emplace_back([this] { WeightsLoop(); });
  threads_.emplace_back([this] { LeaseLoop(); });
  threads_.emplace_back([this] { VerifyLoop(); });
  threads_.emplace_back([this] { SubmitLoop(); });
  const absl::Status engine = RunEngine();
  if (!engine.ok()) Fail(engine);
  const VerifierPool::Stats stats = verifiers_->stats();
  HONE_LOG_INFO("verifiers: {} requests in {} calls, {} from the cache, {} shared, {} retries, {} failed, {} threads given up",
                stats.requests, stats.calls, stats.cache_hits, stats.shared, stats.retries, stats.infra_errors, stats.threads_given_up);
  Leave();
  MutexLock lock(mu_);
  return failure_;
}

void RolloutWorker::WeightsLoop() {
  ThreadPool alone(1);
  const ops::Context context{.device = context_.device, .pool = &alone, .isa = context_.isa};
  const DType dtype = recipe_.model.dtype == "fp32" ? DType::kFloat32 : DType::kBFloat16;
  WeightFetcher fetcher(weights_, ManifestOf(*decoder_->layout(), dtype));
  std::shared_ptr<WeightArena> inactive, handed_over;
  int64_t have = -1;
  absl::Time last_answer = absl::Now();
  while (!stopping()) {
    auto manifest = weights_.WaitForVersion(have, absl::Now() + options_.poll);
    if (!manifest.ok()) {
      if (absl::IsCancelled(manifest.status())) return Fail(manifest.status());
      if (absl::IsDeadlineExceeded(manifest.status())) last_answer = absl::Now();
      if (absl::Now() - last_answer > options_.give_up) return Fail(manifest.status());
      continue;
    }
    last_answer = absl::Now();
    // The double buffer: the engine reads one arena, the other is written.
    if (inactive == nullptr || inactive.use_count() > 1) inactive = std::make_shared<WeightArena>(context, decoder_->layout(), dtype);
    const absl::Time start = absl::Now();
    const absl::Status fetched = fetcher.Fetch(*manifest, {inactive->bytes(), static_cast<size_t>(inactive->size_bytes())},
                                               absl::Now() + absl::Seconds(recipe_.weights.push_timeout_seconds));
    if (!fetched.ok()) {
      HONE_LOG_WARN("version {} was not taken: {}", manifest->version, std::string(fetched.message()));
      if (absl::IsFailedPrecondition(fetched) || absl::IsCancelled(fetched)) return Fail(fetched);
      continue;
    }
    inactive->WidenVectors(context);
    have = manifest->version;
    HONE_LOG_INFO("fetched version {} in {:.0f} ms", have, MillisecondsSince(start));
    {
      MutexLock lock(mu_);
      next_weights_ = inactive;
      next_version_ = have;
      changed_.NotifyAll();
    }
    std::swap(inactive, handed_over);  // the one handed over before is free once the engine has swapped
  }
}

void RolloutWorker::LeaseLoop() {
  absl::Time last_renewal = absl::Now(), last_answer = absl::Now();
  const absl::Duration renewal = absl::Seconds(std::max(0.2, recipe_.rollout.lease_seconds / 3));
  while (!stopping()) {
    std::vector<int64_t> leases;
    int64_t samples = 0;
    double rate = 0;
    {
      MutexLock lock(mu_);
      for (const auto& [group, held] : held_) leases.push_back(held.lease.lease);
      samples = samples_held_;
      rate = tokens_per_second_;
    }
    if (absl::Now() - last_renewal > renewal && !leases.empty()) {
      auto lost = rollout_.Renew(options_.name, leases, rate);
      if (lost.ok()) {
        last_renewal = absl::Now();
        MutexLock lock(mu_);
        for (const int64_t lease : *lost) {
          for (const auto& [group, held] : held_) {
            if (held.lease.lease == lease) lost_.insert(group);
          }
        }
      } else if (absl::IsCancelled(lost.status())) {
        return Fail(lost.status());
      }
    }
    // Twice the batch keeps the engine full while verdicts are on their way.
    const int64_t room = (2 * recipe_.actors.max_batch - samples) / std::max<int64_t>(1, recipe_.rollout.group_size);
    if (room < 1) {
      MutexLock lock(mu_);
      if (samples_held_ >= samples) changed_.WaitUntil(mu_, absl::Now() + absl::Milliseconds(200));
      continue;
    }
    auto granted =
        rollout_.Lease(options_.name, static_cast<int32_t>(std::min<int64_t>(room, 64)), absl::Now() + std::min(options_.poll, renewal));
    if (granted.ok()) {
      last_answer = absl::Now();
      for (GroupLease& lease : *granted) {
        {
          MutexLock lock(mu_);
          held_[lease.group] = {lease, static_cast<int32_t>(lease.samples.size())};
          samples_held_ += static_cast<int64_t>(lease.samples.size());
          lost_.erase(lease.group);
        }
        if (!leases_.Push(std::move(lease), absl::Now() + options_.give_up).ok()) return;
      }
      continue;
    }
    if (absl::IsAborted(granted.status())) {
      // The learner started anew and does not know us.
      ActorInfo info{
          .name = options_.name, .pid = ::getpid(), .device = "cpu", .dtype = recipe_.model.dtype, .isa = ops::Name(context_.isa)};
      rollout_.Register(info).status().IgnoreError();
    } else if (absl::IsDeadlineExceeded(granted.status())) {
      last_answer = absl::Now();
    } else if (!absl::IsUnavailable(granted.status())) {
      return Fail(granted.status());
    }
    if (absl::Now() - last_answer > options_.give_up) return Fail(granted.status());
  }
}

Trajectory RolloutWorker::MakeTrajectory(const GroupLease& lease, Completion completion) const {
  Trajectory trajectory;
  trajectory.run = registration_.run;
  trajectory.group = lease.group;
  trajectory.sample = completion.sample;
  trajectory.attempt = lease.attempt;
  trajectory.prompt_id = lease.prompt.id;
  trajectory.actor = options_.name;
  trajectory.mask.assign(completion.tokens.size(), 1);
  trajectory.tokens = std::move(completion.tokens);
  trajectory.logprobs = std::move(completion.logprobs);
  const SamplingSettings& s = lease.sampling;
  if (s.top_k > 0 || s.top_p < 1 || s.min_p > 0) trajectory.processed_logprobs = std::move(completion.processed_logprobs);
  trajectory.entropies = std::move(completion.entropies);
  trajectory.versions = std::move(completion.versions);
  trajectory.sampling = s;
  trajectory.seed = registration_.run_seed;
  trajectory.finish_reason = completion.finish_reason;
  trajectory.text = std::move(completion.text);
  return trajectory;
}

absl::Status RolloutWorker::StartGroup(const GroupLease& lease) {
  HONE_ASSIGN_OR_RETURN(auto prompt, EncodePrompt(model_, lease.prompt, recipe_.model.chat));
  SamplingSettings sampling = lease.sampling;
  for (const int32_t id : model_.stop_token_ids) sampling.stop_token_ids.push_back(id);
  return engine_->Add({.group = lease.group, .prompt = std::move(prompt), .samples = lease.samples, .sampling = std::move(sampling)});
}

absl::Status RolloutWorker::RunEngine() {
  std::map<int64_t, GroupLease> running;            // by group
  std::map<int64_t, std::vector<int32_t>> prompts;  // tokens of running groups
  std::vector<GroupLease> early;                    // want a newer version than the engine has
  std::map<int64_t, absl::Time> started;
  int64_t last_tokens = 0;
  double last_busy = 0;
  while (!stopping()) {
    std::shared_ptr<WeightArena> fresh;
    int64_t version = -1;
    std::set<int64_t> lost;
    {
      MutexLock lock(mu_);
      fresh = std::move(next_weights_);
      next_weights_ = nullptr;
      version = next_version_;
      lost.swap(lost_);
    }
    if (fresh != nullptr) {
      engine_->SetWeights(std::move(fresh), version);
      weights_.Acknowledge(options_.name, version).IgnoreError();
    }
    for (const int64_t group : lost) {
      engine_->Cancel(group);
      running.erase(group);
      std::erase_if(early, [&](const GroupLease& lease) { return lease.group == group; });
      MutexLock lock(mu_);
      if (const auto held = held_.find(group); held != held_.end()) {
        samples_held_ -= held->second.missing;
        held_.erase(held);
      }
    }
    // New leases: without waiting while there is work, else for a short while.
    const bool has_work = !engine_->idle();
    const absl::Time until = has_work ? absl::InfinitePast() : absl::Now() + absl::Milliseconds(early.empty() ? 50 : 5);
    for (auto lease = leases_.Pop(until); lease.ok(); lease = leases_.Pop(absl::InfinitePast())) early.push_back(std::move(*lease));
    std::vector<GroupLease> still_early;
    for (GroupLease& lease : early) {
      if (engine_->version() < 0 || lease.policy_version > engine_->version()) {
        still_early.push_back(std::move(lease));
        continue;
      }
      const absl::Status added = StartGroup(lease);
      started[lease.group] = absl::Now();
      if (!added.ok()) {
        // A prompt that this model cannot take is the task's fault, and is told so for each of its samples.
        HONE_LOG_WARN("prompt {}: {}", lease.prompt.id, std::string(added.message()));
        for (const int32_t sample : lease.samples) {
          Completion none{.group = lease.group, .sample = sample, .finish_reason = FinishReason::kAborted};
          none.versions = {};
          Trajectory trajectory = MakeTrajectory(lease, std::move(none));
          trajectory.verdicts.push_back(
              {.label = "prompt", .verifier = "actor@1", .outcome = OutcomeKind::kTaskError, .reason = std::string(added.message())});
          if (!finished_.Push({lease, std::move(trajectory)}, absl::Now() + options_.give_up).ok()) return absl::OkStatus();
        }
        continue;
      }
      HONE_ASSIGN_OR_RETURN(prompts[lease.group], EncodePrompt(model_, lease.prompt, recipe_.model.chat));
      running[lease.group] = std::move(lease);
    }
    early = std::move(still_early);
    if (engine_->idle()) continue;
    HONE_ASSIGN_OR_RETURN(auto completions, engine_->Step());
    for (Completion& completion : completions) {
      const auto lease = running.find(completion.group);
      if (lease == running.end()) continue;
      Trajectory trajectory = MakeTrajectory(lease->second, std::move(completion));
      trajectory.prompt_tokens = prompts[lease->first];
      trajectory.generate_ms = MillisecondsSince(started[lease->first]);
      if (!finished_.Push({lease->second, std::move(trajectory)}, absl::Now() + options_.give_up).ok()) return absl::OkStatus();
    }
    if (engine_->stats().busy_seconds - last_busy > 1) {
      MutexLock lock(mu_);
      tokens_per_second_ = static_cast<double>(engine_->stats().decoded_tokens - last_tokens) / (engine_->stats().busy_seconds - last_busy);
      last_tokens = engine_->stats().decoded_tokens;
      last_busy = engine_->stats().busy_seconds;
    }
    // Groups that have ended entirely.
    if (!completions.empty()) {
      MutexLock lock(mu_);
      std::erase_if(running, [&](const auto& entry) { return held_.find(entry.first) == held_.end(); });
      std::erase_if(prompts, [&](const auto& entry) { return running.find(entry.first) == running.end(); });
      std::erase_if(started, [&](const auto& entry) { return running.find(entry.first) == running.end(); });
    }
  }
  return absl::OkStatus();
}

void RolloutWorker::VerifyLoop() {
  for (;;) {
    auto finished = finished_.Pop(absl::InfiniteFuture());
    if (!finished.ok() || stopping()) return;  // what was not submitted is generated again
    if (finished->trajectory.finish_reason == FinishReason::kAborted) {
      judged_.Push(std::move(finished->trajectory), absl::InfiniteFuture()).IgnoreError();
      continue;
    }
    VerifyInput input = MakeVerifyInput(finished->lease.prompt, finished->trajectory);
    auto done = [this, trajectory = std::make_shared<Trajectory>(std::move(finished->trajectory))](std::vector<VerdictRecord> verdicts) {
      for (const VerdictRecord& verdict : verdicts) trajectory->verify_ms += verdict.wall_ms;
      trajectory->verdicts = std::move(verdicts);
      judged_.Push(std::move(*trajectory), absl::InfiniteFuture()).IgnoreError();
    };
    // Waits while the pool is full, in steps, so that it hears of the end.
    while (!stopping() && absl::IsDeadlineExceeded(verifiers_->Submit(input, done, absl::Now() + absl::Milliseconds(200)))) {
    }
  }
}

void RolloutWorker::SubmitLoop() {
  absl::Time last_answer = absl::Now();
  for (;;) {
    std::vector<Trajectory> batch;
    auto first = judged_.Pop(absl::InfiniteFuture());
    if (!first.ok()) return;  // closed and empty
    for (auto next = std::move(first); next.ok(); next = judged_.Pop(absl::InfinitePast())) {
      batch.push_back(*std::move(next));
      if (batch.size() >= kMaxSubmit) break;
    }
    for (;;) {
      auto accepted = rollout_.Submit(options_.name, batch);
      if (accepted.ok()) {
        last_answer = absl::Now();
        break;
      }
      if (!absl::IsUnavailable(accepted.status()) && !absl::IsDeadlineExceeded(accepted.status())) return Fail(accepted.status());
      if (stopping() || absl::Now() - last_answer > options_.give_up) return Fail(accepted.status());
    }
    MutexLock lock(mu_);
    for (const Trajectory& trajectory : batch) {
      const auto held = held_.find(trajectory.group);
      if (held == held_.end()) continue;
      --samples_held_;
      if (--held->second.missing == 0) held_.erase(held);
    }
    changed_.NotifyAll();
  }
}

}  // namespace hone
