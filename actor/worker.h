#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "actor/engine/engine.h"
#include "lib/base/queue.h"
#include "lib/config/recipe.h"
#include "lib/model/model_files.h"
#include "lib/transport/services.h"
#include "lib/transport/weight_fetcher.h"
#include "verifiers/pool/pool.h"

namespace hone {

struct WorkerOptions {
  std::string name = "actor-0";
  int threads = 1;
  absl::Duration poll = absl::Seconds(10);     // of one wait for work or weights
  absl::Duration give_up = absl::Minutes(10);  // without a learner that answers
  // Addresses of `hone verifier` processes, and their secret; none: the verifiers run in this process.
  std::vector<std::string> verifier_workers;
  std::string token;
};

// One actor: leases prompt groups, generates their completions, has them verified, submits them, and swaps in new weights between two
// decode steps while generation goes on.
//
// Threads of its own, beside the caller's, which runs the engine:
//   weights  waits for a newer version, fetches and verifies it into the buffer that is not in use, hands it to the engine
//   leases   asks for groups while there is room, and renews what is held
//   verify   hands finished completions to the verifier pool, which has threads of its own
//   submit   sends judged completions to the learner
//
// Verification never holds generation up: the engine's thread only puts completions into a queue with room for all that the actor holds.
// When verdicts are slow the actor leases no more, so that the learner sees fewer completions, not worse ones.
//
// A lease asks for a policy version; its group waits in the actor until that version is in the engine.
class RolloutWorker {
 public:
  // rollout, weights: must outlive the worker; the learner's own objects, or a client.
  RolloutWorker(WorkerOptions options, RolloutService& rollout, WeightService& weights);
  ~RolloutWorker();

  // Works until Stop, or until the learner says that the run is over: ok then. Errors: those of the model's files, or Unavailable when the
  // learner cannot be reached for give_up.
  absl::Status Run();
  // Lets Run return soon. From any thread, also from a signal handler's helper.
  void Stop() { stop_.store(true); }

 private:
  struct Held {
    GroupLease lease;
    int32_t missing = 0;  // samples not yet submitted
  };

  absl::Status Setup();
  absl::Status RunEngine();
  void WeightsLoop();
  void LeaseLoop();
  void VerifyLoop();
  void SubmitLoop();
  absl::Status StartGroup(const GroupLease& lease);
  Trajectory MakeTrajectory(const GroupLease& lease, Completion completion) const;
  // Closes all queues and joins all threads.
  void Leave();
  // Ends the worker with this status; the first one counts.
  void Fail(absl::Status status);
  bool stopping() const { return stop_.load(); }

  const WorkerOptions options_;
  RolloutService& rollout_;
  WeightService& weights_;
  std::atomic<bool> stop_{false};

  // Set up before the threads start, then constant.
  Registration registration_;
  Recipe recipe_;
  ModelFiles model_;
  std::unique_ptr<ThreadPool> pool_;
  ops::Context context_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Engine> engine_;  // of the caller's thread

  Queue<GroupLease> leases_{"leases of the actor", 64};
  struct Finished {
    GroupLease lease;
    Trajectory trajectory;
  };
  // The actor holds at most twice its batch of samples (actors.max_batch), so neither is ever full.
  Queue<Finished> finished_{"completions to verify", 1 << 20};
  Queue<Trajectory> judged_{"completions to submit", 1 << 20};

  Mutex mu_;
  CondVar changed_;
  std::shared_ptr<WeightArena> next_weights_ ABSL_GUARDED_BY(mu_);
  int64_t next_version_ ABSL_GUARDED_BY(mu_) = -1;
  std::map<int64_t, Held> held_ ABSL_GUARDED_BY(mu_);  // by group
  std::set<int64_t> lost_ ABSL_GUARDED_BY(mu_);        // groups whose lease is no longer ours
  int64_t samples_held_ ABSL_GUARDED_BY(mu_) = 0;
  double tokens_per_second_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;
  std::unique_ptr<VerifierPool> verifiers_;  // last: its threads use the above
};

}  // namespace hone
