#include "rewards/alarms.h"

#include <cmath>
#include <functional>

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

Recipe TestRecipe() {
  Recipe recipe;
  recipe.verifiers = {
      {.name = "accuracy", .verifier = "exact"}, {.name = "format", .verifier = "format"}, {.name = "tests", .verifier = "code"}};
  recipe.reward.second = {.of = "accuracy", .verifier = "numeric"};
  return recipe;
}

// A healthy step: accuracy creeps up from 0.3, everything else stays, all with the noise of a batch.
Metrics HealthyStep(int step, uint64_t seed = 1) {
  const RandomStream random(seed, static_cast<uint64_t>(step));
  const auto near = [&](double value, uint64_t draw) { return value + 0.01 * random.Normal(draw); };
  return {{"reward_parts/accuracy", near(std::min(0.9, 0.3 + 0.004 * step), 0)},
          {"reward_parts/format", near(0.9, 1)},
          {"reward_parts/tests/visible", near(0.6, 2)},
          {"reward_parts/tests/hidden", near(0.55, 3)},
          {"completion_length/mean", 200 + 5 * random.Normal(4)},
          {"signs/scored", 256},
          {"signs/several_answers", 0.01},
          {"signs/length_correlation", near(0.1, 5)},
          {"signs/forgery", 0},
          {"signs/undecided", 0.02},
          {"signs/malformed", 0.05},
          {"second/checked", 3},
          {"second/disagreed", step % 40 == 0 ? 1.0 : 0.0}};
}

// Runs `steps` steps, healthy but for what `change` does to them; the alarms that began, as "name@step" in order.
using Change = std::function<void(int step, Metrics* metrics)>;
std::string Begun(const Change& change, int steps = 60, Recipe recipe = TestRecipe()) {
  AlarmMonitor monitor(recipe);
  std::string begun;
  for (int step = 1; step <= steps; ++step) {
    Metrics metrics = HealthyStep(step);
    change(step, &metrics);
    for (const AlarmEvent& event : monitor.Step(&metrics)) {
      begun += (begun.empty() ? "" : " ") + event.name + "@" + std::to_string(step);
      EXPECT_EQ(metrics["alarm/" + event.name], 1) << event.name;
      EXPECT_TRUE(metrics.contains("alarm_value/" + event.name)) << event.name;
      EXPECT_FALSE(event.text.empty()) << event.name;
    }
  }
  return begun;
}

TEST(AlarmsTest, AHealthyRunRaisesNone) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    AlarmMonitor monitor(TestRecipe());
    for (int step = 1; step <= 300; ++step) {
      Metrics metrics = HealthyStep(step, seed);
      for (const AlarmEvent& event : monitor.Step(&metrics)) ADD_FAILURE() << event.name << " at step " << step << ": " << event.text;
      int alarms = 0;
      for (const auto& [name, value] : metrics) alarms += name.starts_with("alarm/");
      EXPECT_EQ(alarms, 10);
    }
  }
}

TEST(AlarmsTest, EachFiresOnWhatItIsForAndNoOtherDoes) {
  const struct {
    const char* what;
    Change change;
    std::string begun;
  } kCases[] = {
      {"the visible tests are learned by heart",
       [](int step, Metrics* m) {
         if (step > 20) (*m)["reward_parts/tests/visible"] += 0.01 * (step - 20);
       },
       "visible_hidden_gap@28"},
      {"both kinds of tests pass more often",
       [](int step, Metrics* m) {
         if (step <= 20) return;
         (*m)["reward_parts/tests/visible"] += 0.01 * (step - 20);
         (*m)["reward_parts/tests/hidden"] += 0.01 * (step - 20);
       },
       ""},
      {"the gap was there from the first step", [](int, Metrics* m) { (*m)["reward_parts/tests/hidden"] -= 0.4; }, ""},
      {"answers are hedged", [](int step, Metrics* m) { (*m)["signs/several_answers"] = 0.005 * step; }, "several_answers@40"},
      {"answers grow longer and no better",
       [](int step, Metrics* m) {
         (*m)["reward_parts/accuracy"] = 0.3;
         (*m)["completion_length/mean"] = 200.0 + (step > 10 ? 5.0 * (step - 10) : 0);
       },
       "length_drift@30"},
      {"answers grow longer and better",
       [](int step, Metrics* m) { (*m)["completion_length/mean"] = 200.0 + (step > 22 ? 10.0 * (step - 22) : 0); }, ""},
      {"answers shrink to nothing",
       [](int step, Metrics* m) {
         (*m)["reward_parts/accuracy"] = 0.3;
         (*m)["completion_length/mean"] = step > 10 ? 190 / (step - 9) : 200;
       },
       "length_drift@11"},
      {"the longer answer of a group is paid more", [](int step, Metrics* m) { (*m)["signs/length_correlation"] = 0.02 * step; },
       "length_correlation@30"},
      {"form is perfect and nothing is right",
       [](int step, Metrics* m) {
         (*m)["reward_parts/format"] = std::min(1.0, 0.5 + 0.02 * step);
         (*m)["reward_parts/accuracy"] = 0.2;
       },
       "format_without_accuracy@20"},
      {"form comes first and accuracy follows",
       [](int step, Metrics* m) {
         (*m)["reward_parts/format"] = std::min(1.0, 0.5 + 0.02 * step);
         (*m)["reward_parts/accuracy"] = step < 8 ? 0.0 : 0.01 * step;
       },
       ""},
      {"the second checker sees other answers", [](int step, Metrics* m) { (*m)["second/disagreed"] = step > 30 ? 1 : 0; },
       "second_disagreement@36"},
      {"one forged verdict in fifty", [](int step, Metrics* m) { (*m)["signs/forgery"] = step == 33 ? 0.02 : 0; }, "forgery@33"},
      {"nothing can be decided", [](int step, Metrics* m) { (*m)["signs/undecided"] = step > 40 ? 0.25 : 0; }, "undecided@41"},
      {"answers cannot be read", [](int, Metrics* m) { (*m)["signs/malformed"] = 0.3; }, "malformed@1"},
      {"a part that was never earned is earned by all", [](int step, Metrics* m) { (*m)["reward_parts/bonus"] = step < 25 ? 0 : 0.9; },
       "part_rise@25"},
      {"a part that jumps about does so once more", [](int step, Metrics* m) { (*m)["reward_parts/bonus"] = step % 2 == 0 ? 0 : 0.9; }, ""},
      {"a part that counts words varies by a tenth", [](int step, Metrics* m) { (*m)["reward_parts/words"] = step % 7 == 0 ? 110 : 100; },
       ""},
      {"too few samples to say anything",
       [](int step, Metrics* m) {
         (*m)["signs/scored"] = 31;
         (*m)["signs/forgery"] = 1;
       },
       ""},
      {"values that are not finite",
       [](int step, Metrics* m) {
         for (auto& [name, value] : *m) {
           if (name != "signs/scored" && step % 2 == 0) value = NAN;
         }
       },
       ""},
      {"nothing is measured",
       [](int, Metrics* m) {
         *m = {{"signs/scored", 256}};
       },
       ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Begun(c.change), c.begun) << c.what;
}

TEST(AlarmsTest, AnAlarmIsToldOnceAndAgainAfterTenQuietSteps) {
  const auto forged = [](std::initializer_list<int> when) {
    return [steps = std::vector<int>(when)](int step, Metrics* m) {
      (*m)["signs/forgery"] = std::count(steps.begin(), steps.end(), step) > 0 ? 0.5 : 0;
    };
  };
  EXPECT_EQ(Begun(forged({5, 6, 7, 9, 19})), "forgery@5");
  EXPECT_EQ(Begun(forged({5, 16})), "forgery@5 forgery@16");
}

TEST(AlarmsTest, AThresholdOfNullAndOffSwitchThemOff) {
  const Change forged = [](int, Metrics* m) { (*m)["signs/forgery"] = 1; };
  Recipe recipe = TestRecipe();
  EXPECT_EQ(Begun(forged, 3, recipe), "forgery@1");
  recipe.reward.alarms.forgery = 1;
  EXPECT_EQ(Begun(forged, 3, recipe), "forgery@1");
  recipe.reward.alarms.forgery.reset();
  EXPECT_EQ(Begun(forged, 3, recipe), "");
  Metrics metrics = HealthyStep(1);
  AlarmMonitor(recipe).Step(&metrics);
  EXPECT_FALSE(metrics.contains("alarm/forgery"));
  EXPECT_TRUE(metrics.contains("alarm/undecided"));
  recipe.reward.alarms.on_alarm = "off";
  metrics = HealthyStep(1);
  AlarmMonitor(recipe).Step(&metrics);
  EXPECT_EQ(metrics, HealthyStep(1));
}

TEST(AlarmsTest, ARunThatIsFedItsOldMetricsGoesOnAsIfItHadNeverStopped) {
  const auto at = [](int step) {
    Metrics metrics = HealthyStep(step);
    metrics["reward_parts/accuracy"] = 0.3;
    metrics["completion_length/mean"] += 5.0 * step;
    metrics["second/disagreed"] = step > 20 ? 1 : 0;
    return metrics;
  };
  AlarmMonitor straight(TestRecipe());
  std::vector<Metrics> logged;
  for (int step = 1; step <= 50; ++step) {
    logged.push_back(at(step));
    straight.Step(&logged.back());
  }
  AlarmMonitor resumed(TestRecipe());
  for (int step = 1; step <= 30; ++step) {
    Metrics old = logged[static_cast<size_t>(step - 1)];  // with the alarms in it
    resumed.Step(&old);
  }
  for (int step = 31; step <= 50; ++step) {
    Metrics metrics = at(step);
    resumed.Step(&metrics);
    EXPECT_EQ(metrics, logged[static_cast<size_t>(step - 1)]) << step;
  }
}

TEST(AlarmsTest, AccuracyAndFormatAreFoundByName) {
  Recipe recipe = TestRecipe();
  EXPECT_EQ(AccuracyPart(recipe), "accuracy");
  EXPECT_EQ(FormatPart(recipe), "format");
  recipe.verifiers = {{.name = "right"}, {.name = "shape"}};
  EXPECT_EQ(AccuracyPart(recipe), "right");
  EXPECT_EQ(FormatPart(recipe), "");
  recipe.reward.terms = {{.name = "accuracy"}};
  EXPECT_EQ(AccuracyPart(recipe), "accuracy");
  recipe.reward.alarms.accuracy = "right/strict";
  recipe.reward.alarms.format = "shape";
  EXPECT_EQ(AccuracyPart(recipe), "right/strict");
  EXPECT_EQ(FormatPart(recipe), "shape");
  recipe = Recipe();
  EXPECT_EQ(AccuracyPart(recipe), "");
  Metrics metrics = HealthyStep(1);
  AlarmMonitor(recipe).Step(&metrics);  // a recipe without verifiers is watched too
}

VerdictRecord Verdict0(std::string label, double score, std::string reason = "correct") {
  return {.label = std::move(label), .outcome = OutcomeKind::kScore, .score = score, .reason = std::move(reason)};
}

TEST(SignsTest, AreSharesOfScoredSamplesAndOfVerdicts) {
  const std::vector<std::vector<VerdictRecord>> verdicts = {
      {Verdict0("accuracy", 1), Verdict0("second/accuracy", 0, "malformed")},
      {Verdict0("accuracy", 0, "UNDECIDED"), Verdict0("second/accuracy", 0)},
      {Verdict0("accuracy", 0, "result_forged: a second record")},
      {{.label = "accuracy", .outcome = OutcomeKind::kInfraError, .reason = "timeout: forged"},
       {.label = "tests", .outcome = OutcomeKind::kScore, .parts = {{"forgery", 1}}, .reason = "WRONG"}},
  };
  const std::vector<AlarmSample> samples = {
      {.group = 1, .scored = true, .reward = 1, .num_tokens = 30, .completion = "\\boxed{1} \\boxed{2}", .verdicts = verdicts[0]},
      {.group = 1, .scored = true, .reward = 0, .num_tokens = 10, .completion = "\\boxed{1}", .verdicts = verdicts[1]},
      {.group = 2, .scored = true, .reward = 0, .num_tokens = 900, .completion = "", .verdicts = verdicts[2]},
      {.group = 2, .completion = "\\boxed{1} \\boxed{2}", .verdicts = verdicts[3]},
  };
  const Metrics signs = ReadSigns(TestRecipe().reward, samples);
  EXPECT_EQ(signs.at("signs/scored"), 3);
  EXPECT_DOUBLE_EQ(signs.at("signs/several_answers"), 1.0 / 3);
  EXPECT_DOUBLE_EQ(signs.at("signs/forgery"), 0.4);
  EXPECT_DOUBLE_EQ(signs.at("signs/undecided"), 0.2);
  EXPECT_DOUBLE_EQ(signs.at("signs/malformed"), 0);  // the second checker's verdicts do not count
  EXPECT_DOUBLE_EQ(signs.at("signs/length_correlation"), 1);
  EXPECT_EQ(signs.at("second/checked"), 2);
  EXPECT_EQ(signs.at("second/disagreed"), 1);
}

TEST(SignsTest, WhatCannotBeMeasuredIsLeftOut) {
  EXPECT_EQ(ReadSigns(RewardSection(), {}), (Metrics{{"signs/scored", 0}}));
  // Equal rewards, equal lengths: no correlation.
  const std::vector<AlarmSample> flat = {{.scored = true, .reward = 1, .num_tokens = 5}, {.scored = true, .reward = 1, .num_tokens = 9}};
  EXPECT_FALSE(ReadSigns(RewardSection(), flat).contains("signs/length_correlation"));
}

TEST(SignsTest, HarderPromptsWithLongerAnswersAreNoCorrelation) {
  std::vector<AlarmSample> samples;
  for (int64_t group = 0; group < 50; ++group) {
    for (int64_t i = 0; i < 4; ++i) {
      // Within a group the reward has nothing to do with the length; across groups everything.
      const double reward = static_cast<double>(group) + static_cast<double>(i / 2);
      samples.push_back({.group = group, .scored = true, .reward = reward, .num_tokens = 100 * group + (i % 2) * 10});
    }
  }
  EXPECT_NEAR(ReadSigns(RewardSection(), samples).at("signs/length_correlation"), 0, 1e-9);
}

}  // namespace
}  // namespace hone
