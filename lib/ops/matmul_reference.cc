#include <cmath>

#include "lib/ops/bfloat16_dot.h"
#include "lib/ops/matmul.h"

namespace hone::ops::reference {
namespace {

// One chain over [0, count): acc <- fma(a(i), b(i), acc), or the dot product of pairs of bf16; an odd end is paired with zero.
template <class A, class B>
float Chain(bool dot, int64_t count, float acc, A a, B b) {
  if (!dot) {
    for (int64_t i = 0; i < count; ++i) acc = std::fma(a(i), b(i), acc);
    return acc;
  }
  for (int64_t i = 0; i < count; i += 2) {
    const bool pair = i + 1 < count;
    acc = BFloat16Dot(BFloat16Pair(a(i), pair ? a(i + 1) : 0.f), BFloat16Pair(b(i), pair ? b(i + 1) : 0.f), acc);
  }
  return acc;
}

// Element (n, k), widened.
float At(const Weight& weight, int64_t n, int64_t k) {
  const int64_t panel = n / 16 * PaddedK(weight.shape.k) * 16;
  if (weight.dtype == DType::kFloat32) return static_cast<const float*>(weight.data)[panel + k * 16 + n % 16];
  return BFloat16ToFloat(static_cast<const uint16_t*>(weight.data)[panel + k / 2 * 32 + n % 16 * 2 + k % 2]);
}

bool TakesPairs(const Context& context, DType dtype) {
  return context.isa == Isa::kAvx512Bf16 && dtype == DType::kBFloat16;
}

}  // namespace

void Linear(const Context& context, int64_t m, const float* x, int64_t ldx, const Weight& weight, const float* bias, float* y, int64_t ldy,
            bool accumulate) {
  const bool dot = TakesPairs(context, weight.dtype);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t n = 0; n < weight.shape.n; ++n) {
      const float start = accumulate ? y[i * ldy + n] : bias != nullptr ? bias[n] : 0.f;
      y[i * ldy + n] = Chain(
          dot, weight.shape.k, start, [&](int64_t k) { return x[i * ldx + k]; }, [&](int64_t k) { return At(weight, n, k); });
    }
  }
}

void LinearInputGrad(const Context& context, int64_t m, const float* dy, int64_t lddy, const Weight& weight, float* dx, int64_t lddx,
                     bool accumulate) {
  const bool dot = TakesPairs(context, weight.dtype);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t k = 0; k < weight.shape.k; ++k) {
      const float start = accumulate ? dx[i * lddx + k] : 0.f;
      dx[i * lddx + k] = Chain(
          dot, weight.shape.n, start, [&](int64_t n) { return dy[i * lddy + n]; }, [&](int64_t n) { return At(weight, n, k); });
    }
  }
}

void LinearWeightGrad(const Context& context, int64_t m, const float* x, int64_t ldx, const float* dy, int64_t lddy, const WeightGrad& dw,
                      DType compute, bool accumulate) {
  const bool dot = TakesPairs(context, compute);
  const int64_t padded_k = PaddedK(dw.shape.k);
  for (int64_t panel = 0; panel < dw.shape.n; panel += 16) {
    for (int64_t k = 0; k < padded_k; ++k) {
      for (int64_t n = panel; n < panel + 16; ++n) {
        float& out = dw.data[panel * padded_k + k * 16 + n % 16];
        if (n >= dw.shape.n || k >= dw.shape.k) {
          out = 0.f;
          continue;
        }
        out = Chain(
            dot, m, accumulate ? out : 0.f, [&](int64_t i) { return x[i * ldx + k]; }, [&](int64_t i) { return dy[i * lddy + n]; });
      }
    }
  }
}

}  // namespace hone::ops::reference
