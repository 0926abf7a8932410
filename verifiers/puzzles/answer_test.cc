#include "verifiers/puzzles/answer.h"

#include "gtest/gtest.h"
#include "verifiers/puzzles/expression.h"

namespace hone {
namespace {

TEST(PuzzleAnswerTest, TheFinalAnswerIsFound) {
  const struct {
    const char *completion, *answer;
  } kCases[] = {
      {"7", "7"},
      {"  7.\n", "7"},
      {"First 8.\n7", "7"},
      {"8\n\n**7**\n", "7"},
      {"Answer: 7", "7"},
      {"**Answer:** 7", "7"},
      {"The answer is: 7.\nI hope this helps!", "7"},
      {"the ANSWER IS\n7\nmore", "7"},
      {"answer: 8\nAnswer: 7", "7"},
      {"<answer>8</answer> no: <answer> 7 </answer> bye", "7"},
      {"<answer>7</answer> <answer>8", "7"},
      {"so \\boxed{\\text{a}} and \\boxed{7} Answer: 8", "7"},
      {"\\boxed{7", "\\boxed{7"},
      {"`7`", "7"},
      {"$x = 7$.", "x = 7"},
      {"", ""},
      {" \n \n", ""},
      {"Answer:", ""},
      {"***", ""},
  };
  for (const auto& [completion, answer] : kCases) EXPECT_EQ(ExtractAnswer(completion, AnswerForm::kText), answer) << completion;
}

TEST(PuzzleAnswerTest, AGridIsTheLastBlockOfLines) {
  EXPECT_EQ(GridRows(ExtractAnswer("Here it is:\n\n1 2\n3 4\n", AnswerForm::kGrid)), (std::vector<std::string>{"12", "34"}));
  EXPECT_EQ(GridRows(ExtractAnswer("..\n##", AnswerForm::kGrid)), (std::vector<std::string>{"..", "##"}));
  EXPECT_EQ(GridRows(ExtractAnswer("<answer>\n..\n#.\n</answer>\nbye", AnswerForm::kGrid)), (std::vector<std::string>{"..", "#."}));
  EXPECT_EQ(GridRows(ExtractAnswer("Answer:\n..\n#.", AnswerForm::kGrid)), (std::vector<std::string>{"..", "#."}));
}

TEST(PuzzleAnswerTest, OnlyTheWholeAnswerCounts) {
  const struct {
    AnswerForm form;
    const char *reference, *answer;
    bool same;
  } kCases[] = {
      {AnswerForm::kNumber, "7", "7.0", true},
      {AnswerForm::kNumber, "7", "x = 7", true},
      {AnswerForm::kNumber, "1/2", "2/4", true},
      {AnswerForm::kNumber, "12.5", "25/2", true},
      {AnswerForm::kNumber, "7", "7 or 8", false},
      {AnswerForm::kNumber, "7", "3 + 4 = 7", false},
      {AnswerForm::kNumber, "7", "not 7", false},
      {AnswerForm::kNumber, "9.9", "9.11", false},
      {AnswerForm::kText, "Monday", "monday", true},
      {AnswerForm::kText, "a b", "a  b", true},
      {AnswerForm::kText, "Monday", "Monday or Tuesday", false},
      {AnswerForm::kList, "3, -2", "(3, -2)", true},
      {AnswerForm::kList, "3, -2", "3 -2", true},
      {AnswerForm::kList, "3, 2", "3.0; 2", true},
      {AnswerForm::kList, "3, 2", "2, 3", false},
      {AnswerForm::kList, "3, 2", "3, 2, 1", false},
      {AnswerForm::kList, "3, 2", "3 and 2", false},
      {AnswerForm::kSet, "A, C", "{c, a}", true},
      {AnswerForm::kSet, "2, 2, 3", "2, 3, 3", false},
      {AnswerForm::kSet, "2, 2, 3", "2, 3", false},
      {AnswerForm::kGrid, "12\n34", "1 2\n\n3 4", true},
      {AnswerForm::kGrid, "12\n34", "1234", false},
  };
  for (const auto& [form, reference, answer, same] : kCases)
    EXPECT_EQ(SameAnswer(form, reference, answer), same) << reference << " and " << answer;
}

TEST(PuzzleExpressionTest, ValuesAreExact) {
  const struct {
    const char *text, *value;
  } kCases[] = {
      {"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"},  {"7 - 3 - 2", "2"},      {"8 / 4 / 2", "1"}, {"1 / 3 + 1 / 6", "1/2"},
      {"((5))", "5"},     {"2 \xC3\x97 3", "6"}, {"6 \xC3\xB7 4", "3/2"}, {"2x3", "6"},
  };
  for (const auto& [text, value] : kCases) {
    const auto postfix = ParseExpression(text);
    ASSERT_TRUE(postfix.has_value()) << text;
    ASSERT_TRUE(Evaluate(*postfix).has_value()) << text;
    EXPECT_EQ(Evaluate(*postfix)->Text(), value) << text;
  }
}

TEST(PuzzleExpressionTest, WhatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("1 +"), std::string("+ 1"), std::string("-1"), std::string("1 2"), std::string("(1"), std::string("1)"),
        std::string("()"), std::string("1 ^ 2"), std::string("1.5"), std::string("1 = 1"), std::string("1234567890123"),
        std::string("2(3)"), std::string(100'000, '('), std::string("1\0", 2)}) {
    EXPECT_FALSE(ParseExpression(text).has_value()) << text.substr(0, 20);
  }
  EXPECT_FALSE(Evaluate(*ParseExpression("1 / (2 - 2)")).has_value());
  EXPECT_FALSE(Evaluate(*ParseExpression("999999999999 * 999999999999")).has_value());
  std::string nested = "1";
  for (int i = 0; i < 20'000; ++i) nested = "(" + nested + ")";
  EXPECT_EQ(Evaluate(*ParseExpression(nested))->Text(), "1");
}

}  // namespace
}  // namespace hone
