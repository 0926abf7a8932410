#include "rewards/composition.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/config/reward_terms.h"
#include "rewards/reward.h"

namespace hone {
namespace {

using Kind = TermValue::Kind;

VerdictRecord ScoredVerdict(std::string label, double score, std::vector<ScorePart> parts = {}) {
  return {.label = std::move(label), .outcome = OutcomeKind::kScore, .score = score, .parts = std::move(parts)};
}
VerdictRecord OtherVerdict(std::string label, OutcomeKind kind) {
  return {.label = std::move(label), .outcome = kind, .reason = "why"};
}

// "3", "n/a", "failed: REASON"
std::string Text(const TermValue& value) {
  if (value.kind == Kind::kNotApplicable) return "n/a";
  if (value.kind == Kind::kFailed) return "failed: " + value.reason;
  std::string text = std::to_string(value.number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// Verifiers whose outcome is in their name: a number's letters give scores, na does not apply, bad fails.
const std::vector<VerifierUse> kVerifiers = {{.name = "half"}, {.name = "two"}, {.name = "minus"},
                                             {.name = "na"},   {.name = "bad"}, {.name = "bad_optional", .optional = true}};
const std::vector<VerdictRecord> kVerdicts = {ScoredVerdict("half", 0.5, {{"strict", 0.25}}),
                                              ScoredVerdict("two", 2),
                                              ScoredVerdict("minus", -1),
                                              OtherVerdict("na", OutcomeKind::kNotApplicable),
                                              OtherVerdict("bad", OutcomeKind::kInfraError),
                                              OtherVerdict("bad_optional", OutcomeKind::kInfraError)};

TermValue ValueOf(NamedTerm term) {
  term.name = "t";
  return Composition(kVerifiers, {.terms = {term}, .result = "t"}).Evaluate(kVerdicts).value;
}

TEST(CompositionTest, EveryOperationTreatsEveryOutcomeAsItSays) {
  const struct {
    NamedTerm term;
    std::string value;
  } kCases[] = {
      {{.op = "sum", .of = {"half", "two", "minus"}}, "1.5"},
      {{.op = "sum", .of = {"half", "two"}, .weights = {2, -0.5}}, "0"},
      {{.op = "sum", .of = {"half", "na"}, .weights = {1, 3}}, "0.5"},
      {{.op = "sum", .of = {"half", "na"}, .weights = {1, 3}, .renormalise = true}, "2"},
      {{.op = "sum", .of = {"half", "na"}, .weights = {0, 3}, .renormalise = true}, "0"},
      {{.op = "sum", .of = {"half", "bad"}}, "failed: t: bad: why"},
      {{.op = "sum", .of = {"half", "bad_optional"}}, "0.5"},
      {{.op = "sum", .of = {"half", "bad"}, .optional = true}, "n/a"},
      {{.op = "sum", .of = {"na"}}, "n/a"},
      {{.op = "sum", .of = {"half/strict", "two"}}, "2.25"},
      {{.op = "sum", .of = {"half/other", "two"}}, "2"},
      {{.op = "sum", .of = {"bad/other", "two"}}, "failed: t: bad: why"},
      {{.op = "sum", .of = {"nobody"}}, "failed: t: nobody: no verdict"},
      {{.op = "product", .of = {"half", "two", "minus"}}, "-1"},
      {{.op = "product", .of = {"half", "na"}}, "0.5"},
      {{.op = "product", .of = {"na"}}, "n/a"},
      {{.op = "product", .of = {"half", "bad"}}, "failed: t: bad: why"},
      {{.op = "min", .of = {"half", "two", "minus"}}, "-1"},
      {{.op = "min", .of = {"na", "two"}}, "2"},
      {{.op = "min", .of = {"na", "bad_optional"}}, "n/a"},
      {{.op = "max", .of = {"half", "two", "minus"}}, "2"},
      {{.op = "max", .of = {"minus", "na"}}, "-1"},
      {{.op = "max", .of = {"two", "bad"}}, "failed: t: bad: why"},
      {{.op = "first_applicable", .of = {"na", "half", "bad"}}, "0.5"},
      {{.op = "first_applicable", .of = {"na", "bad", "half"}}, "failed: t: bad: why"},
      {{.op = "first_applicable", .of = {"bad_optional", "half"}}, "0.5"},
      {{.op = "first_applicable", .of = {"na"}}, "n/a"},
      {{.op = "fallback", .of = {"two", "bad"}}, "2"},
      {{.op = "fallback", .of = {"half", "minus"}}, "-1"},
      {{.op = "fallback", .of = {"half", "minus"}, .at_least = 0.5}, "0.5"},
      {{.op = "fallback", .of = {"half", "na"}}, "0.5"},
      {{.op = "fallback", .of = {"na", "half"}}, "0.5"},
      {{.op = "fallback", .of = {"na", "bad_optional"}}, "n/a"},
      {{.op = "fallback", .of = {"half", "bad"}}, "failed: t: bad: why"},
      {{.op = "fallback", .of = {"bad", "half"}}, "failed: t: bad: why"},
      {{.op = "gate", .of = {"half"}, .at_least = 0.5}, "1"},
      {{.op = "gate", .of = {"half"}, .at_least = 0.75}, "0"},
      {{.op = "gate", .of = {"na"}, .at_least = 0.75}, "n/a"},
      {{.op = "gate", .of = {"bad"}, .at_least = 0.75}, "failed: t: bad: why"},
      {{.op = "clamp", .of = {"two"}, .high = 1}, "1"},
      {{.op = "clamp", .of = {"minus"}, .low = 0, .high = 1}, "0"},
      {{.op = "clamp", .of = {"half"}, .low = 0, .high = 1}, "0.5"},
      {{.op = "negate", .of = {"half"}}, "-0.5"},
      {{.op = "negate", .of = {"na"}}, "n/a"},
      {{.op = "scale", .of = {"half"}, .factor = -3}, "-1.5"},
      {{.op = "scale", .of = {"bad"}, .factor = 0}, "failed: t: bad: why"},
      {{.op = "no_such_operation", .of = {"half"}}, "failed: t: an operation that does not exist"},
      {{.op = "fallback", .of = {"half"}}, "failed: t: an operation that does not exist"},
  };
  for (const auto& c : kCases) {
    std::string shown = c.term.op;
    for (const auto& operand : c.term.of) shown += " " + operand;
    EXPECT_EQ(Text(ValueOf(c.term)), c.value) << shown;
  }
}

TEST(CompositionTest, EveryOperationOfTheRecipeIsKnown) {
  for (const TermOpRule& rule : TermOpRules()) {
    NamedTerm term{.op = std::string(rule.name), .of = {"half"}, .at_least = 0, .low = 0, .factor = 1};
    if (rule.min_operands == 2) term.of.push_back("two");
    EXPECT_EQ(ValueOf(term).kind, Kind::kNumber) << rule.name;
  }
}

TEST(CompositionTest, NegatingNothingGivesNoNegativeZero) {
  const Composition negate({{.name = "v"}}, {.terms = {{.name = "t", .op = "negate", .of = {"v"}}}, .result = "t"});
  EXPECT_FALSE(std::signbit(negate.Evaluate(std::vector{ScoredVerdict("v", 0)}).value.number));
}

TEST(CompositionTest, AValueThatIsNotFiniteIsAFailureNeverAReward) {
  const Composition big({{.name = "v"}}, {.terms = {{.name = "big", .op = "scale", .of = {"v"}, .factor = 1e6}}, .result = "big"});
  EXPECT_EQ(Text(big.Evaluate(std::vector{ScoredVerdict("v", 1e305)}).value), "failed: big: the value is not finite");
  EXPECT_EQ(Text(big.Evaluate(std::vector{ScoredVerdict("v", NAN)}).value), "failed: big: v: the score is not finite");
  EXPECT_EQ(Text(big.Evaluate(std::vector{ScoredVerdict("v", 1), ScoredVerdict("v", 1)}).value), "failed: big: v: more than one verdict");
}

TEST(CompositionTest, ATermThatDependsOnItselfFailsInsteadOfHanging) {
  const RewardSection reward{.terms = {{.name = "a", .of = {"b"}}, {.name = "b", .of = {"a"}}}, .result = "a"};
  EXPECT_EQ(Composition({}, reward).Evaluate({}).value.kind, Kind::kFailed);
  EXPECT_EQ(Composition({}, {}).Evaluate({}).value.kind, Kind::kFailed);
}

// The reward of a recipe in the two forms of configuration.
RewardConfig RewardConfigOf(const std::vector<VerifierUse>& verifiers, const RewardSection& section) {
  RewardConfig config;
  for (const VerifierUse& use : verifiers)
    config.terms.push_back({.label = use.name, .weight = use.weight, .optional = use.optional, .gate = use.gate});
  if (!section.terms.empty()) config.composition.emplace(verifiers, section);
  return config;
}

TEST(CompositionTest, ARewardByTermsHasItsTermsAmongTheParts) {
  const std::vector<VerifierUse> verifiers = {{.name = "math"}, {.name = "form"}, {.name = "watched", .weight = 0}};
  const RewardSection section{
      .terms = {{.name = "total", .op = "product", .of = {"open", "math"}}, {.name = "open", .op = "gate", .of = {"form"}, .at_least = 1}},
      .result = "total"};
  const RewardConfig config = RewardConfigOf(verifiers, section);
  const Reward reward =
      ComposeReward(config, std::vector{ScoredVerdict("math", 0.75), ScoredVerdict("form", 1), ScoredVerdict("watched", 3)});
  EXPECT_EQ(reward.status, RewardStatus::kScored);
  EXPECT_EQ(reward.value, 0.75);
  std::string names;
  for (const ScorePart& part : reward.parts) names += part.name + " ";
  EXPECT_EQ(names, "math form watched total open ");

  // What the result does not need may fail; what it needs masks the sample.
  const std::vector unneeded = {ScoredVerdict("math", 0.75), ScoredVerdict("form", 1), OtherVerdict("watched", OutcomeKind::kInfraError)};
  EXPECT_EQ(ComposeReward(config, unneeded).value, 0.75);
  const Reward masked = ComposeReward(config, std::vector{ScoredVerdict("math", 0.75), OtherVerdict("form", OutcomeKind::kInfraError)});
  EXPECT_EQ(masked.status, RewardStatus::kUnscorable);
  EXPECT_EQ(masked.reason, "total: open: form: why");
  const Reward none = ComposeReward(
      config, std::vector{OtherVerdict("math", OutcomeKind::kNotApplicable), OtherVerdict("form", OutcomeKind::kNotApplicable)});
  EXPECT_EQ(none.status, RewardStatus::kUnscorable);
  // A broken task is one whoever finds it.
  for (const char* who : {"math", "form", "watched"}) {
    std::vector verdicts = {ScoredVerdict("math", 1), ScoredVerdict("form", 1), ScoredVerdict("watched", 1)};
    for (VerdictRecord& verdict : verdicts) {
      if (verdict.label == who) verdict = OtherVerdict(who, OutcomeKind::kTaskError);
    }
    EXPECT_EQ(ComposeReward(config, verdicts).status, RewardStatus::kQuarantined) << who;
  }
}

// Random compositions: terms t0 .. tn-1 over verifiers v0 .. v4; term i is made of verifiers and later terms.
struct RandomReward {
  std::vector<VerifierUse> verifiers;
  RewardSection reward;
  std::vector<VerdictRecord> verdicts;
};
RandomReward MakeRandom(uint64_t seed, const std::vector<std::string>& ops, bool all_scored) {
  RandomCursor random{RandomStream(seed)};
  RandomReward out;
  for (int v = 0; v < 5; ++v) {
    const std::string name = "v" + std::to_string(v);
    out.verifiers.push_back({.name = name, .optional = random.Below(4) == 0});
    const double score = static_cast<double>(random.Below(9)) / 4 - 1;
    const uint64_t kind = all_scored ? 3 : random.Below(8);
    out.verdicts.push_back(kind == 0   ? OtherVerdict(name, OutcomeKind::kNotApplicable)
                           : kind == 1 ? OtherVerdict(name, OutcomeKind::kInfraError)
                                       : ScoredVerdict(name, score, {{"p", score / 2}}));
  }
  const int64_t count = random.Between(1, 8);
  for (int64_t i = 0; i < count; ++i) {
    NamedTerm term{.name = "t" + std::to_string(i), .op = ops[random.Below(ops.size())]};
    const TermOpRule& rule = *FindTermOp(term.op);
    const int64_t operands =
        random.Between(static_cast<int64_t>(rule.min_operands), std::min<int64_t>(3, static_cast<int64_t>(rule.max_operands)));
    while (static_cast<int64_t>(term.of.size()) < operands) {
      std::string operand = random.Below(2) == 0 && i + 1 < count
                                ? "t" + std::to_string(random.Between(i + 1, count - 1))
                                : "v" + std::to_string(random.Below(5)) + (random.Below(4) == 0 ? "/p" : "");
      if (std::find(term.of.begin(), term.of.end(), operand) == term.of.end())
        term.of.push_back(std::move(operand));
      else if (random.Below(8) == 0)
        term.of.push_back("v" + std::to_string(term.of.size()) + "/p");
    }
    if (term.op == "sum") {
      for (int64_t k = 0; k < operands; ++k) term.weights.push_back(static_cast<double>(random.Below(5)) / 2);
      term.renormalise = random.Below(2) == 0;
    }
    if (term.op == "gate" || term.op == "fallback") term.at_least = static_cast<double>(random.Below(5)) / 4;
    if (term.op == "clamp") term.low = -0.5, term.high = 0.75;
    if (term.op == "scale") term.factor = static_cast<double>(random.Below(5)) / 2;
    term.optional = random.Below(6) == 0;
    out.reward.terms.push_back(std::move(term));
  }
  out.reward.result = "t0";
  return out;
}

std::vector<std::string> AllOps() {
  std::vector<std::string> ops;
  for (const TermOpRule& rule : TermOpRules()) ops.emplace_back(rule.name);
  return ops;
}

TEST(CompositionPropertyTest, TheOrderOfTermsAndVerdictsDoesNotMatter) {
  int numbers = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    RandomReward sample = MakeRandom(seed, AllOps(), /*all_scored=*/false);
    const TermValue value = Composition(sample.verifiers, sample.reward).Evaluate(sample.verdicts).value;
    numbers += value.kind == Kind::kNumber;
    RandomCursor random{RandomStream(seed, 1)};
    for (size_t i = sample.reward.terms.size(); i > 1; --i) std::swap(sample.reward.terms[i - 1], sample.reward.terms[random.Below(i)]);
    for (size_t i = sample.verdicts.size(); i > 1; --i) std::swap(sample.verdicts[i - 1], sample.verdicts[random.Below(i)]);
    EXPECT_EQ(Text(Composition(sample.verifiers, sample.reward).Evaluate(sample.verdicts).value), Text(value)) << "seed " << seed;
  }
  EXPECT_GT(numbers, 1000);
}

TEST(CompositionPropertyTest, SumMinAndMaxDoNotDependOnTheOrderOfOperands) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    RandomReward sample = MakeRandom(seed, {"sum", "min", "max"}, /*all_scored=*/false);
    const std::string value = Text(Composition(sample.verifiers, sample.reward).Evaluate(sample.verdicts).value);
    if (value.starts_with("failed")) continue;  // which of two failures is told depends on the order
    for (NamedTerm& term : sample.reward.terms) {
      std::reverse(term.of.begin(), term.of.end());
      std::reverse(term.weights.begin(), term.weights.end());
    }
    EXPECT_EQ(Text(Composition(sample.verifiers, sample.reward).Evaluate(sample.verdicts).value), value) << "seed " << seed;
  }
}

// With weights and factors of 0 and more, a better score never lowers the reward. (Not so for negate, for product of negative numbers and
// for fallback, whose first operand may take over from a better second.)
TEST(CompositionPropertyTest, MonotoneOperationsNeverPunishABetterScore) {
  const std::vector<std::string> ops = {"sum", "min", "max", "first_applicable", "gate", "clamp", "scale"};
  int compared = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    RandomReward sample = MakeRandom(seed, ops, /*all_scored=*/seed % 2 == 0);
    const Composition composition(sample.verifiers, sample.reward);
    const TermValue before = composition.Evaluate(sample.verdicts).value;
    if (before.kind != Kind::kNumber) continue;
    for (VerdictRecord& verdict : sample.verdicts) {
      if (verdict.outcome != OutcomeKind::kScore) continue;
      const VerdictRecord kept = verdict;
      verdict.score += 0.25;
      verdict.parts[0].value += 0.5;
      const TermValue after = composition.Evaluate(sample.verdicts).value;
      EXPECT_EQ(after.kind, Kind::kNumber) << "seed " << seed;
      EXPECT_GE(after.number, before.number - 1e-12) << "seed " << seed << " " << verdict.label;
      verdict = kept;
      ++compared;
    }
  }
  EXPECT_GT(compared, 3000);
}

TEST(CompositionPropertyTest, TheWeightedSumWithGatesIsAProductOfGatesAndASum) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    RandomCursor random{RandomStream(seed, 2)};
    std::vector<VerifierUse> simple;
    std::vector<VerdictRecord> verdicts;
    RewardSection section{.terms = {{.name = "total", .op = "product", .of = {"parts"}}, {.name = "parts", .op = "sum"}},
                          .result = "total"};
    for (int v = 0; v < 4; ++v) {
      VerifierUse use{.name = "v" + std::to_string(v), .weight = 0.5 + static_cast<double>(random.Below(4)) / 4};
      if (random.Below(2) == 0) use.gate = static_cast<double>(random.Below(3)) / 2;
      verdicts.push_back(ScoredVerdict(use.name, static_cast<double>(random.Below(5)) / 4));
      section.terms[1].of.push_back(use.name);
      section.terms[1].weights.push_back(use.weight);
      if (use.gate) {
        section.terms[0].of.push_back("g" + use.name);
        section.terms.push_back({.name = "g" + use.name, .op = "gate", .of = {use.name}, .at_least = use.gate});
      }
      simple.push_back(std::move(use));
    }
    EXPECT_DOUBLE_EQ(ComposeReward(RewardConfigOf(simple, {}), verdicts).value,
                     ComposeReward(RewardConfigOf(simple, section), verdicts).value)
        << "seed " << seed;
  }
}

TEST(CompositionTest, PartsThatAVerifierDoesNotHaveAreFound) {
  Recipe recipe;
  recipe.verifiers = {{.name = "tests", .verifier = "code"}, {.name = "right", .verifier = "exact"}};
  const std::vector<std::vector<std::string>> parts = {{"visible", "hidden"}, {}};
  const auto check = [&](const std::string& operand) {
    recipe.reward.terms = {{.name = "t", .of = {operand}}};
    return std::string(CheckPartNames(recipe, parts).message());
  };
  EXPECT_EQ(check("tests/hidden"), "");
  EXPECT_EQ(check("tests"), "");
  EXPECT_EQ(check("tests/hiden"),
            "\"reward.terms[0].of[0]\" is \"tests/hiden\"; the verifier code has no part \"hiden\"; did you mean \"hidden\"?");
  EXPECT_EQ(check("right/strict"), "\"reward.terms[0].of[0]\" is \"right/strict\"; the verifier exact has no parts");
  recipe.reward.terms.clear();
  recipe.reward.alarms.accuracy = "tests/al";
  EXPECT_EQ(CheckPartNames(recipe, parts).message(),
            "\"reward.alarms.accuracy\" is \"tests/al\"; the verifier code has no part \"al\"; known: visible, hidden");
}

}  // namespace
}  // namespace hone
