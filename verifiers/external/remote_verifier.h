#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

struct RemoteVerifierOptions {
  std::string address;   // "unix:PATH" or "HOST:PORT"
  std::string token;     // sent with every call when not empty
  std::string verifier;  // which of the server's; empty: its only one
  std::string params_json;
  // How long a call may wait for the connection, the first one or a lost one.
  absl::Duration connect_timeout = absl::Seconds(10);
  // For requests that have no deadline of their own.
  absl::Duration default_timeout = absl::Seconds(60);
};

// A verifier behind hone.verifier.v1.VerifierService, of hone or of anybody.
//
// The server is asked for its description once, here; the parameters are checked against the schema it gives. A batch goes out in calls of
// at most 8 MiB or the verifier's max_batch. What becomes of a request:
//   answered                          the answer, unchecked (CheckedVerifier checks it)
//   left out of a call that ended     no answer (CheckedVerifier makes a fault of it)
//   the call broke off                tried again alone, so that a neighbour that breaks the server does not take it along; when that
//   breaks
//                                     off too: InfraError, retryable, "unavailable"
//   no answer until its deadline      InfraError, retryable, "timeout"; the call is cancelled and a late answer dropped
//   refused with INVALID_ARGUMENT     InfraError, not retryable, "refused"
//
// Threads: as Verifier; each call of Verify waits on the thread that makes it.
// Errors: InvalidArgument, bad address, parameters or description; Unavailable, nobody answers there, with the cure.
absl::StatusOr<std::unique_ptr<Verifier>> ConnectRemoteVerifier(const RemoteVerifierOptions& options);

}  // namespace hone
