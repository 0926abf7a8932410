#include <algorithm>

#include "lib/ops/matmul.h"

namespace hone::ops {
namespace {

// Where element (n, k) stands in the engine's layout of `dtype`.
int64_t PackedIndex(WeightShape shape, DType dtype, int64_t n, int64_t k) {
  const int64_t panel = n / 16 * PaddedK(shape.k) * 16;
  return dtype == DType::kBFloat16 ? panel + k / 2 * 32 + n % 16 * 2 + k % 2 : panel + k * 16 + n % 16;
}

void CheckRows(WeightShape shape, DType dtype, int64_t row_begin, int64_t rows) {
  HONE_CHECK(dtype == DType::kFloat32 || dtype == DType::kBFloat16);
  HONE_CHECK_GE(row_begin, 0);
  HONE_CHECK_GE(rows, 0);
  HONE_CHECK_LE(row_begin, shape.n - rows);
}

}  // namespace

void PackRows(WeightShape shape, DType dtype, int64_t row_begin, int64_t rows, const float* source, void* packed) {
  CheckRows(shape, dtype, row_begin, rows);
  HONE_CHECK_EQ(row_begin % 16, 0);
  HONE_CHECK(rows % 16 == 0 || row_begin + rows == shape.n);
  const int64_t padded_k = PaddedK(shape.k);
  for (int64_t panel = row_begin; panel < row_begin + rows; panel += 16) {
    const int64_t panel_rows = std::min<int64_t>(16, row_begin + rows - panel);
    for (int64_t k = 0; k < padded_k; ++k) {
      for (int64_t lane = 0; lane < 16; ++lane) {
        const bool inside = k < shape.k && lane < panel_rows;
        const float value = inside ? source[(panel - row_begin + lane) * shape.k + k] : 0.f;
        const int64_t index = PackedIndex(shape, dtype, panel + lane, k);
        if (dtype == DType::kBFloat16) {
          static_cast<uint16_t*>(packed)[index] = FloatToBFloat16(value);
        } else {
          static_cast<float*>(packed)[index] = value;
        }
      }
    }
  }
}

void UnpackRows(const Weight& weight, int64_t row_begin, int64_t rows, float* out) {
  CheckRows(weight.shape, weight.dtype, row_begin, rows);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < weight.shape.k; ++k) {
      const int64_t index = PackedIndex(weight.shape, weight.dtype, row_begin + row, k);
      *out++ = weight.dtype == DType::kBFloat16 ? BFloat16ToFloat(static_cast<const uint16_t*>(weight.data)[index])
                                                : static_cast<const float*>(weight.data)[index];
    }
  }
}

}  // namespace hone::ops
