#pragma once
// What crosses between actor and learner, as plain structs. lib/rollout/codec.h turns them into the messages of protos/hone/rollout/v1 and
// back; who adds a field here adds it there (LINT: trajectory.h, codec.cc, rollout.proto).
//
// Names: a *group* is one prompt instance of the run and its completions; groups are numbered 0, 1, 2, ... over the whole run, so
// (group, sample) names a completion once and for all, and its randomness: RandomStream(run seed, group, sample).At(position).

#include <cstdint>
#include <string>
#include <vector>

#include "lib/data/prompt.h"

namespace hone {

// Groups of evaluations are numbered from here, those of a round from a multiple of kEvalRound above it: prompt i of the held-out source is
// group kEvalGroups + round * kEvalRound + i. Group g below is prompt g of the training source.
inline constexpr int64_t kEvalGroups = int64_t{1} << 40;
inline constexpr int64_t kEvalRound = int64_t{1} << 20;

enum class FinishReason : uint8_t { kStop, kLength, kAborted };
const char* Name(FinishReason reason);

// The sampler's settings for one rollout. Same meaning as ops::SampleParams; token budget and stops added.
struct SamplingSettings {
  float temperature = 1;
  int32_t top_k = 0;
  float top_p = 1;
  float min_p = 0;
  int32_t max_new_tokens = 16;
  std::vector<int32_t> stop_token_ids;  // end of sequence included by the caller
  std::vector<std::string> stop;        // strings; the completion's text ends before the first of them
  bool ignore_eos = false;
};

// How a call of a verifier ended (verifiers/verifier.h) in a form that is stored.
enum class OutcomeKind : uint8_t { kScore, kNotApplicable, kTaskError, kInfraError };
const char* Name(OutcomeKind kind);
struct ScorePart {
  std::string name;
  double value = 0;
};
struct VerdictRecord {
  std::string label;     // the recipe's name for this verifier
  std::string verifier;  // name@version
  OutcomeKind outcome = OutcomeKind::kInfraError;
  double score = 0;  // only with kScore
  std::vector<ScorePart> parts;
  std::string reason;
  double wall_ms = 0;       // in the verifier, of the last attempt
  double queue_ms = 0;      // from the request to the begin of the last attempt
  int32_t attempts = 0;     // calls made for it; 0 when it was not noted
  bool cached = false;      // taken from an identical request
  std::string config_hash;  // XXH3, 128 bits: of the parameters and a plugin's origin; 16 bytes, or empty when not noted
  std::string input_hash;   // likewise of all that the verifier was given (verifiers/pool/identity.h)
  std::string evidence;     // for people: what the verdict rests on; bytes
};
inline constexpr int kMaxEvidenceBytes = 4096;  // kept of a verdict's evidence

// Tokens [begin, next span's begin) were sampled by this version of the policy.
struct VersionSpan {
  int32_t begin = 0;
  int64_t policy_version = 0;
};

struct Trajectory {
  std::string run;  // run id
  int64_t group = 0;
  int32_t sample = 0;
  int32_t attempt = 0;
  std::string prompt_id;
  std::string actor;
  std::vector<int32_t> prompt_tokens;
  std::vector<int32_t> tokens;            // completion, as sampled, the stop token included when one was sampled
  std::vector<uint8_t> mask;              // per completion token: 1 = sampled by the policy, 0 = observation
  std::vector<float> logprobs;            // per completion token: full distribution at the sampling temperature, natural log
  std::vector<float> processed_logprobs;  // of the truncated distribution; empty when nothing is truncated (then equal to logprobs)
  std::vector<float> entropies;           // per completion token, nats
  std::vector<VersionSpan> versions;
  SamplingSettings sampling;
  uint64_t seed = 0;
  FinishReason finish_reason = FinishReason::kStop;
  std::string text;  // completion without stop token or stop string; bytes, maybe not UTF-8
  std::vector<VerdictRecord> verdicts;
  double generate_ms = 0;
  double verify_ms = 0;
};

// A prompt group as handed to an actor.
struct GroupLease {
  int64_t group = 0;
  int64_t lease = 0;             // changes with every time the group is given out
  int64_t policy_version = 0;    // generate with at least this version
  std::vector<int32_t> samples;  // the sample indices still wanted
  int32_t attempt = 0;
  bool evaluation = false;  // scored and reported, never trained on
  SamplingSettings sampling;
  Prompt prompt;
  int64_t expires_ms = 0;  // Unix time; an actor that is alive renews before
};

}  // namespace hone
