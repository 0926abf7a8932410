#pragma once
// Row kernels of elementwise.h and of Rope, compiled for AVX2 and FMA. One thread, no bounds of their own.

#include <cstdint>

namespace hone::ops::avx2 {

// y [c] = x * rstd * weight; returns rstd.
float RmsNormRow(int64_t c, const float* x, const float* weight, float eps, float* y);
// dx [c] (+)= rstd (dy weight - x rstd mean(dy weight x rstd)).
void RmsNormGradRow(int64_t c, const float* x, const float* weight, float rstd, const float* dy, bool accumulate, float* dx);
// y [n] = silu(gate) up.
void SwiGlu(int64_t n, const float* gate, const float* up, float* y);
void SwiGluGrad(int64_t n, const float* gate, const float* up, const float* dy, float* dgate, float* dup);
// Turns the pairs (a[i], b[i]) by the angle whose sine is multiplied by `sign`.
void RopePairs(int64_t n, const float* cosine, const float* sine, float sign, float* a, float* b);
void ToBFloat16(int64_t n, const float* x, uint16_t* y);
void FromBFloat16(int64_t n, const uint16_t* x, float* y);
// x [n] += y; the order of additions is the caller's.
void Add(int64_t n, const float* y, float* x);
// dweight [n] = fma(dy, x rstd, dweight).
void AddProducts(int64_t n, const float* dy, const float* x, float rstd, float* dweight);

}  // namespace hone::ops::avx2
