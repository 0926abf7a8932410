#pragma once
// What a verifier is: a function from (prompt, completion, reference) to one of four outcomes. It knows one task and one answer, not who
// asked, not the weight of its score, not the trainer.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// A fact about the sample. value and parts are finite; value lies in the declared range, parts have declared names.
struct Score {
  double value = 0;
  std::vector<ScorePart> parts;
};
// The verifier has nothing to say about this sample: its term is dropped.
struct NotApplicable {
  std::string why;
};
// The task is broken (bad reference, no tests): it is quarantined and its group left out of the update.
struct TaskError {
  std::string why;
};
// Our side failed (a crash, a time-out, a budget): repeated when retryable, in the end the sample is masked. Never a score of 0.
struct InfraError {
  std::string why;
  bool retryable = false;
};
// Every consumer handles all four; there is no conversion to a number.
using Outcome = std::variant<Score, NotApplicable, TaskError, InfraError>;
OutcomeKind KindOf(const Outcome& outcome);

// One completion to judge. The texts are borrowed and must outlive the call; `completion` and `answer` are bytes chosen by a model: any
// length up to 10 MB and more, invalid UTF-8, NUL.
struct VerifyRequest {
  uint64_t id = 0;  // names the request in its batch
  std::string_view prompt;
  std::string_view completion;
  std::string_view reference;              // the gold answer
  std::optional<std::string_view> answer;  // the final answer when it has been extracted already
  std::string_view row;                    // the whole JSON row of the data set; may be empty
  int64_t group_id = 0;
  int64_t sample_index = 0;
  uint64_t seed = 0;                             // the only source of randomness
  std::optional<int64_t> num_tokens_completion;  // as sampled; unknown when the caller has text only
  std::span<const int32_t> token_ids;            // of the completion, as sampled; empty when the caller has text only
  std::optional<FinishReason> finish_reason;     // unknown likewise
  absl::Time deadline = absl::InfiniteFuture();
};

// The answer to one request.
struct Verdict {
  uint64_t id = 0;  // of the request
  Outcome outcome = InfraError{"no outcome was set"};
  std::string verifier;  // name@version
  std::string reason;    // a short code: "correct", "no_number", "timeout"
  std::string evidence;  // for people: what the verdict rests on; bytes, cut at 64 KiB
  absl::Duration wall_time;
};

// A verdict in the form that is stored, its evidence cut at kMaxEvidenceBytes. label: the recipe's name for this verifier.
VerdictRecord ToRecord(std::string_view label, const Verdict& verdict);

struct VerifierDescription {
  std::string name;
  int version = 1;
  std::string params_schema;  // JSON Schema of the parameters
  double range_min = 0;       // of Score::value
  double range_max = 1;
  std::vector<std::string> parts;  // names that Score::parts may use
  bool deterministic = true;       // the same request always gets the same outcome
  std::vector<std::string> needs;  // besides the text: "sandbox", "judge", "token_ids", "process"
  int64_t max_batch = 1024;        // requests in one call of Verify
  int64_t concurrency = 0;         // calls of Verify at once that pay off; 0: one per core
  std::string origin;              // of a plugin: its URI and its file's SHA-256

  std::string FullName() const { return name + "@" + std::to_string(version); }
};

// A verifier, made once with its parameters and then called for every completion.
//
// Threads: const; Verify may run on many threads at once.
class Verifier {
 public:
  virtual ~Verifier() = default;

  // Always the same.
  virtual const VerifierDescription& Describe() const = 0;

  // One verdict for each request, in any order, matched by id; ids are unique in a batch. Must not throw (CheckedVerifier makes an
  // InfraError of it) and keeps to time linear in the text, to a work limit or, where it waits for a program, to the requests' deadlines.
  virtual std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const = 0;

  // Breaches of contract that left no trace in any verdict: late answers, answers to nobody. Of a verifier that has others answer.
  virtual int64_t NumFaults() const { return 0; }
};

// Base of the verifiers that judge one text at a time: the subclass writes Judge and fills `description_`.
class TextVerifier : public Verifier {
 public:
  const VerifierDescription& Describe() const override { return description_; }
  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override;

 protected:
  struct Judgement {
    Outcome outcome;
    std::string reason;
    std::string evidence = {};
  };
  virtual Judgement Judge(const VerifyRequest& request) const = 0;

  VerifierDescription description_;
};

}  // namespace hone
