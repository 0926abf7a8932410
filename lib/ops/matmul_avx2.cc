#include <immintrin.h>

#include "lib/ops/matmul_kernels.h"

namespace hone::ops {
namespace {

// Two multiply-adds a cycle of latency 4 want 8 chains; 12 of the 16 registers hold 6 rows of a panel.
struct Avx2 {
  using Vector = __m256;
  static constexpr int kWidth = 8;
  static constexpr int kTileRows = 6;
  static constexpr int kTilePanels = 1;
  static constexpr int kAccumulators = 12;
  static constexpr int kStreamPanels = 6;
  static constexpr int kBlockSteps = 320;
  static constexpr bool kPairs = false;

  static Vector Load(const float* p) { return _mm256_loadu_ps(p); }
  static void Store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
  static Vector Broadcast(const float* p) { return _mm256_broadcast_ss(p); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector acc) { return _mm256_fmadd_ps(a, b, acc); }
  static Vector LowHalves(const float* p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), 16));
  }
  static Vector HighHalves(const float* p) {
    __asm__("" : "+r"(p));  // else the compiler keeps what LowHalves loaded, for which there is no register
    return _mm256_and_ps(_mm256_loadu_ps(p), _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xffff0000))));
  }
};

}  // namespace

void avx2::RunPart(const Product& product, const ProductPart& part, void* scratch) {
  RunPartOf<Avx2>(product, part, scratch);
}

}  // namespace hone::ops
