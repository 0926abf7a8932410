#include "verifiers/math/extract.h"

#include <array>
#include <string>

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
          {"\\boxed{ 5\\ }", "5\\ ", "box"},
          {"\\boxed{5\\  } \\boxed{6\\ \n}", "5\\ , 6\\ ", "joint_boxes"},
          {"\\boxed{5\\\\ }", "5\\\\", "box"},
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

TEST(ExtractTest, NothingIsTooFarAwayToCount) {
  const std::string flood(10'000'000, '\n');
  for (const auto& [head, tail, answer, rule] : {std::array<const char*, 4>{"\\boxed{7}", "done", "7", "box"},
                                                 {"", "\\boxed{7}", "7", "box"},
                                                 {"\\boxed{6}", "\\boxed{7}", "7", "box"},
                                                 {"\\fbox{6}", "\\fbox{7}", "7", "box"},
                                                 {"\\boxed{7}", "\\boxed{8", "", "unterminated"},
                                                 {"<think>", "\\boxed{7}", "", "open_reasoning"},
                                                 {"<think>", "</think>\\boxed{7}", "7", "box"},
                                                 {"\\boxed{7}</think>", "", "", "no_box"},
                                                 {"<think></think>\\boxed{7}", "", "7", "box"}}) {
    const Extraction extraction = Extract(head + flood + tail, {});
    EXPECT_STREQ(extraction.rule, rule) << head << " .. " << tail;
    EXPECT_EQ(extraction.answer, answer) << head << " .. " << tail;
  }
}

TEST(ExtractTest, ATextIsFoundWhereverItStands) {
  // Blocks of 64 places and what is left over; near misses in front and behind.
  for (const size_t length : {10u, 63u, 64u, 65u, 130u, 300u}) {
    for (size_t at = 0; at + 8 <= length; ++at) {
      std::string text;
      while (text.size() < length) text += "<thinx><";
      text.resize(length);
      text.replace(at, 8, "</think>");
      text += "\\boxed{7}";
      EXPECT_EQ(Extract(text, {}).answer, "7") << at << " of " << length;
      text.replace(at, 8, "<think> ");
      EXPECT_STREQ(Extract(text, {}).rule, "open_reasoning") << at << " of " << length;
    }
  }
}

}  // namespace
}  // namespace hone::math
