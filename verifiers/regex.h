#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Searches the completion (or the extracted answer) for a PCRE2 pattern.
//
// With `group` = -1: 1 when there is a match, else 0; `must_match` = false turns that round (a text that must not occur). With `group` = g:
// 1 when the text of group g in the first or last match is the reference, both trimmed. The search has a fixed budget of work
// (lib/data/pattern.h): a pattern that exceeds it on some text is our fault, an InfraError, not a score.
// Parameters: pattern, must_match, group, which, ignore_case, multiline, dot_all, budget. An empty completion scores 0.
// Reasons: match, no_match, correct, wrong, empty, budget, bad_reference.
absl::StatusOr<std::unique_ptr<Verifier>> CreateRegex(std::string_view params_json);

}  // namespace hone
