#pragma once

#include <cstdint>

#include "lib/ops/tensor.h"

namespace hone::ops {

// x [M, N] += bias [N] in every row. For a bias on top of a residual sum, which Linear cannot start from.
void AddBias(const Context& context, int64_t m, int64_t n, const float* bias, float* x, int64_t ldx);

}  // namespace hone::ops
