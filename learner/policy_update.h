#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "learner/loss/aggregation.h"
#include "learner/loss/kl.h"
#include "learner/loss/policy_loss.h"
#include "learner/pack.h"
#include "lib/model/decoder.h"
#include "lib/ops/optimizer.h"

namespace hone {

// A completion with everything the loss needs. Per-token arrays have one entry per token.
struct TrainSample {
  std::vector<int32_t> tokens;
  std::vector<uint8_t> mask;
  std::vector<float> logprobs_rollout;
  std::vector<uint8_t> same_version;  // 1: sampled with the weights that are about to be updated
  double advantage = 0;
  bool valid = true;  // false: unscorable, counts nowhere
};
struct TrainGroup {
  int64_t group = 0;
  std::vector<int32_t> prompt;
  std::vector<TrainSample> samples;
  float temperature = 1;
};

struct PolicyUpdateConfig {
  PolicyLossConfig loss;
  KlConfig kl;
  double kl_coef = 0;
  AggregationConfig aggregation;
  double entropy_coef = 0;
  double tis_cap =
      2;  // truncated importance weight of tokens whose learner and actor log-probabilities differ (arXiv:2505.24298); inert at ratio 1
  int64_t micro_batch_tokens = 1024;
  int64_t head_chunk_rows = 256;
  int minibatches = 1;  // optimizer steps per batch, groups dealt in order
  int epochs = 1;
  double clip_norm = 1;   // 0: none
  ops::AdamWParams adam;  // betas, eps, weight decay; lr and step are set per update
};

struct UpdateStats {
  double loss = 0, kl = 0, entropy = 0, grad_norm = 0, clip_frac = 0, ppo_kl = 0;
  double mismatch_max_abs = 0;   // max |recomputed - rollout| over same-version tokens
  double mismatch_gen_kl = 0;    // mean(rho - ln rho - 1) over all trainable tokens
  int64_t trainable_tokens = 0;  // N of the aggregation
  int64_t trained_tokens = 0;    // targets that went through forward and backward
  int64_t rows = 0;              // rows computed
  int64_t groups = 0, groups_trained = 0;
  int64_t micro_batches = 0;
  int64_t optimizer_steps = 0;
  bool non_finite = false;  // the update was skipped: weights are as before
  double forward_backward_seconds = 0, optimizer_seconds = 0;
};

// The weights in training and how a batch of scored groups changes them.
//
// Master weights, moments and gradient are float32; forward and backward use the arena in the run's dtype. After an update the new weights
// stand in a fresh arena (the old one may still be read by a push), taken from `spare` when nobody else holds it.
//
// Threads: one.
class PolicyUpdater {
 public:
  // decoder: must outlive this. reference: weights of the KL term's frozen model, null when kl_coef is 0.
  PolicyUpdater(const ops::Context& context, const Decoder& decoder, DType dtype, PolicyUpdateConfig config);

  // Bytes this object will hold, arenas and workspaces, for the memory plan.
  static int64_t PlannedBytes(const Decoder& decoder, DType dtype, const PolicyUpdateConfig& config, int64_t max_sample_tokens);

  // Reads master weights from a checkpoint; moments become 0.
  absl::Status Load(const TensorSource& source);
  // Makes the current weights the frozen reference of the KL term.
  void FreezeReference();

  const std::shared_ptr<WeightArena>& weights() const { return weights_; }
  FloatArena& master() { return master_; }
  FloatArena& moment1() { return moment1_; }
  FloatArena& moment2() { return moment2_; }
  FloatArena& grads() { return grads_; }
  int64_t adam_step() const { return adam_step_; }
  void set_adam_step(int64_t step) { adam_step_ = step; }
  // Rounds the master weights into the forward arena again, after master() was written.
  void RefreshWeights();

  // One rollout batch: minibatches x epochs optimizer steps at learning rate lr. On a non-finite loss or gradient the step is skipped and
  // said in the stats. skip_zero_advantage: groups whose advantages are all 0 are not computed (they still count in the denominators).
  absl::StatusOr<UpdateStats> Update(const std::vector<TrainGroup>& groups, double lr, bool skip_zero_advantage);

  // Supervised step on completions (loss: mean of -log p over targets), for warm starts. Same packing, same optimizer.
  absl::StatusOr<UpdateStats> SupervisedStep(const std::vector<TrainGroup>& groups, double lr);

  // Log-probabilities of all targets under `weights`, [group][sample][token] (0 where masked).
  using LogProbTable = std::vector<std::vector<std::vector<float>>>;
  absl::StatusOr<LogProbTable> LogProbs(const WeightArena& weights, const std::vector<TrainGroup>& groups);

  // Accumulates gradients of the mean -log p over all targets without an optimizer step; for tests against golden gradients.
  absl::StatusOr<double> SupervisedGradient(const std::vector<TrainGroup>& groups);

 private:
  // What a token contributes: given place and log-probability, returns loss weight derivative.
  struct TokenGrad {
    double dlogprob = 0;
    double dentropy = 0;
  };
  using TokenFunction = std::function<TokenGrad(const Target& target, double logprob, double entropy)>;
  absl::Status ForwardBackward(const WeightArena& weights, const std::vector<TrainGroup>& groups,
                               absl::Span<const PackedMicroBatch> batches, const TokenFunction* token_function,
                               const std::function<void(const Target&, float logprob)>* observe, UpdateStats* stats);
  std::vector<PackedMicroBatch> PackGroups(const std::vector<TrainGroup>& groups, const std::vector<bool>& chosen) const;
  void EnsureWorkspace(absl::Span<const PackedMicroBatch> batches, bool keep);
  // Clips and applies the gradient; false when it is not finite.
  bool Apply(double lr, UpdateStats* stats);
  std::shared_ptr<WeightArena> FreshArena();

  const ops::Context context_;
  const Decoder& decoder_;
  const DType dtype_;
  const PolicyUpdateConfig config_;
  FloatArena master_, moment1_, moment2_, grads_;
  std::shared_ptr<WeightArena> weights_, spare_, reference_;
  std::unique_ptr<Workspace> workspace_;
  int64_t adam_step_ = 0;
};

}  // namespace hone
