#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "lib/rollout/trajectory.h"
#include "verifiers/checked_verifier.h"

namespace hone {

// A completion and the verdict that its verifier's author expects.
struct VerifierCheckSample {
  std::string where;  // for messages
  std::string prompt, completion, reference, row;
  OutcomeKind outcome = OutcomeKind::kScore;
  std::optional<double> score;        // nullopt: any
  std::vector<ScorePart> parts;       // those named must have these values
  std::optional<std::string> reason;  // nullopt: any
};

struct VerifierCheckOptions {
  std::string params_json = "{}";
  std::vector<VerifierCheckSample> samples;
  int lives = 20;  // how often it is made and thrown away
  size_t long_text_bytes = 10'000'000;
  absl::Duration call_limit = absl::Seconds(60);  // for any one call
};

struct VerifierCheckResult {
  std::string name;  // "identity: 1,000 requests under shuffled ids"
  std::vector<std::string> problems;
  std::string skipped;  // why it was not done
  bool ok() const { return problems.empty(); }
};

// The conformance suite: what every verifier must keep to, whatever it judges and however it is reached.
//   contract  made twice it describes itself the same; unknown parameters and parameters that are no object are refused
//   samples   the author's own samples get the verdicts expected
//   identity  batches of 0, 1, max_batch and max_batch + 1; 1,000 requests under shuffled ids; 1,000 requests from 16 threads at once
//   repeat    (deterministic ones) the same request twice, alone and in a batch, from 1 and from 16 threads: the same verdict
//   text      empty, NUL, invalid UTF-8, right-to-left marks, text that imitates the protocol, 10 MB of several kinds: a verdict
//   life      made and thrown away again and again: no growth of descriptors, threads and memory
//   deadline  one that has passed, one that is too short: an InfraError or a verdict in time, and the next request is served
// `make` makes the verifier with given parameters. In all but the last no breach of contract may be counted (CheckedVerifier). `report` is
// called after each check, and all are returned.
//
// What a faulty verifier may not do to its neighbours is tested with faulty ones: tests/conformance.
using MakeVerifier = std::function<absl::StatusOr<std::unique_ptr<CheckedVerifier>>(const std::string& params_json)>;
std::vector<VerifierCheckResult> CheckVerifier(const VerifierCheckOptions& options, const MakeVerifier& make,
                                               const std::function<void(const VerifierCheckResult&)>& report);

// Samples from JSON lines {"completion", "reference", "prompt", "row", "outcome", "score", "parts", "reason"}; without a row the line
// itself is the row. InvalidArgument names the line.
absl::StatusOr<std::vector<VerifierCheckSample>> ReadCheckSamples(const std::string& path);

}  // namespace hone
