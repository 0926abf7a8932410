#include "verifiers/exact.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(ExactTest, Conforms) {
  RunVerifierConformance({.name = "exact", .gold_completion = " 12345678\n", .reference = "12345678"});
  RunVerifierConformance(
      {.name = "exact", .params = R"({"casefold":true,"collapse_space":true})", .gold_completion = "Two  Words", .reference = "two words"});
  RunVerifierConformance({.name = "exact", .params = R"({"partial":true})", .gold_completion = "abc", .reference = "abc"});
}

TEST(ExactTest, OptionsDecideWhatIsEqual) {
  struct Case {
    const char *params, *completion, *reference;
    double score;
  };
  const Case cases[] = {
      {"{}", " a ", "a", 1},
      {R"({"trim":false})", " a ", "a", 0},
      {"{}", "A", "a", 0},
      {R"({"casefold":true})", "A", "a", 1},
      {R"({"casefold":true})", "STRASSE",
       "stra\xC3\x9F"
       "e",
       1},
      {R"({"casefold":true})", "A\xff", "a\xff", 1},
      {"{}", "a  b", "a b", 0},
      {R"({"collapse_space":true})", "a \n b", "a b", 1},
      {R"({"partial":true})", "abcx", "abcd", 0.75},
      {R"({"partial":true})", "abcdabcd", "abcd", 0.5},
      {R"({"partial":true})", "ab", "abcd", 0.5},
  };
  for (const Case& c : cases) {
    auto exact = MakeForTest("exact", c.params);
    EXPECT_EQ(JudgeForTest(*exact, c.completion, c.reference).score, c.score) << c.params << " " << c.completion;
  }
}

TEST(ExactTest, AnEmptyReferenceIsTheTasksFault) {
  auto exact = MakeForTest("exact", "");
  EXPECT_EQ(JudgeForTest(*exact, "", "").outcome, OutcomeKind::kTaskError);
  EXPECT_EQ(JudgeForTest(*exact, "", " ").outcome, OutcomeKind::kTaskError);
}

TEST(ExactTest, NulIsAByteLikeOthers) {
  auto exact = MakeForTest("exact", "");
  EXPECT_EQ(JudgeForTest(*exact, std::string_view("a\0b", 3), "a").score, 0);
  EXPECT_EQ(JudgeForTest(*exact, std::string_view("a\0b", 3), std::string_view("a\0b", 3)).score, 1);
}

TEST(ExactTest, BadParametersAreRefused) {
  ExpectRefused("exact", R"({"trim":"yes"})", "must be true or false");
  ExpectRefused("exact", R"({"fold":true, "trmi":true})", "\"trim\"");
}

}  // namespace
}  // namespace hone
