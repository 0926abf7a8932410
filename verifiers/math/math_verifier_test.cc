#include "verifiers/math/math_verifier.h"

#include <algorithm>
#include <ctime>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(MathVerifierTest, KeepsTheContractOfVerifiers) {
  RunVerifierConformance({.name = "math", .gold_completion = "So it is \\boxed{\\frac{1}{2}}.", .reference = "0.5"});
}

TEST(MathVerifierTest, ScoresResponsesAndBareAnswers) {
  const auto verifier = MakeForTest("math", "{}");
  ASSERT_NE(verifier, nullptr);
  struct Case {
    const char* completion;
    const char* answer;  // null: not set
    const char* reference;
    double score;
    const char* reason;
  };
  for (const Case& test :
       {Case{"\\boxed{7}", nullptr, "7", 1, "same_number"}, Case{"7", nullptr, "7", 0, "no_answer"}, Case{"", "7", "7", 1, "same_number"},
        Case{"", "\\boxed{7}", "7", 1, "same_number"}, Case{"", "<think>7", "7", 0, "no_answer"}, Case{"", "8", "7", 0, "other_number"},
        Case{"", "7+", "7", 0, "unparsed"}, Case{"", "", "7", 0, "empty"}, Case{"\\boxed{7", nullptr, "7", 0, "no_answer"}}) {
    VerifyRequest request;
    request.completion = test.completion;
    if (test.answer != nullptr) request.answer = test.answer;
    request.reference = test.reference;
    const VerdictRecord record = JudgeForTest(*verifier, request);
    EXPECT_EQ(record.outcome, OutcomeKind::kScore) << test.completion;
    EXPECT_EQ(record.score, test.score) << test.completion;
    EXPECT_EQ(record.reason, test.reason) << test.completion << " answer " << (test.answer == nullptr ? "none" : test.answer);
  }
}

TEST(MathVerifierTest, ABrokenReferenceIsATaskErrorThatNamesTheRow) {
  const auto verifier = MakeForTest("math", "{}");
  ASSERT_NE(verifier, nullptr);
  for (const char* reference : {"", "  ", "\\frac{1}{", "\xff", "1/0"}) {
    VerifyRequest request;
    request.completion = "\\boxed{7}";
    request.reference = reference;
    request.row = R"({"id":"algebra/12"})";
    const std::vector<Verdict> verdicts = verifier->Verify({&request, 1});
    const auto* error = std::get_if<TaskError>(&verdicts.at(0).outcome);
    ASSERT_NE(error, nullptr) << reference;
    EXPECT_NE(error->why.find("algebra/12"), std::string::npos) << error->why;
  }
}

TEST(MathVerifierTest, AnUndecidedPairScoresNothingAndIsCounted) {
  const auto verifier = MakeForTest("math", "{}");
  ASSERT_NE(verifier, nullptr);
  VerifyRequest request;
  request.answer = "\\lfloor 2x\\rfloor";
  request.reference = "\\lfloor x\\rfloor+\\lfloor x+\\frac12\\rfloor";  // equal, by an identity that is not known here
  const VerdictRecord record = JudgeForTest(*verifier, request);
  EXPECT_EQ(record.score, 0);
  EXPECT_EQ(record.reason, "undecided");
  ASSERT_EQ(record.parts.size(), 2u);
  EXPECT_EQ(record.parts[1].name, "undecided");
  EXPECT_EQ(record.parts[1].value, 1);
  const auto accepting = MakeForTest("math", R"({"likely_equal":"accept"})");
  EXPECT_EQ(JudgeForTest(*accepting, request).score, 1);
  const auto masking = MakeForTest("math", R"({"likely_equal":"mask"})");
  EXPECT_EQ(JudgeForTest(*masking, request).outcome, OutcomeKind::kNotApplicable);
}

TEST(MathVerifierTest, TenMegabytesOfAnythingAreAnsweredAtOnce) {
  constexpr size_t kBytes = 10'000'000;
  const auto flood = [](std::string_view head, std::string_view part, std::string_view tail) {
    std::string text(head);
    text.reserve(kBytes + part.size() + tail.size());
    while (text.size() < kBytes) text += part;
    text += tail;
    return text;
  };
  const std::string_view parts[] = {"\\boxed{",
                                    "\\boxed{1}",
                                    "\\boxed{1} or \\boxed{2} text ",
                                    "\\fbox{2},",
                                    "\\\\boxed{3}",
                                    "\\",
                                    "{",
                                    "{}",
                                    "$",
                                    "\\[",
                                    "\\frac{1}{",
                                    "7",
                                    "\xe2\x88\x9a",
                                    "\xff",
                                    std::string_view("\0", 1),
                                    "\n",
                                    "\nAnswer: 7\n",
                                    "final answer is 7. ",
                                    "<think",
                                    "<think></think>",
                                    "<answer>7</answer>",
                                    "<answer",
                                    "(1,2),",
                                    "<thinx></thinx>\\boxex{\\fbux{"};
  struct Setting {
    const char* params;
    std::unique_ptr<CheckedVerifier> verifier;
  };
  std::vector<Setting> settings;
  for (const char* params : {R"({})", R"({"mode":"strict"})", R"({"mode":"lenient"})", R"({"anchor":"tag"})",
                             R"({"mode":"lenient","anchor":"tag"})", R"({"multi":"reject"})", R"({"multi":"all"})"}) {
    settings.push_back({params, MakeForTest("math", params)});
    ASSERT_NE(settings.back().verifier, nullptr) << params;
  }
  for (const std::string_view part : parts) {
    // Behind a box, in a box, in a tag.
    for (const auto& [head, tail] :
         {std::pair<std::string_view, std::string_view>{"\\boxed{7} ", ""}, {"\\boxed{", "}"}, {"<answer>", "</answer>"}}) {
      const std::string text = flood(head, part, tail);
      for (const Setting& setting : settings) {
        VerifyRequest request;
        request.completion = text;
        if (setting.params == std::string_view("{}")) request.answer = text;
        request.reference = "\\frac{7}{2}";
        double ms = 1e9;  // the best of three: what is measured is the work, not the neighbours in the cache
        for (int i = 0; i < 3; ++i) {
          const std::clock_t start = std::clock();
          const std::vector<Verdict> verdicts = setting.verifier->Verify(std::span(&request, 1));
          ms = std::min(ms, 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
          EXPECT_NE(ToRecord("label", verdicts.at(0)).score, 1) << part;
        }
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
        // Promised are 20 (docs/performance.md says what was measured); a machine that is shared with other tests gets twice that.
        EXPECT_LT(ms, 40) << setting.params << ": " << head << " " << part << " " << tail;
#endif
      }
    }
  }
}

TEST(MathVerifierTest, BadParametersAreRefused) {
  ExpectRefused("math", R"({"tolerance":"loose"})", "tolerance");
  ExpectRefused("math", R"({"tolerance":"abs"})", "slack");
  ExpectRefused("math", R"({"slack":-1})", "slack");
  ExpectRefused("math", R"({"synonyms":["none"]})", "none");
  ExpectRefused("math", R"({"percents":"scale_ok"})", "percent");
}

}  // namespace
}  // namespace hone
