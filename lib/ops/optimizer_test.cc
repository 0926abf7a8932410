#include "lib/ops/optimizer.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "lib/ops/reference.h"
#include "lib/ops/test_util.h"

namespace hone::ops {
namespace {

TEST(NormTest, IsExactToDoubleAndTheSameForAnyThreads) {
  for (const int64_t n : {0, 1, 7, 8, 65535, 65536, 65537, 300001}) {
    const auto x = RandomFloats(1, n);
    const double norm = Norm(TestContext(1), n, x.data());
    EXPECT_NEAR(norm, reference::Norm(n, x.data()), 1e-12 * (1 + norm)) << n;  // two orders of a sum in double
    EXPECT_EQ(Norm(TestContext(2), n, x.data()), norm) << n;
    EXPECT_EQ(Norm(TestContext(3), n, x.data()), norm) << n;
  }
}

TEST(NormTest, SeesOneBadElementAndSurvivesLargeOnes) {
  for (const int64_t at : {int64_t{0}, int64_t{70000}, int64_t{100000}}) {
    for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), std::nanf("")}) {
      std::vector<float> x(100001, 1.0f);
      x[at] = bad;
      EXPECT_FALSE(std::isfinite(Norm(TestContext(2), 100001, x.data()))) << bad << " at " << at;
    }
  }
  const std::vector<float> large(4, 3e38f);
  EXPECT_NEAR(Norm(TestContext(1), 4, large.data()) / 6e38, 1.0, 1e-6);
}

struct State {
  std::vector<float> grad, master, moment1, moment2;
};
State RandomState(int64_t n) {
  State state = {RandomFloats(2, n), RandomFloats(3, n, 0.05), RandomFloats(4, n, 0.3), RandomFloats(5, n, 0.3)};
  for (float& v : state.moment2) v *= v;
  return state;
}

TEST(AdamWTest, AgreesWithTheFormulaInDouble) {
  for (const int64_t step : {1, 2, 1000}) {
    for (const int64_t n : {1, 7, 8, 31, 5000}) {
      const AdamWParams params = {.lr = 3e-3f, .beta2 = 0.95f, .weight_decay = 0.1f, .step = step, .grad_scale = 0.37f};
      const State start = RandomState(n);
      std::vector<double> master(start.master.begin(), start.master.end());
      std::vector<double> moment1(start.moment1.begin(), start.moment1.end());
      std::vector<double> moment2(start.moment2.begin(), start.moment2.end());
      const std::vector<double> grad(start.grad.begin(), start.grad.end());
      reference::AdamW<double>(n, params, grad.data(), master.data(), moment1.data(), moment2.data());
      State state = start;
      AdamW(TestContext(2), n, params, state.grad.data(), state.master.data(), state.moment1.data(), state.moment2.data(), DType::kFloat32,
            nullptr, false);
      // The rounding of the master (2^-24 relative) and five roundings of an update of about lr times up to 30.
      EXPECT_EQ(Differs(state.master, master, 1e-7, 1e-6), "") << "step " << step << " n " << n;
      EXPECT_EQ(Differs(state.moment1, moment1, 1e-7, 3e-7), "") << "step " << step << " n " << n;
      EXPECT_EQ(Differs(state.moment2, moment2, 1e-9, 3e-7), "") << "step " << step << " n " << n;
    }
  }
}

TEST(AdamWTest, WeightsFollowTheMasterInEveryLayout) {
  const int64_t n = 32 * 700;
  const AdamWParams params = {.lr = 1e-2f};
  for (const int threads : {1, 2, 3}) {
    State plain = RandomState(n);
    std::vector<float> weights(n);
    AdamW(TestContext(threads), n, params, plain.grad.data(), plain.master.data(), plain.moment1.data(), plain.moment2.data(),
          DType::kFloat32, weights.data(), false);
    EXPECT_TRUE(SameBits(weights, plain.master));
    for (const bool paired : {false, true}) {
      State state = RandomState(n);
      std::vector<uint16_t> narrow(n);
      AdamW(TestContext(threads), n, params, state.grad.data(), state.master.data(), state.moment1.data(), state.moment2.data(),
            DType::kBFloat16, narrow.data(), paired);
      EXPECT_TRUE(SameBits(state.master, plain.master));
      EXPECT_TRUE(SameBits(state.moment1, plain.moment1));
      EXPECT_TRUE(SameBits(state.moment2, plain.moment2));
      for (int64_t i = 0; i < n; ++i) {
        const int64_t at = paired ? i / 32 * 32 + i % 16 * 2 + i / 16 % 2 : i;
        ASSERT_EQ(narrow[at], FloatToBFloat16(state.master[i])) << "element " << i << " paired " << paired;
      }
      std::vector<uint16_t> rounded(n);
      RoundWeights(TestContext(threads), n, state.master.data(), DType::kBFloat16, rounded.data(), paired);
      EXPECT_EQ(rounded, narrow) << "paired " << paired;
    }
  }
  State aliased = RandomState(n);
  State plain = aliased;
  AdamW(TestContext(1), n, params, aliased.grad.data(), aliased.master.data(), aliased.moment1.data(), aliased.moment2.data(),
        DType::kFloat32, aliased.master.data(), true);
  AdamW(TestContext(1), n, params, plain.grad.data(), plain.master.data(), plain.moment1.data(), plain.moment2.data(), DType::kFloat32,
        nullptr, false);
  EXPECT_TRUE(SameBits(aliased.master, plain.master));
}

TEST(AdamWTest, AnElementDoesNotDependOnItsPlace) {
  const State start = RandomState(21);
  State whole = start;
  const AdamWParams params = {.lr = 1e-2f, .weight_decay = 0.01f, .step = 3};
  std::vector<uint16_t> narrow(21);
  AdamW(TestContext(1), 21, params, whole.grad.data(), whole.master.data(), whole.moment1.data(), whole.moment2.data(), DType::kBFloat16,
        narrow.data(), false);
  for (int64_t i = 0; i < 21; ++i) {
    State one = {{start.grad[i]}, {start.master[i]}, {start.moment1[i]}, {start.moment2[i]}};
    uint16_t bits;
    AdamW(TestContext(1), 1, params, one.grad.data(), one.master.data(), one.moment1.data(), one.moment2.data(), DType::kBFloat16, &bits,
          false);
    EXPECT_TRUE(SameBits(one.master.data(), &whole.master[i], 1)) << i;
    EXPECT_EQ(bits, narrow[i]) << i;
  }
}

TEST(AdamWTest, ZeroGradientFromZeroStateOnlyDecays) {
  std::vector<float> grad(9, 0.0f), master(9, 2.0f), moment1(9, 0.0f), moment2(9, 0.0f);
  AdamW(TestContext(1), 9, {.lr = 0.5f, .weight_decay = 0.5f}, grad.data(), master.data(), moment1.data(), moment2.data(), DType::kFloat32,
        nullptr, false);
  for (const float value : master) EXPECT_EQ(value, 1.5f);
}

}  // namespace
}  // namespace hone::ops
