#include "verifiers/pool/verify_input.h"

namespace hone {

VerifyRequest VerifyInput::Request() const {
  VerifyRequest request{.prompt = prompt,
                        .completion = completion,
                        .reference = reference,
                        .row = row,
                        .group_id = group_id,
                        .sample_index = sample_index,
                        .seed = seed,
                        .num_tokens_completion = num_tokens_completion,
                        .token_ids = token_ids,
                        .finish_reason = finish_reason};
  if (answer.has_value()) request.answer = *answer;
  return request;
}

VerifyInput MakeVerifyInput(const Prompt& prompt, const Trajectory& trajectory) {
  std::string text = prompt.text;
  for (const ChatMessage& message : prompt.messages) text += (text.empty() ? "" : "\n\n") + message.content;
  return {.prompt = std::move(text),
          .completion = trajectory.text,
          .reference = prompt.reference,
          .row = prompt.row,
          .group_id = trajectory.group,
          .sample_index = trajectory.sample,
          .seed = trajectory.seed,
          .num_tokens_completion = static_cast<int64_t>(trajectory.tokens.size()),
          .token_ids = trajectory.tokens,
          .finish_reason = trajectory.finish_reason};
}

}  // namespace hone
