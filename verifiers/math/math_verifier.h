#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// The verifier `math`: 1 when the final answer is the reference in value, by the rules of math/README.md; else 0.
//
// The answer is VerifyRequest::answer when it is set (a bare answer, or a whole response when it holds a box or a tag of the reasoning),
// else it is taken from the completion. Parameters: math::ReadPolicy. Parts: `answered` 1 when an answer was found and read; `undecided` 1
// when neither equality nor difference was proved (score 0). Reasons: the code of what decided ("same_number", "values_differ", ..);
// without an answer "no_answer"; "unparsed", "over_budget", "undecided". TaskError "bad_reference": the reference is missing or cannot be
// read; it names the row's id. Evidence: stage, rule of extraction, both sides as they were read, work.
absl::StatusOr<std::unique_ptr<Verifier>> CreateMath(std::string_view params_json);

}  // namespace hone
