#include <immintrin.h>

#include "lib/ops/matmul_kernels.h"

namespace hone::ops {
namespace {

struct Avx512Bf16 {
  using Vector = __m512;
  static constexpr int kWidth = 16;
  static constexpr int kTileRows = 12;
  static constexpr int kTilePanels = 2;
  static constexpr int kAccumulators = 24;
  static constexpr int kStreamPanels = 8;
  static constexpr int kBlockSteps = 192;
  static constexpr bool kPairs = true;

  static Vector Load(const float* p) { return _mm512_loadu_ps(p); }
  static void Store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  static Vector Broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector acc) { return _mm512_dpbf16_ps(acc, (__m512bh)a, (__m512bh)b); }
};

}  // namespace

void avx512_bf16::RunPart(const Product& product, const ProductPart& part, void* scratch) {
  RunPartOf<Avx512Bf16>(product, part, scratch);
}

}  // namespace hone::ops
