#pragma once
// What a task's row asks for, whichever data set it comes from. Formats are described in README.md.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/code/output_comparison.h"
#include "verifiers/code/plain_value.h"

namespace hone {

struct CodeTest {
  bool visible = false;
  // A program's run.
  std::string input;
  std::vector<std::string> outputs;  // accepted ones
  // A function's call.
  std::vector<PlainValue> arguments;
  std::vector<PlainValue> expected;  // accepted ones
};

struct CodeProblem {
  enum class Kind {
    kStdio,    // tests: input and outputs
    kCalls,    // tests: arguments and expected values
    kAsserts,  // test_file against the candidate's functions, in two sandboxes
    kAppended  // test_file behind the candidate's source, in one process
  };
  Kind kind = Kind::kStdio;
  std::string id;        // names the row in messages; may be empty
  std::string language;  // empty: not said by the row
  std::string prompt;
  std::string entry_point;
  std::vector<CodeTest> tests;
  std::string test_file;
  bool calls_check = false;  // the test file defines check(candidate), which has to be called with the entry point
  bool in_place = false;     // what a call does to its first argument is its result
  std::vector<std::string> stop_tokens;
  std::string checker;  // source of a program that judges outputs; empty: the comparison does
  std::string checker_language;
  std::optional<OutputMode> comparison;
  std::optional<double> abs_tolerance, rel_tolerance;
  std::optional<absl::Duration> time_limit;
  std::optional<int64_t> memory_bytes;
};

enum class CodeFormat { kAuto, kTests, kApps, kHumanEval, kAsserts, kMultiple };

// Reads a row, a JSON object. prompt: of the request, for a row without one. format kAuto goes by the fields that the row has.
// InvalidArgument when there is nothing to test by or a field is broken: the message names the field, the caller names the row.
absl::StatusOr<CodeProblem> ReadProblem(const PlainValue& row, std::string_view prompt, CodeFormat format);

// Whether a row has any of the fields that hold tests.
bool HasTests(const PlainValue& row);

// task_id, id, name, question_id or problem_id of a row, as text; empty when it has none.
std::string RowId(const PlainValue& row);

}  // namespace hone
