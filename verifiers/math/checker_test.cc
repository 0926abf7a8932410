#include "verifiers/math/checker.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "verifiers/math/extract.h"
#include "verifiers/math/flint_guard.h"
#include "verifiers/math/poly.h"
#include "verifiers/math/rewrite.h"

namespace hone::math {
namespace {

struct TestPair {
  std::string id, kind, gold, answer;
  bool equal = false;
};

// As the verifier does it: a text that holds a box or a tag of the reasoning is a response.
CheckVerdict CheckText(const std::string& gold, const std::string& text, const Policy& policy = {}) {
  if (!IsResponse(text, policy)) return Check({gold}, {text}, policy, true);
  const Extraction extraction = Extract(text, policy);
  if (!extraction.found) return {.result = Result::kUnparsedAnswer, .stage = "extract", .reason = extraction.rule};
  return Check({gold}, {extraction.answer, extraction.joint}, policy, true);
}

std::vector<TestPair> GoldenPairs() {
  std::vector<TestPair> pairs;
  std::ifstream file("tests/testdata/math/math_pairs.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    pairs.push_back({row["id"], row["class"], row["gold"], row["pred"], row["equal"]});
  }
  return pairs;
}

std::vector<TestPair> OwnPairs() {
  std::vector<TestPair> pairs;
  std::ifstream file("tests/testdata/math/own_pairs.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '\t') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    if (fields.size() == 4) pairs.push_back({"own", fields[0], fields[1], fields[2], fields[3] == "1"});
  }
  return pairs;
}

void ExpectVerdicts(const std::vector<TestPair>& pairs) {
  for (const TestPair& pair : pairs) {
    const CheckVerdict verdict = CheckText(pair.gold, pair.answer);
    EXPECT_EQ(verdict.result == Result::kEqual, pair.equal)
        << pair.id << " " << pair.kind << ": gold " << pair.gold << "  answer " << pair.answer << "  stage " << verdict.stage << "  reason "
        << verdict.reason << "  read as " << verdict.gold_form << " and " << verdict.answer_form;
  }
}

TEST(MathCheckerTest, GoldenPairsGetTheirVerdicts) {
  const std::vector<TestPair> pairs = GoldenPairs();
  ASSERT_EQ(pairs.size(), 282u);
  ExpectVerdicts(pairs);
}

TEST(MathCheckerTest, OwnPairsOfEveryClassGetTheirVerdicts) {
  const std::vector<TestPair> pairs = OwnPairs();
  ASSERT_GE(pairs.size(), 300u);
  ExpectVerdicts(pairs);
}

TEST(MathCheckerTest, EqualityIsReflexiveAndSymmetric) {
  for (const auto& pairs : {GoldenPairs(), OwnPairs()}) {
    for (const TestPair& pair : pairs) {
      if (pair.kind == "extraction") continue;
      if (CheckText(pair.gold, pair.gold).result == Result::kBadGold) continue;
      EXPECT_EQ(CheckText(pair.gold, pair.gold).result, Result::kEqual) << pair.gold;
      const CheckVerdict turned = CheckText(pair.answer, pair.gold);
      if (turned.result == Result::kBadGold) continue;
      EXPECT_EQ(turned.result == Result::kEqual, pair.equal) << pair.answer << " against " << pair.gold << ": " << turned.reason;
    }
  }
}

TEST(MathCheckerTest, TheSameVerdictOnEveryThread) {
  const std::vector<TestPair> pairs = GoldenPairs();
  std::vector<std::vector<Result>> results(3);
  std::vector<std::thread> threads;
  for (auto& mine : results) {
    threads.emplace_back([&mine, &pairs] {
      for (const TestPair& pair : pairs) mine.push_back(CheckText(pair.gold, pair.answer).result);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(MathCheckerTest, BadInputGetsAVerdictWithinTheBound) {
  const auto repeat = [](std::string_view part, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  const std::vector<std::string> inputs = {"",
                                           std::string(1, '\0'),
                                           std::string("5\0006", 3),
                                           "\xff\xfe",
                                           "\xc3",
                                           "\xe2\x80\xae"
                                           "5",
                                           repeat("{", 10'000),
                                           repeat("(", 10'000),
                                           repeat("(", 900) + "1" + repeat(")", 900),
                                           repeat("[", 10'000),
                                           repeat("\\frac{", 600),
                                           repeat("\\sqrt", 800) + "2",
                                           repeat("-", 4000) + "1",
                                           repeat("\\frac1", 500) + "1",
                                           "2" + repeat("^2", 900),
                                           "9^9^9^9",
                                           "x^{10^{30}}",
                                           "\\sqrt2^{2^{100}}",
                                           "9^{9^{9^{9^{9^9}}}}",
                                           "10^{10^{10}}",
                                           "1e999999999",
                                           "1e-999999999",
                                           "1e99999999999999999999",
                                           "(2^{100000})!",
                                           "((((9!)!)!)!)!",
                                           "\\binom{10^{10}}{10^9}",
                                           "\\binom{2^{1000}}{2^{999}}",
                                           "(x+y+z+w)^{100}",
                                           "(a+b+c+d+e+f)^{60}",
                                           "((x+1)^{99}+1)^{99}",
                                           "\\sin(10^{10^{10}})",
                                           "\\sin(2^{5000})",
                                           "\\cos(1000x)+\\cos(999x)",
                                           "e^{e^{e^{e^e}}}",
                                           "\\sum_{k=1}^{10000} k^{1000}",
                                           "\\sum_{k=1}^{10000}\\sum_{j=1}^{10000} kj",
                                           "\\prod_{k=1}^{9999} k",
                                           "\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}",
                                           "\\sqrt{2+\\sqrt{3+\\sqrt{5+\\sqrt{7+\\sqrt{11}}}}}",
                                           "\\cos 1^\\circ+\\cos 2^\\circ+\\cos 3^\\circ+\\cos 7^\\circ",
                                           "2^{131071}+\\frac{1}{3^{80000}}",
                                           repeat("1,", 1999) + "1",
                                           repeat("9", 4096),
                                           repeat("\\pm", 500) + "1",
                                           "\\log_{2^{4000}}(3^{5000})",
                                           "\\{x\\in\\mathbb{Z}:0<x<10^{10}\\}",
                                           repeat("x", 4096),
                                           repeat("1+", 2000) + "1",
                                           repeat("\\begin{pmatrix}", 500)};
  const std::vector<std::string> golds = {"5",       "\\frac{1}{2}", "x^2+1", "\\sqrt{2}+1", "(1,2)", "10^{10^{10}}+1",
                                          "\\sin x", "1,2,3",        "[0,1]", "y=2x+1"};
  for (const std::string& input : inputs) {
    for (const std::string& gold : golds) {
      Check({gold}, {input}, {});  // the first call of a kind fills caches of constants
      const std::clock_t start = std::clock();
      const CheckVerdict verdict = Check({gold}, {input}, {});
      const double ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      EXPECT_NE(verdict.result, Result::kEqual) << gold << " against " << input.substr(0, 100);
      EXPECT_NE(verdict.result, Result::kBadGold) << gold;
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
      EXPECT_LT(ms, 20) << gold << " against " << input.substr(0, 100) << ": " << verdict.reason;
#endif
    }
    // As gold answers they are refused or equal themselves.
    const CheckVerdict self = Check({input}, {input}, {});
    EXPECT_TRUE(self.result == Result::kEqual || self.result == Result::kBadGold) << input.substr(0, 100) << ": " << self.reason;
  }
}

// No answer is known that makes FLINT give up; what would become of one is shown with divisions by zero.
TEST(MathCheckerTest, WhereFlintGivesUpTheProcessLives) {
  const auto rational = [] { return (Rational(7) / Rational(0)).IsZero(); };
  const auto polynomial = [] {
    Poly sum = Poly::Generator(3), quotient;
    fmpz_mpoly_divexact(quotient.raw(), sum.raw(), Poly().raw(), PolyContext());
    return quotient.IsZero();
  };
  const auto try_all = [&] {
    PolyContext();
    for (int i = 0; i < 3; ++i) {
      EXPECT_FALSE(RunFlint([&] { rational(); }));
      EXPECT_FALSE(RunFlint([&] { polynomial(); }));
      EXPECT_TRUE(RunFlint([] { EXPECT_EQ((Rational(7) / Rational(2)).ToString(), "7/2"); }));
      EXPECT_EQ(CheckText("x^2-1", "(x-1)(x+1)").result, Result::kEqual);
    }
  };
  try_all();
  std::thread(try_all).join();
}

TEST(MathCheckerTest, PoliciesOpenWhatIsClosedByDefault) {
  struct Case {
    const char* what;
    void (*set)(Policy&);
    const char *gold, *answer;
    bool before, after;
  };
  const Case cases[] = {
      {"abs", [](Policy& p) { p.tolerance = Policy::Tolerance::kAbsolute, p.slack = Rational(1, 100); }, "\\pi", "3.14", false, true},
      {"abs too far", [](Policy& p) { p.tolerance = Policy::Tolerance::kAbsolute, p.slack = Rational(1, 1000); }, "\\pi", "3.14", false,
       false},
      {"rel", [](Policy& p) { p.tolerance = Policy::Tolerance::kRelative, p.slack = Rational(1, 100); }, "1000.5", "1001", false, true},
      {"rel of integers", [](Policy& p) { p.tolerance = Policy::Tolerance::kRelative, p.slack = Rational(1, 100); }, "1000", "1001", false,
       false},
      {"digits", [](Policy& p) { p.tolerance = Policy::Tolerance::kFromGoldDigits; }, "3.14", "\\pi", false, true},
      {"digits of an integer", [](Policy& p) { p.tolerance = Policy::Tolerance::kFromGoldDigits; }, "3", "\\pi", false, false},
      {"float64", [](Policy& p) { p.tolerance = Policy::Tolerance::kFloat64; }, "\\frac13", "0.33333333333333333", false, true},
      {"percent missing", [](Policy& p) { p.percent = Policy::Percent::kMissingOk; }, "50\\%", "50", false, true},
      {"percent scaled", [](Policy& p) { p.percent = Policy::Percent::kScaleOk; }, "50\\%", "0.5", false, true},
      {"percent missing only", [](Policy& p) { p.percent = Policy::Percent::kMissingOk; }, "50\\%", "0.5", false, false},
      {"unit", [](Policy& p) { p.unit_may_be_missing = false; }, "5\\text{ km}", "5", true, false},
      {"conversion", [](Policy& p) { p.convert_units = false; }, "1\\text{ km}", "1000\\text{ m}", true, false},
      {"currency", [](Policy& p) { p.currency_may_be_missing = false; }, "\\$5", "5", true, false},
      {"degrees", [](Policy& p) { p.convert_degrees = true; }, "180^\\circ", "\\pi", false, true},
      {"ordered", [](Policy& p) { p.ordered_lists = true; }, "1,2", "2,1", true, false},
      {"base", [](Policy& p) { p.base_may_be_dropped = true; }, "1011_2", "1011", false, true},
      {"ratio", [](Policy& p) { p.ratios_scale = true; }, "1:2", "2:4", false, true},
      {"renamed", [](Policy& p) { p.variables_may_be_renamed = true; }, "x=3", "y=3", false, true},
      {"positive", [](Policy& p) { p.variables = Policy::Variables::kPositive; }, "\\sqrt{x^2}", "x", false, true},
      {"reduced", [](Policy& p) { p.form = Policy::Form::kReduced; }, "\\frac12", "\\frac24", true, false},
      {"simplified", [](Policy& p) { p.form = Policy::Form::kSimplified; }, "4", "2+2", true, false},
      {"factored", [](Policy& p) { p.form = Policy::Form::kFactored; }, "(x-1)(x+1)", "x^2-1", true, false},
      {"synonyms",
       [](Policy& p) {
         p.synonyms = {{"none", "no solution"}};
       },
       "\\text{none}", "\\text{no solution}", false, true},
  };
  for (const Case& test : cases) {
    Policy policy;
    EXPECT_EQ(CheckText(test.gold, test.answer, policy).result == Result::kEqual, test.before) << test.what;
    test.set(policy);
    EXPECT_EQ(CheckText(test.gold, test.answer, policy).result == Result::kEqual, test.after) << test.what;
  }
  Policy relative;
  relative.tolerance = Policy::Tolerance::kRelative;
  relative.slack = Rational(1, 100);
  EXPECT_EQ(Check({"0"}, {"0.001"}, relative).result, Result::kBadGold);
}

// MATH-500 and GSM8K: golds equal themselves and their rewritings, and no gold of another problem unless it has the same value.
class PublicDataTest : public testing::TestWithParam<const char*> {};

TEST_P(PublicDataTest, GoldsEqualTheirRewritings) {
  const char* folder = std::getenv("HONE_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "HONE_TEST_DATA is not set";
  std::ifstream file(std::string(folder) + "/" + GetParam() + "/test.jsonl");
  if (!file) GTEST_SKIP() << "no " << GetParam() << " in HONE_TEST_DATA";
  std::vector<std::string> golds;
  for (std::string line; std::getline(file, line);) {
    std::string answer = nlohmann::json::parse(line)["answer"];
    if (const size_t mark = answer.rfind("#### "); mark != std::string::npos) answer = answer.substr(mark + 5);
    golds.push_back(answer);
  }
  ASSERT_GE(golds.size(), 500u);
  for (size_t i = 0; i < golds.size(); ++i) {
    EXPECT_EQ(CheckText(golds[i], golds[i]).result, Result::kEqual) << golds[i];
    for (const std::string& rewriting : PlainRewritings(golds[i])) {
      const CheckVerdict verdict = CheckText(golds[i], rewriting);
      EXPECT_EQ(verdict.result, Result::kEqual) << golds[i] << " as " << rewriting << ": " << verdict.reason;
    }
    for (size_t k = 1; k <= 20; ++k) {
      const std::string& other = golds[(i + 23 * k) % golds.size()];
      const CheckVerdict verdict = CheckText(golds[i], other);
      EXPECT_NE(verdict.result, Result::kUndecided) << golds[i] << " against " << other;
      EXPECT_NE(verdict.result, Result::kUnparsedAnswer) << golds[i] << " against " << other;
      // Equal in value means equal both ways, and to the same third answers.
      if (verdict.result == Result::kEqual) {
        EXPECT_EQ(CheckText(other, golds[i]).result, Result::kEqual) << golds[i] << " against " << other;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(MathCheckerTest, PublicDataTest, testing::Values("math500", "gsm8k"));

}  // namespace
}  // namespace hone::math
