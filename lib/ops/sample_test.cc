#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>

#include "gtest/gtest.h"
#include "lib/ops/reference.h"
#include "lib/ops/softmax.h"
#include "lib/ops/test_util.h"
#include "nlohmann/json.hpp"

namespace hone::ops {
namespace {

constexpr float kAlmostOne = 1 - 0x1p-24f;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Sample SampleOne(const std::vector<float>& logits, const SampleParams& params, float uniform) {
  Sample sample;
  SampleRows(TestContext(1), 1, static_cast<int64_t>(logits.size()), logits.data(), 0, {&params, 1}, {&uniform, 1}, &sample);
  return sample;
}

std::vector<SampleParams> AllParams() {
  std::vector<SampleParams> all;
  for (const float temperature : {0.0f, 0.5f, 1.0f, 1.7f}) {
    for (const int32_t top_k : {0, 1, 3, 50, 1000000}) {
      for (const float top_p : {1.0f, 0.9f, 0.3f, 1e-6f}) {
        for (const float min_p : {0.0f, 0.05f, 0.9f}) all.push_back({temperature, top_k, top_p, min_p});
      }
    }
  }
  return all;
}
std::string Describe(const SampleParams& p) {
  return fmt::format("temperature {} top_k {} top_p {} min_p {}", p.temperature, p.top_k, p.top_p, p.min_p);
}

TEST(SampleTest, AgreesWithAFullSort) {
  for (const int64_t v : {1, 2, 9, 300, 2500}) {
    for (const SampleParams& params : AllParams()) {
      for (const double scale : {0.01, 1.0, 6.0}) {
        const auto logits = RandomFloats(v * 7 + static_cast<int64_t>(scale), v, scale);
        for (const float uniform : {0.0f, 0.123f, 0.5f, 0.77f, kAlmostOne}) {
          const Sample got = SampleOne(logits, params, uniform);
          const Sample want = reference::SampleRow(v, logits.data(), params, uniform, nullptr);
          // At the very edge of a token's interval rounding may give the neighbour; these inputs have no such case.
          ASSERT_EQ(got.token, want.token) << "v " << v << ' ' << Describe(params) << " scale " << scale << " uniform " << uniform;
          ASSERT_NEAR(got.logprob, want.logprob, 5e-6) << Describe(params);
          ASSERT_NEAR(got.processed_logprob, want.processed_logprob, 5e-6) << Describe(params);
          ASSERT_NEAR(got.entropy, want.entropy, 5e-6) << Describe(params);
        }
      }
    }
  }
}

TEST(SampleTest, ReportsTheLogprobThatTheLearnerComputes) {
  const int64_t v = 5003;
  const int64_t m = 24;
  const auto logits = RandomFloats(1, m * v, 2);
  std::vector<SampleParams> params;
  std::vector<float> uniform, temperature;
  for (int64_t i = 0; i < m; ++i) {
    params.push_back({0.5f + 0.25f * static_cast<float>(i % 4), static_cast<int32_t>(i % 2 * 40), i % 3 == 0 ? 0.9f : 1.0f, 0});
    temperature.push_back(params.back().temperature);
    uniform.push_back(RandomStream(2).OpenUniform(i));
  }
  std::vector<Sample> samples(m);
  SampleRows(TestContext(1), m, v, logits.data(), v, params, uniform, samples.data());
  std::vector<int32_t> targets;
  for (const Sample& sample : samples) targets.push_back(sample.token);
  std::vector<float> logprob(m);
  std::vector<SoftmaxStats> stats(m);
  LogProbs(TestContext(2), m, v, logits.data(), v, temperature, targets, logprob.data(), stats.data());
  for (int64_t i = 0; i < m; ++i) {
    EXPECT_TRUE(SameBits(&samples[i].logprob, &logprob[i], 1)) << "row " << i;
    EXPECT_TRUE(SameBits(&samples[i].entropy, &stats[i].entropy, 1)) << "row " << i;
    EXPECT_GE(samples[i].processed_logprob, samples[i].logprob) << "row " << i;
    const Sample alone = SampleOne({logits.begin() + i * v, logits.begin() + (i + 1) * v}, params[i], uniform[i]);
    EXPECT_TRUE(SameBits(&alone, &samples[i], 1)) << "row " << i;
  }
  for (const int threads : {2, 3}) {
    std::vector<Sample> again(m);
    SampleRows(TestContext(threads), m, v, logits.data(), v, params, uniform, again.data());
    EXPECT_TRUE(SameBits(again, samples)) << threads << " threads";
  }
}

TEST(SampleTest, DrawsFollowTheDistribution) {
  const std::vector<float> logits = {0.3f, -1.0f, 2.0f, 0.0f, -kInfinity, 1.1f, 0.3f, -3.0f, 0.9f, -0.2f};
  const int draws = 40000;
  for (const SampleParams& params :
       {SampleParams{}, SampleParams{.temperature = 0.7f}, SampleParams{.top_k = 4}, SampleParams{.top_p = 0.8f},
        SampleParams{.temperature = 1.3f, .top_k = 6, .top_p = 0.9f, .min_p = 0.1f}}) {
    std::map<int32_t, int> counts;
    std::map<int32_t, double> expected;
    for (int i = 0; i < draws; ++i) {
      const Sample sample = SampleOne(logits, params, static_cast<float>(RandomStream(3).Bits(i) >> 40) * 0x1p-24f);
      ++counts[sample.token];
      expected[sample.token] = draws * std::exp(static_cast<double>(sample.processed_logprob));
    }
    double chi_square = 0;
    double total = 0;
    for (const auto& [token, count] : counts) {
      chi_square += (count - expected[token]) * (count - expected[token]) / expected[token];
      total += expected[token];
    }
    EXPECT_NEAR(total, draws, 0.01 * draws) << Describe(params) << ": the kept tokens' probabilities add up to 1";
    EXPECT_LT(chi_square, 30) << Describe(params);  // 8 degrees of freedom at most: exceeded once in 5000 seeds
  }
}

TEST(SampleTest, TiesGoByIndex) {
  const std::vector<float> logits = {1, 3, 3, 2, 3, 0, 3};
  EXPECT_EQ(SampleOne(logits, {.temperature = 0}, 0.9f).token, 1);
  EXPECT_EQ(SampleOne(logits, {.top_k = 1}, 0.9f).token, 1);
  EXPECT_EQ(SampleOne(logits, {.top_k = 2}, 0.9f).token, 2);
  EXPECT_EQ(SampleOne(logits, {.top_k = 3}, kAlmostOne).token, 4);
  EXPECT_EQ(SampleOne(logits, {.top_k = 3, .top_p = 0.5f}, kAlmostOne).token, 2) << "two of three equal tokens reach one half";
  EXPECT_EQ(SampleOne(std::vector<float>(2000, 0.5f), {.temperature = 0}, 0).token, 0);
}

TEST(SampleTest, ExtremesOfTheUniformNeverPickATokenWithoutProbability) {
  std::vector<float> logits(3000, -kInfinity);
  logits[1024] = 0;
  logits[2047] = -1;
  for (const SampleParams& params :
       {SampleParams{}, SampleParams{.top_k = 500}, SampleParams{.top_p = 0.99f}, SampleParams{.min_p = 0.01f}}) {
    EXPECT_EQ(SampleOne(logits, params, 0).token, 1024) << Describe(params);
    EXPECT_EQ(SampleOne(logits, params, kAlmostOne).token, 2047) << Describe(params);
  }
}

TEST(SampleTest, RowsThatAreNotFiniteGiveTokenZeroAndNan) {
  const float nan = std::nanf("");
  for (const float bad : {nan, kInfinity}) {
    for (const size_t at : {0, 5, 999}) {
      std::vector<float> logits = RandomFloats(4, 1000);
      logits[at] = bad;
      for (const SampleParams& params : AllParams()) {
        const Sample sample = SampleOne(logits, params, 0.5f);
        EXPECT_EQ(sample.token, 0) << Describe(params);
        EXPECT_TRUE(std::isnan(sample.logprob) && std::isnan(sample.entropy) && std::isnan(sample.processed_logprob)) << Describe(params);
      }
    }
  }
  EXPECT_EQ(SampleOne(std::vector<float>(20, -kInfinity), {}, 0.5f).token, 0);
  EXPECT_TRUE(std::isnan(SampleOne(std::vector<float>(20, -kInfinity), {}, 0.5f).logprob));
}

// The families `logprob` and `entropy` of the golden vectors for algorithms.
class GoldenTest : public testing::Test {
 protected:
  static nlohmann::json Cases(const std::string& family) {
    std::ifstream file("tests/testdata/golden/algorithms.json");
    const nlohmann::json all = nlohmann::json::parse(file, nullptr, false);
    nlohmann::json cases = nlohmann::json::array();
    if (!all.is_discarded()) {
      for (const auto& c : all["cases"]) {
        if (c["family"] == family) cases.push_back(c);
      }
    }
    return cases;
  }
};

TEST_F(GoldenTest, LogprobsAndTruncation) {
  const nlohmann::json cases = Cases("logprob");
  ASSERT_GE(cases.size(), 3u) << "tests/testdata/golden/algorithms.json";
  for (const auto& c : cases) {
    const auto& config = c["config"];
    const std::vector<float> logits = config["logits"];
    const SampleParams params = {config["temperature"], config["top_k"].get<int32_t>(), config["top_p"]};
    const int32_t wanted = config["token"];
    std::vector<int32_t> kept;
    for (int i = 0; i < 1000; ++i) {
      const Sample sample = SampleOne(logits, params, static_cast<float>(i) / 1000);
      kept.push_back(sample.token);
      if (sample.token != wanted) continue;
      EXPECT_NEAR(sample.logprob, c["expect"]["full"].get<double>(), 5e-7) << c["id"];
      EXPECT_NEAR(sample.processed_logprob, c["expect"]["processed"].get<double>(), 5e-7) << c["id"];
    }
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    EXPECT_EQ(kept, c["expect"]["kept"].get<std::vector<int32_t>>()) << c["id"];
  }
}

TEST_F(GoldenTest, EntropyAndItsGradient) {
  const nlohmann::json cases = Cases("entropy");
  ASSERT_GE(cases.size(), 4u) << "tests/testdata/golden/algorithms.json";
  for (const auto& c : cases) {
    std::vector<float> logits = c["config"]["logits"];
    const int64_t v = static_cast<int64_t>(logits.size());
    const float temperature = c["config"]["temperature"];
    const int32_t target = 0;
    float logprob;
    SoftmaxStats stats;
    LogProbs(TestContext(1), 1, v, logits.data(), v, {&temperature, 1}, {&target, 1}, &logprob, &stats);
    EXPECT_NEAR(stats.entropy, c["expect"]["entropy"].get<double>(), 1e-6) << c["id"];
    const float zero = 0;
    const float one = 1;
    LogProbsGrad(TestContext(1), 1, v, logits.data(), v, {&temperature, 1}, {&target, 1}, {&stats, 1}, {&zero, 1}, {&one, 1});
    EXPECT_EQ(Differs(logits, c["expect"]["grad_logits"].get<std::vector<double>>(), 1e-6, 2e-5), "") << c["id"];
  }
}

}  // namespace
}  // namespace hone::ops
