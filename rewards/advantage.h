#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// Standardisation over all trainable tokens, or sequences, of the rollout batch: y = (x - mean) * f.
struct WhitenConfig {
  std::string unit = "token";  // token (a sequence counts once per token) | sequence
  int ddof = 1;
  double eps = 1e-8;
  std::string eps_mode = "inside";  // inside 1/sqrt(var + eps) | outside 1/(sqrt(var) + eps) | floor 1/sqrt(max(var, eps))
};

// (A - mean) / (std + eps) over the sequences of the batch.
struct SeqNormConfig {
  int ddof = 1;
  double eps = 1e-6;
};

// An estimator of the advantage that is one number for a completion (every one but gae). mean and std are those of the sample's group, over
// its scorable members; b is a baseline.
//
//   grpo            (r - mean) / (std + eps)                                        arXiv:2402.03300
//   dr_grpo         r - mean                                                        arXiv:2503.20783
//   rloo            r - mean of the others                                          arXiv:2402.14740
//   grpo_loo        as rloo, over the std of the others or of the group (`std_of`)
//   grpo_batch_std  (r - mean) / (one std of the batch + eps)                       arXiv:2508.08221
//   opo             r - length-weighted mean                                        arXiv:2505.23585
//   maxrl           (r - mean) / (mean + eps), 0 where mean <= 0; rewards >= 0      arXiv:2602.02710
//   gpg             alpha (r - mean), alpha = scorable samples / those with r != 0  arXiv:2504.02546
//   pass_at_k       r_max - r_second for the best of the group, 0 for the others    arXiv:2503.19595
//   remax           r - reward of a greedy rollout of the same prompt               arXiv:2310.10505
//   gdpo            sum over reward parts of weight * grpo of that part, whitened   arXiv:2601.05242
//   reinforce_pp    the reward itself, whitened; gamma 1 and no KL in the reward    arXiv:2501.03262
//   reinforce_pp_baseline  dr_grpo, whitened
struct AdvantageConfig {
  std::string name = "grpo";
  int ddof = 1;
  std::optional<double> eps;            // unset: the estimator's own default (grpo 1e-6, maxrl 0, grpo_loo with std_of group 1e-4)
  std::string singleton = "zero";       // a group with one scorable sample: zero | raw (baseline 0, scale 1)
  std::string std_of = "others";        // grpo_loo: others | group
  std::string batch_std_of = "reward";  // grpo_batch_std: reward (about the global mean) | centered (about each group's mean)
  std::string scale = "group";          // pass_at_k: group | none
  std::vector<std::pair<std::string, double>> weights;  // gdpo: part -> weight, two or more
  std::optional<WhitenConfig> whiten;                   // after the estimator; gdpo and the two reinforce_pp take the default when unset
  std::optional<SeqNormConfig> seq_norm;                // after the estimator (magistral: dr_grpo with seq_norm)
};

// Names of the estimators, sorted.
std::vector<std::string> KnownAdvantages();

// InvalidArgument naming the field, its value and what is allowed.
absl::Status Validate(const AdvantageConfig& config);

// The samples of a whole rollout batch, never of a micro-batch. Spans are borrowed, one entry a sample, and may be empty where noted.
struct AdvantageInput {
  std::span<const int64_t> group;                                      // prompt instance, any numbers; members need not be neighbours
  std::span<const double> reward;                                      // after shaping
  std::span<const uint8_t> valid;                                      // 0: unscorable, as if it were not there. Empty: all are valid
  std::span<const int64_t> length;                                     // trainable tokens; needed by opo and whitening by token
  std::span<const double> greedy;                                      // reward of the prompt's greedy rollout; needed by remax
  std::vector<std::pair<std::string, std::span<const double>>> parts;  // by name; needed by gdpo
};

struct Advantages {
  std::vector<double> value;             // one a sample, for all its trainable tokens; 0 where not valid
  std::vector<uint8_t> zero_variance;    // one a sample: its group's rewards are all equal or it is a singleton under `zero`.
                                         // Whitening, remax and reinforce_pp can give such a group advantages other than 0.
  int64_t num_groups = 0;                // with at least one scorable sample
  int64_t num_singletons = 0;            // groups with exactly one
  int64_t num_zero_variance_groups = 0;  // groups of two or more whose rewards are equal
  int64_t num_unscorable = 0;            // samples
};

// The advantages of a batch. A group whose rewards are equal gets exactly 0 from every estimator with a group baseline, before whitening.
// Errors: InvalidArgument for a bad config, spans of different lengths, an input that the estimator needs and does not have, a reward that
// is not finite at a valid sample (naming it), a negative one under maxrl.
absl::StatusOr<Advantages> ComputeAdvantages(const AdvantageConfig& config, const AdvantageInput& input);

}  // namespace hone
