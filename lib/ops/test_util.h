#pragma once
// For the tests of this folder.

#include <cstring>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "lib/base/random.h"
#include "lib/ops/tensor.h"

namespace hone::ops {

// n normal numbers times `scale`.
inline std::vector<float> RandomFloats(uint64_t seed, int64_t n, double scale = 1) {
  const RandomStream stream(seed);
  std::vector<float> x(n);
  for (int64_t i = 0; i < n; ++i) x[i] = static_cast<float>(scale * stream.Normal(i));
  return x;
}
inline std::vector<double> RandomDoubles(uint64_t seed, int64_t n, double scale = 1) {
  const std::vector<float> x = RandomFloats(seed, n, scale);
  return std::vector<double>(x.begin(), x.end());
}
inline std::vector<float> ToFloats(const std::vector<double>& x) {
  return std::vector<float>(x.begin(), x.end());
}

// A context with its own threads.
class TestContext {
 public:
  explicit TestContext(int threads) : pool_(threads) { context_.pool = &pool_; }
  operator const Context&() const { return context_; }

 private:
  ThreadPool pool_;
  Context context_;
};

template <class T>
bool SameBits(const T* a, const T* b, int64_t n) {
  return n == 0 || std::memcmp(a, b, n * sizeof(T)) == 0;
}
template <class T>
bool SameBits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && SameBits(a.data(), b.data(), static_cast<int64_t>(a.size()));
}

// Empty when |got - want| <= absolute + relative |want| everywhere; else where it fails most.
template <class A, class B>
std::string Differs(const std::vector<A>& got, const std::vector<B>& want, double absolute, double relative) {
  if (got.size() != want.size()) return fmt::format("{} elements against {}", got.size(), want.size());
  double worst = 1;
  std::string message;
  for (size_t i = 0; i < got.size(); ++i) {
    const double bound = absolute + relative * std::abs(static_cast<double>(want[i]));
    const double excess = std::abs(static_cast<double>(got[i]) - static_cast<double>(want[i])) / bound;
    if (excess <= worst) continue;
    worst = excess;
    message = fmt::format("[{}] is {:.9g}, should be {:.9g}: {:.2f} times the tolerance", i, got[i], want[i], excess);
    if (!(excess == excess)) break;
  }
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] != got[i]) return fmt::format("[{}] is NaN", i);
  }
  return message;
}

}  // namespace hone::ops
