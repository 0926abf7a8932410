#include "verifiers/math/extract.h"

#include <algorithm>
#include <ctime>

#include "gtest/gtest.h"

namespace hone::math {
namespace {

struct Case {
  const char *response, *answer, *rule;
};

void ExpectAnswers(const std::vector<Case>& cases, const Policy& policy) {
  for (const Case& test : cases) {
    const Extraction extraction = Extract(test.response, policy);
    EXPECT_STREQ(extraction.rule, test.rule) << test.response;
    EXPECT_EQ(extraction.answer, test.answer) << test.response;
    EXPECT_EQ(extraction.found, *test.answer != '\0') << test.response;
  }
}

TEST(ExtractTest, TheLastBoxCounts) {
  ExpectAnswers(
      {
          {"It is \\boxed{5}.", "5", "box"},
          {"\\boxed{5} no, \\boxed{6}", "6", "box"},
          {"\\fbox{ 5 }", "5", "box"},
          {"\\boxed {5}", "5", "box"},
          {"\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "box"},
          {"\\boxed{\\{1\\}}", "\\{1\\}", "box"},
          {"\\boxed{\\boxed{3}}", "\\boxed{3}", "box"},
          {"\\\\boxed{3} \\boxed{4}", "4", "box"},
          {"5", "", "no_box"},
          {"\\boxed{}", "", "empty"},
          {"\\boxed{  }", "", "empty"},
          {"\\boxed{5} \\boxed{6", "", "unterminated"},
          {"\\boxed", "", "unterminated"},
          {"\\boxed{1} or \\boxed{2}", "1, 2", "joint_boxes"},
          {"\\boxed{1}, \\boxed{2}, and \\boxed{3}", "1, 2, 3", "joint_boxes"},
          {"\\boxed{1} and \\boxed{1}", "1", "box"},
          {"\\boxed{9} then \\boxed{1} and \\boxed{2}", "1, 2", "joint_boxes"},
          {"<think>\\boxed{1}</think>\\boxed{2}", "2", "box"},
          {"<think>\\boxed{1}", "", "open_reasoning"},
          {"<think>\\boxed{1}</think> nothing", "", "no_box"},
          {"\\boxed{1}</think>", "", "no_box"},
          {"", "", "no_box"},
      },
      {});
}

TEST(ExtractTest, LenientModeReadsOtherPlacesInOrder) {
  Policy policy;
  policy.mode = Policy::Mode::kLenient;
  ExpectAnswers(
      {
          {"<answer>5</answer>", "5", "tag"},
          {"The final answer is 7. Bye", "7", "answer_is"},
          {"Final answer: $8$ apples", "8", "answer_is"},
          {"text\nAnswer: 9", "9", "answer_line"},
          {"so \\[ x = 3 \\] done", "x = 3", "display"},
          {"we get 5 and 6", "", "no_box"},
          {"\\boxed{1} final answer is 2", "1", "box"},
          {"\\boxed{1", "", "unterminated"},
      },
      policy);
}

TEST(ExtractTest, TheTagIsTheAnchorWhenTheTaskSaysSo) {
  Policy policy;
  policy.anchor_is_tag = true;
  ExpectAnswers(
      {
          {"<answer>5</answer>", "5", "tag"},
          {"<answer>5</answer><answer>6</answer>", "6", "tag"},
          {"<answer>5</answer> <answer>6", "", "unterminated"},
          {"\\boxed{5}", "", "no_tag"},
          {"<answer> </answer>", "", "empty"},
      },
      policy);
}

TEST(ExtractTest, SeveralBoxesByPolicy) {
  Policy policy;
  policy.multi = Policy::Multi::kReject;
  ExpectAnswers({{"\\boxed{1} text \\boxed{2}", "", "several"}, {"\\boxed{1} text \\boxed{1}", "1", "box"}}, policy);
  policy.multi = Policy::Multi::kAll;
  ExpectAnswers({{"\\boxed{1} text \\boxed{2}", "1, 2", "joint_boxes"}}, policy);
}

TEST(ExtractTest, TenMegabytesOfAnythingTakeAPass) {
  for (const char* part : {"\\", "{", "\\boxed{", "a\\", "<think", "</think>", "\\boxed{1}", "\\boxed{1} and ", " ", "\\boxed{1} text ",
                           "k>", "</think", "<answer>"}) {
    std::string text;
    while (text.size() < 10'000'000) text += part;
    for (const Policy::Mode mode : {Policy::Mode::kStrict, Policy::Mode::kLenient}) {
      Policy policy;
      policy.mode = mode;
      double ms = 1e9;  // the best of three: what is measured is the work, not the neighbours in the cache
      for (int i = 0; i < 3; ++i) {
        const std::clock_t start = std::clock();
        Extract(text, policy);
        IsResponse(text, policy);
        ms = std::min(ms, 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      }
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
      EXPECT_LT(ms, 20) << part;
#endif
    }
  }
}

}  // namespace
}  // namespace hone::math
