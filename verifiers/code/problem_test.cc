#include "verifiers/code/problem.h"

#include "gtest/gtest.h"

namespace hone {
namespace {
using Kind = CodeProblem::Kind;

absl::StatusOr<CodeProblem> Read(std::string_view json, CodeFormat format = CodeFormat::kAuto) {
  auto row = PlainFromJson(json);
  EXPECT_TRUE(row.ok()) << json << row.status();
  return ReadProblem(row.value_or(PlainValue()), "the request's prompt", format);
}

TEST(CodeProblemTest, TheFormatFollowsFromTheFields) {
  const struct {
    const char* row;
    Kind kind;
    size_t tests;
  } cases[] = {
      {R"j({"tests":[{"input":"1","output":"2"}]})j", Kind::kStdio, 1},
      {R"j({"tests":"[{\"input\":\"1\",\"output\":\"2\"}]"})j", Kind::kStdio, 1},
      {R"j({"visible_tests":[{"output":"2"}],"hidden_tests":[{"output":["1","2"]}]})j", Kind::kStdio, 2},
      {R"j({"entry_point":"f","tests":[{"args":[],"expected":null}]})j", Kind::kCalls, 1},
      {R"j({"checker":"c","tests":[{"input":"1"}]})j", Kind::kStdio, 1},
      {R"j({"input_output":{"inputs":["1"],"outputs":["2"]}})j", Kind::kStdio, 1},
      {R"j({"input_output":"{\"inputs\":[[1]],\"outputs\":[2],\"fn_name\":\"f\"}"})j", Kind::kCalls, 1},
      {R"j({"input_output":{"inputs":["1"],"outputs":["2"],"fn_name":null}})j", Kind::kStdio, 1},
      {R"j({"test":"assert f(1)","entry_point":"f"})j", Kind::kAsserts, 0},
      {R"j({"test_list":["assert f(1)"],"test_setup_code":"import math"})j", Kind::kAsserts, 0},
      {R"j({"tests":"}\nint main() {}","stop_tokens":["\n}"],"language":"cpp"})j", Kind::kAppended, 0},
  };
  for (const auto& one : cases) {
    const auto problem = Read(one.row);
    ASSERT_TRUE(problem.ok()) << one.row << problem.status();
    EXPECT_EQ(problem->kind, one.kind) << one.row;
    EXPECT_EQ(problem->tests.size(), one.tests) << one.row;
    EXPECT_EQ(problem->prompt, "the request's prompt");
  }
}

TEST(CodeProblemTest, ReadsWhatARowSays) {
  const auto problem = Read(
      R"({"task_id":"t/1","prompt":"p","language":"c","comparison":"floats","abs_tolerance":0.5,"rel_tolerance":0,"time_limit_ms":1500,"memory_limit_mb":64,
          "tests":[{"input":["1","2"],"output":"x","visible":true}],"checker":"c","checker_language":"bash"})");
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(problem->id, "t/1");
  EXPECT_EQ(problem->prompt, "p");
  EXPECT_EQ(problem->language, "c");
  EXPECT_EQ(problem->comparison, OutputMode::kFloats);
  EXPECT_EQ(problem->abs_tolerance, 0.5);
  EXPECT_EQ(problem->rel_tolerance, 0);
  EXPECT_EQ(problem->time_limit, absl::Milliseconds(1500));
  EXPECT_EQ(problem->memory_bytes, 64 << 20);
  EXPECT_EQ(problem->checker_language, "bash");
  EXPECT_TRUE(problem->tests[0].visible);
  EXPECT_EQ(problem->tests[0].input, "1\n2\n");
}

TEST(CodeProblemTest, AppsWrapsResultsInAListOrNot) {
  const auto problem = Read(R"j({"input_output":{"fn_name":"f","inputs":[[{"1":2}]],"outputs":[[5]]}})j");
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(Encode(problem->tests[0].arguments[0]), "d1:i1;i2;");
  ASSERT_EQ(problem->tests[0].expected.size(), 2u);
  EXPECT_EQ(Encode(problem->tests[0].expected[0]), "l1:i5;");
  EXPECT_EQ(Encode(problem->tests[0].expected[1]), "i5;");
}

TEST(CodeProblemTest, BrokenRowsAreRefusedWithTheFieldsName) {
  const struct {
    const char* row;
    const char* part;
  } cases[] = {
      {"[]", "object"},
      {"{}", "no tests"},
      {R"j({"tests":[]})j", "no tests"},
      {R"j({"tests":"["})j", "tests"},
      {R"j({"tests":[7]})j", "tests"},
      {R"j({"tests":[{"input":7,"output":""}]})j", "input"},
      {R"j({"tests":[{"input":""}]})j", "output"},
      {R"j({"tests":[{"input":"","output":[]}]})j", "accepts no output"},
      {R"j({"tests":[{"input":"","output":"1","visible":"yes"}]})j", "visible"},
      {R"j({"entry_point":"f","tests":[{"args":[1]}]})j", "expected"},
      {R"j({"entry_point":"f","tests":[{"args":1,"expected":1}]})j", "args"},
      {R"j({"entry_point":"f","tests":[{"args":[{"$x":1}],"expected":1}]})j", "$x"},
      {R"j({"entry_point":"f","tests":[{"args":[],"expected":1},{"input":"","output":""}]})j", "one row"},
      {R"j({"tests":[{"output":"1"}],"time_limit_ms":-1})j", "time_limit_ms"},
      {R"j({"tests":[{"output":"1"}],"memory_limit_mb":"1"})j", "memory_limit_mb"},
      {R"j({"tests":[{"output":"1"}],"prompt":7})j", "prompt"},
      {R"j({"input_output":7})j", "inputs"},
      {R"j({"input_output":{"fn_name":"f","inputs":["x"],"outputs":[1]}})j", "inputs"},
      {R"j({"test_list":[1]})j", "test_list"},
  };
  for (const auto& one : cases) {
    const absl::Status status = Read(one.row).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << one.row;
    EXPECT_NE(std::string(status.message()).find(one.part), std::string::npos) << one.row << " gave " << status;
  }
}

}  // namespace
}  // namespace hone
