#include "verifiers/code/program_text.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(ProgramTextTest, TakesTheLastFencedBlockElseAll) {
  const struct {
    const char* completion;
    const char* code;
  } cases[] = {
      {"x = 1", "x = 1"},
      {"", ""},
      {"Text\n```python\nx = 1\n```\nmore", "x = 1\n"},
      {"```\na\n```\n\n```py\nb\n```\n", "b\n"},
      {"```cpp\r\na\r\n```\r\n", "a\r\n"},
      {"  ```\n  a\n  ```", "a\n"},
      {"1. So:\n   ```py\n   if a:\n       b\n c\n\n   ```\n", "if a:\n    b\nc\n\n"},
      {"x = 1\n```\n", "x = 1\n"},
      {"x = 1\n```", "x = 1\n"},
      {"```\na\n```\n``` \n \n", "a\n"},
      {"```", ""},
      {"\t```\n\ta\n  b", "a\n  b"},
      {"\xEF\xBB\xBF```\na\n```", "a\n"},
      {"\xEF\xBB\xBFx", "x"},
      {"````md\n```\na\n```\n````", "```\na\n```\n"},
      {"~~~\na\n```\nb\n~~~", "a\n```\nb\n"},
      {"```python\ncut off", "cut off"},
      {"```a```", "```a```"},
      {"```\na\n```\n```", "a\n"},
      {"Use `x`.\n``\ny\n``", "Use `x`.\n``\ny\n``"},
  };
  for (const auto& one : cases) EXPECT_EQ(ExtractCode(one.completion), one.code) << one.completion;
}

TEST(ProgramTextTest, JoinsABodyOrAWholeDefinitionToThePrompt) {
  const char* prompt = "import math\n\ndef helper(): pass\n\n@cached\ndef f(n):\n    \"\"\"f(2)\n    \"\"\"\n";
  const std::string preamble = "import math\n\ndef helper(): pass\n\n", head = "@cached\ndef f(n):\n    \"\"\"f(2)\n    \"\"\"\n";
  EXPECT_EQ(PreambleOf(prompt, "f"), preamble);
  for (const char* whole : {"def f(n):\n    return 1", "import re\ndef f (n): return 1", "async def f(n): pass", "class f:\n    pass",
                            "f = lambda n: n", "f: int = 1"}) {
    const PythonProgram program = JoinPython(prompt, whole, "f");
    EXPECT_EQ(program.preamble, preamble) << whole;
    EXPECT_EQ(program.variants, std::vector<std::string>{whole});
  }
  for (const char* body : {"    return 1", "return 1", "x = 1\n    return x", "    return f(n - 1)", "    f = 1\n    return f", "f == 2"}) {
    const PythonProgram program = JoinPython(prompt, body, "f");
    ASSERT_EQ(program.variants.size(), 3u) << body;
    EXPECT_EQ(program.variants[0], head + body);
    EXPECT_EQ(program.variants[1], head + "    " + body);
  }
  for (const char* program :
       {"class Solution:\n    def f(self): pass", "# Comment\n\nimport re\ng = 1", "def inner(): pass\n    return inner()"})
    EXPECT_EQ(JoinPython(prompt, program, "f").variants.at(0), program);
  EXPECT_EQ(JoinPython("Write f.", "def f(): pass", "f").variants, std::vector<std::string>{"def f(): pass"});
  EXPECT_EQ(JoinPython("Write f.", "x", "f").preamble, "");
  EXPECT_EQ(JoinPython("def f():", "x", "").variants, std::vector<std::string>{"x"});
}

TEST(ProgramTextTest, TheLastDefinitionInThePromptIsTheHead) {
  EXPECT_EQ(PreambleOf("def f(): pass\ndef f():\n", "f"), "def f(): pass\n");
  EXPECT_EQ(PreambleOf("def ff():\n    def f(): pass\n", "f"), "def ff():\n    def f(): pass\n");
}

TEST(ProgramTextTest, CutsAtTheFirstStop) {
  EXPECT_EQ(CutAtStops("ab\n}cd\nint", {"\nint", "\n}"}), "ab");
  EXPECT_EQ(CutAtStops("ab", {"", "x"}), "ab");
}

}  // namespace
}  // namespace hone
