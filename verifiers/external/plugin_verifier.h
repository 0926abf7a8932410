#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

struct PluginVerifierOptions {
  std::string path;  // of the shared library
  std::string params_json;
  // For requests that have no deadline of their own.
  absl::Duration default_timeout = absl::Seconds(60);
};

// A verifier in a shared library with the interface of hone_verifier.h, in this process: a crash of it is a crash of hone, so only trusted
// code belongs there.
//
// A call runs on a thread of its own with a copy of the requests and is watched: one that is not back at the deadline is cancelled and, a
// tenth of a second later, left behind with its thread (64 of those at most, then calls are refused). A plugin that promises "bounded" is
// called on the caller's thread, without copies: less than a microsecond more than the function itself. What becomes of a request:
//   answered                       the answer, unchecked (CheckedVerifier checks it)
//   left out when verify returned  no answer (CheckedVerifier makes a fault of it)
//   no answer until its deadline   InfraError, retryable, "timeout"; a late answer is dropped
//   not tried, 64 calls are stuck  InfraError, not retryable, "stuck"
// An exception of the plugin passes through (CheckedVerifier makes a fault of it).
//
// Threads: as Verifier.
// Errors: those of LoadPluginLibrary; InvalidArgument, parameters that the plugin or its schema refuses, or a bad description.
absl::StatusOr<std::unique_ptr<Verifier>> LoadPluginVerifier(const PluginVerifierOptions& options);

}  // namespace hone
