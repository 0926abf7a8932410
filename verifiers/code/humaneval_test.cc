// The public data sets, through the real sandbox. They are read from the folder in HONE_TEST_DATA.

#include <cstdlib>
#include <fstream>

#include "nlohmann/json.hpp"
#include "verifiers/code/code_test_util.h"

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
    EXPECT_EQ(KindOf(verdicts[i].outcome), OutcomeKind::kScore) << names[i] << Told(verdicts[i]);
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
    for (const auto& [reason, count] : reasons) std::printf("%-22s %-16s %d\n", name, reason.c_str(), count);
  }
}

TEST(HumanEvalTest, TheCppSolutionsPassAsTheyDoWithoutASandbox) {
  std::vector<Json> rows = Rows("humaneval_cpp/test.jsonl");
  if (rows.empty()) GTEST_SKIP() << "HONE_TEST_DATA has no humaneval_cpp/test.jsonl";
  if (std::getenv("HONE_ALL_CPP") == nullptr) rows.resize(6);  // a compilation takes seconds
  const auto verifier = MakeCode(R"({"language":"cpp","format":"multiple"})");
  ASSERT_NE(verifier, nullptr);
  std::vector<std::string> completions;
  for (const Json& row : rows) completions.push_back(row["gpt_solution"]);
  std::map<std::string, int> reasons;
  const std::vector<std::string> passing = Passing(*verifier, rows, completions, &reasons);
  for (const std::string& name : passing) std::printf("passes %s\n", name.c_str());
  for (const auto& [reason, count] : reasons) std::printf("%-16s %d\n", reason.c_str(), count);
  EXPECT_GE(passing.size() * 4, rows.size() * 2);
}

}  // namespace
}  // namespace hone
