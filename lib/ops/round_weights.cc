#include <algorithm>
#include <cstring>

#include "lib/ops/optimizer.h"

namespace hone::ops {

void RoundWeights(const Context& context, int64_t n, const float* master, DType weights_dtype, void* weights, bool paired) {
  constexpr int64_t kPart = 1 << 16;  // a multiple of 32
  context.pool->ParallelFor((n + kPart - 1) / kPart, [&](int64_t part) {
    const int64_t begin = part * kPart, end = std::min(n, begin + kPart);
    if (weights_dtype == DType::kFloat32) {
      std::memcpy(static_cast<float*>(weights) + begin, master + begin, (end - begin) * sizeof(float));
      return;
    }
    uint16_t* out = static_cast<uint16_t*>(weights);
    if (!paired) {
      for (int64_t i = begin; i < end; ++i) out[i] = FloatToBFloat16(master[i]);
      return;
    }
    // Two rows of 16 become 16 pairs.
    for (int64_t run = begin; run < end; run += 32) {
      for (int64_t i = 0; i < 16; ++i) {
        out[run + 2 * i] = FloatToBFloat16(master[run + i]);
        out[run + 2 * i + 1] = FloatToBFloat16(master[run + 16 + i]);
      }
    }
  });
}

}  // namespace hone::ops
