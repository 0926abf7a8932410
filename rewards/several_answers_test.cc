#include "rewards/several_answers.h"

#include <string>

#include "gtest/gtest.h"

namespace hone {
namespace {

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(SeveralAnswersTest, OnlyDifferentFinalAnswersCount) {
  const std::pair<std::string, bool> kCases[] = {
      {"", false},
      {"no answer at all", false},
      {"\\boxed{7}", false},
      {"\\boxed{7} or \\boxed{8}", true},
      {"so \\boxed{7}, that is \\boxed{ 7 }", false},
      {"\\boxed{\\frac{1}{2}} and \\boxed{\\frac{1}{3}}", true},
      {"\\boxed{\\frac{1}{2}} and \\fbox {\\frac{1}{2}}", false},
      {"\\boxed{\\boxed{7}}", false},
      {"\\boxed{\\boxed{7}} \\boxed{7}", true},
      {"\\boxed{x \\boxed{7} y \\boxed{8}", true},  // the first is never closed
      {"\\boxed{\\{1, 2\\}} \\boxed{\\{1, 3\\}}", true},
      {"\\boxed 7 \\boxed 8", false},  // without braces it is no box
      {"} } \\boxed{7} }", false},
      {"<think>\\boxed{7} no</think> \\boxed{8}", false},
      {"<think>a</think> \\boxed{7} <think>b</think> \\boxed{8}", false},
      {"</think> \\boxed{7} \\boxed{8}", true},
      {"<answer>yes</answer> <answer>no</answer>", true},
      {"<answer>yes</answer> <answer>yes\n</answer>", false},
      {"<answer>yes <answer>no</answer>", false},
      {"<answer>yes</answer><answer>", false},
      {"The answer is B.", false},
      {"The answer is B. No: the answer is (C).", true},
      {"Answer: **B**\nAnswer: **B**", false},
      {"Answer: A\nAnswer: option D", true},
      {"The answer is a number. The answer is B.", false},
      {"Answers differ. The answer is Beta. The answer is C.", false},
      {"Answer B is wrong, the answer is C", false},
      {"the answer is A1, the answer is B", false},
      {"The answer is 12. The answer is \\boxed{12}", false},
  };
  for (const auto& [text, several] : kCases) EXPECT_EQ(HasSeveralAnswers(text), several) << text;
}

TEST(SeveralAnswersTest, AnyBytesAreLookedAtInLinearTime) {
  const std::string kCases[] = {
      Repeat("\\boxed{", 1'000'000), Repeat("{", 5'000'000),
      Repeat("}", 5'000'000),        Repeat("<answer>", 1'000'000),
      Repeat("answer: ", 1'000'000), Repeat("\\", 5'000'000),
      Repeat("answer", 1'000'000),   std::string(5'000'000, '\0'),
      Repeat("\xff", 5'000'000),     Repeat("\\boxed{", 700'000) + Repeat("}", 700'000),
  };
  for (const std::string& text : kCases) EXPECT_FALSE(HasSeveralAnswers(text)) << text.substr(0, 20);
  EXPECT_TRUE(HasSeveralAnswers(Repeat("\\boxed{1}", 500'000) + "\\boxed{2}"));
}

}  // namespace
}  // namespace hone
