// The golden cases of the families `advantage` and `overlong`. HONE_GOLDEN_ALGORITHMS names another file.

#include <cstdlib>
#include <fstream>
#include <map>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rewards/advantage.h"
#include "rewards/overlong.h"

namespace hone {
namespace {
using Json = nlohmann::json;

class GoldenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* other = std::getenv("HONE_GOLDEN_ALGORITHMS");
    const std::string path = other != nullptr ? other : "tests/testdata/golden/algorithms.json";
    std::ifstream file(path);
    ASSERT_TRUE(file.good()) << path;
    golden_ = Json::parse(file);
  }

  double Tolerance(const Json& test, double want) const {
    const Json& tolerance = test.contains("tol") ? test["tol"] : golden_["tolerance"][test["source"].get<std::string>()];
    return tolerance["abs"].get<double>() + tolerance["rel"].get<double>() * std::abs(want);
  }

  Json golden_;
};

AdvantageConfig ReadConfig(const Json& json) {
  AdvantageConfig config;
  for (const auto& [key, value] : json.items()) {
    if (key == "name")
      config.name = value;
    else if (key == "ddof")
      config.ddof = value;
    else if (key == "eps")
      config.eps = value.get<double>();
    else if (key == "singleton")
      config.singleton = value;
    else if (key == "std_of")
      config.std_of = value;
    else if (key == "batch_std_of")
      config.batch_std_of = value;
    else if (key == "scale")
      config.scale = value;
    else if (key == "weights") {
      for (const auto& [part, weight] : value.items()) config.weights.emplace_back(part, weight.get<double>());
    } else if (key == "whiten")
      config.whiten = WhitenConfig{value["unit"], value["ddof"], value["eps"], value["eps_mode"]};
    else if (key == "seq_norm")
      config.seq_norm = SeqNormConfig{value["ddof"], value["eps"]};
    else
      EXPECT_TRUE(key == "gamma" && value == 1.0) << "unknown field " << key;
  }
  return config;
}

TEST_F(GoldenTest, AdvantagesMatch) {
  int num_cases = 0;
  for (const Json& test : golden_["cases"]) {
    if (test["family"] != "advantage") continue;
    ++num_cases;
    SCOPED_TRACE(test["id"].get<std::string>());
    Json fixture = golden_["fixtures"][test["fixture"].get<std::string>()];
    if (test.contains("override")) fixture.update(test["override"]);
    std::map<std::string, int64_t> numbers;
    std::vector<int64_t> group;
    for (const Json& label : fixture["group"]) group.push_back(numbers.emplace(label, numbers.size()).first->second);
    const auto reward = fixture["reward"].get<std::vector<double>>();
    const auto length = fixture["len"].get<std::vector<int64_t>>();
    std::vector<uint8_t> valid;
    if (fixture.contains("valid")) {
      for (const Json& v : fixture["valid"]) valid.push_back(v.get<bool>());
    }
    std::vector<double> greedy;
    if (fixture.contains("greedy")) greedy = fixture["greedy"].get<std::vector<double>>();
    std::map<std::string, std::vector<double>> parts;
    if (fixture.contains("reward_parts")) parts = fixture["reward_parts"].get<std::map<std::string, std::vector<double>>>();
    AdvantageInput input{group, reward, valid, length, greedy, {}};
    for (const auto& [name, values] : parts) input.parts.emplace_back(name, values);

    const auto got = ComputeAdvantages(ReadConfig(test["config"]), input);
    ASSERT_TRUE(got.ok()) << got.status();
    const auto want = test["expect"]["adv"].get<std::vector<double>>();
    ASSERT_EQ(got->value.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got->value[i], want[i], Tolerance(test, want[i])) << "sample " << i;
  }
  EXPECT_GE(num_cases, 29);
}

TEST_F(GoldenTest, OverlongShapingMatches) {
  int num_cases = 0;
  for (const Json& test : golden_["cases"]) {
    if (test["family"] != "overlong") continue;
    ++num_cases;
    SCOPED_TRACE(test["id"].get<std::string>());
    const Json& c = test["config"];
    OverlongConfig config{c["kind"], c.value("max_len", int64_t{0}), c.value("buffer", int64_t{0}), c.value("factor", 1.0),
                          c.value("coef", 0.0)};
    EXPECT_TRUE(Validate(config).ok()) << Validate(config);
    if (test["expect"].contains("penalty")) {
      const double want = test["expect"]["penalty"];
      EXPECT_NEAR(OverlongPenalty(config, c["len"]), want, Tolerance(test, want));
      EXPECT_NEAR(ApplyOverlong(config, 0.5, c["len"], false), 0.5 + want, Tolerance(test, want));
    } else {
      const double want = test["expect"]["reward"];
      EXPECT_NEAR(ApplyOverlong(config, c["reward"], 0, c["truncated"]), want, Tolerance(test, want));
    }
  }
  EXPECT_GE(num_cases, 11);
}

}  // namespace
}  // namespace hone
