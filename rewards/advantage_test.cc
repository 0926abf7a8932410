#include "rewards/advantage.h"

#include <algorithm>
#include <cmath>

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

// One batch with everything that any estimator asks for.
struct Data {
  std::vector<int64_t> group, length;
  std::vector<double> reward, greedy, second;
  std::vector<uint8_t> valid;

  void Add(int64_t g, double r, bool v = true) {
    group.push_back(g);
    reward.push_back(r);
    second.push_back(1 - r / 2);
    length.push_back(1 + static_cast<int64_t>(reward.size()) % 5);
    greedy.push_back(0.25);
    valid.push_back(v);
  }
  AdvantageInput Input() const { return {group, reward, valid, length, greedy, {{"first", reward}, {"second", second}}}; }
};

AdvantageConfig Config(const std::string& name) {
  AdvantageConfig config{.name = name};
  if (name == "gdpo") config.weights = {{"first", 1}, {"second", 0.5}};
  return config;
}

bool HasGroupBaseline(const std::string& name) {
  return name != "remax" && name != "reinforce_pp" && name != "gdpo" && name != "reinforce_pp_baseline";
}

Advantages Compute(const AdvantageConfig& config, const Data& data) {
  auto result = ComputeAdvantages(config, data.Input());
  EXPECT_TRUE(result.ok()) << config.name << ": " << result.status();
  return result.ok() ? *result : Advantages{.value = std::vector<double>(data.reward.size(), NAN)};
}

Data RandomData(uint64_t seed) {
  RandomCursor random{RandomStream(seed)};
  Data data;
  for (int64_t g = 0; g < 6; ++g) {
    for (int64_t i = random.Between(2, 6); i > 0; --i) data.Add(g, random.Uniform(), random.Below(5) > 0);
  }
  return data;
}

TEST(AdvantageTest, EqualRewardsGiveExactlyZero) {
  for (const std::string& name : KnownAdvantages()) {
    if (!HasGroupBaseline(name)) continue;
    Data data;
    for (int i = 0; i < 3; ++i) data.Add(1, 0.1);
    data.Add(2, 0);
    data.Add(2, 1);
    const Advantages got = Compute(Config(name), data);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(got.value[i], 0) << name;
    EXPECT_NE(got.value[4], 0) << name;
    EXPECT_EQ(got.zero_variance, (std::vector<uint8_t>{1, 1, 1, 0, 0})) << name;
    EXPECT_EQ(got.num_zero_variance_groups, 1) << name;
    EXPECT_EQ(got.num_groups, 2) << name;
  }
}

TEST(AdvantageTest, AnUnscorableSampleIsAsIfAbsent) {
  for (const std::string& name : KnownAdvantages()) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Data all = RandomData(seed), kept;
      for (size_t i = 0; i < all.reward.size(); ++i) {
        if (all.valid[i] == 0) {
          all.reward[i] = all.second[i] = all.greedy[i] = NAN;
          continue;
        }
        kept.Add(all.group[i], all.reward[i]);
        kept.length.back() = all.length[i];
      }
      const Advantages with = Compute(Config(name), all), without = Compute(Config(name), kept);
      size_t j = 0;
      for (size_t i = 0; i < all.reward.size(); ++i) {
        if (all.valid[i] == 0) {
          EXPECT_EQ(with.value[i], 0) << name;
        } else {
          EXPECT_EQ(with.value[i], without.value[j++]) << name << " seed " << seed << " sample " << i;
        }
      }
      EXPECT_EQ(with.num_unscorable, static_cast<int64_t>(all.reward.size() - kept.reward.size()));
    }
  }
}

TEST(AdvantageTest, TheOrderOfTheSamplesOfDifferentGroupsDoesNotMatter) {
  const Data data = RandomData(3);
  Data dealt;  // sorted by place in the group: neighbours belong to different groups
  std::vector<size_t> from;
  std::vector<std::pair<int64_t, size_t>> order;
  std::vector<int64_t> seen(6, 0);
  for (size_t i = 0; i < data.reward.size(); ++i) order.emplace_back(seen[data.group[i]]++, i);
  std::sort(order.begin(), order.end());
  for (const auto& [place, i] : order) {
    dealt.Add(data.group[i], data.reward[i], data.valid[i]);
    dealt.length.back() = data.length[i];
    from.push_back(i);
  }
  for (const std::string& name : KnownAdvantages()) {
    const Advantages a = Compute(Config(name), data), b = Compute(Config(name), dealt);
    for (size_t k = 0; k < from.size(); ++k) EXPECT_NEAR(b.value[k], a.value[from[k]], 1e-12) << name;
  }
}

TEST(AdvantageTest, CenteredEstimatorsSumToZeroAndIgnoreAConstant) {
  for (const char* name : {"grpo", "dr_grpo", "rloo", "grpo_batch_std"}) {
    const Data data = RandomData(5);
    const Advantages got = Compute(Config(name), data);
    std::vector<double> sums(6, 0);
    for (size_t i = 0; i < got.value.size(); ++i) sums[data.group[i]] += got.value[i];
    for (double sum : sums) EXPECT_NEAR(sum, 0, 1e-9) << name;
    if (std::string_view(name) == "grpo_batch_std") continue;
    Data shifted = data;
    for (double& r : shifted.reward) r += 3;
    const Advantages moved = Compute(Config(name), shifted);
    for (size_t i = 0; i < got.value.size(); ++i) EXPECT_NEAR(moved.value[i], got.value[i], 1e-9) << name;
  }
}

TEST(AdvantageTest, RlooIsTheRewardMinusTheMeanOfTheOthers) {
  const Data data = RandomData(7);
  const Advantages got = Compute(Config("rloo"), data);
  for (size_t i = 0; i < data.reward.size(); ++i) {
    if (data.valid[i] == 0) continue;
    double sum = 0;
    int others = 0;
    for (size_t j = 0; j < data.reward.size(); ++j) {
      if (j == i || data.valid[j] == 0 || data.group[j] != data.group[i]) continue;
      sum += data.reward[j];
      ++others;
    }
    EXPECT_NEAR(got.value[i], others == 0 ? 0 : data.reward[i] - sum / others, 1e-12) << i;
  }
}

TEST(AdvantageTest, ALoneWinnerWeighsMoreUnderLeaveOneOut) {
  Data data;
  for (double r : {1.0, 0.0, 0.0, 0.0}) data.Add(0, r);
  const Advantages got = Compute(Config("grpo_loo"), data);
  EXPECT_NEAR(got.value[0], 1, 1e-9);  // the others have no spread: no division
  EXPECT_NEAR(got.value[1], -0.577349, 1e-5);
}

TEST(AdvantageTest, SingletonsAreZeroOrRaw) {
  Data data;
  data.Add(0, 0.5);
  AdvantageConfig config;
  Advantages got = Compute(config, data);
  EXPECT_EQ(got.value[0], 0);
  EXPECT_EQ(got.num_singletons, 1);
  EXPECT_EQ(got.zero_variance[0], 1);
  config.singleton = "raw";
  got = Compute(config, data);
  EXPECT_DOUBLE_EQ(got.value[0], 0.5 / (1 + 1e-6));
  EXPECT_EQ(got.zero_variance[0], 0);
  EXPECT_EQ(got.num_zero_variance_groups, 0);
}

TEST(AdvantageTest, AnEmptyBatchAndOneWithoutScorableSamplesAreFine) {
  for (const std::string& name : KnownAdvantages()) {
    EXPECT_TRUE(Compute(Config(name), Data()).value.empty()) << name;
    Data data;
    data.Add(0, NAN, false);
    data.Add(0, 1, false);
    EXPECT_EQ(Compute(Config(name), data).value, (std::vector<double>{0, 0})) << name;
  }
}

TEST(AdvantageTest, WhiteningFewerThanTwoUnitsGivesZero) {
  Data data;
  data.Add(0, 1);
  AdvantageConfig config = Config("reinforce_pp");
  config.whiten = WhitenConfig{.unit = "sequence"};
  EXPECT_EQ(Compute(config, data).value[0], 0);
}

TEST(AdvantageTest, SequenceNormalisationLeavesFlatGroupsAtZero) {
  Data data;
  for (int i = 0; i < 3; ++i) data.Add(1, 0.1);
  for (double r : {0.0, 0.3, 0.9}) data.Add(2, r);
  AdvantageConfig config{.name = "dr_grpo", .seq_norm = SeqNormConfig{}};
  const Advantages got = Compute(config, data);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(got.value[i], 0);
  EXPECT_NE(got.value[5], 0);
}

TEST(AdvantageTest, BadConfigurationsAreRefused) {
  const std::pair<AdvantageConfig, const char*> cases[] = {
      {{.name = "gpro"}, "did you mean \"grpo\"?"},
      {{.ddof = 2}, "ddof is 2"},
      {{.eps = -1}, "eps is -1"},
      {{.eps = NAN}, "eps is"},
      {{.singleton = "one"}, "singleton is \"one\""},
      {{.std_of = "all"}, "std_of"},
      {{.batch_std_of = "all"}, "batch_std_of"},
      {{.scale = "all"}, "scale"},
      {{.name = "gdpo", .weights = {{"a", 1}}}, "two or more"},
      {{.name = "gdpo", .weights = {{"a", 1}, {"b", NAN}}}, "must be finite"},
      {{.whiten = WhitenConfig{.unit = "batch"}}, "whiten.unit"},
      {{.whiten = WhitenConfig{.ddof = 3}}, "whiten.ddof"},
      {{.whiten = WhitenConfig{.eps_mode = "below"}}, "whiten.eps_mode"},
      {{.seq_norm = SeqNormConfig{.eps = -1}}, "seq_norm.eps"},
  };
  for (const auto& [config, part] : cases) {
    const absl::Status status = ComputeAdvantages(config, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << part;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
}

TEST(AdvantageTest, BadInputIsRefused) {
  Data data;
  data.Add(0, 1);
  data.Add(0, 0);
  auto expect = [](const AdvantageConfig& config, const AdvantageInput& input, const char* part) {
    const absl::Status status = ComputeAdvantages(config, input).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << part;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  };
  AdvantageInput input = data.Input();
  input.group = input.group.first(1);
  expect(Config("grpo"), input, "group has 1 entries, the rewards 2");
  input = data.Input();
  input.valid = input.valid.first(1);
  expect(Config("grpo"), input, "valid has 1");
  input = data.Input();
  input.length = {};
  expect(Config("opo"), input, "length has 0");
  expect(Config("reinforce_pp"), input, "length has 0");
  input = data.Input();
  input.greedy = {};
  expect(Config("remax"), input, "greedy has 0");
  input = data.Input();
  input.parts.pop_back();
  expect(Config("gdpo"), input, "part second has 0");
  data.reward[1] = NAN;
  expect(Config("grpo"), data.Input(), "sample 1 is not finite");
  data.reward[1] = -1;
  expect(Config("maxrl"), data.Input(), "sample 1 has -1");
  data.length[0] = -1;
  expect(Config("grpo"), data.Input(), "sample 0 has length -1");
}

}  // namespace
}  // namespace hone
