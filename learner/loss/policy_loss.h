#pragma once
// Per-token policy losses, as functions of the current log-probability alone, so that the gradient is known inside the forward pass of the
// head (no second pass over the logits). Losses that look at a whole sequence or batch (gspo, gmpo, ...) take another road and are not
// here.
//
// Threads: pure functions. Numbers: double.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

enum class PolicyLoss { kPpoClip, kCispo, kReinforce, kIsReinforce };
// Names of the recipe: "ppo_clip", "cispo", "reinforce", "is_reinforce".
absl::StatusOr<PolicyLoss> ParsePolicyLoss(std::string_view name);

struct PolicyLossConfig {
  PolicyLoss loss = PolicyLoss::kPpoClip;
  // Which log-probability is the denominator of the ratio u = exp(l - l_behaviour): false l_old, true l_rollout.
  bool behaviour_rollout = false;
  double eps_low = 0.2;
  double eps_high = 0.2;
  std::optional<double> dual_clip;      // c > 1: where A < 0 the loss is at most -A c (arXiv:1912.09729)
  std::optional<double> ratio_cap;      // the unclipped branch uses min(u, cap)
  std::optional<double> is_weight_min;  // cispo, absolute ratios
  std::optional<double> is_weight_max;
  std::optional<double> log_ratio_clamp = 20.0;
};

// The constants of one token.
struct TokenContext {
  double advantage = 0;
  double logprob_old = 0;      // by the learner just before the first update on this batch
  double logprob_rollout = 0;  // by the actor when it sampled
};

struct TokenLoss {
  double loss = 0;       // before weights and aggregation
  double dlogprob = 0;   // its derivative
  bool clipped = false;  // the rule changed this token's loss
};

// Source: PPO arXiv:1707.06347; clip-higher arXiv:2503.14476; CISPO arXiv:2506.13585 eq. 4-5.
TokenLoss EvaluatePolicyLoss(const PolicyLossConfig& config, const TokenContext& token, double logprob);

}  // namespace hone
