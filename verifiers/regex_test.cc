#include "verifiers/regex.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(RegexTest, Conforms) {
  RunVerifierConformance({.name = "regex",
                          .params = R"j({"pattern":"answer is (\\d+)","group":1})j",
                          .gold_completion = "The answer is 7.",
                          .reference = "7"});
  RunVerifierConformance({.name = "regex", .params = R"j({"pattern":"^\\s*\\S"})j", .gold_completion = "x"});
  // Exponential and quadratic patterns come back in time as well.
  RunVerifierConformance({.name = "regex", .params = R"j({"pattern":"^(a+)+$|gold"})j", .gold_completion = "gold"});
  RunVerifierConformance({.name = "regex", .params = R"j({"pattern":"a[^x]*+x|gold"})j", .gold_completion = "gold"});
}

TEST(RegexTest, MatchesAreScored) {
  struct Case {
    const char *params, *completion, *reference;
    double score;
  };
  const Case cases[] = {
      {R"j({"pattern":"a.c"})j", "xabcx", "", 1},
      {R"j({"pattern":"a.c"})j", "x", "", 0},
      {R"j({"pattern":"sorry","must_match":false})j", "fine", "", 1},
      {R"j({"pattern":"sorry","must_match":false})j", "so sorry", "", 0},
      {R"j({"pattern":"sorry","must_match":false})j", " ", "", 0},
      {R"j({"pattern":"SORRY","ignore_case":true})j", "sorry", "", 1},
      {R"j({"pattern":"^b$"})j", "a\nb\nc", "", 0},
      {R"j({"pattern":"^b$","multiline":true})j", "a\nb\nc", "", 1},
      {R"j({"pattern":"a.b"})j", "a\nb", "", 0},
      {R"j({"pattern":"a.b","dot_all":true})j", "a\nb", "", 1},
      {R"j({"pattern":"= (\\d+)","group":1})j", "= 3 then = 7", "7", 1},
      {R"j({"pattern":"= (\\d+)","group":1,"which":"first"})j", "= 3 then = 7", "7", 0},
      {R"j({"pattern":"= (\\d+)","group":1})j", "nothing", "7", 0},
      {R"j({"pattern":"(a)|b","group":1})j", "b", "a", 0},
      {R"j({"pattern":"\\d*","group":0})j", "12 a", "12", 0},  // the last match is the empty one at the end
      {R"j({"pattern":"\u00e9"})j", "caf\xC3\xA9", "", 1},
      {R"j({"pattern":"x"})j", "\xff\xfex\xff", "", 1},
  };
  for (const Case& c : cases) {
    auto regex = MakeForTest("regex", c.params);
    EXPECT_EQ(JudgeForTest(*regex, c.completion, c.reference).score, c.score) << c.params << " on " << c.completion;
  }
}

TEST(RegexTest, AnExplosivePatternIsOurFaultAndNotAScore) {
  auto regex = MakeForTest("regex", R"j({"pattern":"^(a+)+$"})j");
  const VerdictRecord record = JudgeForTest(*regex, std::string(5000, 'a') + "b", "");
  EXPECT_EQ(record.outcome, OutcomeKind::kInfraError);
  EXPECT_EQ(record.reason.substr(0, 6), "budget") << record.reason;
}

TEST(RegexTest, AnEmptyReferenceIsTheTasksFault) {
  auto regex = MakeForTest("regex", R"j({"pattern":"a","group":0})j");
  EXPECT_EQ(JudgeForTest(*regex, "a", " ").outcome, OutcomeKind::kTaskError);
}

TEST(RegexTest, BadParametersAreRefused) {
  ExpectRefused("regex", "{}", "\"pattern\" is required");
  ExpectRefused("regex", R"j({"pattern":"(a"})j", "parenthesis");
  ExpectRefused("regex", R"j({"pattern":"a","group":1})j", "group 1 does not exist");
  ExpectRefused("regex", R"j({"pattern":"a","group":0,"must_match":false})j", "exclude each other");
  ExpectRefused("regex", R"j({"pattern":"\\C"})j", "\\C");
  ExpectRefused("regex", R"j({"pattern":"(?:(?:a{1000}){1000}){1000}"})j", "too large");
  ExpectRefused("regex", "{\"pattern\":\"" + std::string(70'000, 'a') + "\"}", "too long");
  ExpectRefused("regex", "{\"pattern\":\"" + std::string(1000, '(') + std::string(1000, ')') + "\"}", "nested");
}

}  // namespace
}  // namespace hone
