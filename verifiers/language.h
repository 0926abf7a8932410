#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Scores the share of letters that are in the wanted language, by the statistics of instruction/language.h.
//
// Not counted are fenced code, words behind a backslash (LaTeX commands) and single Latin letters (variables).
// Parameters: language (ISO 639-1); part: think (the reasoning, up to `think_close`), answer (what stands behind it) or all; think_open and
// think_close, the tags; min_letters. An empty completion scores 0. NotApplicable: fewer letters than min_letters, or no such part.
// Reasons: in_language (all of it), mixed, other_language, too_short, no_reasoning, empty.
absl::StatusOr<std::unique_ptr<Verifier>> CreateLanguage(std::string_view params_json);

}  // namespace hone
