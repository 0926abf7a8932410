#pragma once

#include "lib/base/status.h"
#include "lib/transport/services.h"

namespace hone {

// Whether a manifest can be used at all: version >= 0, base -1 or below version, entries in order of offset, without overlap, within
// [0, total_bytes), named. Bytes between entries are padding that nobody reads.
// Errors: InvalidArgument, naming entry, value and limit.
absl::Status ValidateManifest(const WeightManifest& manifest);

// Whether the arenas of two manifests have the same form: layout, dtype, size, and per entry name, shape and place. Versions and checksums
// may differ.
// Errors: FailedPrecondition, naming the first difference: these weights cannot go into that engine.
absl::Status SameForm(const WeightManifest& offered, const WeightManifest& expected);

}  // namespace hone
