#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "lib/ops/reference.h"

namespace hone::ops::reference {

template <class T>
void LogProbs(int64_t m, int64_t v, const T* logits, int64_t ldl, absl::Span<const float> temperature, absl::Span<const int32_t> targets,
              T* logprob, T* stats) {
  for (int64_t i = 0; i < m; ++i) {
    const T* row = logits + i * ldl;
    const double max = *std::max_element(row, row + v) / static_cast<double>(temperature[i]);
    double sum = 0;
    double weighted = 0;
    for (int64_t j = 0; j < v; ++j) {
      const double z = row[j] / static_cast<double>(temperature[i]) - max;
      const double e = std::exp(z);
      sum += e;
      if (e > 0) weighted += e * z;
    }
    if (logprob != nullptr) logprob[i] = static_cast<T>(row[targets[i]] / static_cast<double>(temperature[i]) - max - std::log(sum));
    if (stats != nullptr) {
      stats[3 * i] = static_cast<T>(max);
      stats[3 * i + 1] = static_cast<T>(max + std::log(sum));
      stats[3 * i + 2] = static_cast<T>(std::log(sum) - weighted / sum);
    }
  }
}

template <class T>
void LogProbsGrad(int64_t m, int64_t v, T* logits, int64_t ldl, absl::Span<const float> temperature, absl::Span<const int32_t> targets,
                  absl::Span<const float> coef, absl::Span<const float> entropy_coef) {
  for (int64_t i = 0; i < m; ++i) {
    T* row = logits + i * ldl;
    const std::vector<double> z(row, row + v);
    double stats[3];
    LogProbs<double>(1, v, z.data(), v, temperature.subspan(i, 1), targets, nullptr, stats);
    const double weight = entropy_coef.empty() ? 0 : entropy_coef[i];
    for (int64_t j = 0; j < v; ++j) {
      const double log_p = z[j] / temperature[i] - stats[1];
      const double p = std::exp(log_p);
      double grad = coef[i] * ((j == targets[i] ? 1 : 0) - p);
      if (p > 0) grad -= weight * p * (log_p + stats[2]);
      row[j] = static_cast<T>(coef[i] == 0 && weight == 0 ? 0 : grad / temperature[i]);
    }
  }
}

Sample SampleRow(int64_t v, const float* logits, const SampleParams& params, float uniform, bool* kept) {
  const float temperature = params.temperature == 0 ? 1.0f : params.temperature;
  std::vector<double> p(v);
  const double max = *std::max_element(logits, logits + v);
  double sum = 0;
  for (int64_t j = 0; j < v; ++j) sum += p[j] = std::exp((logits[j] - max) / temperature);
  double entropy = 0;
  for (double& value : p) {
    value /= sum;
    if (value > 0) entropy -= value * std::log(value);
  }
  std::vector<int32_t> order(v);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });

  size_t count = v;
  if (params.temperature == 0) count = 1;
  if (params.top_k > 0) count = std::min<size_t>(count, params.top_k);
  double mass = 0;
  for (size_t i = 0; i < count; ++i) mass += p[order[i]];
  if (params.top_p < 1) {
    double reached = 0;
    size_t i = 0;
    while (i < count && reached < params.top_p * mass) reached += p[order[i++]];
    count = std::max<size_t>(i, 1);
  }
  while (count > 1 && p[order[count - 1]] < params.min_p * p[order[0]]) --count;

  std::vector<bool> keep(v, false);
  mass = 0;
  for (size_t i = 0; i < count; ++i) {
    keep[order[i]] = true;
    mass += p[order[i]];
  }
  Sample sample;
  double reached = 0;
  for (int64_t j = 0; j < v; ++j) {
    if (kept != nullptr) kept[j] = keep[j];
    if (!keep[j] || p[j] == 0 || reached > uniform * mass) continue;
    reached += p[j];
    sample.token = static_cast<int32_t>(j);
  }
  sample.logprob = static_cast<float>(std::log(p[sample.token]));
  sample.processed_logprob = params.temperature == 0 ? 0.0f : static_cast<float>(std::log(p[sample.token] / mass));
  sample.entropy = static_cast<float>(entropy);
  return sample;
}

#define HONE_INSTANTIATE(T)                                                                                                   \
  template void LogProbs<T>(int64_t, int64_t, const T*, int64_t, absl::Span<const float>, absl::Span<const int32_t>, T*, T*); \
  template void LogProbsGrad<T>(int64_t, int64_t, T*, int64_t, absl::Span<const float>, absl::Span<const int32_t>,            \
                                absl::Span<const float>, absl::Span<const float>)
HONE_INSTANTIATE(float);
HONE_INSTANTIATE(double);
#undef HONE_INSTANTIATE

}  // namespace hone::ops::reference
