#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Whether the completion has the regular form: one reasoning block with content, then one final answer. 1 or 0, meant as a gate.
//
// think  "required": exactly one <think>...</think>, nothing but white space before it and at least min_think_chars other than white space
//        inside, then the answer. "optional": the same, or no tag at all. "forbidden": no tag at all.
//        think_opened: the prompt has opened the block already, so only the closing tag is in the completion.
// answer "any": some text behind the block. "tags": exactly one <answer>...</answer> with content in the whole completion, behind the
// block.
//        "boxed": exactly one \boxed{...} with content behind the block (braces counted; \{ and \} are not braces).
// max_answer_chars: bytes of the answer's content at most, 0 for no limit.
// Tags are literal; those in the parameters think_open, think_close, answer_open, answer_close. Parts: think and answer, 1 or 0 each.
// Reasons: good, bad_think, bad_answer.
absl::StatusOr<std::unique_ptr<Verifier>> CreateFormat(std::string_view params_json);

}  // namespace hone
