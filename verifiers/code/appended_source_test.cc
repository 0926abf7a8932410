#include "verifiers/code/appended_source.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

CodeProblem Square() {
  CodeProblem problem;
  problem.kind = CodeProblem::Kind::kAppended;
  problem.prompt = "#include <assert.h>\n// Squares f(2).\nstruct Pair { int a; };\nlong f(long n) {\n";
  problem.test_file = "}\nint main() {\n    auto candidate = f;\n    assert(candidate(2) == 4);\n}\n";
  problem.stop_tokens = {"\n}"};
  return problem;
}

size_t Count(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(AppendedSourceTest, ABodyGoesOnFromThePromptUpToAStop) {
  const std::string source = AppendTests(Square(), "    return n * n;\n}\nint later;", "TOKEN");
  EXPECT_EQ(Count(source, "long f(long n) {"), 1u);
  EXPECT_EQ(Count(source, "int later"), 0u);
  EXPECT_NE(source.find("return n * n;\n}\nstruct hone_TOKEN;"), std::string::npos) << source;
  EXPECT_NE(source.find("== 4);\n\nhone_end_TOKEN(); }"), std::string::npos) << source;
}

TEST(AppendedSourceTest, AWholeDefinitionStandsAlone) {
  const std::string source = AppendTests(Square(), "struct Pair { int a; };\nlong f(long n) { return f(1); }", "TOKEN");
  EXPECT_EQ(Count(source, "long f(long n) {"), 1u);
  EXPECT_EQ(Count(source, "struct Pair"), 1u) << source;
  EXPECT_EQ(Count(source, "#include"), 0u) << source;
}

TEST(AppendedSourceTest, ADefinitionIsToldFromACall) {
  const struct {
    const char* code;
    bool whole;
  } cases[] = {
      {"long f(long n) { return 1; }", true},
      {"  static long\n  f (long n)\n  {\n  return 1; }", true},
      {"long f(long a,\n       long (*b)(long)) {\n return 1; }", true},
      {"auto f(long n) -> long {\n  return 1; }", true},
      {"// :) (\nlong f(long n) noexcept { return 1; }", true},
      {"    return n * n;\n", false},
      {"return n < 2 ? n : f(n - 1) + f(n - 2);\n", false},
      {"if (f(n - 1)) {\n  return 1;\n}\nreturn f(0)->next;", false},
      {"    long half(f(n));\n    while (f(half) > 1) { --half; }\n    return my_f(n) {", false},
      {"f(f(f(f(", false},
  };
  for (const auto& one : cases) EXPECT_EQ(Count(AppendTests(Square(), one.code, "TOKEN"), "// Squares"), one.whole ? 0u : 1u) << one.code;
}

TEST(AppendedSourceTest, MacrosOfTheCodeAreUndoneWhereTheTestsUseTheWord) {
  for (const char* code :
       {"#define candidate 1", "# define candidate(x) 1", "#def\\\nine candidate 1", "#/* a */define candidate 1", "%:define candidate",
        "#define /*\n*/ candidate 1", "/* \" */\n#define candidate 1", "#define can\\\ndidate 1"}) {
    const std::string source = AppendTests(Square(), std::string("long f(long n) { return 1; }\n") + code, "TOKEN");
    EXPECT_EQ(Count(source, "#undef candidate\n"), 1u) << code;
  }
  const std::string source = AppendTests(Square(), "long f(long n) { return 1; }\n#define other 1\n", "TOKEN");
  EXPECT_EQ(Count(source, "#undef other"), 0u);
  EXPECT_EQ(Count(source, "#undef f\n"), 0u);
}

TEST(AppendedSourceTest, TheTokenDoesNotStandInTheProgramAsData) {
  const std::string token = "0123456789abcdef";
  const std::string source = AppendTests(Square(), "    return 1;", token);
  EXPECT_EQ(Count(source, "\"" + token), 0u);
}

TEST(AppendedSourceTest, TestsAloneNeedAHead) {
  EXPECT_NE(TestsAlone(Square(), "T").find("__builtin_trap"), std::string::npos);
  CodeProblem words = Square();
  words.prompt = "Write f.";
  EXPECT_EQ(TestsAlone(words, "T"), "");
}

}  // namespace
}  // namespace hone
