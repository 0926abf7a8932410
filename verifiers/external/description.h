#pragma once
// A verifier's description as JSON: what a plugin in C and a command say of themselves.

#include <string>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

struct ExternalDescription {
  VerifierDescription description;
  bool bounded = false;  // promises to come back by itself in time linear in the text: may be called without a watch
};

// Reads {"name": .., "version": .., "params_schema": {..}, "range": [min, max], "parts": [..], "deterministic": true, "needs": [..],
// "max_batch": 1, "concurrency": 0, "bounded": false}. Name is needed; keys it does not know are left for later versions.
// InvalidArgument with what is wrong, in the words of CheckDescription.
absl::StatusOr<ExternalDescription> ParseDescription(std::string_view json);
std::string DescriptionToJson(const VerifierDescription& description);

// What every description must keep to, whoever wrote it: a name of 1 to 100 letters, digits and "-_.", a version of at least 1, a finite
// range that is not empty, at most 100 parts with different names of 1 to 100 bytes, max_batch in [1, 65536], a schema that CheckSchema
// takes.
absl::Status CheckDescription(const VerifierDescription& description);

}  // namespace hone
