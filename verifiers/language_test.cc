#include "verifiers/language.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

constexpr char kEnglish[] = "The answer is that the two trains meet after three hours.";
constexpr char kGerman[] = "Die Antwort ist, dass sich die beiden Züge nach drei Stunden treffen.";
constexpr char kChinese[] = "两列火车在三个小时之后相遇，所以答案是三个小时。";

TEST(LanguageTest, Conforms) {
  RunVerifierConformance({.name = "language", .gold_completion = kEnglish});
  RunVerifierConformance({.name = "language", .params = R"({"language":"zh"})", .gold_completion = kChinese});
  RunVerifierConformance({.name = "language", .params = R"({"part":"think"})", .gold_completion = std::string(kEnglish) + "</think>7"});
}

TEST(LanguageTest, TheScoreIsTheShareOfLetters) {
  const std::string english = kEnglish, german = kGerman, chinese = kChinese;
  struct Case {
    const char* params;
    std::string completion;
    double low, high;
    const char* reason;
  };
  const Case cases[] = {
      {R"({"language":"en"})", english, 1, 1, "in_language"},
      {R"({"language":"de"})", english, 0, 0, "other_language"},
      {R"({"language":"de"})", german, 1, 1, "in_language"},
      {R"({"language":"zh"})", chinese, 1, 1, "in_language"},
      {R"({"language":"ja"})", chinese, 0, 0, "other_language"},
      {R"({"language":"en"})", english + "\n" + german, 0.35, 0.6, "mixed"},
      {R"({"language":"zh"})", chinese + english, 0.2, 0.4, "mixed"},
      // Variables, LaTeX commands and code are in no language.
      {R"({"language":"zh"})", chinese + " $x = \\frac{a}{b} + y$", 1, 1, "in_language"},
      {R"({"language":"zh"})", chinese + "\n```python\nprint(answer)\n```\n", 1, 1, "in_language"},
      {R"({"language":"en","part":"think"})", "<think>" + english + "</think>" + chinese, 1, 1, "in_language"},
      {R"({"language":"en","part":"think"})", english + "</think>" + chinese, 1, 1, "in_language"},
      {R"({"language":"zh","part":"answer"})", "<think>" + english + "</think>" + chinese, 1, 1, "in_language"},
      {R"({"language":"en"})", " \n", 0, 0, "empty"},
  };
  for (const Case& c : cases) {
    const VerdictRecord record = JudgeForTest(*MakeForTest("language", c.params), c.completion, "");
    EXPECT_EQ(record.outcome, OutcomeKind::kScore) << c.params << " on " << c.completion;
    EXPECT_GE(record.score, c.low) << c.params << " on " << c.completion;
    EXPECT_LE(record.score, c.high) << c.params << " on " << c.completion;
    EXPECT_EQ(record.reason, c.reason) << c.params << " on " << c.completion;
  }
}

TEST(LanguageTest, ShortTextsAndMissingPartsAreNotApplicable) {
  EXPECT_EQ(JudgeForTest(*MakeForTest("language", "{}"), "42", "").outcome, OutcomeKind::kNotApplicable);
  EXPECT_EQ(JudgeForTest(*MakeForTest("language", R"({"min_letters":100})"), kEnglish, "").outcome, OutcomeKind::kNotApplicable);
  EXPECT_EQ(JudgeForTest(*MakeForTest("language", R"({"part":"think"})"), kEnglish, "").outcome, OutcomeKind::kNotApplicable);
}

TEST(LanguageTest, BadParametersAreRefused) {
  ExpectRefused("language", R"({"language":"xx"})", "language \"xx\" is unknown; known: af, ar");
  ExpectRefused("language", R"({"part":"middle"})", "one of think, answer, all");
  ExpectRefused("language", R"({"think_close":""})", "must not be empty");
  ExpectRefused("language", R"({"min_letters":0})", "must be between 1");
}

}  // namespace
}  // namespace hone
