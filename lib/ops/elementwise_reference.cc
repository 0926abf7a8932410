#include <cmath>

#include "lib/ops/reference.h"

namespace hone::ops::reference {

template <class T>
void RmsNorm(int64_t m, int64_t c, const T* x, int64_t ldx, const T* weight, double eps, T* y, int64_t ldy, T* rstd) {
  for (int64_t i = 0; i < m; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < c; ++j) sum += static_cast<double>(x[i * ldx + j]) * x[i * ldx + j];
    const double r = 1 / std::sqrt(sum / c + eps);
    for (int64_t j = 0; j < c; ++j) y[i * ldy + j] = static_cast<T>(x[i * ldx + j] * r * weight[j]);
    if (rstd != nullptr) rstd[i] = static_cast<T>(r);
  }
}

template <class T>
void RmsNormGrad(int64_t m, int64_t c, const T* x, int64_t ldx, const T* weight, const T* rstd, const T* dy, int64_t lddy, T* dx,
                 int64_t lddx, bool accumulate_dx, T* dweight) {
  for (int64_t j = 0; j < c; ++j) {
    double sum = dweight[j];
    for (int64_t i = 0; i < m; ++i) sum += static_cast<double>(dy[i * lddy + j]) * x[i * ldx + j] * rstd[i];
    dweight[j] = static_cast<T>(sum);
  }
  for (int64_t i = 0; i < m; ++i) {
    const double r = rstd[i];
    double mean = 0;
    for (int64_t j = 0; j < c; ++j) mean += static_cast<double>(dy[i * lddy + j]) * weight[j] * x[i * ldx + j] * r;
    mean /= c;
    for (int64_t j = 0; j < c; ++j) {
      const double grad = r * (static_cast<double>(dy[i * lddy + j]) * weight[j] - x[i * ldx + j] * r * mean);
      dx[i * lddx + j] = static_cast<T>(accumulate_dx ? dx[i * lddx + j] + grad : grad);
    }
  }
}

template <class T>
void SwiGlu(int64_t m, int64_t f, const T* gate_up, T* y) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < f; ++j) {
      const double g = gate_up[i * 2 * f + j];
      y[i * f + j] = static_cast<T>(g / (1 + std::exp(-g)) * gate_up[i * 2 * f + f + j]);
    }
  }
}

template <class T>
void SwiGluGrad(int64_t m, int64_t f, const T* gate_up, const T* dy, T* dgate_up) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < f; ++j) {
      const double g = gate_up[i * 2 * f + j];
      const double u = gate_up[i * 2 * f + f + j];
      const double sigmoid = 1 / (1 + std::exp(-g));
      dgate_up[i * 2 * f + j] = static_cast<T>(dy[i * f + j] * u * sigmoid * (1 + g * (1 - sigmoid)));
      dgate_up[i * 2 * f + f + j] = static_cast<T>(dy[i * f + j] * g * sigmoid);
    }
  }
}

#define HONE_INSTANTIATE(T)                                                                                                        \
  template void RmsNorm<T>(int64_t, int64_t, const T*, int64_t, const T*, double, T*, int64_t, T*);                                \
  template void RmsNormGrad<T>(int64_t, int64_t, const T*, int64_t, const T*, const T*, const T*, int64_t, T*, int64_t, bool, T*); \
  template void SwiGlu<T>(int64_t, int64_t, const T*, T*);                                                                         \
  template void SwiGluGrad<T>(int64_t, int64_t, const T*, const T*, T*)
HONE_INSTANTIATE(float);
HONE_INSTANTIATE(double);
#undef HONE_INSTANTIATE

}  // namespace hone::ops::reference
