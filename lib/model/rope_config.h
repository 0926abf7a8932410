#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace hone {

struct RopeFrequencies {
  std::vector<double> inv_freq;  // width / 2
  double attention_factor = 1;
};

// Rotary frequencies of rope types default, linear, llama3 (Llama 3.1 release) and yarn (Peng et al., arXiv:2309.00071).
// rope: the `rope_parameters` or `rope_scaling` object, or null. theta: base unless `rope` has its own.
absl::StatusOr<RopeFrequencies> MakeRopeFrequencies(const nlohmann::json& rope, double theta, int64_t width, int64_t max_positions);

}  // namespace hone
