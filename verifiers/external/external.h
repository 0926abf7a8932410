#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// A verifier that lives outside of hone is named by a URI, in a recipe and on the command line alike:
//   plugin:PATH                         a shared library in this process (plugin_verifier.h)
//   command:[NAME=VALUE ..] PROGRAM ..  a program that speaks JSON lines (command_verifier.h)
//   grpc://HOST:PORT, grpc:unix:PATH    a service (remote_verifier.h); ?token_file=PATH sends its secret, ?verifier=NAME picks one of
//   several
// Paths are looked up from the working folder of the process.
bool IsVerifierUri(std::string_view name);

// Makes it. Errors: InvalidArgument, not such a URI; those of the three ways, with the URI in front.
absl::StatusOr<std::unique_ptr<Verifier>> CreateExternalVerifier(std::string_view uri, std::string_view params_json);

}  // namespace hone
