#include "verifiers/length.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(LengthTest, Conforms) {
  RunVerifierConformance({.name = "length", .params = R"({"min_tokens":2,"max_tokens":9})", .gold_completion = "x", .gold_tokens = 5});
  RunVerifierConformance({.name = "length",
                          .params = R"({"rule":"soft"})",
                          .gold_completion = "x",
                          .gold_tokens = 5,
                          .gold_score = 0,
                          .rejects_empty = false});
  RunVerifierConformance({.name = "length",
                          .params = R"({"rule":"stop"})",
                          .gold_completion = "x",
                          .gold_finish_reason = FinishReason::kStop,
                          .rejects_empty = false});
}

double Score(const char* params, int64_t tokens) {
  VerifyRequest request;
  request.num_tokens_completion = tokens;
  return JudgeForTest(*MakeForTest("length", params), request).score;
}

TEST(LengthTest, TheBudgetIncludesBothEnds) {
  const char* params = R"({"min_tokens":2,"max_tokens":4})";
  const double want[] = {0, 0, 1, 1, 1, 0};
  for (int64_t tokens = 0; tokens < 6; ++tokens) EXPECT_EQ(Score(params, tokens), want[tokens]) << tokens;
}

TEST(LengthTest, TheSoftPenaltyGrowsInTheBufferAndThenStays) {
  const char* params = R"({"rule":"soft","max_tokens":100,"buffer":20,"factor":2})";
  const std::pair<int64_t, double> cases[] = {{0, 0}, {80, 0}, {81, -0.1}, {90, -1}, {100, -2}, {110, -2}, {int64_t{1} << 40, -2}};
  for (const auto& [tokens, want] : cases) EXPECT_DOUBLE_EQ(Score(params, tokens), want) << tokens;
}

TEST(LengthTest, WithoutACountThereIsNothingToSay) {
  for (const char* params : {"{}", R"({"rule":"soft"})", R"({"rule":"stop"})"}) {
    EXPECT_EQ(JudgeForTest(*MakeForTest("length", params), "text", "").outcome, OutcomeKind::kNotApplicable) << params;
  }
}

TEST(LengthTest, OnlyAStopOfItsOwnCountsAsStop) {
  auto stop = MakeForTest("length", R"({"rule":"stop"})");
  EXPECT_EQ(JudgeForTest(*stop, VerifyRequest{.finish_reason = FinishReason::kStop}).score, 1);
  EXPECT_EQ(JudgeForTest(*stop, VerifyRequest{.finish_reason = FinishReason::kLength}).score, 0);
  EXPECT_EQ(JudgeForTest(*stop, VerifyRequest{.finish_reason = FinishReason::kAborted}).score, 0);
}

TEST(LengthTest, BadParametersAreRefused) {
  ExpectRefused("length", R"({"min_tokens":5,"max_tokens":4})", "min_tokens 5 must be at most max_tokens 4");
  ExpectRefused("length", R"({"rule":"hard"})", "one of budget, soft, stop");
  ExpectRefused("length", R"({"rule":"soft","buffer":0})", "must be between 1");
  ExpectRefused("length", R"({"rule":"soft","buffer":10,"max_tokens":5})", "buffer 10 must be at most");
  ExpectRefused("length", R"({"max_tokens":1.5})", "a whole number");
  ExpectRefused("length", R"({"max_tokens":18446744073709551615})", "must be between");
}

}  // namespace
}  // namespace hone
