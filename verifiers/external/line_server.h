#pragma once

#include "lib/base/status.h"
#include "verifiers/external/verifier_server.h"

namespace hone {

// Serves a verifier as a command does (line_codec.h): calls from `in`, answers to `out`, until the input ends. Calls run on `threads`
// threads; as many again may wait before reading stops. The verifier is the source's only one, with the parameters of the describe call.
//
// Errors: DataLoss, a line that is no call; Unavailable, answers cannot be written.
absl::Status ServeLines(int in, int out, VerifierSource& source, int threads);

}  // namespace hone
