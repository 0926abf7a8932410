#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/status.h"

namespace hone {

// How per-token losses become one number: a weight per token, from counts over the whole step, never over a micro-batch.
enum class AggregationMode { kTokenMean, kTokenSum, kSeqMeanTokenSum, kSeqMeanTokenSumNorm, kSeqMeanTokenMean, kPromptMean };
absl::StatusOr<AggregationMode> ParseAggregation(std::string_view name);

struct AggregationConfig {
  AggregationMode mode = AggregationMode::kTokenMean;
  double constant = 0;  // of seq-mean-token-sum-norm, > 0
};

// One sequence of the step: its group and its number of trainable tokens.
struct SequenceTokens {
  int64_t group = 0;
  int64_t trainable = 0;
};

// The weight of each trainable token of each sequence: loss = sum over sequences of weight_i times the sum of its token losses.
// Sequences without trainable tokens get 0 and count nowhere; all empty gives zeros.
std::vector<double> AggregationWeights(const AggregationConfig& config, absl::Span<const SequenceTokens> sequences);

}  // namespace hone
