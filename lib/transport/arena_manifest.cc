#include "lib/transport/arena_manifest.h"

#include <algorithm>

namespace hone {

WeightManifest ManifestOf(const ParameterLayout& layout, DType dtype) {
  WeightManifest manifest;
  const int64_t size = static_cast<int64_t>(SizeOf(dtype));
  manifest.dtype = dtype == DType::kBFloat16 ? "bf16" : "fp32";
  manifest.layout = "panel16";  // lib/ops/matmul.h
  manifest.total_bytes = layout.total_elements() * size;
  for (const Parameter& parameter : layout.parameters()) {
    manifest.entries.push_back(
        {.name = parameter.name,
         .shape = parameter.matrix ? std::vector<int64_t>{parameter.shape.n, parameter.shape.k} : std::vector<int64_t>{parameter.shape.n},
         .offset_bytes = parameter.offset * size,
         .bytes = parameter.elements * size});
  }
  std::sort(manifest.entries.begin(), manifest.entries.end(),
            [](const WeightEntry& a, const WeightEntry& b) { return a.offset_bytes < b.offset_bytes; });
  return manifest;
}

}  // namespace hone
