#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/checked_verifier.h"
#include "verifiers/pool/verify_input.h"

namespace hone {

// What a call of a verifier spends its time on. Each class has threads of its own, so that a judge who keeps us waiting holds no rule up.
enum class WorkClass : uint8_t { kCompute, kSandbox, kWait };
// By the verifier's needs: "sandbox"; "judge" or "process"; else compute.
WorkClass ClassOf(const VerifierDescription& description);
// From request to verdict, when the recipe does not say: 10 s, 60 s, 120 s.
absl::Duration DefaultTimeout(WorkClass work_class);

// One verifier of a recipe, as a pool runs it.
struct PooledVerifier {
  std::string label;        // the recipe's name for it
  std::string config_hash;  // of its parameters; the pool adds where a plugin was loaded from (ConfigHashOf)
  // The same verifier in one or more places. A failed call is repeated in another place where there is one.
  std::vector<std::shared_ptr<const CheckedVerifier>> endpoints;
  bool remote = false;                            // the endpoints are other processes
  absl::Duration timeout = absl::ZeroDuration();  // 0: DefaultTimeout
  int max_attempts = 3;                           // calls for one completion, at least 1
  double inject_infra_errors = 0;                 // see InjectsError
  // Whether it judges this completion; empty: all of them.
  std::function<bool(const VerifyInput& input)> applies;
};

// For tests: whether this attempt fails on purpose. A share of all (label, group, sample, attempt) does, the same ones every time.
bool InjectsError(const PooledVerifier& verifier, const VerifyInput& input, int attempt);

struct PoolOptions {
  int compute_threads = 1;
  int sandbox_threads = 2;
  int wait_threads = 16;                    // also the calls to other processes that may be open
  size_t max_inputs = 4096;                 // completions in the pool, beyond which Submit waits
  int64_t cache_bytes = int64_t{64} << 20;  // of verdicts kept
  uint64_t seed = 0;                        // of injected errors and of the spread of back-off
  absl::Duration grace = absl::Seconds(1);  // a call may overrun its deadline by this before its thread is given up
};

// Runs the verifiers of a recipe over completions, all at once and in the background.
//
// Every completion goes to every verifier; when the last of its verdicts is there, the completion is done. So a slow verifier delays only
// the completions that it is slow on.
//
//   deadline   one for each verifier and completion, from Submit on, all attempts together. An attempt that is not the last gets half of
//              what is left. A call that overruns it by `grace` is given up: its requests fail, its thread is replaced (at most 8 times)
//              and whatever it says later is dropped. Its requests get half of what is left when they are tried again, so that the one
//              that hangs leaves time for those that were called with it.
//   retries    of InfraErrors that are retryable, after 20 ms, 40 ms, ... (times 0.5 to 1.5, a function of seed and sample), up to
//              max_attempts, in another place first, and alone, so that a sample that breaks its verifier takes no neighbour along.
//   breaker    a place that fails five times in a row is left alone for 0.5 s to 30 s; requests wait meanwhile, up to their deadline.
//   cache      of scores and task errors of deterministic verifiers, by CallHash, in which a plugin's file counts. Identical requests share
//   one call while it is under way;
//              its failure is not shared. Verifiers with injected errors are not cached, so that the errors do not depend on what is.
//   batches    up to the verifier's max_batch of what waits; one for verifiers that run programs, which go side by side instead.
//
// A verdict that cannot be had is an InfraError in the records; nothing is ever made a 0.
//
// Threads: all methods may be called from any thread.
class VerifierPool {
 public:
  // One record per verifier that applies, in their order.
  using Done = std::function<void(std::vector<VerdictRecord> records)>;

  // InvalidArgument: a verifier without endpoint or with unequal ones, by name, version or a plugin's file.
  static absl::StatusOr<std::unique_ptr<VerifierPool>> Create(std::vector<PooledVerifier> verifiers, const PoolOptions& options);
  // Ends what is running, at most until its deadlines. What has not been done then never will be: its `done` is not called.
  ~VerifierPool();
  VerifierPool(const VerifierPool&) = delete;
  VerifierPool& operator=(const VerifierPool&) = delete;

  // Takes a completion in. Waits while the pool is full: DeadlineExceeded. `done` is called once, on a thread of the pool or within this
  // call (everything was known already), and must not wait for the pool.
  absl::Status Submit(VerifyInput input, Done done, absl::Time deadline = absl::InfiniteFuture());

  // Now, and since the start.
  struct Stats {
    int64_t inputs = 0;   // completions in the pool
    int64_t waiting = 0;  // requests that wait for a thread, a place or their next attempt
    int64_t calls = 0, requests = 0, retries = 0, cache_hits = 0, shared = 0, injected = 0;
    int64_t infra_errors = 0;  // requests that ended so
    int64_t threads_given_up = 0;
    int64_t places_left_alone = 0;  // now, by their breakers
  };
  Stats stats() const;

 private:
  class Impl;
  explicit VerifierPool(std::shared_ptr<Impl> impl);
  // Shared with threads that were given up and may come back later.
  const std::shared_ptr<Impl> impl_;
};

}  // namespace hone
