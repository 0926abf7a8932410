#pragma once

#include "lib/model/layout.h"
#include "lib/ops/tensor.h"
#include "lib/transport/services.h"

namespace hone {

// The manifest of a weight arena of this layout, without version and checksums: what learner and actor must agree on.
WeightManifest ManifestOf(const ParameterLayout& layout, DType dtype);

}  // namespace hone
