#include "verifiers/format.h"

#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(FormatTest, Conforms) {
  RunVerifierConformance({.name = "format", .gold_completion = "<think>why</think>7"});
  RunVerifierConformance({.name = "format", .params = R"({"answer":"tags"})", .gold_completion = "<think>why</think> <answer>7</answer>"});
  RunVerifierConformance({.name = "format", .params = R"({"think":"optional","answer":"boxed"})", .gold_completion = "So \\boxed{7}."});
}

TEST(FormatTest, TheFormIsJudged) {
  constexpr const char* kBlock = "{}";
  constexpr const char* kOptional = R"({"think":"optional"})";
  constexpr const char* kForbidden = R"({"think":"forbidden"})";
  constexpr const char* kOpened = R"({"think_opened":true})";
  constexpr const char* kTags = R"({"answer":"tags"})";
  constexpr const char* kBoxed = R"({"think":"optional","answer":"boxed"})";
  struct Case {
    const char *params, *completion, *reason;
  };
  const Case cases[] = {
      {kBlock, "<think>a</think>b", "good"},
      {kBlock, " \n<think>a</think>\nb", "good"},
      {kBlock, "<think></think>b", "bad_think"},
      {kBlock, "<think> \n\t</think>b", "bad_think"},
      {kBlock, "<think>a</think>", "bad_answer"},
      {kBlock, "<think>a</think> \n", "bad_answer"},
      {kBlock, "b", "bad_think"},
      {kBlock, "x<think>a</think>b", "bad_think"},
      {kBlock, "<think>a<think>a</think>b", "bad_think"},
      {kBlock, "<think>a</think>b</think>", "bad_think"},
      {kBlock, "</think>a<think>b", "bad_think"},
      {kBlock, "<think>a", "bad_think"},
      {kBlock, "a</think>b", "bad_think"},
      {R"({"min_think_chars":3})", "<think>a b</think>c", "bad_think"},
      {R"({"min_think_chars":3})", "<think>a bc</think>c", "good"},
      {kOptional, "b", "good"},
      {kOptional, "<think>a</think>b", "good"},
      {kOptional, "<think>b", "bad_think"},
      {kForbidden, "b", "good"},
      {kForbidden, "<think>a</think>b", "bad_think"},
      {kOpened, "a</think>b", "good"},
      {kOpened, "</think>b", "bad_think"},
      {kOpened, "<think>a</think>b", "bad_think"},
      {kOpened, "b", "bad_think"},
      {kTags, "<think>a</think><answer>7</answer>", "good"},
      {kTags, "<think>a</think><answer></answer>", "bad_answer"},
      {kTags, "<think>a</think>7", "bad_answer"},
      {kTags, "<think>a</think><answer>7</answer><answer>8</answer>", "bad_answer"},
      {kTags, "<think><answer>7</answer></think><answer>8</answer>", "bad_answer"},
      {kTags, "<think>a</think></answer>7<answer>", "bad_answer"},
      {kBoxed, "\\boxed{7}", "good"},
      {kBoxed, "\\boxed{\\frac{1}{2}}", "good"},
      {kBoxed, "\\boxed{\\}}", "good"},
      {kBoxed, "\\boxed{7", "bad_answer"},
      {kBoxed, "\\boxed{}", "bad_answer"},
      {kBoxed, "\\boxed{7} \\boxed{8}", "bad_answer"},
      {R"({"think":"optional","max_answer_chars":2})", "123", "bad_answer"},
      {R"({"think":"optional","max_answer_chars":2})", " 12 ", "good"},
      {R"({"think_open":"[","think_close":"]"})", "[a]b", "good"},
  };
  for (const Case& c : cases) {
    auto format = MakeForTest("format", c.params);
    const VerdictRecord record = JudgeForTest(*format, c.completion, "");
    EXPECT_EQ(record.reason, c.reason) << c.params << " on " << c.completion;
    EXPECT_EQ(record.score, std::string_view(c.reason) == "good" ? 1 : 0) << c.params << " on " << c.completion;
  }
}

TEST(FormatTest, BadParametersAreRefused) {
  ExpectRefused("format", R"({"think_open":""})", "must not be empty");
  ExpectRefused("format", R"({"think_open":"x","think_close":"x"})", "must differ");
  ExpectRefused("format", R"({"think":"forbidden","think_opened":true})", "exclude each other");
  ExpectRefused("format", R"({"think":"often"})", "one of required, optional, forbidden");
}

}  // namespace
}  // namespace hone
