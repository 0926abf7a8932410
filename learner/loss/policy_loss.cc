#include "learner/loss/policy_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace hone {
namespace {

struct Ratio {
  double u;
  double du;  // d u / d logprob: u, or 0 where the clamp of the log-ratio is active
};

Ratio MakeRatio(const std::optional<double>& clamp, double logprob, double behaviour) {
  double d = logprob - behaviour;
  bool clamped = false;
  if (clamp.has_value() && std::abs(d) > *clamp) {
    d = std::copysign(*clamp, d);
    clamped = true;
  }
  const double u = std::exp(d);
  return {u, clamped ? 0.0 : u};
}

TokenLoss PpoClip(const PolicyLossConfig& config, double advantage, const Ratio& ratio) {
  const bool capped = config.ratio_cap.has_value() && ratio.u > *config.ratio_cap;
  const double free_u = capped ? *config.ratio_cap : ratio.u;
  const double free_du = capped ? 0.0 : ratio.du;
  const double low = 1 - config.eps_low, high = 1 + config.eps_high;
  const double clipped_u = std::clamp(ratio.u, low, high);
  const double clipped_du = ratio.u >= low && ratio.u <= high ? ratio.du : 0.0;  // 1 on the bounds
  const double free_loss = -advantage * free_u, clipped_loss = -advantage * clipped_u;
  TokenLoss out;
  if (free_loss > clipped_loss) {
    out = {free_loss, -advantage * free_du, false};
  } else if (clipped_loss > free_loss) {
    out = {clipped_loss, -advantage * clipped_du, true};
  } else {  // a tie takes half of each gradient
    out = {free_loss, -advantage * 0.5 * (free_du + clipped_du), false};
  }
  if (config.dual_clip.has_value() && advantage < 0 && out.loss > -advantage * *config.dual_clip) {
    out.loss = -advantage * *config.dual_clip;
    out.dlogprob = 0;
  }
  return out;
}

}  // namespace

absl::StatusOr<PolicyLoss> ParsePolicyLoss(std::string_view name) {
  if (name == "ppo_clip") return PolicyLoss::kPpoClip;
  if (name == "cispo") return PolicyLoss::kCispo;
  if (name == "reinforce") return PolicyLoss::kReinforce;
  if (name == "is_reinforce") return PolicyLoss::kIsReinforce;
  return absl::InvalidArgumentError(fmt::format("loss \"{}\" is not known; known: ppo_clip, cispo, reinforce, is_reinforce", name));
}

TokenLoss EvaluatePolicyLoss(const PolicyLossConfig& config, const TokenContext& token, double logprob) {
  const double behaviour = config.behaviour_rollout ? token.logprob_rollout : token.logprob_old;
  switch (config.loss) {
    case PolicyLoss::kPpoClip:
      return PpoClip(config, token.advantage, MakeRatio(config.log_ratio_clamp, logprob, behaviour));
    case PolicyLoss::kCispo: {
      const double u = MakeRatio(config.log_ratio_clamp, logprob, behaviour).u;
      const double low = config.is_weight_min.value_or(0.0);
      const double high = config.is_weight_max.value_or(std::numeric_limits<double>::infinity());
      const double weight = std::min(std::max(u, low), high);
      return {-weight * token.advantage * logprob, -weight * token.advantage, weight != u};
    }
    case PolicyLoss::kReinforce:
      return {-token.advantage * logprob, -token.advantage, false};
    case PolicyLoss::kIsReinforce: {
      const Ratio ratio = MakeRatio(config.log_ratio_clamp, logprob, token.logprob_rollout);
      return {-token.advantage * ratio.u, -token.advantage * ratio.du, false};
    }
  }
  return {};
}

}  // namespace hone
