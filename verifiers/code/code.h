#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/host.h"
#include "verifiers/verifier.h"

namespace hone {

// Runs the program in a completion (its last fenced block, else all of it) against the tests of the row: stdin and stdout, calls of a
// function, a test file. README.md has the formats, the parameters and the classes.
//
// Score: 1 when all tests pass, else 0; with "credit": "fraction" the share of tests that pass. Parts: passed_fraction, all_passed; visible
// and hidden (shares) where the row has such tests; forgery (1: an attempt to forge a verdict was seen, the score is 0).
// Reasons: the class of the first test that does not pass, or OK.
// TaskError, naming the row: no tests, a broken field, tests that do not compile by themselves, a broken checker, an unknown language.
// InfraError, retryable: the sandbox failed, or the deadline passed before the tests were done. Never because of what the program did.
absl::StatusOr<std::unique_ptr<Verifier>> CreateCode(std::string_view params_json, VerifierHost& host);

}  // namespace hone
