#include "lib/ops/elementwise.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "lib/ops/reference.h"
#include "lib/ops/test_util.h"

namespace hone::ops {
namespace {

constexpr int64_t kWidths[] = {1, 2, 7, 8, 9, 31, 32, 33, 100, 576, 1543};

// d f / d x by central differences in double; f may read x through its own reference.
template <class F>
std::vector<double> Derivative(std::vector<double>& x, F&& f) {
  std::vector<double> grad(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double old = x[i];
    x[i] = old + 1e-5;
    const double up = f();
    x[i] = old - 1e-5;
    grad[i] = (up - f()) / 2e-5;
    x[i] = old;
  }
  return grad;
}
double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(RmsNormTest, AgreesWithTheReference) {
  TestContext context(2);
  for (const int64_t c : kWidths) {
    const int64_t m = 5;
    const int64_t ldx = c + 3;
    const auto x = RandomFloats(1, m * ldx, 3);
    const auto weight = RandomFloats(2, c);
    std::vector<float> y(m * c), want(m * c), rstd(m), want_rstd(m);
    RmsNorm(context, m, c, x.data(), ldx, weight.data(), 1e-5f, y.data(), c, rstd.data());
    reference::RmsNorm<float>(m, c, x.data(), ldx, weight.data(), 1e-5f, want.data(), c, want_rstd.data());
    // The sum of squares of 32 partial sums, a root, a division and two products: a few units in the last place.
    EXPECT_EQ(Differs(y, want, 1e-7, 1e-6), "") << "c " << c;
    EXPECT_EQ(Differs(rstd, want_rstd, 0, 6e-7), "") << "c " << c;
  }
}

TEST(RmsNormTest, ARowHasTheSameBitsAloneInPlaceAndOnAnyThread) {
  const int64_t m = 70;
  const int64_t c = 579;
  const auto x = RandomFloats(3, m * c);
  const auto weight = RandomFloats(4, c);
  std::vector<float> want(m * c);
  RmsNorm(TestContext(1), m, c, x.data(), c, weight.data(), 1e-6f, want.data(), c, nullptr);
  for (const int threads : {2, 3}) {
    std::vector<float> y = x;
    RmsNorm(TestContext(threads), m, c, y.data(), c, weight.data(), 1e-6f, y.data(), c, nullptr);
    EXPECT_TRUE(SameBits(y, want)) << threads << " threads";
  }
  for (int64_t i = 0; i < m; ++i) {
    std::vector<float> y(c);
    RmsNorm(TestContext(1), 1, c, x.data() + i * c, c, weight.data(), 1e-6f, y.data(), c, nullptr);
    EXPECT_TRUE(SameBits(y.data(), want.data() + i * c, c)) << "row " << i;
  }
}

TEST(RmsNormTest, GradientAgreesWithTheReferenceAndSumsRowsInOrder) {
  for (const int64_t c : kWidths) {
    for (const bool accumulate : {false, true}) {
      const int64_t m = 37;
      const auto x = RandomFloats(5, m * c);
      const auto dy = RandomFloats(6, m * c);
      const auto weight = RandomFloats(7, c);
      const auto start = RandomFloats(8, m * c);
      const auto dweight_start = RandomFloats(9, c);
      std::vector<float> y(m * c), rstd(m);
      TestContext one(1);
      RmsNorm(one, m, c, x.data(), c, weight.data(), 1e-5f, y.data(), c, rstd.data());
      auto want = start;
      auto want_dweight = dweight_start;
      reference::RmsNormGrad<float>(m, c, x.data(), c, weight.data(), rstd.data(), dy.data(), c, want.data(), c, accumulate,
                                    want_dweight.data());
      auto dx = start;
      auto dweight = dweight_start;
      RmsNormGrad(one, m, c, x.data(), c, weight.data(), rstd.data(), dy.data(), c, dx.data(), c, accumulate, dweight.data());
      // For c = 1 the two terms of dx cancel almost wholly, so the error is relative to them and to rstd <= 30.
      EXPECT_EQ(Differs(dx, want, 2e-5, 2e-6), "") << "c " << c;
      EXPECT_EQ(Differs(dweight, want_dweight, 1e-5, 2e-6), "") << "c " << c;
      for (const int threads : {2, 3}) {
        auto again = start;
        auto dweight_again = dweight_start;
        if (!accumulate) again = dy;  // in place
        RmsNormGrad(TestContext(threads), m, c, x.data(), c, weight.data(), rstd.data(), accumulate ? dy.data() : again.data(), c,
                    again.data(), c, accumulate, dweight_again.data());
        EXPECT_TRUE(SameBits(again, dx)) << "c " << c << ", " << threads << " threads";
        EXPECT_TRUE(SameBits(dweight_again, dweight)) << "c " << c << ", " << threads << " threads";
      }
      auto halves = start;
      auto dweight_halves = dweight_start;
      for (const auto& [begin, count] : {std::pair<int64_t, int64_t>{0, 11}, {11, 26}}) {
        RmsNormGrad(one, count, c, x.data() + begin * c, c, weight.data(), rstd.data() + begin, dy.data() + begin * c, c,
                    halves.data() + begin * c, c, accumulate, dweight_halves.data());
      }
      EXPECT_TRUE(SameBits(halves, dx)) << "c " << c;
      EXPECT_TRUE(SameBits(dweight_halves, dweight)) << "c " << c;
    }
  }
}

TEST(RmsNormTest, ReferenceGradientIsTheDerivative) {
  const int64_t m = 3;
  const int64_t c = 5;
  auto x = RandomDoubles(10, m * c);
  auto weight = RandomDoubles(11, c);
  const auto dy = RandomDoubles(12, m * c);
  std::vector<double> y(m * c), rstd(m), dx(m * c), dweight(c, 0.0);
  const auto loss = [&] {
    reference::RmsNorm<double>(m, c, x.data(), c, weight.data(), 1e-3, y.data(), c, rstd.data());
    return Dot(y, dy);
  };
  loss();
  reference::RmsNormGrad<double>(m, c, x.data(), c, weight.data(), rstd.data(), dy.data(), c, dx.data(), c, false, dweight.data());
  EXPECT_EQ(Differs(dx, Derivative(x, loss), 1e-8, 1e-7), "");
  EXPECT_EQ(Differs(dweight, Derivative(weight, loss), 1e-8, 1e-7), "");
}

TEST(SwiGluTest, AgreesWithTheReferenceAndKeepsRowsApart) {
  for (const int64_t f : kWidths) {
    const int64_t m = 9;
    const auto gate_up = RandomFloats(13, m * 2 * f, 4);
    const auto dy = RandomFloats(14, m * f);
    std::vector<float> y(m * f), want(m * f), want_grad(m * 2 * f);
    TestContext context(3);
    SwiGlu(context, m, f, gate_up.data(), y.data());
    reference::SwiGlu<float>(m, f, gate_up.data(), want.data());
    EXPECT_EQ(Differs(y, want, 1e-8, 6e-7), "") << "f " << f;  // exp within 1 ulp, then four roundings
    reference::SwiGluGrad<float>(m, f, gate_up.data(), dy.data(), want_grad.data());
    auto grad = gate_up;
    SwiGluGrad(context, m, f, grad.data(), dy.data(), grad.data());  // in place
    // 1 + g (1 - sigmoid) cancels near its root, g = -1.28, with terms near 1.3.
    EXPECT_EQ(Differs(grad, want_grad, 5e-6, 1e-6), "") << "f " << f;
    for (int64_t i = 0; i < m; ++i) {
      std::vector<float> row(f), row_grad(2 * f);
      SwiGlu(TestContext(1), 1, f, gate_up.data() + i * 2 * f, row.data());
      SwiGluGrad(TestContext(1), 1, f, gate_up.data() + i * 2 * f, dy.data() + i * f, row_grad.data());
      EXPECT_TRUE(SameBits(row.data(), y.data() + i * f, f)) << "row " << i;
      EXPECT_TRUE(SameBits(row_grad.data(), grad.data() + i * 2 * f, 2 * f)) << "row " << i;
    }
  }
}

TEST(SwiGluTest, AnElementDoesNotDependOnItsPlace) {
  const std::vector<float> values = RandomFloats(15, 40, 10);
  for (const float g : values) {
    for (const int64_t f : {1, 5, 8, 11, 40}) {
      std::vector<float> gate_up(2 * f, g);
      std::vector<float> y(f);
      SwiGlu(TestContext(1), 1, f, gate_up.data(), y.data());
      for (const float value : y) EXPECT_TRUE(SameBits(&value, &y[0], 1)) << g;
    }
  }
}

TEST(SwiGluTest, ExtremeGatesAreFiniteAndNanPasses) {
  const std::vector<float> gates = {-1e30f, -200, -100, -90, -88, -87, 88, 89, 200, 1e30f, 0, -0.0f};
  const int64_t f = static_cast<int64_t>(gates.size());
  std::vector<float> gate_up = gates;
  gate_up.resize(2 * f, 1.0f);
  std::vector<float> y(f), want(f);
  SwiGlu(TestContext(1), 1, f, gate_up.data(), y.data());
  reference::SwiGlu<float>(1, f, gate_up.data(), want.data());
  EXPECT_EQ(Differs(y, want, 1e-36, 6e-7), "");
  gate_up[0] = std::numeric_limits<float>::quiet_NaN();
  SwiGlu(TestContext(1), 1, f, gate_up.data(), y.data());
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_FALSE(std::isnan(y[1]));
}

TEST(SwiGluTest, ReferenceGradientIsTheDerivative) {
  const int64_t f = 4;
  auto gate_up = RandomDoubles(16, 2 * 2 * f, 2);
  const auto dy = RandomDoubles(17, 2 * f);
  std::vector<double> y(2 * f), grad(2 * 2 * f);
  reference::SwiGluGrad<double>(2, f, gate_up.data(), dy.data(), grad.data());
  const auto numeric = Derivative(gate_up, [&] {
    reference::SwiGlu<double>(2, f, gate_up.data(), y.data());
    return Dot(y, dy);
  });
  EXPECT_EQ(Differs(grad, numeric, 1e-8, 1e-7), "");
}

TEST(EmbedTest, ReadsRowsOfTheEngineLayout) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    for (const WeightShape shape : {WeightShape{33, 7}, WeightShape{16, 8}, WeightShape{50, 33}, WeightShape{1, 1}}) {
      const auto table = RandomFloats(18, shape.n * shape.k);
      std::vector<float> packed(PackedElements(shape));  // room for both dtypes
      PackRows(shape, dtype, 0, shape.n, table.data(), packed.data());
      const Weight weight = {shape, dtype, packed.data()};
      std::vector<int32_t> ids;
      for (int64_t i = 0; i < 3 * shape.n; ++i) ids.push_back(static_cast<int32_t>(i * 7 % shape.n));
      const int64_t ldy = shape.k + 2;
      std::vector<float> y(static_cast<int64_t>(ids.size()) * ldy, 5.0f);
      Embed(TestContext(2), ids, weight, y.data(), ldy);
      for (size_t i = 0; i < ids.size(); ++i) {
        for (int64_t j = 0; j < shape.k; ++j) {
          float want = table[ids[i] * shape.k + j];
          if (dtype == DType::kBFloat16) want = BFloat16ToFloat(FloatToBFloat16(want));
          ASSERT_EQ(y[static_cast<int64_t>(i) * ldy + j], want) << "id " << ids[i] << " channel " << j << ' ' << Name(dtype);
        }
        ASSERT_EQ(y[static_cast<int64_t>(i) * ldy + shape.k], 5.0f) << "past the row";
      }
    }
  }
}

TEST(EmbedTest, GradientAddsRowsOfEqualIdsInOrder) {
  const WeightShape shape = {21, 301};
  const int64_t m = 64;
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < m; ++i) ids.push_back(static_cast<int32_t>(i * i % shape.n));
  const auto dy = RandomFloats(19, m * shape.k);
  const auto start = RandomFloats(20, shape.n * shape.k);
  std::vector<float> want = start;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < shape.k; ++j) want[ids[i] * shape.k + j] += dy[i * shape.k + j];
  }
  for (const int threads : {1, 2, 3}) {
    std::vector<float> packed(PackedElements(shape));
    PackRows(shape, DType::kFloat32, 0, shape.n, start.data(), packed.data());
    EmbedGrad(TestContext(threads), ids, dy.data(), shape.k, {shape, packed.data()});
    std::vector<float> got(want.size());
    UnpackRows({shape, DType::kFloat32, packed.data()}, 0, shape.n, got.data());
    EXPECT_TRUE(SameBits(got, want)) << threads << " threads";
  }
}

TEST(RowsTest, GatherScatterAndBiasSumInOrder) {
  for (const int64_t c : {1, 9, 256, 300}) {
    const std::vector<int32_t> rows = {3, 0, 3, 5, 3, 1};
    const auto x = RandomFloats(21, 6 * c);
    const auto add = RandomFloats(22, 6 * c);
    for (const int threads : {1, 3}) {
      std::vector<float> y(6 * c);
      GatherRows(TestContext(threads), rows, c, x.data(), c, y.data(), c);
      auto scattered = x;
      ScatterAddRows(TestContext(threads), rows, c, add.data(), c, scattered.data(), c);
      auto want = x;
      for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_TRUE(SameBits(y.data() + i * c, x.data() + rows[i] * c, c));
        for (int64_t j = 0; j < c; ++j) want[rows[i] * c + j] += add[i * c + j];
      }
      EXPECT_TRUE(SameBits(scattered, want)) << "c " << c;
      std::vector<float> dbias(x.begin(), x.begin() + c);
      std::vector<float> want_bias = dbias;
      BiasGrad(TestContext(threads), 6, c, add.data(), c, dbias.data());
      for (int64_t i = 0; i < 6; ++i) {
        for (int64_t j = 0; j < c; ++j) want_bias[j] += add[i * c + j];
      }
      EXPECT_TRUE(SameBits(dbias, want_bias)) << "c " << c;
    }
  }
}

TEST(BFloat16Test, ConvertsLikeTheScalarFunctions) {
  std::vector<float> x = RandomFloats(23, 40001, 100);
  const float special[] = {0.0f,
                           -0.0f,
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::max(),
                           std::numeric_limits<float>::denorm_min(),
                           1.00390625f,  // halfway, to even
                           1.01171875f};
  std::copy(std::begin(special), std::end(special), x.begin());
  const uint32_t payload = 0x7f800001;  // a NaN whose upper half alone would be infinity
  std::memcpy(&x[9], &payload, 4);
  for (const int64_t n : {0, 1, 7, 8, 15, 40001}) {
    std::vector<uint16_t> narrow(n), want(n);
    std::vector<float> wide(n), want_wide(n);
    ToBFloat16(TestContext(2), n, x.data(), narrow.data());
    FromBFloat16(TestContext(2), n, narrow.data(), wide.data());
    for (int64_t i = 0; i < n; ++i) want[i] = FloatToBFloat16(x[i]);
    for (int64_t i = 0; i < n; ++i) want_wide[i] = BFloat16ToFloat(want[i]);
    EXPECT_TRUE(SameBits(narrow, want)) << n;
    EXPECT_TRUE(SameBits(wide, want_wide)) << n;
  }
}

}  // namespace
}  // namespace hone::ops
