#include "verifiers/numeric.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(NumericTest, Conforms) {
  RunVerifierConformance({.name = "numeric", .gold_completion = "3 + 4 = 7 apples", .reference = "7"});
  RunVerifierConformance({.name = "numeric", .params = R"({"percent_scales":true})", .gold_completion = "7%", .reference = "0.07"});
}

TEST(NumericTest, TheLastNumberDecides) {
  auto numeric = MakeForTest("numeric", "");
  EXPECT_EQ(JudgeForTest(*numeric, "Tom has 3 + 4 = 7 apples.", "7").score, 1);
  EXPECT_EQ(JudgeForTest(*numeric, "7 apples in 2 bags", "7").score, 0);
  EXPECT_EQ(JudgeForTest(*numeric, "9.11", "9.9").score, 0);
  EXPECT_EQ(JudgeForTest(*numeric, "1,234", "1234").score, 1);
}

TEST(NumericTest, TheExtractedAnswerGoesBeforeTheCompletion) {
  auto numeric = MakeForTest("numeric", "");
  VerifyRequest request{.completion = "7", .reference = "8", .answer = "8"};
  EXPECT_EQ(JudgeForTest(*numeric, request).score, 1);
  request.answer = "";
  EXPECT_EQ(JudgeForTest(*numeric, request).reason, "no_number");
}

TEST(NumericTest, ReasonsAndPartsSayWhatHappened) {
  auto numeric = MakeForTest("numeric", "");
  EXPECT_EQ(JudgeForTest(*numeric, "7", "7").reason, "correct");
  EXPECT_EQ(JudgeForTest(*numeric, "8", "7").reason, "wrong");
  const VerdictRecord none = JudgeForTest(*numeric, "seven", "7");
  EXPECT_EQ(none.reason, "no_number");
  ASSERT_EQ(none.parts.size(), 1u);
  EXPECT_EQ(none.parts[0].name, "answered");
  EXPECT_EQ(none.parts[0].value, 0);
}

TEST(NumericTest, ABadReferenceIsTheTasksFault) {
  auto numeric = MakeForTest("numeric", "");
  for (const char* reference : {"", "seven", "1 2", "7 apples"}) {
    EXPECT_EQ(JudgeForTest(*numeric, "7", reference).outcome, OutcomeKind::kTaskError) << reference;
  }
}

TEST(NumericTest, ACutCompletionScoresZeroWhenAStopIsRequired) {
  auto strict = MakeForTest("numeric", R"({"require_stop":true})");
  VerifyRequest request{.completion = "7", .reference = "7", .finish_reason = FinishReason::kLength};
  EXPECT_EQ(JudgeForTest(*strict, request).reason, "truncated");
  request.finish_reason = FinishReason::kStop;
  EXPECT_EQ(JudgeForTest(*strict, request).score, 1);
  EXPECT_EQ(
      JudgeForTest(*MakeForTest("numeric", ""), VerifyRequest{.completion = "7", .reference = "7", .finish_reason = FinishReason::kLength})
          .score,
      1);
}

TEST(NumericTest, BadParametersAreRefused) {
  ExpectRefused("numeric", R"({"percent_scale":true})", R"(did you mean "percent_scales"?)");
  ExpectRefused("numeric", R"({"percent_scales":1})", "must be true or false, got 1");
  ExpectRefused("numeric", R"({"percent_scales":true,"percent_scales":false})", "given twice");
}

}  // namespace
}  // namespace hone
