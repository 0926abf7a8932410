#pragma once
// The arithmetic of the AVX-512 instruction vdpbf16ps on one lane, for the reference and for tests on machines without it.
//
// acc <- fma(a.high, b.high, acc), then acc <- fma(a.low, b.low, acc): two roundings to nearest even, the upper pair first. Denormal inputs
// count as zero and denormal results become zero, whatever MXCSR says. A product of two bf16 numbers has 16 significant bits, so that
// fused and separate multiplication differ only where the product alone leaves the range of float32.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VDPBF16PS.

#include <cmath>
#include <cstdint>

#include "lib/ops/tensor.h"

namespace hone::ops {

inline float FlushDenormal(float value) {
  return std::fabs(value) < 0x1p-126f ? std::copysign(0.f, value) : value;
}

// a, b: pairs of bf16, the element of the even index in the lower half.
inline float BFloat16Dot(uint32_t a, uint32_t b, float acc) {
  const auto wide = [](uint32_t bits) { return FlushDenormal(BFloat16ToFloat(static_cast<uint16_t>(bits))); };
  acc = FlushDenormal(std::fma(wide(a >> 16), wide(b >> 16), FlushDenormal(acc)));
  return FlushDenormal(std::fma(wide(a), wide(b), acc));
}

inline uint32_t BFloat16Pair(float even, float odd) {
  return static_cast<uint32_t>(FloatToBFloat16(even)) | static_cast<uint32_t>(FloatToBFloat16(odd)) << 16;
}

}  // namespace hone::ops
