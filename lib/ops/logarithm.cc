#include "lib/ops/logarithm.h"

#include <cstdint>
#include <cstring>
#include <limits>

namespace hone::ops {

// x = 2^n f with f in [sqrt(1/2), sqrt(2)); ln f = 2 atanh(s) with s = (f - 1) / (f + 1), |s| <= 0.1716, by its power series: the first
// term left out is s^23 / 23 < 1e-19.
double Logarithm(double x) {
  if (!(x > 0) || x > std::numeric_limits<double>::max()) return std::numeric_limits<double>::quiet_NaN();
  int64_t exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  exponent += static_cast<int64_t>(bits >> 52) - 1023;
  bits = (bits & 0xfffffffffffffu) | (uint64_t{1023} << 52);
  double f;
  std::memcpy(&f, &bits, sizeof(f));
  if (f > 1.4142135623730951) {
    f *= 0.5;
    ++exponent;
  }
  const double s = (f - 1) / (f + 1);
  const double s2 = s * s;
  double series = 0;
  for (int k = 21; k >= 3; k -= 2) series = (series + 1.0 / k) * s2;
  const double n = static_cast<double>(exponent);
  // ln 2 = high + low with 32 bits in the high part: n * high is exact.
  return n * 0x1.62e42feep-1 + (n * 1.9082149292705877e-10 + 2 * s * series + 2 * s);
}

}  // namespace hone::ops
