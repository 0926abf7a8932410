#pragma once

namespace hone::ops {

// The natural logarithm of a positive finite number within 1e-15 relative (absolute near 1); NaN for others, infinity included. By
// additions, multiplications and one division alone, so that machines with different mathematics libraries agree bit for bit.
double Logarithm(double x);

}  // namespace hone::ops
