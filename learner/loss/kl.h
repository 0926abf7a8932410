#pragma once

#include <optional>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// Estimators of the KL divergence from the policy to the reference, per token, with d = l - l_ref and u = exp(l - l_old).
// k1, k2, k3: Schulman's "Approximating KL divergence"; the others as reference values of other systems.
enum class KlEstimator { kK1, kK2, kK3, kAbs, kK3Plus, kK3Unbiased, kK3Score, kRatioD };
absl::StatusOr<KlEstimator> ParseKlEstimator(std::string_view name);

struct KlConfig {
  KlEstimator estimator = KlEstimator::kK3;
  std::optional<double> log_clamp = 20.0;    // of d, before exp
  std::optional<double> value_clamp = 10.0;  // of the value; the gradient is 0 where a clamp is active
};

struct KlTerm {
  double value = 0;
  double dlogprob = 0;
};
// Pure; double precision (k3 by expm1, which keeps the digits near d = 0).
KlTerm EvaluateKl(const KlConfig& config, double logprob, double logprob_ref, double logprob_old);

}  // namespace hone
