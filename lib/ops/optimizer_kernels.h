#pragma once
// Kernels of optimizer.h, compiled for AVX2 and FMA. One thread.

#include <cstdint>

namespace hone::ops::avx2 {

// In double; the order depends on n alone.
double SumOfSquares(int64_t n, const float* x);

struct AdamWConstants {
  float beta1, one_minus_beta1, beta2, one_minus_beta2;
  float grad_scale;
  float step_size;       // lr / (1 - beta1^step)
  float inv_sqrt_bias2;  // 1 / sqrt(1 - beta2^step)
  float eps;
  float decay;  // lr weight_decay
};
// weights32 and weights16 may be null. paired: see optimizer.h; n is then a multiple of 32.
void AdamW(int64_t n, const AdamWConstants& constants, const float* grad, float* master, float* moment1, float* moment2, float* weights32,
           uint16_t* weights16, bool paired);

}  // namespace hone::ops::avx2
