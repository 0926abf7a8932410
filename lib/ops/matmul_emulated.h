#pragma once
// For tests: the kernels for AVX-512 and AVX-512-BF16 with arrays in place of vectors, so that any machine can run the very templates
// (matmul_kernels.h) that other machines run with real vectors.

#include "lib/ops/matmul_product.h"

namespace hone::ops::emulated {

void RunAvx512Part(const Product& product, const ProductPart& part, void* scratch);
void RunAvx512Bf16Part(const Product& product, const ProductPart& part, void* scratch);

}  // namespace hone::ops::emulated
