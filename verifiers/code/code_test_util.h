#pragma once
// Verbs for the tests of the code verifier, which run the real sandbox.

#include <map>
#include <string>
#include <string_view>

#include "verifiers/code/code.h"
#include "verifiers/test_util.h"

namespace hone {

// The verifier, or a failed test and null.
inline std::unique_ptr<CheckedVerifier> MakeCode(std::string_view params) {
  auto made = CreateCode(params, TestHost());
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? std::make_unique<CheckedVerifier>(*std::move(made)) : nullptr;
}

inline Verdict JudgeCode(const CheckedVerifier& verifier, std::string_view completion, std::string_view row,
                         absl::Time deadline = absl::InfiniteFuture()) {
  VerifyRequest request;
  request.completion = completion;
  request.row = row;
  request.deadline = deadline;
  return verifier.Verify(std::span(&request, 1)).at(0);
}

inline Verdict JudgeCode(std::string_view params, std::string_view completion, std::string_view row) {
  const auto verifier = MakeCode(params);
  return verifier == nullptr ? Verdict{} : JudgeCode(*verifier, completion, row);
}

// The score, or -1 for an outcome that is none.
inline double ScoreOf(const Verdict& verdict) {
  const Score* score = std::get_if<Score>(&verdict.outcome);
  return score == nullptr ? -1 : score->value;
}

// The parts of a score by name.
inline std::map<std::string, double> PartsOf(const Verdict& verdict) {
  std::map<std::string, double> parts;
  if (const Score* score = std::get_if<Score>(&verdict.outcome)) {
    for (const ScorePart& part : score->parts) parts[part.name] = part.value;
  }
  return parts;
}

// For failure messages.
inline std::string Told(const Verdict& verdict) {
  return ToRecord("", verdict).reason + "\n" + verdict.evidence;
}

}  // namespace hone
