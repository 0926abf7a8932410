#include "verifiers/repetition.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(RepetitionTest, Conforms) {
  RunVerifierConformance({.name = "repetition", .gold_completion = "one two three four five six"});
  RunVerifierConformance({.name = "repetition", .params = R"({"n":1})", .gold_completion = "one two"});
}

TEST(RepetitionTest, TheScoreIsTheShareOfDifferentNGrams) {
  struct Case {
    const char *params, *completion;
    double score, ngrams;
    const char* reason;
  };
  const Case cases[] = {
      {R"({"n":1})", "a b a b", 0.5, 4, "repeats"}, {R"({"n":2})", "a b a b", 2.0 / 3, 3, "repeats"},
      {R"({"n":3})", "a b a b", 1, 2, "unique"},    {R"({"n":4})", "a b a b", 1, 1, "unique"},
      {R"({"n":5})", "a b a b", 1, 0, "short"},     {R"({"n":2})", "ab\ncd \t ab\ncd", 2.0 / 3, 3, "repeats"},
      {R"({"n":1})", " \n", 0, 0, "empty"},
  };
  for (const Case& c : cases) {
    const VerdictRecord record = JudgeForTest(*MakeForTest("repetition", c.params), c.completion, "");
    EXPECT_DOUBLE_EQ(record.score, c.score) << c.params << " on " << c.completion;
    EXPECT_EQ(record.parts.at(0).value, c.ngrams) << c.params << " on " << c.completion;
    EXPECT_EQ(record.reason, c.reason) << c.params << " on " << c.completion;
  }
}

TEST(RepetitionTest, TokenIdsAreCountedWhenThereAreAny) {
  const std::vector<int32_t> tokens = {7, 8, 7, 8, 7};
  VerifyRequest request{.completion = "one word after another, none twice", .token_ids = tokens};
  EXPECT_DOUBLE_EQ(JudgeForTest(*MakeForTest("repetition", R"({"n":2})"), request).score, 0.5);
}

TEST(RepetitionTest, BadParametersAreRefused) {
  ExpectRefused("repetition", R"({"n":0})", "must be between 1");
  ExpectRefused("repetition", R"({"n":1.5})", "a whole number");
}

}  // namespace
}  // namespace hone
