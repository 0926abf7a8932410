#include "lib/ops/bias.h"

namespace hone::ops {

void AddBias(const Context& context, int64_t m, int64_t n, const float* bias, float* x, int64_t ldx) {
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t i = 0; i < n; ++i) x[row * ldx + i] += bias[i];
  }
}

}  // namespace hone::ops
