#pragma once
// From logits to log-probabilities, entropies, samples and gradients. Learner and actor call the same row functions, so the log-probability
// that the actor reports is the one that the learner recomputes.
// Threads: see Context. Errors: none; shapes are the caller's duty.

#include <cstdint>

#include "absl/types/span.h"
#include "lib/ops/tensor.h"

namespace hone::ops {

// Facts about one row z = logits / temperature, natural logarithms.
struct SoftmaxStats {
  float max = 0;      // max z
  float log_sum = 0;  // log sum exp (z - max), the digits that lse = max + log_sum would round away
  float entropy = 0;  // lse - sum softmax(z) z; terms of probability 0 count 0
  float lse() const { return max + log_sum; }
};

// logprob[i] = log softmax(logits_i / temperature_i)[target_i]. Sums over V in a fixed order. temperature [M] > 0.
// A logit of -infinity has probability 0. A row with a NaN or +infinity, or of -infinity alone, gives NaN in all results.
// stats may be null. logits [M, V] with ldl elements between rows.
void LogProbs(const Context& context, int64_t m, int64_t v, const float* logits, int64_t ldl, absl::Span<const float> temperature,
              absl::Span<const int32_t> targets, float* logprob, SoftmaxStats* stats);

// logits_i <- d(loss)/d(logits_i) in place, for loss with d(loss)/d(logprob_i) = coef_i and d(loss)/d(entropy_i) = entropy_coef_i (may be
// empty), stats of the same row by LogProbs: coef (1[v = target] - p_v) / T - entropy_coef p_v (ln p_v + H) / T. A row with both
// coefficients 0 becomes 0.
void LogProbsGrad(const Context& context, int64_t m, int64_t v, float* logits, int64_t ldl, absl::Span<const float> temperature,
                  absl::Span<const int32_t> targets, absl::Span<const SoftmaxStats> stats, absl::Span<const float> coef,
                  absl::Span<const float> entropy_coef);

// How a row is sampled. Order: temperature, top-k, top-p on the renormalised rest (the smallest prefix by descending probability whose mass
// reaches p, the crossing token included), min-p (drop tokens below min_p times the largest probability).
struct SampleParams {
  float temperature = 1;  // 0: the largest logit, the lowest index on ties
  int32_t top_k = 0;      // 0: all
  float top_p = 1;        // (0, 1]
  float min_p = 0;        // [0, 1)
};
struct Sample {
  int32_t token = 0;
  float logprob = 0;            // of the full distribution at this temperature (temperature 1 when greedy): what LogProbs gives
  float processed_logprob = 0;  // of the truncated, renormalised distribution that was sampled from; greedy: 0
  float entropy = 0;            // of the full distribution at this temperature
};
// Draws one token per row by inverting the cumulative distribution in the order of token ids at `uniform` [M] in [0, 1): the draw depends
// on the row and its number alone. A token of probability 0 is never drawn. A row that gives NaN in LogProbs gives token 0 and NaN.
void SampleRows(const Context& context, int64_t m, int64_t v, const float* logits, int64_t ldl, absl::Span<const SampleParams> params,
                absl::Span<const float> uniform, Sample* out);

}  // namespace hone::ops
