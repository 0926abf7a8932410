#include "learner/loss/kl.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace hone {
namespace {

// exp(-d) + d - 1 and its derivative, with the clamps.
KlTerm K3(const KlConfig& config, double d) {
  double x = -d;
  bool clamped = false;
  if (config.log_clamp.has_value() && std::abs(x) > *config.log_clamp) {
    x = std::copysign(*config.log_clamp, x);
    clamped = true;
  }
  KlTerm term{std::expm1(x) - x, clamped ? 0.0 : -std::expm1(x)};
  if (config.value_clamp.has_value() && std::abs(term.value) > *config.value_clamp) {
    term = {std::copysign(*config.value_clamp, term.value), 0.0};
  }
  return term;
}

}  // namespace

absl::StatusOr<KlEstimator> ParseKlEstimator(std::string_view name) {
  if (name == "k1") return KlEstimator::kK1;
  if (name == "k2") return KlEstimator::kK2;
  if (name == "k3") return KlEstimator::kK3;
  if (name == "abs") return KlEstimator::kAbs;
  if (name == "k3_plus") return KlEstimator::kK3Plus;
  if (name == "k3_unbiased") return KlEstimator::kK3Unbiased;
  if (name == "k3_score") return KlEstimator::kK3Score;
  if (name == "ratio_d") return KlEstimator::kRatioD;
  return absl::InvalidArgumentError(
      fmt::format("kl estimator \"{}\" is not known; known: k1, k2, k3, abs, k3_plus, k3_unbiased, k3_score, ratio_d", name));
}

KlTerm EvaluateKl(const KlConfig& config, double logprob, double logprob_ref, double logprob_old) {
  const double d = logprob - logprob_ref;
  const double u = std::exp(logprob - logprob_old);
  switch (config.estimator) {
    case KlEstimator::kK1:
      return {d, 1};
    case KlEstimator::kK2:
      return {0.5 * d * d, d};
    case KlEstimator::kK3:
      return K3(config, d);
    case KlEstimator::kAbs:
      return {std::abs(d), d > 0 ? 1.0 : (d < 0 ? -1.0 : 0.0)};
    case KlEstimator::kK3Plus:
      return {K3(config, d).value, d};
    case KlEstimator::kK3Unbiased:
      return {u * K3(config, d).value, u * d};
    case KlEstimator::kK3Score:
      return {K3(config, d).value, d};
    case KlEstimator::kRatioD:
      return {u * d, u * (d + 1)};
  }
  return {};
}

}  // namespace hone
