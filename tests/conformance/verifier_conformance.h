#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/rollout/trajectory.h"

namespace hone {

// What the suite needs to know of a verifier: how to make it, and one sample that earns its best score.
struct VerifierConformance {
  std::string name;
  std::string params = "{}";
  std::string gold_completion;
  std::string reference;
  std::string row = {};                // of the data set, for verifiers that read it
  std::optional<int64_t> gold_tokens;  // for rules on length
  std::optional<FinishReason> gold_finish_reason;
  double gold_score = 1;
  bool rejects_empty = true;      // false: an empty completion may earn the best score (a budget of tokens, a forbidden word)
  double cpu_seconds_bound = 10;  // of one call on 10 MB; an optimised build needs well under one
};

// Every verifier's test calls this; failures name the verifier and the case. What is demanded:
//   contract    describes itself the same way twice, under its registered name; an unknown parameter is refused
//   gold        the gold completion earns gold_score
//   empty       an empty completion earns less
//   text        empty, NUL, invalid UTF-8, control and right-to-left marks, protocol look-alikes and several kinds of 10 MB: an outcome in
//   the
//               declared range, no fault, within the time bound
//   repeat      the same request twice, and a batch of n against n single calls, in any order: the same outcome when deterministic
//   identity    a batch of 0; 1,000 requests with shuffled ids, each answered once
void RunVerifierConformance(const VerifierConformance& subject);

}  // namespace hone
