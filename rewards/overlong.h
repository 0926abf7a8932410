#pragma once

#include <cstdint>
#include <string>

#include "lib/base/status.h"

namespace hone {

// What a completion near or beyond its token limit costs. Applied to the reward before baselines.
//
//   none           nothing
//   soft           DAPO, arXiv:2503.14476 eq. 13: 0 up to max_len - buffer, then linear down to -factor at max_len, -factor beyond
//   linear         the same line without a floor beyond max_len
//   stop_properly  a truncated sample's reward is multiplied by coef in [0, 1]; a negative coef replaces it
// (Masking truncated samples is not a matter of reward: the learner does it.)
struct OverlongConfig {
  std::string kind = "none";
  int64_t max_len = 0;  // tokens
  int64_t buffer = 0;   // tokens
  double factor = 1;
  double coef = 0;
};

// InvalidArgument for an unknown kind, a buffer outside [1, max_len], a factor that is negative or not finite, a coef above 1 or not
// finite.
absl::Status Validate(const OverlongConfig& config);

// Penalty (0 or below) of a completion of `num_tokens`; 0 for the kinds that add none. config must be valid.
double OverlongPenalty(const OverlongConfig& config, int64_t num_tokens);

// The reward after shaping. truncated: cut by the token limit.
double ApplyOverlong(const OverlongConfig& config, double reward, int64_t num_tokens, bool truncated);

}  // namespace hone
