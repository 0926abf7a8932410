#include "learner/loss/aggregation.h"

#include <unordered_map>

#include "fmt/format.h"

namespace hone {

absl::StatusOr<AggregationMode> ParseAggregation(std::string_view name) {
  if (name == "token-mean") return AggregationMode::kTokenMean;
  if (name == "token-sum") return AggregationMode::kTokenSum;
  if (name == "seq-mean-token-sum") return AggregationMode::kSeqMeanTokenSum;
  if (name == "seq-mean-token-sum-norm") return AggregationMode::kSeqMeanTokenSumNorm;
  if (name == "seq-mean-token-mean") return AggregationMode::kSeqMeanTokenMean;
  if (name == "prompt-mean") return AggregationMode::kPromptMean;
  return absl::InvalidArgumentError(
      fmt::format("aggregation \"{}\" is not known; known: token-mean, token-sum, seq-mean-token-sum, seq-mean-token-sum-norm, "
                  "seq-mean-token-mean, prompt-mean",
                  name));
}

std::vector<double> AggregationWeights(const AggregationConfig& config, absl::Span<const SequenceTokens> sequences) {
  double tokens = 0, count = 0;
  std::unordered_map<int64_t, double> group_tokens;
  for (const SequenceTokens& sequence : sequences) {
    if (sequence.trainable == 0) continue;
    tokens += static_cast<double>(sequence.trainable);
    count += 1;
    group_tokens[sequence.group] += static_cast<double>(sequence.trainable);
  }
  std::vector<double> weights(sequences.size(), 0.0);
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].trainable == 0) continue;
    switch (config.mode) {
      case AggregationMode::kTokenMean:
        weights[i] = 1 / tokens;
        break;
      case AggregationMode::kTokenSum:
        weights[i] = 1;
        break;
      case AggregationMode::kSeqMeanTokenSum:
        weights[i] = 1 / count;
        break;
      case AggregationMode::kSeqMeanTokenSumNorm:
        weights[i] = 1 / (count * config.constant);
        break;
      case AggregationMode::kSeqMeanTokenMean:
        weights[i] = 1 / (count * static_cast<double>(sequences[i].trainable));
        break;
      case AggregationMode::kPromptMean:
        weights[i] = 1 / (static_cast<double>(group_tokens.size()) * group_tokens[sequences[i].group]);
        break;
    }
  }
  return weights;
}

}  // namespace hone
