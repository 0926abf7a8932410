#include "verifiers/code/code.h"

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "verifiers/code/code_test_util.h"
#include "verifiers/code/test_result.h"

namespace hone {
namespace {
using Json = nlohmann::json;

constexpr const char* kPython = R"j({"language":"python"})j";

// f(n) is n squared, by calls and by a test file.
std::string SquaresByCalls() {
  return R"j({"id":"squares","entry_point":"f","tests":[{"args":[2],"expected":4},{"args":[3],"expected":9},{"args":[-5],"expected":25}]})j";
}
std::string SquaresByAsserts() {
  return Json{{"id", "squares"}, {"entry_point", "f"}, {"test", "assert f(2) == 4\nassert f(3) == 9\nassert f(-5) == 25\n"}}.dump();
}
std::string SquaresByCheck() {
  return Json{
      {"id", "squares"},
      {"prompt", "def f(n):\n    \"\"\"n squared\"\"\"\n"},
      {"entry_point", "f"},
      {"test", "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(3) == 9\n    assert candidate(-5) == 25\n"}}
      .dump();
}

struct Program {
  const char* name;
  const char* source;
  std::vector<std::string> classes;  // any of them
};

TEST(CodeTest, NoForgeryPassesByCallsOrByTestFiles) {
  const std::vector<Program> forgeries = {
      {"F01 always-equal object", "class E:\n    def __eq__(self, o): return True\ndef f(n): return E()\n", {"FORGERY", "RUNTIME_ERROR"}},
      {"F02 always-equal int",
       "class I(int):\n    def __eq__(self, o): return True\n    __hash__ = int.__hash__\ndef f(n): return I(0)\n",
       {"FORGERY", "RUNTIME_ERROR"}},
      {"F03 read the expected value from the caller",
       "import sys\ndef f(n):\n    fr = sys._getframe(1)\n    while fr:\n        for k, v in list(fr.f_locals.items()):\n"
       "            if isinstance(v, int) and any(w in k for w in ('exp', 'want', 'gold', 'ans', 'out')): return v\n"
       "        fr = fr.f_back\n    return 0\n",
       {"WRONG"}},
      {"F04 overwrite result containers, then leave",
       "import sys, os\ndef f(n):\n    fr = sys._getframe(1)\n    while fr:\n        for v in list(fr.f_locals.values()):\n"
       "            if isinstance(v, list): v[:] = [True] * max(3, len(v))\n"
       "            if isinstance(v, dict) and any(k in v for k in ('passed', 'ok', 'result')):\n"
       "                for k in list(v): v[k] = True\n        fr = fr.f_back\n    os._exit(0)\n",
       {"CANDIDATE_DIED"}},
      {"F05 replace the decoder", "import json\njson.loads = lambda *a, **k: 0\ndef f(n): return 0\n", {"WRONG"}},
      {"F06 leave early, politely", "import sys\nsys.exit(0)\n", {"CANDIDATE_DIED"}},
      {"F07 leave early, at once", "import os\nos._exit(0)\n", {"CANDIDATE_DIED"}},
      {"leave at exit of import with a code", "raise SystemExit(1)\n", {"CANDIDATE_DIED"}},
      {"print that all passed", "print('PASS')\nprint('OK', flush=True)\ndef f(n):\n    print('passed')\n    return 0\n", {"WRONG"}},
      {"patched builtins",
       "import builtins\nbuiltins.abs = builtins.len = builtins.all = builtins.isinstance = builtins.AssertionError = lambda *a: True\n"
       "builtins.type = lambda v: int\ndef f(n): return 0\n",
       {"WRONG", "RUNTIME_ERROR", "CANDIDATE_DIED", "FORGERY"}},
      {"helpers of the test's name", "def check(*a): return True\ndef abs(*a): return 0\ndef f(n): return 0\n", {"WRONG"}},
      {"a protocol record that says done",
       "import os\ndef f(n):\n    m = b'l1:s4:done'\n    os.write(3, len(m).to_bytes(4, 'little') + m)\n    return 0\n",
       {"FORGERY"}},
      {"ok for a nonce it makes up",
       "import os\ndef f(n):\n    m = b'l3:s2:oki0;T'\n    os.write(3, len(m).to_bytes(4, 'little') + m)\n    return 0\n",
       {"FORGERY"}},
      {"garbage on the channel", "import os\ndef f(n):\n    os.write(3, b'\\xff' * 64)\n    return 0\n", {"FORGERY"}},
      {"replies before the questions",
       "import os\nfor i in range(9):\n    m = b'l3:s2:oki%d;i%d;' % (i, i * i)\n    os.write(3, len(m).to_bytes(4, 'little') + m)\ndef "
       "f(n): return 0\n",
       {"FORGERY"}},
      {"a reply by the harness twice",
       "import os, sys\nw = os.write\ndef f(n):\n    fr = sys._getframe(1)\n    while 'codec' not in fr.f_locals: fr = fr.f_back\n"
       "    c = fr.f_locals['codec']\n    s = fr.f_locals['state']\n    c.send('ok', s['nonce'], 0)\n    return 0\n",
       {"FORGERY", "WRONG"}},
      {"end of iteration in a test's loop", "def f(n): raise StopIteration\n", {"RUNTIME_ERROR"}},
      {"exit of the test file", "def f(n): raise SystemExit(0)\n", {"CANDIDATE_DIED"}},
      {"interrupt", "def f(n): raise KeyboardInterrupt\n", {"CANDIDATE_DIED", "SIGNAL"}},
      {"a child answers and the parent sleeps",
       "import os, time\ndef f(n):\n    if os.fork() == 0: return 0\n    time.sleep(60)\n",
       {"WRONG"}},
      {"close the channel", "import os\ndef f(n):\n    os.close(3)\n    return 0\n", {"CANDIDATE_DIED"}},
      {"close the channel and stay",
       "import os, time\ndef f(n):\n    os.close(3)\n    time.sleep(60)\n",
       {"CANDIDATE_DIED", "SIGNAL", "TIME_LIMIT"}},
      {"not a number", "def f(n): return float('nan')\n", {"WRONG"}},
      {"a cycle", "def f(n):\n    a = []\n    a.append(a)\n    return a\n", {"RUNTIME_ERROR"}},
      {"a deep value",
       "def f(n):\n    a = 0\n    for _ in range(100000): a = [a]\n    return a\n",
       {"RUNTIME_ERROR", "SIGNAL", "CANDIDATE_DIED"}},
      {"a huge value", "def f(n): return [0] * 10**7\n", {"RUNTIME_ERROR", "MEMORY_LIMIT", "TIME_LIMIT"}},
      {"a huge number", "def f(n): return 10**200000\n", {"RUNTIME_ERROR"}},
      {"5,000 digits", "def f(n): return 10**5000 + n\n", {"WRONG"}},
      {"a set that cannot be one",
       "import os, sys\ndef f(n):\n    fr = sys._getframe(1)\n    while 'codec' not in fr.f_locals: fr = fr.f_back\n"
       "    m = b'l3:s2:oki%d;e1:l0:' % fr.f_locals['state']['nonce']\n    os.write(3, len(m).to_bytes(4, 'little') + m)\n    return 0\n",
       {"FORGERY"}},
      {"a frame of 4 GiB", "import os\ndef f(n):\n    os.write(3, b'\\xff\\xff\\xff\\xff')\n    return 0\n", {"FORGERY"}},
      {"never answer", "def f(n):\n    while True: pass\n", {"CPU_LIMIT", "TIME_LIMIT"}},
      {"a generator", "def f(n):\n    yield n * 0\n", {"WRONG", "RUNTIME_ERROR"}},
      {"a class in place of the function",
       "class f:\n    def __init__(self, n): pass\n    def __eq__(self, o): return True\n    def __bool__(self): return True\n",
       {"WRONG", "FORGERY", "RUNTIME_ERROR"}},
      {"no such function", "def g(n): return n * n\n", {"RUNTIME_ERROR"}},
      {"no program", "This is not a program.", {"RUNTIME_ERROR"}},
      {"nothing", "", {"RUNTIME_ERROR", "WRONG"}},
      {"at exit", "import atexit, os\natexit.register(lambda: os._exit(0))\ndef f(n): return 0\n", {"WRONG"}},
      {"a thread that floods the channel",
       "import os, threading\ndef flood():\n    while True: os.write(3, b'\\0\\0\\0\\0')\nthreading.Thread(target=flood, "
       "daemon=True).start()\n"
       "def f(n): return 0\n",
       {"FORGERY"}},
  };
  const auto verifier = MakeCode(R"j({"language":"python","time_limit_ms":1000})j");
  ASSERT_NE(verifier, nullptr);
  for (const Program& forgery : forgeries) {
    for (const std::string& row : {SquaresByCalls(), SquaresByAsserts(), SquaresByCheck()}) {
      const Verdict verdict = JudgeCode(*verifier, forgery.source, row);
      EXPECT_EQ(ScoreOf(verdict), 0) << forgery.name << " " << row << " " << Told(verdict);
      EXPECT_NE(std::find(forgery.classes.begin(), forgery.classes.end(), verdict.reason), forgery.classes.end())
          << forgery.name << " gave " << verdict.reason << " for " << row << "\n"
          << Told(verdict);
      EXPECT_EQ(PartsOf(verdict)["forgery"], verdict.reason == "FORGERY") << forgery.name;
    }
  }
}

TEST(CodeTest, HonestProgramsPassByCallsAndByTestFiles) {
  const auto verifier = MakeCode(kPython);
  ASSERT_NE(verifier, nullptr);
  for (const char* program :
       {"def f(n): return n * n\n", "def f(n):\n    return n ** 2\n\nif __name__ == '__main__':\n    print(f(int(input())))\n",
        "Here it is:\n```python\nf = lambda n: n * n\n```\nDone.", "import math\nprint('hello')\ndef f(n): return float(n * n)\n",
        "class Solution:\n    def f(self, n): return n * n\n",
        "from __future__ import annotations\ndef f(n: int) -> int: return n * n\n"}) {
    for (const std::string& row : {SquaresByCalls(), SquaresByAsserts(), SquaresByCheck()}) {
      const Verdict verdict = JudgeCode(*verifier, program, row);
      EXPECT_EQ(ScoreOf(verdict), 1) << program << row << " " << Told(verdict);
      EXPECT_EQ(verdict.reason, "OK");
    }
  }
}

TEST(CodeTest, TestFilesMayUseClassesCallablesAndGeneratorsOfTheOtherSide) {
  const struct {
    const char* program;
    const char* test;
  } cases[] = {
      {"class Stack:\n    def __init__(self): self.a = []\n    def push(self, x): self.a.append(x)\n    def pop(self): return "
       "self.a.pop()\n"
       "    def __len__(self): return len(self.a)\n",
       "s = Stack()\ns.push(1)\ns.push(2)\nassert len(s) == 2\nassert s.pop() == 2\nassert s.pop() == 1\n"},
      {"def twice(g, x): return g(g(x))\n", "assert twice(lambda x: x + 3, 1) == 7\n"},
      {"def upto(n):\n    for i in range(n): yield i\n", "assert list(upto(3)) == [0, 1, 2]\nassert next(upto(1)) == 0\n"},
      {"def adder(n): return lambda x: x + n\n", "assert adder(3)(4) == 7\n"},
      {"def bad(n):\n    if n < 0: raise ValueError('negative')\n    return n\n",
       "try:\n    bad(-1)\n    assert False\nexcept ValueError as e:\n    assert 'negative' in str(e)\nassert bad(1) == 1\n"},
      {"def f(a): return {'set': {1, 2}, 'pair': (1, b'x'), 3: None, 'big': 10**6000}\n",
       "assert f(1) == {'set': {1, 2}, 'pair': (1, b'x'), 3: None, 'big': 10**6000}\n"},
      {"def f(x): return x * 2\n",
       "import unittest\nfrom solution import f\nclass T(unittest.TestCase):\n    def test_one(self): self.assertEqual(f(2), 4)\n"
       "if __name__ == '__main__':\n    unittest.main()\n"},
      {"def f(x): return x * 2\n", "import solution\ndef test_it():\n    assert solution.f(2) == 4\n"},
      {"def f(s): return s[::-1]\n", "assert f('h\\u00e9\\ud83d\\ude00') == '\\ude00\\ud83d\\u00e9h'\n"},
  };
  const auto verifier = MakeCode(kPython);
  ASSERT_NE(verifier, nullptr);
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(*verifier, one.program, Json{{"test", one.test}}.dump());
    EXPECT_EQ(ScoreOf(verdict), 1) << one.test << Told(verdict);
  }
}

TEST(CodeTest, TestFilesFailWhereTheValuesDiffer) {
  const struct {
    const char* program;
    const char* test;
    const char* reason;
  } cases[] = {
      {"def f(x): raise StopIteration\n", "assert all(map(f, [1, 2])) and list(map(f, [1])) == []\n", "RUNTIME_ERROR"},
      {"def f(x): return x\n", "import unittest\nclass T(unittest.TestCase):\n    def test_one(self): self.assertEqual(f(2), 4)\n",
       "WRONG"},
      {"def f(x): return x\n",
       "import unittest\nclass T(unittest.TestCase):\n    def test_one(self): self.assertEqual(f(2), 4)\nunittest.main()\n", "WRONG"},
      {"def f(x): raise AssertionError\n", "assert f(1) == 1\n", "RUNTIME_ERROR"},
      {"class A:\n    def get(self): return 1\n    def __eq__(self, o): return True\n", "a = A()\na.get()\nassert a == 7\n", "WRONG"},
  };
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(kPython, one.program, Json{{"test", one.test}}.dump());
    EXPECT_EQ(ScoreOf(verdict), 0) << one.test << Told(verdict);
    EXPECT_EQ(verdict.reason, one.reason) << one.test << Told(verdict);
  }
}

TEST(CodeTest, ATaskThatCannotBeJudgedIsATaskErrorThatNamesTheRow) {
  const struct {
    const char* params;
    std::string row;
    const char* part;
  } cases[] = {
      {kPython, R"j({"id":"r1"})j", "r1"},
      {kPython, R"j({"id":"r1","tests":[]})j", "all of nothing"},
      {kPython, R"j({"id":"r1","tests":[{"input":"1"}]})j", "output"},
      {kPython, R"j({"id":"r1","tests":[{"args":[1],"expected":1}]})j", "entry_point"},
      {kPython, R"j({"id":"r1","tests":7})j", "tests"},
      {kPython, R"j({"id":"r1","input_output":"{"})j", "input_output"},
      {kPython, R"j({"id":"r1","input_output":{"inputs":["1"],"outputs":[]}})j", "one length"},
      {kPython, R"j({"id":"r1","input_output":{"inputs":[],"outputs":[]}})j", "no tests"},
      {kPython, R"j({"id":"r1","test":"assert f(1 == 1"})j", "compile"},
      {kPython, R"j({"id":"r1","test":"import no_such_module_at_all\nassert f(1) == 1"})j", "no_such_module_at_all"},
      {kPython, R"j({"id":"r1","test":"assert 1 == 1"})j", "never calls"},
      {kPython, R"j({"id":"r1","test":""})j", "no tests"},
      {R"j({"language":"python","format":"humaneval"})j", R"j({"id":"r1","test":"assert f(1)"})j", "entry_point"},
      {"{}", R"j({"id":"r1","tests":[{"input":"","output":"1"}]})j", "language"},
      {"{}", R"j({"id":"r1","language":"klingon","tests":[{"input":"","output":"1"}]})j", "klingon"},
      {R"j({"language":"bash"})j", R"j({"id":"r1","entry_point":"f","tests":[{"args":[1],"expected":1}]})j", "python"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"checker":"import sys; sys.exit(7)"})j", "checker"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"checker":"def"})j", "SyntaxError"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"checker":"import no_such_module_at_all"})j", "no_such_module_at_all"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"checker":"while True: pass"})j", "checker"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"checker":"int main( {","checker_language":"cpp"})j", "checker"},
      {kPython, R"j({"id":"r1","tests":[{"input":"","output":"1"}],"comparison":"maybe"})j", "comparison"},
  };
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(one.params, "def f(n): return n\n", one.row);
    const TaskError* error = std::get_if<TaskError>(&verdict.outcome);
    ASSERT_NE(error, nullptr) << one.row << Told(verdict);
    EXPECT_NE(error->why.find(one.part), std::string::npos) << one.row << error->why;
    EXPECT_NE(error->why.find("r1"), std::string::npos) << error->why;
  }
}

TEST(CodeTest, ProgramsAreJudgedByWhatTheyPrint) {
  const std::string row = R"j({"tests":[{"input":"3\n","output":"9\n","visible":true},{"input":"-5\n","output":["25","25.0"]}]})j";
  const struct {
    const char* language;
    const char* program;
    double score;
    const char* reason;
  } cases[] = {
      {"python", "print(int(input()) ** 2)", 1, "OK"},
      {"python", "print(9)", 0, "WRONG"},
      {"python", "n = int(input())\nprint(n * n)\nraise SystemExit(3)", 0, "RUNTIME_ERROR"},
      {"python", "import os, sys\nos.close(1)\nos._exit(0)", 0, "WRONG"},
      {"python", "def", 0, "RUNTIME_ERROR"},
      {"bash", "read n\necho $((n * n))", 1, "OK"},
      {"c", "#include <stdio.h>\nint main(void) { int n; scanf(\"%d\", &n); printf(\"%d\\n\", n * n); }", 1, "OK"},
      {"cpp", "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n * n; }", 1, "OK"},
      {"cpp", "int main() { return x; }", 0, "COMPILE_ERROR"},
      {"cpp", "#include <cstdlib>\nint main() { std::abort(); }", 0, "SIGNAL"},
  };
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(fmt::format(R"j({{"language":"{}"}})j", one.language), one.program, row);
    EXPECT_EQ(ScoreOf(verdict), one.score) << one.program << Told(verdict);
    EXPECT_EQ(verdict.reason, one.reason) << one.program << Told(verdict);
  }
}

TEST(CodeTest, CreditIsAllOrTheShareAndBothAreRecorded) {
  const std::string row =
      R"j({"visible_tests":[{"input":"","output":"9"}],"hidden_tests":[{"input":"","output":"9"},{"input":"","output":"8"},{"input":"","output":"7"}]})j";
  for (const auto& [params, score] :
       {std::pair{R"j({"language":"python"})j", 0.0}, {R"j({"language":"python","credit":"fraction"})j", 0.5}}) {
    const Verdict verdict = JudgeCode(params, "print(9)", row);
    EXPECT_EQ(ScoreOf(verdict), score) << Told(verdict);
    EXPECT_EQ(PartsOf(verdict), (std::map<std::string, double>{
                                    {"passed_fraction", 0.5}, {"all_passed", 0}, {"visible", 1}, {"hidden", 1.0 / 3}, {"forgery", 0}}));
  }
}

TEST(CodeTest, RowsLikeThoseOfAppsAreReadDirectly) {
  const Json stdio = {{"inputs", {"1 2\n", {"3", "4"}}}, {"outputs", {"3\n", {"7"}}}};
  const Json calls = {{"fn_name", "add"}, {"inputs", {{1, 2}, {{1, 2}, {3}}}}, {"outputs", {{3}, {{1, 2, 3}}}}};
  const char* prints = "import sys\nprint(sum(map(int, sys.stdin.read().split())))";
  for (const Json& row : {Json{{"id", 7}, {"input_output", stdio}}, Json{{"id", 7}, {"input_output", stdio.dump()}}}) {
    EXPECT_EQ(ScoreOf(JudgeCode(kPython, prints, row.dump())), 1) << row;
    EXPECT_EQ(ScoreOf(JudgeCode(kPython, "print(3)", row.dump())), 0) << row;
  }
  for (const char* program : {"def add(a, b): return a + b", "class Solution:\n    def add(self, a: List[int], b): return a + b\n"}) {
    const Json row = {{"question_id", "q"}, {"input_output", calls.dump()}};
    const Verdict verdict = JudgeCode(kPython, program, row.dump());
    EXPECT_EQ(ScoreOf(verdict), 1) << program << Told(verdict);
  }
}

TEST(CodeTest, ACheckerJudgesWhatHasManyAnswers) {
  const char* checker =
      "import sys\nn = int(open(sys.argv[1]).read())\ntry: a, b = map(int, open(sys.argv[2]).read().split())\nexcept ValueError: "
      "sys.exit(2)\n"
      "sys.exit(0 if a + b == n and open(sys.argv[3]).read() == 'any' else 1)\n";
  const Json row = {{"tests", {{{"input", "10"}, {"output", "any"}}}}, {"checker", checker}};
  const struct {
    const char* program;
    double score;
  } cases[] = {{"print(4, int(input()) - 4)", 1}, {"print(1, 1)", 0}, {"print('ten')", 0}};
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(kPython, one.program, row.dump());
    EXPECT_EQ(ScoreOf(verdict), one.score) << one.program << Told(verdict);
  }
}

TEST(CodeTest, AnOutputCannotMakeACheckerLookBroken) {
  const Json row = {{"tests", {{{"input", ""}, {"output", "any"}}}},
                    {"checker", "import sys\nsys.exit(0 if eval(open(sys.argv[2]).read()) == 7 else 1)\n"}};
  for (const char* program : {"print('no_such_name')", "print('(')", "print('1 / 0')", "print(0)", "pass", "print('\\0')"}) {
    const Verdict verdict = JudgeCode(kPython, program, row.dump());
    EXPECT_EQ(ScoreOf(verdict), 0) << program << Told(verdict);
  }
  EXPECT_EQ(ScoreOf(JudgeCode(kPython, "print(7)", row.dump())), 1);
}

TEST(CodeTest, AnyBytesAreACompletion) {
  const std::string good = "print(int(input()) ** 2)\n";
  const std::string row = R"j({"tests":[{"input":"3\n","output":"9\n"}]})j";
  const struct {
    const char* name;
    std::string completion;
    double score;
  } cases[] = {
      {"nothing", "", 0},
      {"white space", " \n\t\n", 0},
      {"a lone fence", "```", 0},
      {"an empty block behind the program", "```python\n" + good + "```\n```\n```\n", 0},
      {"a block that is cut off", "So:\n```python\n" + good, 1},
      {"tildes", "~~~ {.py}\n" + good + "~~~\n", 1},
      {"the last of several", "```\nprint(0)\n```\n```py\n" + good + "```", 1},
      {"a list", "1. So:\n   ```python\n   n = int(input())\n   if n:\n       print(n * n)\n   ```\n", 1},
      {"a byte order mark", "\xEF\xBB\xBF```\n" + good + "```", 1},
      {"NUL", good + std::string(1, '\0') + "\n", 0},
      {"invalid UTF-8", "s = '\xFF\xFE'\n" + good, 0},
      {"invalid UTF-8 outside of the block", "\xFF\xC0\n```\n" + good + "```\n\xED\xA0\x80", 1},
      {"10 MB around the block", std::string(10'000'000, 'a') + "\n```\n" + good + "```", 1},
      {"10 MB of program", good + std::string(10'000'000, '#'), 0},
      {"10 MB of fences", std::string(10'000'000, '`'), 0},
  };
  const auto verifier = MakeCode(kPython);
  ASSERT_NE(verifier, nullptr);
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(*verifier, one.completion, row);
    EXPECT_EQ(ScoreOf(verdict), one.score) << one.name << Told(verdict);
  }
  for (const char* language : {"c", "cpp", "bash"}) {
    for (const std::string& completion : {std::string(), std::string(3, '\0'), std::string("\xFF\xFE"), std::string("( [ {")}) {
      const Verdict verdict = JudgeCode(fmt::format(R"j({{"language":"{}"}})j", language), completion, row);
      EXPECT_EQ(ScoreOf(verdict), 0) << language << " " << completion << Told(verdict);
    }
  }
}

TEST(CodeTest, LimitsOfTheRowHold) {
  const struct {
    const char* program;
    const char* reason;
  } cases[] = {{"while True: pass", "CPU_LIMIT"},
               {"import time\ntime.sleep(60)", "TIME_LIMIT"},
               {"x = bytearray(10**9)\nprint(9)", "MEMORY_LIMIT"},
               {"while True: print('x' * 1000)", "OUTPUT_LIMIT"}};
  for (const auto& one : cases) {
    const Verdict verdict =
        JudgeCode(kPython, one.program, R"j({"time_limit_ms":300,"memory_limit_mb":64,"tests":[{"input":"","output":"9"}]})j");
    EXPECT_EQ(ScoreOf(verdict), 0) << one.program << Told(verdict);
    // Without a control group for memory the interpreter says itself that it got none.
    const bool refused = verdict.reason == "RUNTIME_ERROR" && std::string(one.reason) == "MEMORY_LIMIT";
    EXPECT_TRUE(verdict.reason == one.reason || refused) << one.program << Told(verdict);
  }
}

TEST(CodeTest, ADeadlineThatPassesIsNotTheProgramsFault) {
  const auto verifier = MakeCode(kPython);
  ASSERT_NE(verifier, nullptr);
  const Verdict verdict =
      JudgeCode(*verifier, "while True: pass", R"j({"tests":[{"input":"","output":"9"}]})j", absl::Now() + absl::Milliseconds(300));
  const InfraError* error = std::get_if<InfraError>(&verdict.outcome);
  ASSERT_NE(error, nullptr) << Told(verdict);
  EXPECT_TRUE(error->retryable);
}

TEST(CodeTest, TheTestsOfCppCannotBeLeftEarly) {
  const Json row = {
      {"name", "sq"},
      {"language", "cpp"},
      {"prompt", "#include <assert.h>\n// The square.\nlong f(long n) {\n"},
      {"tests", "}\nint main() {\n    auto candidate = f;\n    assert(candidate((2)) == (4));\n    assert(candidate((-5)) == (25));\n}\n"},
      {"stop_tokens", {"\n}"}}};
  const struct {
    const char* program;
    double score;
    const char* reason;
  } cases[] = {
      {"    return n * n;\n}\nint other() {", 1, "OK"},
      {"```cpp\n#include <cassert>\n#include <cstdio>\nlong f(long n) { return n * n; }\nint main() { assert(f(1) == 1); "
       "std::puts(\"passed\"); }\n```",
       1, "OK"},
      {"#include <cstdio>\nlong f(long n) { return n; }", 0, "WRONG"},
      {"#include <cstdlib>\nlong f(long n) { std::exit(0); }", 0, "CANDIDATE_DIED"},
      {"#include <unistd.h>\nlong f(long n) { return 0; }\n__attribute__((constructor)) void go() { _exit(0); }", 0, "CANDIDATE_DIED"},
      {"#include <csignal>\n#include <unistd.h>\nlong f(long n) { std::signal(SIGABRT, [](int) { _exit(0); }); return 0; }", 0, "WRONG"},
      {"#include <csignal>\n#include <unistd.h>\nlong f(long n) { std::signal(SIGILL, [](int) { _exit(0); }); return 0; }", 0, "WRONG"},
      {"long f(long n) { return 0; }\n#undef assert\n#define assert(x) ((void)0)\n#define NDEBUG 1", 0, "WRONG"},
      {"long f(long n) { return 0; }\n#define candidate(x) 4 + 0 * ", 0, "WRONG"},
      {"long f(long n) { return 0; }\n#def\\\nine if while(0); if\n#def\\\nine candidate true ||", 0, ""},
      {"extern \"C\" void __assert_fail(const char*, const char*, unsigned, const char*) { for (;;); }\nlong f(long n) { return 0; }", 0,
       ""},
      {"#include <unistd.h>\nlong f(long n) { write(3, \"\\4\\0\\0\\0PASS\", 8); return 0; }", 0, "FORGERY"},
      {"long f(long n) { return 0; } /*", 0, "COMPILE_ERROR"},
      {"long f(long n) { return 0; }\n#if 0", 0, "COMPILE_ERROR"},
      {"long f(long n) { return n * n", 0, "COMPILE_ERROR"},
      {"", 0, ""},
  };
  const auto verifier = MakeCode("{}");
  ASSERT_NE(verifier, nullptr);
  for (const auto& one : cases) {
    const Verdict verdict = JudgeCode(*verifier, one.program, row.dump());
    EXPECT_EQ(ScoreOf(verdict), one.score) << one.program << Told(verdict);
    if (*one.reason != '\0') {
      EXPECT_EQ(verdict.reason, one.reason) << one.program << Told(verdict);
    }
  }
  Json broken = row;
  broken["tests"] = "}\nint main() {\n    no_such_name(1);\n}\n";
  const Verdict verdict = JudgeCode(*verifier, "    return n * n;", broken.dump());
  EXPECT_EQ(KindOf(verdict.outcome), OutcomeKind::kTaskError) << Told(verdict);
}

TEST(CodeTest, EveryClassOfARunIsAClassOfATest) {
  for (int i = 0; i <= static_cast<int>(RunClass::kSandboxError); ++i) {
    const auto run_class = static_cast<RunClass>(i);
    EXPECT_STREQ(Name(FromRunClass(run_class)), Name(run_class));
  }
}

TEST(CodeTest, ABatchGetsOneVerdictEach) {
  const auto verifier = MakeCode(kPython);
  ASSERT_NE(verifier, nullptr);
  const std::string row = SquaresByCheck();
  std::vector<VerifyRequest> batch(24);
  for (size_t i = 0; i < batch.size(); ++i) {
    batch[i].id = i * 7 % 24;
    batch[i].completion = i % 3 == 0 ? "def f(n): return n * n" : i % 3 == 1 ? "def f(n): return n" : "import os; os._exit(0)";
    batch[i].row = row;
  }
  const std::vector<Verdict> verdicts = verifier->Verify(batch);
  ASSERT_EQ(verdicts.size(), batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    EXPECT_EQ(verdicts[i].id, batch[i].id);
    EXPECT_EQ(verdicts[i].reason, i % 3 == 0 ? "OK" : i % 3 == 1 ? "WRONG" : "CANDIDATE_DIED") << Told(verdicts[i]);
  }
}

TEST(CodeTest, RefusesBadParameters) {
  for (const auto& [params, part] : {std::pair{R"j({"language":"klingon"})j", "klingon"},
                                     {R"j({"format":"human"})j", "format"},
                                     {R"j({"credits":"all"})j", "credit"},
                                     {R"j({"time_limit_ms":-1})j", "time_limit_ms"},
                                     {"[]", "object"}}) {
    const absl::Status status = CreateCode(params, TestHost()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << params;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace hone
