#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// 1 when the completion (or the extracted answer) is the reference, byte for byte after the options; else 0.
//
// Options: trim (white space at both ends of both), collapse_space (runs of it are one space), casefold (Unicode case folding; ASCII only
// where a text is not valid UTF-8), partial (the share of positions that agree, out of the longer text: a graded score for toy tasks of
// equal length). TaskError when the reference is empty.
// Reasons: correct, partial, wrong, empty.
absl::StatusOr<std::unique_ptr<Verifier>> CreateExact(std::string_view params_json);

}  // namespace hone
