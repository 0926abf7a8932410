#include "lib/ops/matmul.h"

#include <algorithm>
#include <memory>

#include "lib/base/memory.h"
#include "lib/ops/matmul_product.h"
#include "lib/ops/parallel.h"

namespace hone::ops {
namespace {

using RunPart = void (*)(const Product& product, const ProductPart& part, void* scratch);

RunPart RunPartFor(Isa isa, bool pairs) {
  switch (isa) {
    case Isa::kAvx2:
      return avx2::RunPart;
    case Isa::kAvx512:
      return avx512::RunPart;
    case Isa::kAvx512Bf16:
      return pairs ? avx512_bf16::RunPart : avx512::RunPart;
  }
  HONE_CHECK(false);
  return nullptr;
}

// This thread's memory for a part.
void* Scratch() {
  thread_local const std::shared_ptr<void> scratch = AllocateMemory(kScratchBytes);
  return scratch.get();
}

// Cuts C into parts, about `kPartsPerThread` a thread so that a thread which is held up leaves its share to others, but no smaller than is
// worth the start of one. C is cut into panels first: each thread then reads its own part of the weight.
void Run(const Context& context, bool pairs, const Product& product) {
  constexpr int64_t kPartsPerThread = 4;
  constexpr int64_t kLeastBytes = 64 << 10;  // of weight, when few rows make the weight's transport the cost
  constexpr int64_t kLeastPanels = 6;        // in a part of many rows: they share the packing of A
  HONE_CHECK(context.device.type == DeviceType::kCpu);
  if (product.rows <= 0 || product.cols <= 0) return;
  const RunPart run_part = RunPartFor(context.isa, pairs);
  const int64_t threads = NumThreads(context);
  const int64_t panels = (product.cols + 15) / 16;
  const bool direct = product.kind == ProductKind::kLinear && product.rows <= kDirectRows;
  const int64_t row_parts = (product.rows + kMaxPartRows - 1) / kMaxPartRows;
  int64_t panel_parts = threads == 1 ? 1 : (threads * kPartsPerThread + row_parts - 1) / row_parts;
  if (direct) {
    const int64_t bytes = panels * 16 * product.depth * (product.bf16_weight ? 2 : 4);
    panel_parts = std::min(panel_parts, bytes / kLeastBytes);
  } else {
    panel_parts = std::min(panel_parts, panels / kLeastPanels);
  }
  panel_parts = std::clamp<int64_t>(panel_parts, 1, panels);
  ParallelFor(context, row_parts * panel_parts, [&](int64_t i) {
    const int64_t r = i / panel_parts;
    const int64_t p = i % panel_parts;
    const ProductPart part{product.rows * r / row_parts, product.rows * (r + 1) / row_parts, panels * p / panel_parts,
                           panels * (p + 1) / panel_parts};
    run_part(product, part, Scratch());
  });
}

void CheckWeight(const Weight& weight) {
  HONE_CHECK(weight.dtype == DType::kFloat32 || weight.dtype == DType::kBFloat16);
  HONE_CHECK_GE(weight.shape.n, 0);
  HONE_CHECK_GE(weight.shape.k, 0);
}

}  // namespace

void Linear(const Context& context, int64_t m, const float* x, int64_t ldx, const Weight& weight, const float* bias, float* y, int64_t ldy,
            bool accumulate) {
  CheckWeight(weight);
  HONE_CHECK(m <= 1 || (ldx >= weight.shape.k && ldy >= weight.shape.n));
  HONE_CHECK(!accumulate || bias == nullptr);
  const bool bf16 = weight.dtype == DType::kBFloat16;
  Run(context, bf16,
      Product{.kind = ProductKind::kLinear,
              .bf16_weight = bf16,
              .rows = m,
              .cols = weight.shape.n,
              .depth = weight.shape.k,
              .a = x,
              .lda = ldx,
              .b = weight.data,
              .ldb = PaddedK(weight.shape.k),
              .c = y,
              .ldc = ldy,
              .c_panel_stride = 16,
              .bias = bias,
              .accumulate = accumulate});
}

void LinearInputGrad(const Context& context, int64_t m, const float* dy, int64_t lddy, const Weight& weight, float* dx, int64_t lddx,
                     bool accumulate) {
  CheckWeight(weight);
  HONE_CHECK(m <= 1 || (lddy >= weight.shape.n && lddx >= weight.shape.k));
  const bool bf16 = weight.dtype == DType::kBFloat16;
  Run(context, bf16,
      Product{.kind = ProductKind::kInputGrad,
              .bf16_weight = bf16,
              .rows = m,
              .cols = weight.shape.k,
              .depth = weight.shape.n,
              .a = dy,
              .lda = lddy,
              .b = weight.data,
              .ldb = PaddedK(weight.shape.k),
              .c = dx,
              .ldc = lddx,
              .c_panel_stride = 16,
              .bias = nullptr,
              .accumulate = accumulate});
}

void LinearWeightGrad(const Context& context, int64_t m, const float* x, int64_t ldx, const float* dy, int64_t lddy, const WeightGrad& dw,
                      DType compute, bool accumulate) {
  HONE_CHECK(compute == DType::kFloat32 || compute == DType::kBFloat16);
  HONE_CHECK_GE(dw.shape.k, 0);
  HONE_CHECK(m <= 1 || (ldx >= dw.shape.k && lddy >= dw.shape.n));
  if (m < 0) m = 0;
  const int64_t padded_k = PaddedK(dw.shape.k);
  Run(context, compute == DType::kBFloat16,
      Product{.kind = ProductKind::kWeightGrad,
              .bf16_weight = false,
              .rows = dw.shape.k,
              .cols = dw.shape.n,
              .depth = m,
              .a = x,
              .lda = ldx,
              .b = dy,
              .ldb = lddy,
              .c = dw.data,
              .ldc = 16,
              .c_panel_stride = padded_k * 16,
              .bias = nullptr,
              .accumulate = accumulate});
  if (padded_k == dw.shape.k) return;
  for (int64_t panel = 0; panel < dw.shape.n; panel += 16) {
    std::fill_n(dw.data + panel * padded_k + dw.shape.k * 16, 16, 0.f);
  }
}

}  // namespace hone::ops
