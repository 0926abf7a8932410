#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Judges the length of the completion in sampled tokens, never in characters.
//
// rule "budget": 1 when min_tokens <= length <= max_tokens, else 0.
// rule "soft":   SoftLengthPenalty, from 0 down to -factor.
// rule "stop":   1 when the model ended by itself, 0 when the token limit cut it.
// NotApplicable when the caller does not know the count or the reason of the end.
// Reasons: in_budget, too_short, too_long, within, in_buffer, stopped, truncated.
absl::StatusOr<std::unique_ptr<Verifier>> CreateLength(std::string_view params_json);

// Soft overlong penalty of DAPO (arXiv:2503.14476, equation 13) times factor: 0 up to max_tokens - buffer, then linear down to -factor at
// max_tokens, -factor beyond. buffer >= 1.
double SoftLengthPenalty(int64_t num_tokens, int64_t max_tokens, int64_t buffer, double factor);

}  // namespace hone
