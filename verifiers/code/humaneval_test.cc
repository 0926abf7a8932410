// The public data sets, through the real sandbox. They are read from the folder in HONE_TEST_DATA.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "sandbox/languages.h"
#include "verifiers/code/code_test_util.h"
#include "verifiers/code/program_text.h"

namespace hone {
namespace {
using Json = nlohmann::json;

std::vector<Json> Rows(const char* file) {
  std::vector<Json> rows;
  const char* folder = std::getenv("HONE_TEST_DATA");
  if (folder == nullptr) return rows;
  std::ifstream lines(std::string(folder) + "/" + file);
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

// Names of the rows whose completion scores 1.
std::vector<std::string> Passing(const CheckedVerifier& verifier, const std::vector<Json>& rows,
                                 const std::vector<std::string>& completions, std::map<std::string, int>* reasons) {
  std::vector<std::string> texts, prompts, names;
  for (const Json& row : rows) {
    texts.push_back(row.dump());
    prompts.push_back(row["prompt"]);
    names.push_back(row["task_id"]);
  }
  std::vector<VerifyRequest> batch(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    batch[i].id = i;
    batch[i].prompt = prompts[i];
    batch[i].completion = completions[i];
    batch[i].row = texts[i];
  }
  std::vector<std::string> passing;
  const std::vector<Verdict> verdicts = verifier.Verify(batch);
  for (size_t i = 0; i < rows.size(); ++i) {
    ++(*reasons)[verdicts[i].reason];
    if (ScoreOf(verdicts[i]) == 1) passing.push_back(names[i]);
    EXPECT_NE(KindOf(verdicts[i].outcome), OutcomeKind::kInfraError) << names[i] << Told(verdicts[i]);
  }
  return passing;
}

TEST(HumanEvalTest, EveryCanonicalSolutionPassesAndNoForgeryDoes) {
  const std::vector<Json> rows = Rows("humaneval/humaneval.jsonl");
  if (rows.empty()) GTEST_SKIP() << "HONE_TEST_DATA has no humaneval/humaneval.jsonl";
  const auto verifier = MakeCode(R"({"language":"python","format":"humaneval"})");
  ASSERT_NE(verifier, nullptr);
  using Make = std::string (*)(const Json& row);
  const std::vector<std::tuple<const char*, Make, bool>> cases = {
      {"canonical body", [](const Json& row) { return row["canonical_solution"].get<std::string>(); }, true},
      {"canonical program",
       [](const Json& row) {
         return "Sure:\n```python\n" + row["prompt"].get<std::string>() + row["canonical_solution"].get<std::string>() + "\n```\n";
       },
       true},
      {"always-equal object",
       [](const Json& row) {
         return "class E:\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n    def __lt__(self, o): return "
                "True\n"
                "    def __sub__(self, o): return self\n    def __abs__(self): return 0\ndef " +
                row["entry_point"].get<std::string>() + "(*a, **k): return E()\n";
       },
       false},
      {"exit at import", [](const Json&) { return std::string("import sys\nsys.exit(0)\n"); }, false},
      {"patched builtins",
       [](const Json& row) {
         return "import builtins, math\nbuiltins.abs = builtins.all = builtins.len = builtins.sorted = lambda *a, **k: True\n"
                "builtins.AssertionError = builtins.print = lambda *a: None\nmath.fabs = lambda x: 0\ndef check(c): pass\ndef " +
                row["entry_point"].get<std::string>() + "(*a, **k): return None\n";
       },
       false},
      {"printed PASS",
       [](const Json& row) {
         return "print('PASS\\nOK\\npassed', flush=True)\ndef " + row["entry_point"].get<std::string>() +
                "(*a, **k): print('PASS', flush=True)\n";
       },
       false},
      {"fake protocol record",
       [](const Json& row) {
         return "import os\ndef say(m): os.write(3, len(m).to_bytes(4, 'little') + m)\ndef " + row["entry_point"].get<std::string>() +
                "(*a, **k):\n    say(b'l1:s4:done')\n    say(b'l3:s2:oki1;T')\n";
       },
       false},
  };
  for (const auto& [name, make, passes] : cases) {
    std::vector<std::string> completions;
    for (const Json& row : rows) completions.push_back(make(row));
    std::map<std::string, int> reasons;
    const std::vector<std::string> passing = Passing(*verifier, rows, completions, &reasons);
    EXPECT_EQ(passing.size(), passes ? rows.size() : 0) << name;
    EXPECT_FALSE(reasons.contains("TASK_ERROR")) << name;
    for (const auto& [reason, count] : reasons) std::printf("%-22s %-16s %d\n", name, reason.c_str(), count);
  }
}

// What becomes of a C++ program with tests behind it without any sandbox: "" for a pass, else what went wrong.
std::string RunPlainly(const std::string& code, std::string tests, const std::string& name) {
  tests.erase(0, tests.find('}') + 1);  // of the prompt's function, which the code replaces
  const std::string program = testing::TempDir() + "/hone_plain_" + name, source = program + ".cc";
  std::ofstream(source) << "#define main main_of_the_solution\n" << code << "\n#undef main\n" << tests;
  const Language language = FindLanguage("cpp").value();
  std::string compile;
  for (const std::string& word : language.compiler)
    compile += fmt::format("'{}' ", word == "/box/main.cpp" ? source : word == "/tmp/program" ? program : word);
  std::string outcome;
  if (std::system((compile + "2>/dev/null").c_str()) != 0) {
    outcome = "does not compile";
  } else if (std::system(fmt::format("timeout 60 '{}' >/dev/null 2>&1", program).c_str()) != 0) {
    outcome = "fails or takes more than a minute";
  }
  std::remove(source.c_str());
  std::remove(program.c_str());
  return outcome;
}

// A compilation takes seconds, so there are few rows unless HONE_ALL_CPP says which: "all", or "40:80" for those from 40 up to 80. Those
// are also run outside of the sandbox, with the same compiler and flags, and the two have to agree on every row. (The prompt of one row is
// no valid C++20, which makes it a broken task.)
TEST(HumanEvalTest, TheCppSolutionsPassAsTheyDoWithoutASandbox) {
  std::vector<Json> rows = Rows("humaneval_cpp/test.jsonl");
  if (rows.empty()) GTEST_SKIP() << "HONE_TEST_DATA has no humaneval_cpp/test.jsonl";
  const char* which = std::getenv("HONE_ALL_CPP");
  size_t begin = 0, end = which == nullptr ? 6 : rows.size();
  if (which != nullptr && std::string_view(which) != "all") {
    ASSERT_EQ(std::sscanf(which, "%zu:%zu", &begin, &end), 2) << "HONE_ALL_CPP must be all or BEGIN:END, got " << which;
  }
  end = std::min(end, rows.size());
  ASSERT_LT(begin, end);
  rows = std::vector<Json>(rows.begin() + begin, rows.begin() + end);
  const auto verifier = MakeCode(R"({"language":"cpp","format":"multiple","time_limit_ms":30000,"task_time_ms":300000})");
  ASSERT_NE(verifier, nullptr);
  std::vector<std::string> completions;
  for (const Json& row : rows) completions.push_back(row["gpt_solution"]);
  std::map<std::string, int> reasons;
  const std::vector<std::string> passing = Passing(*verifier, rows, completions, &reasons);
  for (const auto& [reason, count] : reasons) std::printf("%-16s %d\n", reason.c_str(), count);
  if (which == nullptr) {
    EXPECT_EQ(passing.size(), rows.size());
    return;
  }

  std::vector<std::string> plain(rows.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i = next++; i < rows.size(); i = next++)
      plain[i] = RunPlainly(ExtractCode(completions[i]), rows[i]["tests"], rows[i]["task_id"]);
  };
  std::thread other(work);
  work();
  other.join();
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string name = rows[i]["task_id"];
    const bool inside = std::find(passing.begin(), passing.end(), name) != passing.end();
    std::printf("%-40s sandbox: %-6s plain: %s\n", name.c_str(), inside ? "passes" : "fails",
                plain[i].empty() ? "passes" : plain[i].c_str());
    EXPECT_EQ(inside, plain[i].empty()) << name << " differs; plain: " << plain[i];
  }
  std::printf("pass: %zu in the sandbox, %zu plainly, of %zu\n", passing.size(),
              static_cast<size_t>(std::count(plain.begin(), plain.end(), "")), rows.size());
}

}  // namespace
}  // namespace hone
