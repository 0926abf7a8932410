#include "lib/config/reward_terms.h"

#include <algorithm>
#include <map>

#include "gtest/gtest.h"

namespace hone {
namespace {

// A recipe whose second line is the reward section and whose third holds the verifiers.
absl::StatusOr<Recipe> Read(const std::string& reward,
                            const std::string& verifiers = R"({"name": "math", "verifier": "m"}, {"name": "form", "verifier": "f"})") {
  return ParseRecipe(
      "{\"model\": {\"path\": \"m\"}, \"data\": {\"source\": \"g\"},\n\"reward\": {" + reward + "},\n\"verifiers\": [" + verifiers + "]}",
      "r.json");
}

TEST(RewardTermsTest, GoodTermsAreReadAndPrintedBack) {
  const auto recipe = Read(R"("terms": [
      {"name": "total", "op": "product", "of": ["open", "parts"]},
      {"name": "open", "op": "gate", "of": ["form/closed"], "at_least": 1},
      {"name": "parts", "op": "sum", "of": ["math", "cut"], "weights": [0.9, 0.1], "renormalise": true},
      {"name": "cut", "op": "clamp", "of": ["form"], "low": 0, "optional": true}], "result": "total")");
  ASSERT_TRUE(recipe.ok()) << recipe.status().message();
  ASSERT_EQ(recipe->reward.terms.size(), 4u);
  EXPECT_EQ(recipe->reward.terms[2].weights, (std::vector<double>{0.9, 0.1}));
  EXPECT_EQ(recipe->reward.terms[1].at_least, 1);
  EXPECT_EQ(recipe->reward.terms[3].high, std::nullopt);
  const auto again = ParseRecipe(PrintRecipe(*recipe), "r.json");
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_TRUE(*again == *recipe);
}

TEST(RewardTermsTest, OperandsComeFirstInTheOrderHoweverTheTermsAreWritten) {
  std::vector<NamedTerm> terms = {
      {.name = "a", .of = {"b", "c"}}, {.name = "b", .of = {"c"}}, {.name = "c", .of = {"v"}}, {.name = "d", .of = {"a"}}};
  const std::vector<VerifierUse> verifiers = {{.name = "v"}};
  std::sort(terms.begin(), terms.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
  do {
    const std::vector<size_t> order = TermOrder(verifiers, terms);
    ASSERT_EQ(order.size(), 4u);
    std::string names;
    for (const size_t i : order) names += terms[i].name;
    EXPECT_EQ(names, "cbad");
  } while (std::next_permutation(terms.begin(), terms.end(), [](const auto& x, const auto& y) { return x.name < y.name; }));
}

TEST(RewardTermsTest, ATermThatDependsOnItselfIsLeftOutOfTheOrder) {
  const std::vector<NamedTerm> terms = {
      {.name = "a", .of = {"b"}}, {.name = "b", .of = {"a"}}, {.name = "c", .of = {"b"}}, {.name = "d", .of = {"v"}}};
  EXPECT_EQ(TermOrder({{.name = "v"}}, terms), std::vector<size_t>{3});
}

TEST(RewardTermsTest, MistakesGetTheMessageOfTheirPlace) {
  const auto total = [](const std::string& rest) { return R"("result": "t", "terms": [{"name": "t", )" + rest + "}]"; };
  const struct {
    std::string reward, message;
  } kCases[] = {
      {total(R"("op": "sum", "of": ["math", "form"])"), "ok"},
      {total(R"("op": "sum", "of": ["mth", "form"])"),
       R"(r.json:2:71: "reward.terms[0].of[0]" is "mth"; no verifier or term has this name; did you mean "math"?)"},
      {total(R"("op": "sum", "of": ["math", "from/closed"])"),
       R"(r.json:2:79: "reward.terms[0].of[1]" is "from/closed"; no verifier or term has this name; did you mean "form"?)"},
      {total(R"("op": "sum", "of": ["math", "form/"])"),
       R"(r.json:2:79: "reward.terms[0].of[1]" is "form/"; no verifier or term has this name; did you mean "form"?)"},
      {total(R"("op": "sum", "of": ["math", "form", "math"])"), R"(r.json:2:87: "reward.terms[0].of[2]" names "math" a second time)"},
      {total(R"("op": "summ", "of": ["math", "form"])"),
       R"(r.json:2:57: "reward.terms[0].op" is "summ"; it must be one of sum, product, min, max, first_applicable, fallback, gate, clamp, )"
       R"(negate, scale; did you mean "sum"?)"},
      {total(R"("op": "sum", "of": [])"), R"(r.json:2:70: "reward.terms[0].of" has 0 operands; sum takes 1 to 64)"},
      {total(R"("op": "negate", "of": ["math", "form"])"), R"(r.json:2:73: "reward.terms[0].of" has 2 operands; negate takes 1)"},
      {total(R"("op": "fallback", "of": ["math/x"])"), R"(r.json:2:75: "reward.terms[0].of" has 1 operands; fallback takes 2)"},
      {total(R"("op": "sum", "of": ["math", "form"], "weights": [1])"),
       R"(r.json:2:99: "reward.terms[0].weights" has 1 numbers for 2 operands; give one each, or none for a plain sum)"},
      {total(R"("op": "sum", "of": ["math", "form"], "weights": [1, 1e999])"), "r.json:2:103: 1e999 is outside the range of a double"},
      {total(R"("op": "sum", "of": ["math", "form"], "weights": [1, "a"])"),
       R"(r.json:2:103: "reward.terms[0].weights[1]" must be a number, found the string "a")"},
      {total(R"("op": "min", "of": ["math", "form"], "weights": [1, 1])"),
       R"(r.json:2:99: "reward.terms[0].weights" is not read by the operation min)"},
      {total(R"("op": "sum", "of": ["math", "form"], "factor": 2)"),
       R"(r.json:2:98: "reward.terms[0].factor" is not read by the operation sum)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["g", "math"]}, {"name": "g", "op": "gate", "of": ["form"]}])",
       R"(r.json:2:106: "reward.terms[1].at_least" is needed by gate: what the operand must reach)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["g", "math"]}, {"name": "g", "op": "scale", "of": ["form"]}])",
       R"(r.json:2:106: "reward.terms[1].factor" is needed by scale: what multiplies the operand)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["g", "math"]}, {"name": "g", "op": "clamp", "of": ["form"]}])",
       R"(r.json:2:106: "reward.terms[1].low" is needed by clamp: a bound, or "high", or both)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["g", "math"]}, {"name": "g", "op": "clamp", "of": ["form"], "low": 2, "high": 1}])",
       R"(r.json:2:138: "reward.terms[1].low" is 2; it must be at most "high" (1))"},
      // Names.
      {R"("result": "a b", "terms": [{"name": "a b", "op": "sum", "of": ["math", "form"]}])",
       R"(r.json:2:48: "reward.terms[0].name" is "a b"; it must be 1 to 100 letters, digits, '-', '_' or '.', not starting with '.')"},
      {R"("result": "math", "terms": [{"name": "math", "op": "sum", "of": ["form"]}])",
       R"(r.json:2:49: "math" is the name of a verifier already; give the term another)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["math"]}, {"name": "t", "op": "sum", "of": ["form"]}])",
       R"(r.json:2:90: two terms are named "t"; give one of them another name)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["u/x", "math"]}, {"name": "u", "op": "negate", "of": ["form"]}])",
       R"(r.json:2:71: "reward.terms[0].of[0]" is "u/x"; a term has no parts, only a verifier has)"},
      // Cycles.
      {R"("result": "a", "terms": [{"name": "a", "op": "sum", "of": ["math", "form", "b"]}, {"name": "b", "op": "negate", "of": ["a"]}])",
       R"(r.json:2:70: the term "a" depends on itself: a -> b -> a)"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["math", "form", "b"]}, {"name": "b", "op": "negate", "of": ["b"]}])",
       R"(r.json:2:130: the term "b" depends on itself: b -> b)"},
      // The result, and what does not lead to it.
      {R"("terms": [{"name": "t", "op": "sum", "of": ["math", "form"]}])",
       R"(r.json:2:21: "reward.result" is needed with "reward.terms": the term that is the reward)"},
      {R"("result": "tt", "terms": [{"name": "total", "op": "sum", "of": ["math", "form"]}])",
       R"(r.json:2:22: "reward.result" is "tt"; no term has this name; known: total)"},
      {R"("result": "t")", R"(r.json:2:22: "reward.result" is "t", and there are no "reward.terms")"},
      {R"("result": "t", "terms": [{"name": "t", "op": "sum", "of": ["math", "form"]}, {"name": "u", "op": "negate", "of": ["math"]}])",
       R"(r.json:2:98: nothing that leads to "t" uses the term "u"; use it or leave it out)"},
      {total(R"("op": "negate", "of": ["math"])"),
       R"(r.json:3:50: no term uses the verifier "form"; use it, or give it weight 0 to keep it as a metric only)"},
      {R"("renormalise": true, "result": "t", "terms": [{"name": "t", "op": "sum", "of": ["math", "form"]}])",
       R"(r.json:2:27: "reward.renormalise" is not read with "reward.terms"; give it in the term)"},
  };
  for (const auto& c : kCases) {
    const auto recipe = Read(c.reward);
    const std::string message = recipe.ok() ? "ok" : std::string(recipe.status().message());
    EXPECT_EQ(message, c.message) << c.reward;
  }
}

TEST(RewardTermsTest, WeightsAndGatesOfVerifiersHaveNoMeaningBesideTerms) {
  const std::string reward = R"("result": "t", "terms": [{"name": "t", "op": "negate", "of": ["math"]}])";
  const struct {
    std::string verifiers, message;
  } kCases[] = {
      {R"({"name": "math", "verifier": "m"}, {"name": "form", "verifier": "f", "weight": 0})", "ok"},
      {R"({"name": "math", "verifier": "m", "weight": 0}, {"verifier": "f", "weight": 0})",
       "r.json:3:14: every verifier has weight 0: nothing would be rewarded\n"
       R"(r.json:3:59: "verifiers[0].weight" is 0, a metric only, and "reward.terms" uses "math"; leave the weight out)"},
      {R"({"name": "math", "verifier": "m", "weight": 0.5})",
       R"(r.json:3:59: "verifiers[0].weight" is 0.5; with "reward.terms" weights stand in the terms: leave it out, or give 0 for a metric only)"},
      {R"({"name": "math", "verifier": "m", "gate": 1})",
       R"(r.json:3:57: "verifiers[0].gate" is not read with "reward.terms"; make it a term with the operation gate)"},
  };
  for (const auto& c : kCases) {
    const auto recipe = Read(reward, c.verifiers);
    EXPECT_EQ(recipe.ok() ? "ok" : std::string(recipe.status().message()), c.message) << c.verifiers;
  }
}

TEST(RewardTermsTest, SecondCheckerAndAlarmsNameWhatExists) {
  const struct {
    std::string reward, message;
  } kCases[] = {
      {R"("second": {"of": "math", "verifier": "numeric", "share": 0.02})", "ok"},
      {R"("second": {"of": "mat", "verifier": "numeric"})",
       R"(r.json:2:29: "reward.second.of" is "mat"; no verifier has this name; did you mean "math"?)"},
      {R"("second": {"of": "math"})", R"(r.json:2:22: "reward.second.verifier" is needed: the name of a verifier, such as "numeric")"},
      {R"("second": {"of": "math", "verifier": "numeric", "share": 0})",
       R"(r.json:2:69: "reward.second.share" is 0; it must be above 0 and at most 1)"},
      {R"("alarms": {"accuracy": "math/strict", "format": "form", "part_rise": null})", "ok"},
      {R"("alarms": {"accuracy": "maths"})",
       R"(r.json:2:35: "reward.alarms.accuracy" is "maths"; no verifier or term has this name; did you mean "math"?)"},
      {R"("alarms": {"on_alarm": "sotp"})",
       R"(r.json:2:35: "reward.alarms.on_alarm" is "sotp"; it must be one of off, warn, stop; did you mean "stop"?)"},
      {R"("alarms": {"length_drift": 1})", R"(r.json:2:39: "reward.alarms.length_drift" is 1; it must be above 1)"},
  };
  for (const auto& c : kCases) {
    const auto recipe = Read(c.reward);
    EXPECT_EQ(recipe.ok() ? "ok" : std::string(recipe.status().message()), c.message) << c.reward;
  }
}

TEST(RewardTermsTest, AChainAsLongAsARecipeAllowsIsChecked) {
  std::string terms;
  for (int i = 0; i < 64; ++i) {
    terms += (i > 0 ? "," : "") + std::string(R"({"name": "t)") + std::to_string(i) + R"(", "op": "max", "of": [")" +
             (i < 63 ? "t" + std::to_string(i + 1) : "math\", \"form") + "\"]}";
  }
  const auto recipe = Read(R"("result": "t0", "terms": [)" + terms + "]");
  ASSERT_TRUE(recipe.ok()) << recipe.status().message();
  EXPECT_EQ(TermOrder(recipe->verifiers, recipe->reward.terms).front(), 63u);
}

}  // namespace
}  // namespace hone
