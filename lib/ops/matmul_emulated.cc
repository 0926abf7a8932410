#include "lib/ops/matmul_emulated.h"

#include "lib/ops/bfloat16_dot.h"
#include "lib/ops/matmul_kernels.h"

namespace hone::ops {
namespace {

template <bool kTakesPairs>
struct Emulated {
  struct Vector {
    float lane[16];
  };
  static constexpr int kWidth = 16;
  static constexpr int kTileRows = 12;
  static constexpr int kTilePanels = 2;
  static constexpr int kAccumulators = 24;
  static constexpr int kStreamPanels = 8;
  static constexpr int kBlockSteps = 192;
  static constexpr bool kPairs = kTakesPairs;

  // Not inlined: the unrolled tiles would take minutes to compile.
  [[gnu::noinline]] static Vector Load(const float* p) {
    Vector v;
    __builtin_memcpy(v.lane, p, sizeof(v.lane));
    return v;
  }
  [[gnu::noinline]] static void Store(float* p, Vector v) { __builtin_memcpy(p, v.lane, sizeof(v.lane)); }
  [[gnu::noinline]] static Vector Broadcast(const float* p) {
    Vector v;
    for (float& lane : v.lane) __builtin_memcpy(&lane, p, sizeof(lane));
    return v;
  }
  static uint32_t Bits(const float& lane) {
    uint32_t bits;
    __builtin_memcpy(&bits, &lane, sizeof(bits));
    return bits;
  }
  [[gnu::noinline]] static Vector MultiplyAdd(Vector a, Vector b, Vector acc) {
    for (int i = 0; i < 16; ++i) {
      acc.lane[i] = kPairs ? BFloat16Dot(Bits(a.lane[i]), Bits(b.lane[i]), acc.lane[i]) : __builtin_fmaf(a.lane[i], b.lane[i], acc.lane[i]);
    }
    return acc;
  }
  [[gnu::noinline]] static Vector LowHalves(const float* p) {
    Vector v;
    for (int i = 0; i < 16; ++i) v.lane[i] = BFloat16ToFloat(static_cast<uint16_t>(Bits(p[i])));
    return v;
  }
  [[gnu::noinline]] static Vector HighHalves(const float* p) {
    Vector v;
    for (int i = 0; i < 16; ++i) v.lane[i] = BFloat16ToFloat(static_cast<uint16_t>(Bits(p[i]) >> 16));
    return v;
  }
};

}  // namespace

namespace emulated {
void RunAvx512Part(const Product& product, const ProductPart& part, void* scratch) {
  RunPartOf<Emulated<false>>(product, part, scratch);
}
void RunAvx512Bf16Part(const Product& product, const ProductPart& part, void* scratch) {
  RunPartOf<Emulated<true>>(product, part, scratch);
}
}  // namespace emulated

}  // namespace hone::ops
