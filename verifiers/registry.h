#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "verifiers/checked_verifier.h"
#include "verifiers/host.h"

namespace hone {

// Names of the verifiers, sorted.
std::vector<std::string> KnownVerifiers();

// Makes the verifier `name`, one of the above or the URI of a plugin (external/external.h), with its parameters (a JSON object; empty text
// means {}), wrapped in the checks of CheckedVerifier. NotFound for an unknown name, with the nearest known one; InvalidArgument for bad
// parameters, all of them at once. host must outlive the verifier. FailedPrecondition when the verifier needs what this machine does not
// have, with the cure.
absl::StatusOr<std::unique_ptr<CheckedVerifier>> CreateVerifier(std::string_view name, std::string_view params_json, VerifierHost& host);

}  // namespace hone
