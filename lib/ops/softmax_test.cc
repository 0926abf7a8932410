#include "lib/ops/softmax.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "lib/ops/logarithm.h"
#include "lib/ops/reference.h"
#include "lib/ops/test_util.h"

namespace hone::ops {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int64_t kVocabularies[] = {1, 2, 7, 8, 9, 511, 512, 513, 1000, 49152};

TEST(LogarithmTest, IsExactToDouble) {
  const RandomStream stream(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = std::exp(stream.Normal(i) * (i % 3 == 0 ? 0.001 : 30));
    EXPECT_NEAR(Logarithm(x), std::log(x), 1e-15 * std::abs(std::log(x)) + 1e-18) << x;
  }
  EXPECT_EQ(Logarithm(1.0), 0.0);
  EXPECT_NEAR(Logarithm(5e-324), std::log(5e-324), 1e-12);
  for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_TRUE(std::isnan(Logarithm(bad))) << bad;
}

struct Batch {
  int64_t m = 0;
  int64_t v = 0;
  std::vector<float> logits, temperature;
  std::vector<int32_t> targets;
};
Batch RandomBatch(int64_t m, int64_t v) {
  Batch batch = {m, v, RandomFloats(2, m * v, 3), {}, {}};
  for (int64_t i = 0; i < m; ++i) {
    batch.temperature.push_back(i % 3 == 0 ? 1.0f : 0.3f + 0.4f * static_cast<float>(i % 3));
    batch.targets.push_back(static_cast<int32_t>(i * 31 % v));
  }
  return batch;
}

TEST(LogProbsTest, AgreesWithTheReference) {
  for (const int64_t v : kVocabularies) {
    const Batch batch = RandomBatch(4, v);
    std::vector<float> got(4), want(4), want_stats(12);
    std::vector<SoftmaxStats> stats(4);
    LogProbs(TestContext(2), 4, v, batch.logits.data(), v, batch.temperature, batch.targets, got.data(), stats.data());
    reference::LogProbs<float>(4, v, batch.logits.data(), v, batch.temperature, batch.targets, want.data(), want_stats.data());
    std::vector<float> got_stats;
    for (const SoftmaxStats& s : stats) got_stats.insert(got_stats.end(), {s.max, s.lse(), s.entropy});
    // z = logit / T of size up to 30 is rounded to float32; sums are in double by blocks.
    EXPECT_EQ(Differs(got, want, 2e-6, 3e-7), "") << "v " << v;
    EXPECT_EQ(Differs(got_stats, want_stats, 2e-6, 1e-6), "") << "v " << v;
  }
}

TEST(LogProbsTest, ARowHasTheSameBitsAloneAndOnAnyThread) {
  for (const int64_t v : {5, 1003}) {
    const Batch batch = RandomBatch(19, v);
    std::vector<float> want(19);
    std::vector<SoftmaxStats> want_stats(19);
    LogProbs(TestContext(1), 19, v, batch.logits.data(), v, batch.temperature, batch.targets, want.data(), want_stats.data());
    std::vector<float> grad = batch.logits;
    const std::vector<float> coef = RandomFloats(3, 19);
    LogProbsGrad(TestContext(1), 19, v, grad.data(), v, batch.temperature, batch.targets, want_stats, coef, {});
    for (const int threads : {2, 3}) {
      std::vector<float> got(19);
      LogProbs(TestContext(threads), 19, v, batch.logits.data(), v, batch.temperature, batch.targets, got.data(), nullptr);
      EXPECT_TRUE(SameBits(got, want)) << threads << " threads";
    }
    for (int64_t i = 0; i < 19; ++i) {
      float one;
      SoftmaxStats stats;
      std::vector<float> row(batch.logits.begin() + i * v, batch.logits.begin() + (i + 1) * v);
      LogProbs(TestContext(1), 1, v, row.data(), v, {&batch.temperature[i], 1}, {&batch.targets[i], 1}, &one, &stats);
      EXPECT_TRUE(SameBits(&one, &want[i], 1)) << "row " << i;
      EXPECT_TRUE(SameBits(&stats, &want_stats[i], 1)) << "row " << i;
      LogProbsGrad(TestContext(1), 1, v, row.data(), v, {&batch.temperature[i], 1}, {&batch.targets[i], 1}, {&stats, 1}, {&coef[i], 1}, {});
      EXPECT_TRUE(SameBits(row.data(), grad.data() + i * v, v)) << "row " << i;
    }
  }
}

TEST(LogProbsTest, ExtremeLogits) {
  struct Case {
    std::vector<float> logits;
    int32_t target;
    float logprob, entropy;
  };
  const float nan = std::nanf("");
  const Case cases[] = {
      {{0, -kInfinity, -kInfinity}, 0, 0, 0},
      {{0, -kInfinity, 0}, 0, -0.693147181f, 0.693147181f},
      {{0, -kInfinity, 0}, 1, -kInfinity, 0.693147181f},
      {{1e30f, 0, -1e30f}, 0, 0, 0},
      {{1e30f, 0, -1e30f}, 1, -1e30f, 0},
      {{-1e38f, -1e38f}, 1, -0.693147181f, 0.693147181f},
      {{80, -900, 0}, 1, -980, 0},
      {{nan, 0, 1}, 1, nan, nan},
      {{0, 0, 0, 0, 0, 0, 0, 0, 0, nan}, 1, nan, nan},
      {{kInfinity, 0, 1}, 1, nan, nan},
      {{-kInfinity, -kInfinity}, 1, nan, nan},
  };
  for (const Case& c : cases) {
    float logprob;
    SoftmaxStats stats;
    const float temperature = 1;
    LogProbs(TestContext(1), 1, static_cast<int64_t>(c.logits.size()), c.logits.data(), 0, {&temperature, 1}, {&c.target, 1}, &logprob,
             &stats);
    const int64_t number = &c - cases;
    if (std::isnan(c.logprob)) {
      EXPECT_TRUE(std::isnan(logprob)) << number;
      EXPECT_TRUE(std::isnan(stats.entropy) && std::isnan(stats.lse())) << number;
    } else {
      EXPECT_FLOAT_EQ(logprob, c.logprob) << number;
      EXPECT_NEAR(stats.entropy, c.entropy, 1e-7) << number;
    }
  }
}

TEST(LogProbsGradTest, AgreesWithTheReference) {
  for (const int64_t v : kVocabularies) {
    for (const bool with_entropy : {false, true}) {
      const Batch batch = RandomBatch(5, v);
      std::vector<float> coef = RandomFloats(4, 5);
      std::vector<float> entropy_coef = with_entropy ? RandomFloats(5, 5) : std::vector<float>();
      coef[2] = 0;
      if (with_entropy) entropy_coef[2] = 0;
      std::vector<float> logprob(5);
      std::vector<SoftmaxStats> stats(5);
      LogProbs(TestContext(1), 5, v, batch.logits.data(), v, batch.temperature, batch.targets, logprob.data(), stats.data());
      auto got = batch.logits;
      auto want = batch.logits;
      got[2 * v] = std::nanf("");  // a row without weight is not looked at
      LogProbsGrad(TestContext(2), 5, v, got.data(), v, batch.temperature, batch.targets, stats, coef, entropy_coef);
      reference::LogProbsGrad<float>(5, v, want.data(), v, batch.temperature, batch.targets, coef, entropy_coef);
      // p is off by the rounding of lse and z (up to 2e-6 relative); 1 - p at the target cancels, so that is absolute there.
      EXPECT_EQ(Differs(got, want, 1e-5, 5e-6), "") << "v " << v << " entropy " << with_entropy;
    }
  }
}

TEST(LogProbsGradTest, ReferenceGradientIsTheDerivative) {
  const int64_t v = 7;
  auto logits = RandomDoubles(6, 2 * v, 2);
  const std::vector<float> temperature = {1.0f, 0.5f};
  const std::vector<int32_t> targets = {3, 0};
  const std::vector<float> coef = {0.75f, -1.25f};
  const std::vector<float> entropy_coef = {0.5f, 2.0f};
  const auto loss = [&] {
    std::vector<double> logprob(2), stats(6);
    reference::LogProbs<double>(2, v, logits.data(), v, temperature, targets, logprob.data(), stats.data());
    return coef[0] * logprob[0] + coef[1] * logprob[1] + entropy_coef[0] * stats[2] + entropy_coef[1] * stats[5];
  };
  auto grad = logits;
  reference::LogProbsGrad<double>(2, v, grad.data(), v, temperature, targets, coef, entropy_coef);
  std::vector<double> numeric(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    const double x = logits[i];
    logits[i] = x + 1e-5;
    const double up = loss();
    logits[i] = x - 1e-5;
    numeric[i] = (up - loss()) / 2e-5;
    logits[i] = x;
  }
  EXPECT_EQ(Differs(grad, numeric, 1e-8, 1e-7), "");
}

TEST(LogProbsGradTest, TokensWithoutProbabilityGetNoGradient) {
  std::vector<float> logits = {1, -kInfinity, 2, -kInfinity};
  const float one = 1;
  const int32_t target = 0;
  float logprob;
  SoftmaxStats stats;
  LogProbs(TestContext(1), 1, 4, logits.data(), 4, {&one, 1}, {&target, 1}, &logprob, &stats);
  LogProbsGrad(TestContext(1), 1, 4, logits.data(), 4, {&one, 1}, {&target, 1}, {&stats, 1}, {&one, 1}, {&one, 1});
  EXPECT_EQ(logits[1], 0);
  EXPECT_EQ(logits[3], 0);
  EXPECT_NEAR(logits[0] + logits[2], 0, 1e-6);
}

}  // namespace
}  // namespace hone::ops
