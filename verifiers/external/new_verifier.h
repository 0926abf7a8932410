#pragma once

#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// "cpp", "python", "any".
std::vector<std::string> TemplateLanguages();

// Writes a verifier that works, with its test, into the new folder `parent`/`name`; returns the folder.
// Errors: InvalidArgument, a name that is not 1 to 64 letters, digits and '_' beginning with a letter, or an unknown language;
// AlreadyExists, something of that name is there; what writing files gives.
absl::StatusOr<std::string> WriteNewVerifier(const std::string& parent, const std::string& name, const std::string& language);

}  // namespace hone
