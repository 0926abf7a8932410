#include <immintrin.h>

#include "lib/ops/matmul_kernels.h"

namespace hone::ops {
namespace {

struct Avx512 {
  using Vector = __m512;
  static constexpr int kWidth = 16;
  static constexpr int kTileRows = 12;
  static constexpr int kTilePanels = 2;
  static constexpr int kAccumulators = 24;
  static constexpr int kStreamPanels = 8;
  static constexpr int kBlockSteps = 192;
  static constexpr bool kPairs = false;

  static Vector Load(const float* p) { return _mm512_loadu_ps(p); }
  static void Store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  static Vector Broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector acc) { return _mm512_fmadd_ps(a, b, acc); }
  static Vector LowHalves(const float* p) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(p), 16)); }
  static Vector HighHalves(const float* p) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(p), _mm512_set1_epi32(static_cast<int>(0xffff0000))));
  }
};

}  // namespace

void avx512::RunPart(const Product& product, const ProductPart& part, void* scratch) {
  RunPartOf<Avx512>(product, part, scratch);
}

}  // namespace hone::ops
