#pragma once

#include "lib/data/prompt.h"
#include "verifiers/verifier.h"

namespace hone {

// A request with its texts, for verifiers that answer later.
struct VerifyInput {
  std::string prompt, completion, reference, row;
  std::optional<std::string> answer;
  int64_t group_id = 0;
  int64_t sample_index = 0;
  uint64_t seed = 0;
  std::optional<int64_t> num_tokens_completion;
  std::vector<int32_t> token_ids;
  std::optional<FinishReason> finish_reason;

  // Borrows from this object. Id and deadline are the caller's to set.
  VerifyRequest Request() const;
};

// What the verifiers of a run are asked about a completion. The one definition of it: the actor asks with it, and `hone verify --rescore`
// asks again.
VerifyInput MakeVerifyInput(const Prompt& prompt, const Trajectory& trajectory);

}  // namespace hone
