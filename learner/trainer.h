#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "learner/batch.h"
#include "learner/checkpoint.h"
#include "learner/intake/intake.h"
#include "learner/policy_update.h"
#include "lib/config/recipe.h"
#include "lib/data/prompt_source.h"
#include "lib/ledger/run_ledger.h"
#include "lib/model/model_files.h"
#include "lib/transport/weight_publisher.h"
#include "rewards/alarms.h"

namespace hone {

// Accuracy on held-out prompts with one budget of tokens.
struct EvalResult {
  int64_t step = 0;
  std::string kind;  // "greedy", "baseline", "sampled"
  int64_t prompts = 0;
  int64_t samples = 0;
  double score = 0;          // mean
  double low = 0, high = 0;  // 95 % interval (Wilson for scores of 0 and 1)
  double tokens_mean = 0;
  int64_t max_new_tokens = 0;
};

// What the trainer tells whoever shows progress.
class TrainerObserver {
 public:
  virtual ~TrainerObserver() = default;
  virtual void OnPhase(const std::string& text) = 0;  // "warm start 20/300", "evaluating"
  virtual void OnStep(int64_t step, int64_t total, const std::map<std::string, double>& metrics, double seconds_left) = 0;
  virtual void OnEval(const EvalResult& result) = 0;
  // An alarm has begun at `step`; told before OnStep.
  virtual void OnAlarm(int64_t step, const AlarmEvent& alarm) = 0;
};

struct TrainSummary {
  int64_t last_step = 0;
  int64_t trained_prompts = 0;
  bool interrupted = false;
  std::vector<EvalResult> evals;
  std::vector<double> rewards;  // mean reward of each step of this process
  std::string checkpoint;       // newest
  double seconds = 0;
};

// The learner's main loop: offers prompt groups, takes them complete, updates the policy, publishes its weights, commits the step.
//
// Policy version v is the policy after v steps. Step s (1-based) trains on groups [(s-1) P, s P), generated with version s-1-eta or newer
// (eta = algorithm.staleness.eta; 0: synchronous). What was accepted before a crash is found in the ledger and not generated again.
//
// Threads: Run on one; RequestStop from any.
class Trainer {
 public:
  struct Parts {
    const Recipe& recipe;
    const ModelFiles& files;
    const Decoder& decoder;
    const ops::Context& context;
    PolicyUpdater& updater;
    Intake& intake;
    WeightPublisher& publisher;
    RunLedger& ledger;
    const PromptSource& prompts;
    const PromptSource* eval_prompts;  // null: no evaluation
    TrainerObserver& observer;
    int64_t planned_bytes;
  };
  explicit Trainer(Parts parts);

  // From the newest checkpoint in the ledger, or from the beginning. When RequestStop ended it a checkpoint is written and interrupted is
  // set; when the recipe's time limit did, the run is evaluated and ends well.
  absl::StatusOr<TrainSummary> Run();
  void RequestStop() { stop_.store(true); }
  int64_t step() const { return step_.load(); }

 private:
  absl::Status Start();
  absl::Status WarmStart();
  absl::Status Step(int64_t step);
  absl::Status OfferUpTo(int64_t step);
  absl::Status Publish(int64_t version);
  absl::Status Checkpoint(int64_t step);
  // Evaluates when the recipe asks for it; kind decides sampling and budget.
  absl::StatusOr<EvalResult> Evaluate(int64_t step, const std::string& kind);
  absl::Status EvaluateAndNote(int64_t step, const std::string& kind);
  // Shows the alarms the metrics of the steps that were taken before this process.
  void RecallMetrics();
  // Intake::Take that notices RequestStop.
  absl::StatusOr<std::vector<CompletedGroup>> Take(const std::vector<int64_t>& groups);
  bool TimeIsUp() const;

  const Parts parts_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> step_{0};
  int64_t offered_ = 0;  // steps whose groups have been offered
  int64_t eval_round_ = 0;
  int non_finite_ = 0;
  double best_eval_ = -1;
  int64_t best_step_ = -1;
  int64_t last_checkpoint_ = -1;
  absl::Time started_;
  std::vector<double> step_seconds_;
  std::map<std::string, double> eval_metrics_;  // of the step being committed
  AlarmMonitor alarms_;
  CheckpointWriter checkpoints_;
  TrainSummary summary_;
};

// Peak resident memory of this process in bytes.
int64_t PeakMemoryBytes();

}  // namespace hone
