#include "verifiers/tool_use.h"

#include "nlohmann/json.hpp"
#include "tests/conformance/verifier_conformance.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

constexpr char kTools[] = R"([
  {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}}, "required": ["city"]}}},
  {"name": "now"}
])";
constexpr char kGood[] = R"(<tool_call>{"name": "weather", "arguments": {"city": "Bern", "days": 2}}</tool_call>)";

std::string ParamsWithTools(int min_calls) {
  return nlohmann::json{{"tools", kTools}, {"min_calls", min_calls}}.dump();
}

TEST(ToolUseTest, Conforms) {
  RunVerifierConformance({.name = "tool_use", .params = ParamsWithTools(1), .gold_completion = kGood});
  RunVerifierConformance({.name = "tool_use", .params = ParamsWithTools(0), .gold_completion = kGood, .rejects_empty = false});
}

TEST(ToolUseTest, CallsAreScored) {
  const std::string good = kGood;
  struct Case {
    std::string completion;
    double score, calls, well_formed, known;
  };
  const Case cases[] = {
      {good, 1, 1, 1, 1},
      {"Let me see.\n" + good + "\n" + good, 1, 2, 1, 1},
      {R"(<tool_call>{"name": "now"}</tool_call>)", 1, 1, 1, 1},
      {R"(<tool_call>{"name": "weather", "arguments": "{\"city\": \"Bern\"}"}</tool_call>)", 1, 1, 1, 1},
      {R"(<tool_call>{"name": "weather", "arguments": {"days": 2}}</tool_call>)", 0, 1, 1, 1},
      {R"(<tool_call>{"name": "weather", "arguments": {"city": 7}}</tool_call>)", 0, 1, 1, 1},
      {R"(<tool_call>{"name": "weather", "arguments": {"city": "Bern", "days": 0}}</tool_call>)", 0, 1, 1, 1},
      {R"(<tool_call>{"name": "wheather", "arguments": {"city": "Bern"}}</tool_call>)", 0, 1, 1, 0},
      {R"(<tool_call>{"name": "weather", "arguments": [1]}</tool_call>)", 0, 1, 0, 0},
      {R"(<tool_call>{"arguments": {}}</tool_call>)", 0, 1, 0, 0},
      {"<tool_call>{name: now}</tool_call>" + good, 0.5, 2, 0.5, 0.5},
      {good + R"(<tool_call>{"name": "now"})", 0.5, 2, 0.5, 0.5},
      {"no call at all", 0, 0, 0, 0},
  };
  auto verifier = MakeForTest("tool_use", ParamsWithTools(1));
  for (const Case& c : cases) {
    const VerdictRecord record = JudgeForTest(*verifier, c.completion, "");
    EXPECT_EQ(record.score, c.score) << c.completion << "\n" << record.reason << " " << record.evidence;
    ASSERT_EQ(record.parts.size(), 3u);
    EXPECT_EQ(record.parts[0].value, c.calls) << c.completion;
    EXPECT_EQ(record.parts[1].value, c.well_formed) << c.completion;
    EXPECT_EQ(record.parts[2].value, c.known) << c.completion;
  }
}

TEST(ToolUseTest, TheToolsOfTheRowAreUsedWhenThereIsNoParameter) {
  auto verifier = MakeForTest("tool_use", "{}");
  const std::string row = std::string("{\"tools\":") + kTools + "}";
  EXPECT_EQ(JudgeForTest(*verifier, VerifyRequest{.completion = kGood, .row = row}).score, 1);
  const std::string text_row = nlohmann::json{{"tools", kTools}}.dump();
  EXPECT_EQ(JudgeForTest(*verifier, VerifyRequest{.completion = kGood, .row = text_row}).score, 1);
  for (const char* without : {"", "{}", R"({"tools":null})", R"({"tools":[]})"})
    EXPECT_EQ(JudgeForTest(*verifier, VerifyRequest{.completion = kGood, .row = without}).outcome, OutcomeKind::kNotApplicable) << without;
}

TEST(ToolUseTest, ToolsThatCannotBeReadAreTheTasksFault) {
  auto verifier = MakeForTest("tool_use", "{}");
  for (const char* row : {R"({"tools":7})", R"({"tools":[7]})", R"({"tools":[{"name":"a"},{"name":"a"}]})", R"({"tools":"["})",
                          R"({"tools":[{"name":"a","parameters":{"type":"strange"}}]})"}) {
    EXPECT_EQ(JudgeForTest(*verifier, VerifyRequest{.completion = kGood, .row = row}).outcome, OutcomeKind::kTaskError) << row;
  }
}

TEST(ToolUseTest, BadParametersAreRefused) {
  ExpectRefused("tool_use", R"({"tools":"7"})", "tools must be a list");
  ExpectRefused("tool_use", R"({"open":"x","close":"x"})", "the tags must differ");
  ExpectRefused("tool_use", R"({"min_calls":-1})", "must be between 0");
}

}  // namespace
}  // namespace hone
