#include "verifiers/pool/pool.h"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/base/mutex.h"
#include "lib/base/random.h"
#include "verifiers/pool/circuit_breaker.h"
#include "verifiers/pool/identity.h"
#include "verifiers/pool/verdict_cache.h"

namespace hone {
namespace {

constexpr int kClasses = 3;
constexpr int kMaxThreadsGivenUp = 8;
constexpr absl::Duration kTick = absl::Milliseconds(10);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(20);
constexpr absl::Duration kLongestBackoff = absl::Seconds(2);

bool Needs(const VerifierDescription& description, std::string_view what) {
  return std::find(description.needs.begin(), description.needs.end(), what) != description.needs.end();
}

// The hash of the file that a plugin was loaded from: the same file may have another path on another machine.
std::string_view FileOf(std::string_view origin) {
  const size_t hash = origin.rfind(" sha256:");
  return hash == std::string_view::npos ? origin : origin.substr(hash);
}

// A uniform number of (what, seed, sample, attempt).
double Draw(std::string_view what, uint64_t seed, const VerifyInput& input, int attempt) {
  return RandomStream(Hash64(what, seed), static_cast<uint64_t>(input.group_id), static_cast<uint64_t>(input.sample_index))
      .Uniform(static_cast<uint64_t>(attempt));
}

}  // namespace

namespace pool_internal {

// A completion in the pool.
struct Sample {
  VerifyInput input;
  std::string input_hash;
  VerifierPool::Done done;
  std::vector<VerdictRecord> records;
  size_t missing = 0;  // records
};

// One verifier's request about a completion.
struct Call {
  std::shared_ptr<Sample> sample;
  size_t record = 0;  // of the sample: where its verdict goes
  std::string key;    // CallHash; empty when the verdict may not be shared
  absl::Time submitted, deadline;
  absl::Time due = absl::InfinitePast();  // not before
  int attempts = 0;
  bool suspect = false;  // was in a call that hung
  absl::Duration queue_time;
  size_t last_endpoint = SIZE_MAX;
  std::vector<std::shared_ptr<Call>> followers;  // identical requests that wait for this one
};

// Everything about one verifier.
struct Lane {
  PooledVerifier verifier;
  WorkClass threads = WorkClass::kCompute;  // which threads call it
  absl::Duration timeout;
  bool shares = false;  // cache and common calls
  size_t max_batch = 1;
  size_t max_running = SIZE_MAX;
  size_t running = 0;
  std::deque<std::shared_ptr<Call>> ready;
  std::vector<std::shared_ptr<Call>> delayed;
  std::vector<CircuitBreaker> breakers;                              // one per endpoint
  std::unordered_map<std::string, std::shared_ptr<Call>> under_way;  // by key
  const VerifierDescription& description() const { return verifier.endpoints[0]->Describe(); }
};

// A call of Verify that is going on.
struct Batch {
  size_t lane = 0, endpoint = 0;
  std::vector<std::shared_ptr<Call>> calls;
  absl::Time begin, deadline;
  bool given_up = false;
};

using Finished = std::vector<std::shared_ptr<Sample>>;

inline void Tell(Finished& finished) {
  for (const auto& sample : finished) sample->done(std::move(sample->records));
}

}  // namespace pool_internal

WorkClass ClassOf(const VerifierDescription& description) {
  if (Needs(description, "judge") || Needs(description, "process")) return WorkClass::kWait;
  return Needs(description, "sandbox") ? WorkClass::kSandbox : WorkClass::kCompute;
}

absl::Duration DefaultTimeout(WorkClass work_class) {
  switch (work_class) {
    case WorkClass::kCompute:
      return absl::Seconds(10);
    case WorkClass::kSandbox:
      return absl::Seconds(60);
    case WorkClass::kWait:
      return absl::Seconds(120);
  }
  return absl::Seconds(10);
}

bool InjectsError(const PooledVerifier& verifier, const VerifyInput& input, int attempt) {
  return verifier.inject_infra_errors > 0 && Draw("inject:" + verifier.label, input.seed, input, attempt) < verifier.inject_infra_errors;
}

using namespace pool_internal;  // NOLINT: this file's own

class VerifierPool::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(std::vector<PooledVerifier> verifiers, const PoolOptions& options) : options_(options), cache_(options.cache_bytes) {
    for (PooledVerifier& verifier : verifiers) {
      Lane& lane = lanes_.emplace_back();
      lane.verifier = std::move(verifier);
      const VerifierDescription& description = lane.description();
      lane.verifier.config_hash = ConfigHashOf(lane.verifier.config_hash, description.origin);
      const WorkClass by_need = ClassOf(description);
      lane.threads = lane.verifier.remote ? WorkClass::kWait : by_need;
      lane.timeout = lane.verifier.timeout > absl::ZeroDuration() ? lane.verifier.timeout : DefaultTimeout(by_need);
      lane.shares = description.deterministic && lane.verifier.inject_infra_errors == 0;
      lane.max_batch = by_need == WorkClass::kSandbox ? 1 : static_cast<size_t>(std::max<int64_t>(1, description.max_batch));
      if (description.concurrency > 0) lane.max_running = static_cast<size_t>(description.concurrency) * lane.verifier.endpoints.size();
      lane.breakers.resize(lane.verifier.endpoints.size());
      if (lane.verifier.inject_infra_errors > 0) {
        HONE_LOG_WARN("verifier {}: a share of {:g} of its calls FAILS ON PURPOSE (inject_infra_errors); only tests want this",
                      lane.verifier.label, lane.verifier.inject_infra_errors);
      }
    }
  }

  void Start() {
    const std::array<int, kClasses> counts = {options_.compute_threads, options_.sandbox_threads, options_.wait_threads};
    MutexLock lock(mu_);
    for (int c = 0; c < kClasses; ++c) {
      const bool used = std::any_of(lanes_.begin(), lanes_.end(), [c](const Lane& lane) { return static_cast<int>(lane.threads) == c; });
      for (int i = 0; used && i < std::max(1, counts[c]); ++i) StartWorker(c);
    }
    timer_ = std::thread([this] { Timer(); });
  }

  void Stop() {
    std::map<int64_t, std::thread> workers;
    {
      MutexLock lock(mu_);
      closing_ = true;
      room_.NotifyAll();
      for (CondVar& work : work_) work.NotifyAll();
      while (num_workers_ > 0) left_.Wait(mu_);
      workers.swap(workers_);
      stopped_ = true;
      outstanding_.NotifyAll();
    }
    for (auto& [id, thread] : workers) thread.join();
    timer_.join();
  }

  absl::Status Submit(VerifyInput input, Done done, absl::Time deadline) {
    auto sample = std::make_shared<Sample>();
    sample->input = std::move(input);
    sample->input_hash = InputHash(sample->input.Request());
    sample->done = std::move(done);
    std::vector<Lane*> lanes;
    for (Lane& lane : lanes_) {
      if (!lane.verifier.applies || lane.verifier.applies(sample->input)) lanes.push_back(&lane);
    }
    sample->records.resize(lanes.size());
    sample->missing = lanes.size();
    Finished finished;
    {
      MutexLock lock(mu_);
      while (!closing_ && inputs_ >= options_.max_inputs) {
        if (!room_.WaitUntil(mu_, deadline) && inputs_ >= options_.max_inputs) {
          return absl::DeadlineExceededError(fmt::format("the verifier pool stayed full ({} completions)", options_.max_inputs));
        }
      }
      if (closing_) return absl::CancelledError("the verifier pool is closing");
      if (++inputs_ == 1) outstanding_.NotifyAll();
      const absl::Time now = absl::Now();
      for (size_t i = 0; i < lanes.size(); ++i) {
        Lane& lane = *lanes[i];
        auto call = std::make_shared<Call>();
        call->sample = sample;
        call->record = i;
        call->submitted = now;
        call->deadline = now + lane.timeout;
        if (lane.shares) call->key = CallHash(lane.description().FullName(), lane.verifier.config_hash, sample->input_hash);
        ++stats_.requests;
        Enqueue(lane, std::move(call), finished);
      }
      if (lanes.empty()) {
        --inputs_;
        finished.push_back(sample);
      }
    }
    Tell(finished);
    return absl::OkStatus();
  }

  Stats stats() {
    MutexLock lock(mu_);
    Stats stats = stats_;
    stats.inputs = static_cast<int64_t>(inputs_);
    for (const Lane& lane : lanes_) {
      stats.waiting += static_cast<int64_t>(lane.ready.size() + lane.delayed.size());
      stats.places_left_alone += std::count_if(lane.breakers.begin(), lane.breakers.end(), [](const auto& b) { return b.open(); });
    }
    return stats;
  }

 private:
  // To the cache, to an identical call that is under way, or into the queue.
  void Enqueue(Lane& lane, std::shared_ptr<Call> call, Finished& finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!call->key.empty()) {
      if (const Verdict* known = cache_.Find(call->key)) {
        ++stats_.cache_hits;
        return Finish(lane, *call, *known, /*cached=*/true, finished);
      }
      const auto [leader, first] = lane.under_way.try_emplace(call->key, call);
      if (!first) {
        ++stats_.shared;
        leader->second->followers.push_back(std::move(call));
        return;
      }
    }
    lane.ready.push_back(std::move(call));
    work_[static_cast<int>(lane.threads)].NotifyOne();
  }

  // Writes the record of a request; its completion goes to `finished` with the last one.
  void Finish(const Lane& lane, const Call& call, const Verdict& verdict, bool cached, Finished& finished)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    VerdictRecord& record = call.sample->records[call.record];
    record = ToRecord(lane.verifier.label, verdict);
    if (record.verifier.empty()) record.verifier = lane.description().FullName();
    record.config_hash = lane.verifier.config_hash;
    record.input_hash = call.sample->input_hash;
    record.cached = cached;
    if (cached) record.wall_ms = 0;
    record.attempts = call.attempts;
    record.queue_ms = std::max(0.0, absl::ToDoubleMilliseconds(cached ? absl::Now() - call.submitted : call.queue_time));
    stats_.infra_errors += record.outcome == OutcomeKind::kInfraError;
    if (--call.sample->missing > 0) return;
    finished.push_back(call.sample);
    --inputs_;
    room_.NotifyOne();
  }

  // What a request got: it is done, or tried again.
  void Settle(Lane& lane, const std::shared_ptr<Call>& call, const Verdict& verdict, absl::Time now, Finished& finished)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto* failure = std::get_if<InfraError>(&verdict.outcome);
    if (failure != nullptr && failure->retryable && call->attempts < lane.verifier.max_attempts) {
      if (closing_) return;  // it would have been tried again: nothing is known about it
      const absl::Duration backoff = std::min(kFirstBackoff * (1 << std::min(call->attempts - 1, 10)), kLongestBackoff) *
                                     (0.5 + Draw("backoff", options_.seed, call->sample->input, call->attempts));
      call->due = now + backoff;
      if (call->due < call->deadline) {
        ++stats_.retries;
        lane.delayed.push_back(call);
        return;
      }
    }
    End(lane, call, verdict, finished);
  }

  // The request is over, and with it those that waited for its verdict; a failure sends them on their own way.
  void End(Lane& lane, const std::shared_ptr<Call>& call, const Verdict& verdict, Finished& finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!call->key.empty()) {
      lane.under_way.erase(call->key);
      cache_.Insert(call->key, verdict);
    }
    Finish(lane, *call, verdict, /*cached=*/false, finished);
    const bool failed = std::holds_alternative<InfraError>(verdict.outcome);
    for (auto& follower : std::exchange(call->followers, {})) {
      if (failed) {
        Enqueue(lane, std::move(follower), finished);
      } else {
        Finish(lane, *follower, verdict, /*cached=*/true, finished);
      }
    }
  }

  void StartWorker(int work_class) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    ++num_workers_;
    const int64_t id = next_worker_++;
    workers_.emplace(id, std::thread([self = shared_from_this(), work_class, id] { self->Work(work_class, id); }));
  }

  // Of a worker thread.
  void Work(int work_class, int64_t id) {
    for (;;) {
      std::shared_ptr<Batch> batch;
      {
        MutexLock lock(mu_);
        for (batch = NextBatch(work_class); batch == nullptr && !closing_; batch = NextBatch(work_class)) work_[work_class].Wait(mu_);
        if (batch == nullptr) {
          --num_workers_;
          left_.NotifyAll();
          return;
        }
        batch->begin = absl::Now();
        running_.emplace(id, batch);
      }
      if (!Run(*batch, id)) return;
    }
  }

  // What a thread of this class should do now; null: nothing.
  std::shared_ptr<Batch> NextBatch(int work_class) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (closing_) return nullptr;
    const absl::Time now = absl::Now();
    for (size_t i = 0; i < lanes_.size(); ++i) {
      const size_t index = (next_lane_ + i) % lanes_.size();
      Lane& lane = lanes_[index];
      if (static_cast<int>(lane.threads) != work_class || lane.ready.empty() || lane.running >= lane.max_running) continue;
      const size_t endpoint = ChooseEndpoint(lane, *lane.ready.front(), now);
      if (endpoint == SIZE_MAX) continue;
      auto batch = std::make_shared<Batch>();
      batch->lane = index;
      batch->endpoint = endpoint;
      batch->deadline = absl::InfiniteFuture();
      // What has failed before goes alone.
      const bool alone = lane.ready.front()->attempts > 0;
      const size_t most = alone ? 1 : lane.max_batch;
      while (!lane.ready.empty() && batch->calls.size() < most && (alone || lane.ready.front()->attempts == 0)) {
        std::shared_ptr<Call> call = std::move(lane.ready.front());
        lane.ready.pop_front();
        const bool all = ++call->attempts >= lane.verifier.max_attempts && !call->suspect;
        batch->deadline = std::min(batch->deadline, all ? call->deadline : now + (call->deadline - now) / 2);
        call->queue_time = now - call->submitted;
        call->last_endpoint = endpoint;
        batch->calls.push_back(std::move(call));
      }
      lane.breakers[endpoint].Begin();
      ++lane.running;
      ++stats_.calls;
      next_lane_ = index + 1;
      if (!lane.ready.empty()) work_[work_class].NotifyOne();
      return batch;
    }
    return nullptr;
  }

  // Round robin over the places that may be called, another one than last time where there is one. SIZE_MAX: none.
  size_t ChooseEndpoint(const Lane& lane, const Call& call, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const size_t count = lane.breakers.size();
    size_t chosen = SIZE_MAX;
    for (size_t i = 0; i < count; ++i) {
      const size_t endpoint = (next_endpoint_ + i) % count;
      if (!lane.breakers[endpoint].MayCall(now)) continue;
      chosen = endpoint;
      if (endpoint != call.last_endpoint) break;
    }
    if (chosen != SIZE_MAX) next_endpoint_ = chosen + 1;
    return chosen;
  }

  // Calls the verifier, without the lock. False when this thread was given up meanwhile.
  bool Run(Batch& batch, int64_t id) {
    const PooledVerifier& verifier = lanes_[batch.lane].verifier;
    std::vector<VerifyRequest> requests;
    std::vector<Verdict> verdicts(batch.calls.size());
    for (size_t i = 0; i < batch.calls.size(); ++i) {
      const Call& call = *batch.calls[i];
      if (InjectsError(verifier, call.sample->input, call.attempts)) {
        verdicts[i].outcome = InfraError{"this call fails on purpose", /*retryable=*/true};
        verdicts[i].reason = "injected";
        continue;
      }
      requests.push_back(call.sample->input.Request());
      requests.back().id = i;
      requests.back().deadline = batch.deadline;
    }
    if (!requests.empty()) {
      for (Verdict& verdict : verifier.endpoints[batch.endpoint]->Verify(requests)) verdicts[verdict.id] = std::move(verdict);
    }
    Finished finished;
    {
      MutexLock lock(mu_);
      if (batch.given_up) return false;
      running_.erase(id);
      Lane& lane = lanes_[batch.lane];
      --lane.running;
      stats_.injected += static_cast<int64_t>(batch.calls.size() - requests.size());
      const absl::Time now = absl::Now();
      // A place has failed when nothing that was sent there came back.
      const bool failed = !requests.empty() && std::all_of(requests.begin(), requests.end(), [&](const VerifyRequest& request) {
        const auto* error = std::get_if<InfraError>(&verdicts[request.id].outcome);
        return error != nullptr && error->retryable;
      });
      if (failed) {
        lane.breakers[batch.endpoint].Failed(now);
      } else {
        lane.breakers[batch.endpoint].Succeeded();
      }
      for (size_t i = 0; i < batch.calls.size(); ++i) Settle(lane, batch.calls[i], verdicts[i], now, finished);
      if (!lane.ready.empty()) work_[static_cast<int>(lane.threads)].NotifyOne();
    }
    Tell(finished);
    return true;
  }

  // The pool's watch: lets delayed requests go, ends requests whose time is up, gives up calls that overrun, wakes threads for places that
  // may be called again.
  void Timer() {
    for (;;) {
      Finished finished;
      {
        MutexLock lock(mu_);
        if (stopped_) return;
        if (inputs_ == 0 && running_.empty()) {
          outstanding_.Wait(mu_);
        } else {
          outstanding_.WaitUntil(mu_, absl::Now() + kTick);
        }
        if (stopped_) return;
        const absl::Time now = absl::Now();
        for (Lane& lane : lanes_) {
          if (!closing_) Watch(lane, now, finished);
        }
        GiveUpOverdue(now, finished);
      }
      Tell(finished);
    }
  }

  void Watch(Lane& lane, absl::Time now, Finished& finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::vector<std::shared_ptr<Call>> overdue;
    std::erase_if(lane.delayed, [&](const std::shared_ptr<Call>& call) {
      if (call->due > now) return false;
      lane.ready.push_back(call);
      return true;
    });
    std::erase_if(lane.ready, [&](const std::shared_ptr<Call>& call) {
      if (call->deadline > now) return false;
      overdue.push_back(call);
      return true;
    });
    for (const auto& call : overdue) {
      call->queue_time = now - call->submitted;
      End(lane, call, Overdue("waiting for its turn"), finished);
    }
    if (!lane.ready.empty()) work_[static_cast<int>(lane.threads)].NotifyAll();
  }

  static Verdict Overdue(std::string_view where) {
    Verdict verdict;
    verdict.outcome = InfraError{fmt::format("its time was up {}", where), /*retryable=*/true};
    verdict.reason = "deadline";
    return verdict;
  }

  void GiveUpOverdue(absl::Time now, Finished& finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (auto it = running_.begin(); it != running_.end();) {
      Batch& batch = *it->second;
      if (now < batch.deadline + options_.grace) {
        ++it;
        continue;
      }
      Lane& lane = lanes_[batch.lane];
      batch.given_up = true;
      --lane.running;
      lane.breakers[batch.endpoint].Failed(now);
      HONE_LOG_ERROR("verifier {}: a call of {} requests did not return by its deadline; its thread is given up", lane.verifier.label,
                     batch.calls.size());
      // It holds what it uses, and finds given_up set should it ever come back.
      workers_.at(it->first).detach();
      workers_.erase(it->first);
      --num_workers_;
      left_.NotifyAll();
      if (++stats_.threads_given_up <= kMaxThreadsGivenUp && !closing_) StartWorker(static_cast<int>(lane.threads));
      Verdict verdict = Overdue("in the verifier");
      verdict.wall_time = now - batch.begin;
      for (const auto& call : batch.calls) {
        call->suspect = true;
        Settle(lane, call, verdict, now, finished);
      }
      it = running_.erase(it);
    }
  }

  // Constant after construction, but for the lanes' queues, counts and breakers, which mu_ protects.
  const PoolOptions options_;
  std::vector<Lane> lanes_;

  mutable Mutex mu_;
  CondVar room_;                        // a completion has left
  std::array<CondVar, kClasses> work_;  // there may be something to do
  CondVar outstanding_;                 // the timer has work, or is to leave
  CondVar left_;                        // a worker has left
  VerdictCache cache_ ABSL_GUARDED_BY(mu_);
  size_t inputs_ ABSL_GUARDED_BY(mu_) = 0;
  size_t next_lane_ ABSL_GUARDED_BY(mu_) = 0;
  size_t next_endpoint_ ABSL_GUARDED_BY(mu_) = 0;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  Stats stats_ ABSL_GUARDED_BY(mu_);
  int64_t next_worker_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t num_workers_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<int64_t, std::thread> workers_ ABSL_GUARDED_BY(mu_);
  std::map<int64_t, std::shared_ptr<Batch>> running_ ABSL_GUARDED_BY(mu_);  // by worker
  std::thread timer_;
};

absl::StatusOr<std::unique_ptr<VerifierPool>> VerifierPool::Create(std::vector<PooledVerifier> verifiers, const PoolOptions& options) {
  for (const PooledVerifier& verifier : verifiers) {
    if (verifier.endpoints.empty()) return absl::InvalidArgumentError(fmt::format("verifier {}: no endpoint", verifier.label));
    const std::string name = verifier.endpoints[0]->Describe().FullName();
    const std::string& origin = verifier.endpoints[0]->Describe().origin;
    for (const auto& endpoint : verifier.endpoints) {
      const VerifierDescription& other = endpoint->Describe();
      if (other.FullName() == name && FileOf(other.origin) == FileOf(origin)) continue;
      const bool same_name = other.FullName() == name;
      return absl::InvalidArgumentError(fmt::format("verifier {}: one endpoint is {}, another {}; all must run the same program",
                                                    verifier.label, same_name ? origin : name,
                                                    same_name ? other.origin : other.FullName()));
    }
  }
  auto impl = std::make_shared<Impl>(std::move(verifiers), options);
  impl->Start();
  return std::unique_ptr<VerifierPool>(new VerifierPool(std::move(impl)));
}

VerifierPool::VerifierPool(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
VerifierPool::~VerifierPool() {
  impl_->Stop();
}

absl::Status VerifierPool::Submit(VerifyInput input, Done done, absl::Time deadline) {
  return impl_->Submit(std::move(input), std::move(done), deadline);
}

VerifierPool::Stats VerifierPool::stats() const {
  return impl_->stats();
}

}  // namespace hone
