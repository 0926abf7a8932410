#include <cmath>

#include "lib/ops/reference.h"

namespace hone::ops::reference {

double Norm(int64_t n, const float* x) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * x[i];
  return std::sqrt(sum);
}

template <class T>
void AdamW(int64_t n, const AdamWParams& params, const T* grad, T* master, T* moment1, T* moment2) {
  const double beta1 = params.beta1;
  const double beta2 = params.beta2;
  for (int64_t i = 0; i < n; ++i) {
    const double g = static_cast<double>(grad[i]) * params.grad_scale;
    const double m = beta1 * moment1[i] + (1 - beta1) * g;
    const double v = beta2 * moment2[i] + (1 - beta2) * g * g;
    const double mhat = m / (1 - std::pow(beta1, static_cast<double>(params.step)));
    const double vhat = v / (1 - std::pow(beta2, static_cast<double>(params.step)));
    const double decayed = master[i] - static_cast<double>(params.lr) * params.weight_decay * master[i];
    master[i] = static_cast<T>(decayed - params.lr * mhat / (std::sqrt(vhat) + params.eps));
    moment1[i] = static_cast<T>(m);
    moment2[i] = static_cast<T>(v);
  }
}

template void AdamW<float>(int64_t, const AdamWParams&, const float*, float*, float*, float*);
template void AdamW<double>(int64_t, const AdamWParams&, const double*, double*, double*, double*);

}  // namespace hone::ops::reference
