#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/external/command.h"
#include "verifiers/verifier.h"

namespace hone {

struct CommandVerifierOptions {
  std::string command;  // see ParseCommand
  std::string params_json;
  // From the start of the program to its description: an interpreter that imports much needs time.
  absl::Duration start_timeout = absl::Seconds(60);
  // For requests that have no deadline of their own.
  absl::Duration default_timeout = absl::Seconds(60);
};

// A verifier that is a program of any language: JSON lines over its standard input and output (line_codec.h, docs/verifiers.md), log on
// stderr.
//
// The program is started here and described; it serves all threads, several calls at once, in any order of answers. When it crashes, hangs
// or prints nonsense it is started again, at first at once, then after 100 ms, 200 ms, ... up to 10 s until it has answered something. What
// becomes of a request:
//   answered                            the answer, unchecked (CheckedVerifier checks it)
//   left out of the answers of its call no answer (CheckedVerifier makes a fault of it)
//   in a call that broke                tried again alone, in a second process of the same program, so that a neighbour that breaks the
//   program
//                                       does not take it along; when that breaks too: InfraError, "crash" (retryable), "garbage",
//                                       "oversize" or "error" (not retryable)
//   no answer until its deadline        InfraError, retryable, "timeout"; a late answer is dropped; a program that stays silent for another
//                                       second is killed
//   above 16 MiB as a line              InfraError, not retryable, "too_large"
//
// The program is not in a sandbox: it may do what hone may. Its environment is empty but for what the command declares.
//
// Threads: as Verifier.
// Errors: those of ParseCommand; InvalidArgument, parameters that the program or its schema refuses, a bad description; Unavailable, it
// does not start, with its last words.
absl::StatusOr<std::unique_ptr<Verifier>> StartCommandVerifier(const CommandVerifierOptions& options);

}  // namespace hone
