#include "verifiers/puzzles/puzzle.h"

#include "gmock/gmock.h"
#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

constexpr char kCountdown[] = R"({"family":"countdown","level":1,"data":{"numbers":[3,5,7],"target":26},"seed":"0"})";

VerdictRecord Judge(std::string_view completion, std::string_view reference, std::string_view row, std::string_view params = "") {
  auto puzzle = MakeForTest("puzzle", params);
  return JudgeForTest(*puzzle, VerifyRequest{.completion = completion, .reference = reference, .row = row});
}

TEST(PuzzleVerifierTest, Conforms) {
  RunVerifierConformance({.name = "puzzle", .gold_completion = "3 * 7 + 5", .reference = "3 * 7 + 5", .row = kCountdown});
  RunVerifierConformance({.name = "puzzle",
                          .gold_completion = "So it is clear.\n<answer>(5, 6)</answer>",
                          .reference = "5, 6",
                          .row = R"({"family":"line_intersection","level":1,"data":{"points":[1,2,3,4,5,6,7,9]}})"});
  RunVerifierConformance({.name = "puzzle",
                          .gold_completion = "C-table, A-B",
                          .reference = "C-table, A-B",
                          .row = R"({"family":"block_stacking","level":1,"data":{"start":[-1,-1,0],"goal":[1,-1,-1],"limit":6}})"});
}

TEST(PuzzleVerifierTest, EveryRightAnswerScores) {
  for (const char* right : {"3 * 7 + 5", "5 + 7 * 3", "(3 * 7) + 5 = 26", "7 x 3 + 5", "Answer: 7 * 3 + 5", "<answer>5+(7*3)</answer>"})
    EXPECT_EQ(Judge(right, "3 * 7 + 5", kCountdown).score, 1) << right;
  for (const char* wrong :
       {"26", "3 * 7 + 5 = 27", "3 * 7 + 5 + 0", "3 * 8 + 2", "5 * 7 - 3 * 3", "3 * 7 + 5 or 7", "(3 * 7 + 5", "3 * 7 * 5"})
    EXPECT_EQ(Judge(wrong, "3 * 7 + 5", kCountdown).reason, "wrong") << wrong;
  EXPECT_EQ(Judge("", "3 * 7 + 5", kCountdown).reason, "no_answer");
}

TEST(PuzzleVerifierTest, TheExtractedAnswerGoesBeforeTheCompletion) {
  auto puzzle = MakeForTest("puzzle", "");
  EXPECT_EQ(
      JudgeForTest(*puzzle, VerifyRequest{.completion = "26", .reference = "3 * 7 + 5", .answer = " 3 * 7 + 5 ", .row = kCountdown}).score,
      1);
}

TEST(PuzzleVerifierTest, ABadRowIsTheTasksFaultAndIsNamed) {
  const struct {
    const char *row, *reference;
  } kCases[] = {
      {"", "7"},
      {"{", "7"},
      {"[]", "7"},
      {"{}", "7"},
      {R"({"family":"sudoko","level":1,"data":{}})", "7"},
      {R"({"family":7,"level":1,"data":{}})", "7"},
      {R"({"family":"gcd_lcm","level":"1","data":{}})", "7"},
      {R"({"family":"gcd_lcm","level":0,"data":{}})", "7"},
      {R"({"family":"gcd_lcm","level":1,"data":[]})", "7"},
      {R"({"family":"gcd_lcm","level":1,"data":{"numbers":[1,"2"]}})", "7"},
      {R"({"family":"gcd_lcm","level":1,"data":{"numbers":{"a":[]}}})", "7"},
      {R"({"family":"gcd_lcm","level":1,"data":{}})", ""},
      {R"({"family":"gcd_lcm","level":1,"data":{}})", "seven"},
      {R"({"family":"countdown","level":1,"data":{}})", "7"},
      {R"({"family":"sudoku","level":1,"data":{"rows":["1"]}})", "7"},
      {R"({"family":"sudoku","level":1,"data":{"rows":["12x4","....","....","...."]}})", "7"},
      {R"({"family":"maze_path","level":1,"data":{"rows":["..","."]}})", "r"},
      {R"({"family":"maze_path","level":1,"data":{"rows":[".#","#."]}})", "r"},
      {R"({"family":"graph_path","level":1,"data":{"nodes":3,"edges":[0,9,1]}})", "a"},
      {R"({"family":"graph_coloring","level":1,"data":{"nodes":99,"edges":[]}})", "a"},
      {R"({"family":"lights_out","level":1,"data":{"rows":[]}})", "a"},
      {R"({"family":"truth_assignment","level":1,"data":{"variables":99,"clauses":[]}})", "t"},
      {R"({"family":"block_stacking","level":1,"data":{"start":[7],"goal":[-1],"limit":2}})", "a"},
      {R"({"family":"knapsack","level":1,"data":{"weights":[1],"values":[],"limit":2}})", "a"},
      {R"({"family":"knapsack","level":1,"data":{"weights":[5],"values":[1],"limit":2}})", "a"},
      {R"({"family":"jug_pouring","level":1,"data":{"capacities":[3],"amounts":[4],"target":2}})", "a-b"},
      {R"({"family":"subset_sum","level":1,"data":{"target":2}})", "2"},
  };
  for (const auto& [row, reference] : kCases) {
    const VerdictRecord record = Judge("7", reference, row);
    EXPECT_EQ(record.outcome, OutcomeKind::kTaskError) << row;
    EXPECT_THAT(record.reason, ::testing::StartsWith("bad_row: ")) << row;
  }
}

TEST(PuzzleVerifierTest, HugeAnswersAndRowsComeBackSoon) {
  std::string brackets(10'000'000, '(');
  EXPECT_EQ(Judge("<answer>" + brackets + "</answer>", "3 * 7 + 5", kCountdown).reason, "wrong");
  EXPECT_EQ(Judge("7", "7", std::string(10'000, '[')).outcome, OutcomeKind::kTaskError);
  EXPECT_EQ(Judge("7", brackets, kCountdown).outcome, OutcomeKind::kTaskError);
  EXPECT_EQ(Judge("7", "7", R"({"family":")" + brackets + R"(","level":1,"data":{}})").outcome, OutcomeKind::kTaskError);
}

TEST(PuzzleVerifierTest, ACutCompletionScoresZeroWhenAStopIsRequired) {
  auto strict = MakeForTest("puzzle", R"({"require_stop":true})");
  VerifyRequest request{.completion = "3 * 7 + 5", .reference = "3 * 7 + 5", .row = kCountdown, .finish_reason = FinishReason::kLength};
  EXPECT_EQ(JudgeForTest(*strict, request).reason, "truncated");
  request.finish_reason = FinishReason::kStop;
  EXPECT_EQ(JudgeForTest(*strict, request).score, 1);
  ExpectRefused("puzzle", R"({"require_stops":true})", R"(did you mean "require_stop"?)");
}

}  // namespace
}  // namespace hone
