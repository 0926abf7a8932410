#include "lib/ops/matmul.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/ops/bfloat16_dot.h"
#include "lib/ops/matmul_emulated.h"

namespace hone::ops {
namespace {

// Values in [-1, 1) with 24 random bits (a linear congruential generator: the tests need many of them).
std::vector<float> Values(int64_t count, uint64_t seed) {
  std::vector<float> values(count);
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (float& value : values) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<float>(static_cast<int32_t>(state >> 40) - (1 << 23)) * 0x1p-23f;
  }
  return values;
}

// A weight with its memory; the values of a bf16 weight are rounded.
struct OwnedWeight {
  OwnedWeight(WeightShape shape, DType dtype, uint64_t seed) : data(PackedElements(shape) * SizeOf(dtype)) {
    const std::vector<float> values = Values(shape.n * shape.k, seed);
    PackRows(shape, dtype, 0, shape.n, values.data(), data.data());
    view = Weight{shape, dtype, data.data()};
  }
  std::vector<uint8_t> data;
  Weight view;
};

::testing::AssertionResult SameBits(const std::vector<float>& got, const std::vector<float>& want) {
  if (got.size() != want.size()) return ::testing::AssertionFailure() << got.size() << " elements, not " << want.size();
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::memcmp(&got[i], &want[i], sizeof(float)) != 0) {
      return ::testing::AssertionFailure() << fmt::format("element {} is {:a}, not {:a}", i, got[i], want[i]);
    }
  }
  return ::testing::AssertionSuccess();
}

constexpr float kUntouched = 7.25f;

struct Shape {
  int64_t m, k, n;
};
std::string Text(const Shape& shape) {
  return fmt::format("M {} K {} N {}", shape.m, shape.k, shape.n);
}

// Edges of tiles (6 or 12 rows, 16 columns), of streams (24 rows), of blocks (320 steps; 192 steps; 384 of pairs), of pairs, and of parts
// (192 rows).
std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (int64_t m = 1; m <= 40; ++m) shapes.push_back({m, 35, 37});
  for (int64_t k : {0, 1, 2, 3, 16, 17, 191, 192, 193, 319, 320, 321, 385, 641}) {
    for (int64_t m : {1, 14, 26}) shapes.push_back({m, k, 33});
  }
  for (int64_t n : {1, 2, 15, 16, 17, 31, 33, 63, 100, 129, 257, 400}) {
    for (int64_t m : {1, 2, 5, 27}) shapes.push_back({m, 7, n});
  }
  for (int64_t m : {191, 192, 193, 257, 400}) shapes.push_back({m, 9, 18});
  shapes.push_back({1, 60, 2100});  // several parts of few rows
  shapes.push_back({0, 5, 5});
  return shapes;
}

// The three operators behind one face: `run` on the shape, given inputs, an output to start from, the leading dimensions' excess.
enum class Operator { kLinear, kInputGrad, kWeightGrad };
constexpr Operator kOperators[] = {Operator::kLinear, Operator::kInputGrad, Operator::kWeightGrad};
const char* Name(Operator op) {
  return op == Operator::kLinear ? "Linear" : op == Operator::kInputGrad ? "LinearInputGrad" : "LinearWeightGrad";
}

struct Case {
  Operator op;
  Shape shape;
  DType dtype;  // of the weight; of WeightGrad, the compute type
  bool accumulate = false;
  bool bias = false;
  int64_t excess = 3;  // elements between the end of a row and the next one
};
std::string Text(const Case& c) {
  return fmt::format("{} {} {}{}{}", Name(c.op), Text(c.shape), Name(c.dtype), c.accumulate ? " accumulate" : "", c.bias ? " bias" : "");
}

// Inputs of a case. a: x (or dy of InputGrad); b: dy of WeightGrad.
struct Inputs {
  explicit Inputs(const Case& c)
      : lda((c.op == Operator::kInputGrad ? c.shape.n : c.shape.k) + c.excess),
        ldb(c.shape.n + c.excess),
        ldc((c.op == Operator::kLinear ? c.shape.n : c.shape.k) + c.excess),
        a(Values(c.shape.m * lda, 1)),
        b(Values(c.shape.m * ldb, 2)),
        bias(Values(c.shape.n, 3)),
        weight({c.shape.n, c.shape.k}, c.dtype, 4),
        out(c.op == Operator::kWeightGrad ? std::vector<float>(PackedElements(weight.view.shape))
                                          : std::vector<float>(c.shape.m * ldc, kUntouched)) {
    if (c.accumulate) {
      const std::vector<float> start = Values(c.shape.n * c.shape.k + c.shape.m * ldc, 5);
      if (c.op == Operator::kWeightGrad) {
        PackRows(weight.view.shape, DType::kFloat32, 0, c.shape.n, start.data(), out.data());
      } else {
        out.assign(start.begin(), start.begin() + c.shape.m * ldc);
      }
    }
  }
  int64_t lda, ldb, ldc;
  std::vector<float> a, b, bias;
  OwnedWeight weight;
  std::vector<float> out;
};

// Rows [begin, end) of the M rows, with the operators of hone::ops.
void RunRows(const Context& context, const Case& c, Inputs& in, int64_t begin, int64_t end, bool accumulate) {
  const float* a = in.a.data() + begin * in.lda;
  switch (c.op) {
    case Operator::kLinear:
      return Linear(context, end - begin, a, in.lda, in.weight.view, c.bias ? in.bias.data() : nullptr, in.out.data() + begin * in.ldc,
                    in.ldc, accumulate);
    case Operator::kInputGrad:
      return LinearInputGrad(context, end - begin, a, in.lda, in.weight.view, in.out.data() + begin * in.ldc, in.ldc, accumulate);
    case Operator::kWeightGrad:
      return LinearWeightGrad(context, end - begin, a, in.lda, in.b.data() + begin * in.ldb, in.ldb, {in.weight.view.shape, in.out.data()},
                              c.dtype, accumulate);
  }
}

std::vector<float> Fast(const Context& context, const Case& c) {
  Inputs in(c);
  RunRows(context, c, in, 0, c.shape.m, c.accumulate);
  return in.out;
}

std::vector<float> Reference(const Context& context, const Case& c) {
  Inputs in(c);
  switch (c.op) {
    case Operator::kLinear:
      reference::Linear(context, c.shape.m, in.a.data(), in.lda, in.weight.view, c.bias ? in.bias.data() : nullptr, in.out.data(), in.ldc,
                        c.accumulate);
      break;
    case Operator::kInputGrad:
      reference::LinearInputGrad(context, c.shape.m, in.a.data(), in.lda, in.weight.view, in.out.data(), in.ldc, c.accumulate);
      break;
    case Operator::kWeightGrad:
      reference::LinearWeightGrad(context, c.shape.m, in.a.data(), in.lda, in.b.data(), in.ldb, {in.weight.view.shape, in.out.data()},
                                  c.dtype, c.accumulate);
      break;
  }
  return in.out;
}

// Every operator and type on every shape; how C begins (zero, bias or its old content) takes turns.
std::vector<Case> Cases(const std::vector<Shape>& shapes) {
  std::vector<Case> cases;
  int turn = 0;
  for (const Shape& shape : shapes) {
    for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
      for (Operator op : kOperators) {
        const bool accumulate = turn % 2 == 1;
        const bool bias = op == Operator::kLinear && turn % 4 == 0;
        cases.push_back({op, shape, dtype, accumulate, bias});
        ++turn;
      }
      ++turn;
    }
    turn += 3;
  }
  return cases;
}

std::vector<Isa> UsableIsas() {
  std::vector<Isa> isas;
  for (Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    if (isa <= BestIsa()) isas.push_back(isa);
  }
  return isas;
}

TEST(MatmulTest, FastKernelsGiveTheBitsOfTheReferenceOnEveryInstructionSetOfThisMachine) {
  for (Isa isa : UsableIsas()) {
    for (const Case& c : Cases(Shapes())) {
      const Context context{.isa = isa};
      EXPECT_TRUE(SameBits(Fast(context, c), Reference(context, c))) << ops::Name(isa) << " " << Text(c);
    }
  }
}

TEST(MatmulTest, ThreadsDoNotChangeABit) {
  const std::vector<Shape> shapes = {{1, 96, 1040}, {6, 65, 1200}, {7, 65, 330}, {33, 300, 200}, {200, 77, 190}, {400, 30, 130}};
  for (int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    for (Isa isa : UsableIsas()) {
      for (const Case& c : Cases(shapes)) {
        const Context alone{.isa = isa};
        const Context together{.pool = &pool, .isa = isa};
        EXPECT_TRUE(SameBits(Fast(together, c), Fast(alone, c))) << threads << " threads, " << ops::Name(isa) << " " << Text(c);
      }
    }
  }
}

TEST(MatmulTest, ARowHasTheSameBitsAloneInAPartAndInTheWhole) {
  ThreadPool pool(2);
  const std::vector<Shape> shapes = {{40, 257, 70}, {17, 576, 96}, {205, 33, 50}};
  for (Isa isa : UsableIsas()) {
    const Context context{.pool = &pool, .isa = isa};
    for (const Shape& shape : shapes) {
      for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        for (Operator op : {Operator::kLinear, Operator::kInputGrad}) {
          const Case c{op, shape, dtype};
          const std::vector<float> whole = Fast(context, c);
          for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 11, 13}) {
            Inputs in(c);
            for (int64_t begin = 0; begin < shape.m; begin += rows) RunRows(context, c, in, begin, std::min(shape.m, begin + rows), false);
            EXPECT_TRUE(SameBits(in.out, whole)) << ops::Name(isa) << " " << Text(c) << " in parts of " << rows << " rows";
          }
        }
      }
    }
  }
}

TEST(MatmulTest, AWeightGradientAccumulatedInTwoCallsHasTheBitsOfOneCall) {
  for (Isa isa : UsableIsas()) {
    const Context context{.isa = isa};
    for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
      const bool pairs = isa == Isa::kAvx512Bf16 && dtype == DType::kBFloat16;  // there a cut must not part a pair
      const Case c{Operator::kWeightGrad, {530, 21, 50}, dtype};
      const std::vector<float> whole = Fast(context, c);
      for (int64_t cut : {1, 2, 6, 17, 255, 256, 257, 300, 512, 529}) {
        if (pairs && cut % 2 == 1) continue;
        Inputs in(c);
        RunRows(context, c, in, 0, cut, false);
        RunRows(context, c, in, cut, c.shape.m, true);
        EXPECT_TRUE(SameBits(in.out, whole)) << ops::Name(isa) << " " << Text(c) << " cut at " << cut;
      }
    }
  }
}

TEST(MatmulTest, MemoryBetweenRowsAndBehindThemIsLeftAlone) {
  const Context context;
  for (Operator op : {Operator::kLinear, Operator::kInputGrad}) {
    for (int64_t m : {1, 4, 9}) {
      const Case c{op, {m, 21, 35}, DType::kBFloat16};
      const Inputs in(c);
      const std::vector<float> out = Fast(context, c);
      for (size_t i = 0; i < out.size(); ++i) {
        if (static_cast<int64_t>(i) % in.ldc < in.ldc - c.excess) continue;
        EXPECT_EQ(out[i], kUntouched) << Text(c) << " at " << i;
      }
    }
  }
}

TEST(MatmulTest, PaddingOfAWeightGradientIsZeroWhateverTheInputs) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (bool accumulate : {false, true}) {
    const Case c{Operator::kWeightGrad, {9, 5, 19}, DType::kFloat32, accumulate};
    Inputs in(c);
    in.a.assign(in.a.size(), infinity);
    if (!accumulate) in.out.assign(in.out.size(), kUntouched);
    RunRows({}, c, in, 0, c.shape.m, accumulate);
    for (int64_t n = 0; n < 32; ++n) {
      for (int64_t k = 0; k < 6; ++k) {
        if (n < 19 && k < 5) continue;
        EXPECT_EQ(in.out[n / 16 * 6 * 16 + k * 16 + n % 16], 0.f) << n << " " << k;
      }
    }
  }
}

TEST(MatmulTest, AnInfinityOrNanStaysInItsRow) {
  for (Operator op : {Operator::kLinear, Operator::kInputGrad}) {
    for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
      const Case c{op, {13, 33, 35}, dtype};
      Inputs in(c);
      const std::vector<float> clean = Fast({}, c);
      in.a[4 * in.lda + 2] = std::numeric_limits<float>::quiet_NaN();
      in.a[7 * in.lda + 2] = std::numeric_limits<float>::infinity();
      RunRows({}, c, in, 0, c.shape.m, false);
      for (int64_t row : {0, 3, 5, 6, 8, 12}) {
        EXPECT_EQ(std::memcmp(&in.out[row * in.ldc], &clean[row * in.ldc], in.ldc * sizeof(float)), 0) << Text(c) << " row " << row;
      }
      EXPECT_TRUE(std::isnan(in.out[4 * in.ldc])) << Text(c);
      EXPECT_FALSE(std::isfinite(in.out[7 * in.ldc])) << Text(c);
    }
  }
}

TEST(MatmulTest, LinearAgreesWithASumInDoubleWithinItsRounding) {
  const Case c{Operator::kLinear, {7, 300, 50}, DType::kFloat32, false, true};
  const Inputs in(c);
  const std::vector<float> out = Fast({}, c);
  std::vector<float> rows(50 * 300);
  UnpackRows(in.weight.view, 0, 50, rows.data());
  for (int64_t m = 0; m < 7; ++m) {
    for (int64_t n = 0; n < 50; ++n) {
      double sum = in.bias[n];
      for (int64_t k = 0; k < 300; ++k) sum += static_cast<double>(in.a[m * in.lda + k]) * rows[n * 300 + k];
      EXPECT_NEAR(out[m * in.ldc + n], sum, 300 * 0x1p-24 * 60) << m << " " << n;  // 300 roundings of partial sums below 60
    }
  }
}

TEST(MatmulTest, PackingIsUndoneByUnpackingAndPadsWithZero) {
  for (DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    for (const WeightShape shape : {WeightShape{1, 1}, WeightShape{16, 2}, WeightShape{17, 3}, WeightShape{50, 33}}) {
      std::vector<float> values = Values(shape.n * shape.k, 9);
      for (float& value : values) value = BFloat16ToFloat(FloatToBFloat16(value));
      std::vector<uint8_t> whole(PackedElements(shape) * SizeOf(dtype), 0xaa);
      PackRows(shape, dtype, 0, shape.n, values.data(), whole.data());
      std::vector<float> back(values.size());
      UnpackRows({shape, dtype, whole.data()}, 0, shape.n, back.data());
      EXPECT_TRUE(SameBits(back, values)) << shape.n << " " << shape.k;

      std::vector<uint8_t> parts(whole.size(), 0x55);
      for (int64_t row = 0; row < shape.n; row += 16) {
        PackRows(shape, dtype, row, std::min<int64_t>(16, shape.n - row), values.data() + row * shape.k, parts.data());
      }
      EXPECT_EQ(parts, whole) << "packed in parts, " << shape.n << " " << shape.k;

      std::vector<float> last(shape.k);
      UnpackRows({shape, dtype, whole.data()}, shape.n - 1, 1, last.data());
      EXPECT_EQ(std::memcmp(last.data(), &values[(shape.n - 1) * shape.k], shape.k * sizeof(float)), 0);
    }
  }
}

TEST(MatmulTest, TheLayoutIsTheDocumentedOne) {
  const WeightShape shape{17, 3};  // two panels, K' = 4
  std::vector<float> values(17 * 3);
  for (int64_t i = 0; i < 17 * 3; ++i) values[i] = static_cast<float>(i + 1);
  ASSERT_EQ(PackedElements(shape), 2 * 4 * 16);
  std::vector<float> packed32(PackedElements(shape));
  std::vector<uint16_t> packed16(PackedElements(shape));
  PackRows(shape, DType::kFloat32, 0, 17, values.data(), packed32.data());
  PackRows(shape, DType::kBFloat16, 0, 17, values.data(), packed16.data());
  struct {
    int64_t n, k, index32, index16;
  } const kElements[] = {{0, 0, 0, 0}, {0, 1, 16, 1}, {1, 0, 1, 2}, {5, 2, 37, 42}, {16, 0, 64, 64}, {16, 2, 96, 96}};
  for (const auto& e : kElements) {
    EXPECT_EQ(packed32[e.index32], values[e.n * 3 + e.k]) << e.n << " " << e.k;
    EXPECT_EQ(BFloat16ToFloat(packed16[e.index16]), values[e.n * 3 + e.k]) << e.n << " " << e.k;
  }
  EXPECT_EQ(packed32[48], 0.f);      // (0, 3), padding of K
  EXPECT_EQ(packed16[33], 0);        // (0, 3)
  EXPECT_EQ(packed32[64 + 1], 0.f);  // (17, 0), padding of N
  EXPECT_EQ(packed16[64 + 2], 0);    // (17, 0)
}

TEST(BFloat16DotTest, TakesTheUpperPairFirstAndRoundsTwice) {
  // 2^24 + 1 is 2^24 after rounding to even; 2^24 + 2 is exact. The other order would give 2^24 + 2.
  EXPECT_EQ(BFloat16Dot(BFloat16Pair(1.f, 1.f), BFloat16Pair(1.f, 1.f), 0x1p24f), 0x1p24f);
  EXPECT_EQ(BFloat16Dot(BFloat16Pair(1.f, 3.f), BFloat16Pair(1.f, 1.f), 0x1p24f), 0x1p24f + 4.f);
  EXPECT_EQ(BFloat16Dot(BFloat16Pair(3.f, 1.f), BFloat16Pair(1.f, 1.f), 0x1p24f), 0x1p24f + 4.f);
  EXPECT_EQ(BFloat16Dot(BFloat16Pair(2.f, 5.f), BFloat16Pair(3.f, 7.f), 1.f), 42.f);
}

TEST(BFloat16DotTest, FlushesDenormals) {
  EXPECT_EQ(BFloat16Dot(0x00000001u, BFloat16Pair(0x1p127f, 0.f), 0.f), 0.f);                  // input
  EXPECT_EQ(BFloat16Dot(0, 0, 0x1p-130f), 0.f);                                                // accumulator
  EXPECT_EQ(BFloat16Dot(BFloat16Pair(0x1p-70f, 0.f), BFloat16Pair(0x1p-70f, 0.f), 0.f), 0.f);  // result
}

TEST(TensorTest, ViewsShareTheMemoryOfTheirTensor) {
  Tensor tensor = Tensor::Zeros({}, DType::kFloat32, {4, 3});
  EXPECT_EQ(tensor.size(), 12);
  EXPECT_EQ(tensor.bytes(), 48u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.raw()) % 64, 0u);
  Tensor rows = tensor.Rows(1, 2);
  EXPECT_EQ(rows.shape(), (std::vector<int64_t>{2, 3}));
  rows.data<float>()[0] = 5.f;
  EXPECT_EQ(tensor.data<float>()[3], 5.f);
  Tensor flat = tensor.Reshaped({12});
  EXPECT_EQ(flat.data<float>()[3], 5.f);
  EXPECT_EQ(tensor.Rows(4, 0).size(), 0);
}

TEST(TensorTest, ATensorWithoutElementsStillHasMemory) {
  EXPECT_FALSE(Tensor::Empty({}, DType::kBFloat16, {0, 7}).empty());
  EXPECT_TRUE(Tensor().empty());
}

TEST(TensorTest, BFloat16RoundsToNearestEvenAndKeepsNan) {
  const struct {
    uint32_t from;
    uint16_t to;
  } kCases[] = {{0x3f800000, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f818000, 0x3f82},
                {0x3f808001, 0x3f81}, {0x7f7fffff, 0x7f80}, {0x7f800001, 0x7fc0}};
  for (const auto& c : kCases) {
    float value;
    std::memcpy(&value, &c.from, sizeof(value));
    EXPECT_EQ(FloatToBFloat16(value), c.to) << std::hex << c.from;
  }
}

TEST(IsaTest, TheBestInstructionSetHasAName) {
  EXPECT_STREQ(ops::Name(Isa::kAvx2), "avx2");
  EXPECT_STREQ(ops::Name(Isa::kAvx512), "avx512");
  EXPECT_STREQ(ops::Name(Isa::kAvx512Bf16), "avx512_bf16");
  EXPECT_LE(BestIsa(), Isa::kAvx512Bf16);
}

// The templates of the AVX-512 kernels with their vectors replaced by arrays, so that they are tested on any machine.
std::vector<float> Emulated(Isa isa, const Case& c) {
  Inputs in(c);
  Product product{.bf16_weight = c.dtype == DType::kBFloat16,
                  .a = in.a.data(),
                  .lda = in.lda,
                  .b = in.weight.view.data,
                  .ldb = PaddedK(c.shape.k),
                  .c = in.out.data(),
                  .ldc = in.ldc,
                  .c_panel_stride = 16,
                  .bias = c.bias ? in.bias.data() : nullptr,
                  .accumulate = c.accumulate};
  switch (c.op) {
    case Operator::kLinear:
      product.kind = ProductKind::kLinear;
      product.rows = c.shape.m, product.cols = c.shape.n, product.depth = c.shape.k;
      break;
    case Operator::kInputGrad:
      product.kind = ProductKind::kInputGrad;
      product.rows = c.shape.m, product.cols = c.shape.k, product.depth = c.shape.n;
      break;
    case Operator::kWeightGrad:
      product.kind = ProductKind::kWeightGrad;
      product.rows = c.shape.k, product.cols = c.shape.n, product.depth = c.shape.m;
      product.b = in.b.data(), product.ldb = in.ldb;
      product.ldc = 16, product.c_panel_stride = PaddedK(c.shape.k) * 16;
      break;
  }
  const auto run = isa == Isa::kAvx512Bf16 && product.bf16_weight ? emulated::RunAvx512Bf16Part : emulated::RunAvx512Part;
  const std::unique_ptr<void, decltype(&std::free)> scratch(std::aligned_alloc(64, kScratchBytes), std::free);
  const int64_t panels = (product.cols + 15) / 16;
  const int64_t panels_in_part = 9;  // odd, so that tiles of two panels meet an end
  for (int64_t row = 0; row < product.rows; row += kMaxPartRows) {
    for (int64_t panel = 0; panel < panels; panel += panels_in_part) {
      run(product, {row, std::min(product.rows, row + kMaxPartRows), panel, std::min(panels, panel + panels_in_part)}, scratch.get());
    }
  }
  return in.out;
}

TEST(MatmulEmulatedTest, TheKernelsForAvx512GiveTheBitsOfTheReference) {
  for (Isa isa : {Isa::kAvx512, Isa::kAvx512Bf16}) {
    for (const Case& c : Cases(Shapes())) {
      EXPECT_TRUE(SameBits(Emulated(isa, c), Reference({.isa = isa}, c))) << ops::Name(isa) << " " << Text(c);
    }
  }
}

TEST(MatmulEmulatedTest, Avx512AgreesWithAvx2BitForBit) {
  for (const Case& c : Cases({{1, 35, 100}, {14, 200, 48}, {130, 30, 70}})) {
    EXPECT_TRUE(SameBits(Emulated(Isa::kAvx512, c), Fast({}, c))) << Text(c);
  }
}

TEST(MatmulEmulatedTest, ManyPairsInFewRowsExceedOneBlockOfScratch) {
  const Case c{Operator::kLinear, {2, 2 * 6832 + 5, 17}, DType::kBFloat16};
  EXPECT_TRUE(SameBits(Emulated(Isa::kAvx512Bf16, c), Reference({.isa = Isa::kAvx512Bf16}, c)));
}

}  // namespace
}  // namespace hone::ops
