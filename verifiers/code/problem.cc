#include "verifiers/code/problem.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace hone {
namespace {
using Kind = PlainValue::Kind;

// A field that is there and not null.
const PlainValue* Field(const PlainValue& row, std::string_view name) {
  const PlainValue* value = row.Find(name);
  return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
}

absl::Status Wrong(std::string_view name, std::string_view wanted, const PlainValue& value) {
  return absl::InvalidArgumentError(fmt::format("\"{}\" must be {}, got {}", name, wanted, Shown(value, 80)));
}

// Leaves *text alone when the field is absent.
absl::Status ReadText(const PlainValue& row, std::string_view name, std::string* text) {
  const PlainValue* value = Field(row, name);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is(Kind::kText)) return Wrong(name, "a string", *value);
  *text = value->text;
  return absl::OkStatus();
}

absl::Status ReadNumber(const PlainValue& row, std::string_view name, double max, std::optional<double>* number) {
  const PlainValue* value = Field(row, name);
  if (value == nullptr) return absl::OkStatus();
  const double read = value->is(Kind::kFloat) ? value->number : value->is(Kind::kInt) ? std::strtod(value->text.c_str(), nullptr) : NAN;
  if (!(read >= 0 && read <= max)) return Wrong(name, fmt::format("a number from 0 to {}", max), *value);
  *number = read;
  return absl::OkStatus();
}

absl::Status ReadBool(const PlainValue& row, std::string_view name, bool* flag) {
  const PlainValue* value = Field(row, name);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is(Kind::kBool)) return Wrong(name, "true or false", *value);
  *flag = value->boolean;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Texts(std::string_view name, const PlainValue& value) {
  std::vector<std::string> texts;
  if (!value.is(Kind::kList)) return Wrong(name, "a list of strings", value);
  for (const PlainValue& item : value.items) {
    if (!item.is(Kind::kText)) return Wrong(name, "a list of strings", value);
    texts.push_back(item.text);
  }
  return texts;
}

// A text, or the list of its lines.
absl::StatusOr<std::string> TextOrLines(std::string_view name, const PlainValue& value) {
  if (value.is(Kind::kText)) return value.text;
  HONE_ASSIGN_OR_RETURN(const std::vector<std::string> lines, Texts(name, value));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// A value, or the JSON that a text holds: public data sets keep structures in strings.
absl::StatusOr<PlainValue> Unfolded(std::string_view name, const PlainValue& value) {
  if (!value.is(Kind::kText)) return value;
  auto parsed = PlainFromJson(value.text);
  if (!parsed.ok()) return Annotate(parsed.status(), fmt::format("\"{}\"", name));
  return parsed;
}

absl::Status ReadCommon(const PlainValue& row, CodeProblem* problem) {
  HONE_RETURN_IF_ERROR(ReadText(row, "language", &problem->language));
  HONE_RETURN_IF_ERROR(ReadText(row, "prompt", &problem->prompt));
  HONE_RETURN_IF_ERROR(ReadText(row, "entry_point", &problem->entry_point));
  HONE_RETURN_IF_ERROR(ReadText(row, "checker", &problem->checker));
  problem->checker_language = "python";
  HONE_RETURN_IF_ERROR(ReadText(row, "checker_language", &problem->checker_language));
  HONE_RETURN_IF_ERROR(ReadBool(row, "in_place", &problem->in_place));
  HONE_RETURN_IF_ERROR(ReadNumber(row, "abs_tolerance", 1e300, &problem->abs_tolerance));
  HONE_RETURN_IF_ERROR(ReadNumber(row, "rel_tolerance", 1e300, &problem->rel_tolerance));
  std::string mode;
  HONE_RETURN_IF_ERROR(ReadText(row, "comparison", &mode));
  if (!mode.empty() && !(problem->comparison = OutputModeFromName(mode)).has_value())
    return absl::InvalidArgumentError(
        fmt::format("\"comparison\" must be exact, lines, tokens, casefold, floats or unordered_lines, got \"{}\"", mode));
  std::optional<double> time_ms, memory_mb;
  HONE_RETURN_IF_ERROR(ReadNumber(row, "time_limit_ms", 600'000, &time_ms));
  HONE_RETURN_IF_ERROR(ReadNumber(row, "memory_limit_mb", 65'536, &memory_mb));
  if (time_ms.has_value()) problem->time_limit = absl::Milliseconds(std::max(1.0, *time_ms));
  if (memory_mb.has_value()) problem->memory_bytes = static_cast<int64_t>(std::max(1.0, *memory_mb) * 1048576);
  return absl::OkStatus();
}

// One test of the own format: {"input", "output"} or {"args", "expected"}. A checker may do without an output.
absl::StatusOr<CodeTest> ReadTest(const PlainValue& value, bool visible, bool has_checker, CodeProblem::Kind* kind) {
  if (!value.is(Kind::kDict)) return Wrong("tests", "a list of objects", value);
  CodeTest test{.visible = visible};
  HONE_RETURN_IF_ERROR(ReadBool(value, "visible", &test.visible));
  const PlainValue* arguments = Field(value, "args");
  if (arguments != nullptr) {
    *kind = CodeProblem::Kind::kCalls;
    if (!arguments->is(Kind::kList)) return Wrong("args", "a list", *arguments);
    HONE_ASSIGN_OR_RETURN(PlainValue spelt, FromSpelling(*arguments));
    test.arguments = std::move(spelt.items);
    const PlainValue* expected = value.Find("expected");  // null is a value
    if (expected == nullptr) return absl::InvalidArgumentError(fmt::format("a test has no \"expected\": {}", Shown(value, 80)));
    HONE_ASSIGN_OR_RETURN(test.expected.emplace_back(), FromSpelling(*expected));
    return test;
  }
  *kind = CodeProblem::Kind::kStdio;
  const PlainValue* input = Field(value, "input");
  const PlainValue* output = Field(value, "output");
  if (input != nullptr) {
    HONE_ASSIGN_OR_RETURN(test.input, TextOrLines("input", *input));
  }
  if (output == nullptr && has_checker) return test;
  if (output == nullptr)
    return absl::InvalidArgumentError(fmt::format("a test has neither \"output\" nor \"args\" and \"expected\": {}", Shown(value, 80)));
  if (output->is(Kind::kText)) {
    test.outputs.push_back(output->text);
  } else {
    HONE_ASSIGN_OR_RETURN(test.outputs, Texts("output", *output));
  }
  return test;
}

absl::Status ReadTests(const PlainValue& row, CodeProblem* problem) {
  std::optional<CodeProblem::Kind> kind;
  for (const auto& [name, visible] : {std::pair{"tests", false}, {"visible_tests", true}, {"hidden_tests", false}}) {
    const PlainValue* field = Field(row, name);
    if (field == nullptr) continue;
    HONE_ASSIGN_OR_RETURN(const PlainValue tests, Unfolded(name, *field));
    if (!tests.is(Kind::kList)) return Wrong(name, "a list of tests", tests);
    for (const PlainValue& value : tests.items) {
      CodeProblem::Kind read = CodeProblem::Kind::kStdio;
      HONE_ASSIGN_OR_RETURN(CodeTest test, ReadTest(value, visible, !problem->checker.empty(), &read));
      if (kind.value_or(read) != read) return absl::InvalidArgumentError("tests with \"input\" and tests with \"args\" in one row");
      kind = read;
      problem->tests.push_back(std::move(test));
    }
  }
  problem->kind = kind.value_or(CodeProblem::Kind::kStdio);
  for (const CodeTest& test : problem->tests) {
    if (problem->kind == CodeProblem::Kind::kStdio && test.outputs.empty() && problem->checker.empty())
      return absl::InvalidArgumentError("a test accepts no output");
  }
  return absl::OkStatus();
}

// JSON has only text keys; APPS means whole numbers by keys that spell them.
PlainValue WithNumberKeys(PlainValue value) {
  auto spells = [](const PlainValue& key) {
    return key.is(Kind::kText) && !key.text.empty() && key.text.size() < 18 &&
           key.text.find_first_not_of("0123456789") == std::string::npos && (key.text[0] != '0' || key.text.size() == 1);
  };
  bool all = value.is(Kind::kDict);
  for (size_t i = 0; all && i < value.items.size(); i += 2) all = spells(value.items[i]);
  for (size_t i = 0; all && i < value.items.size(); i += 2) value.items[i].kind = Kind::kInt;
  return value;
}

absl::Status ReadApps(const PlainValue& row, CodeProblem* problem) {
  const PlainValue* field = Field(row, "input_output");
  if (field == nullptr) return absl::InvalidArgumentError("the row has no \"input_output\"");
  HONE_ASSIGN_OR_RETURN(const PlainValue tests, Unfolded("input_output", *field));
  const PlainValue* inputs = Field(tests, "inputs");
  const PlainValue* outputs = Field(tests, "outputs");
  if (inputs == nullptr || outputs == nullptr || !inputs->is(Kind::kList) || !outputs->is(Kind::kList) ||
      inputs->items.size() != outputs->items.size())
    return absl::InvalidArgumentError("\"input_output\" must hold \"inputs\" and \"outputs\", two lists of one length");
  HONE_RETURN_IF_ERROR(ReadText(tests, "fn_name", &problem->entry_point));
  problem->kind = Field(tests, "fn_name") != nullptr ? CodeProblem::Kind::kCalls : CodeProblem::Kind::kStdio;
  for (size_t i = 0; i < inputs->items.size(); ++i) {
    const PlainValue& input = inputs->items[i];
    const PlainValue& output = outputs->items[i];
    CodeTest& test = problem->tests.emplace_back();
    if (problem->kind == CodeProblem::Kind::kStdio) {
      HONE_ASSIGN_OR_RETURN(test.input, TextOrLines("inputs", input));
      HONE_ASSIGN_OR_RETURN(test.outputs.emplace_back(), TextOrLines("outputs", output));
      continue;
    }
    if (!input.is(Kind::kList)) return Wrong("inputs", "a list of argument lists where \"fn_name\" is given", input);
    for (const PlainValue& argument : input.items) test.arguments.push_back(WithNumberKeys(argument));
    // Some rows wrap the result in a list of one, some do not.
    test.expected.push_back(output);
    if (output.is(Kind::kList) && output.items.size() == 1) test.expected.push_back(output.items[0]);
  }
  return absl::OkStatus();
}

absl::Status ReadTestFile(const PlainValue& row, CodeProblem* problem) {
  problem->kind = CodeProblem::Kind::kAsserts;
  std::string setup;
  HONE_RETURN_IF_ERROR(ReadText(row, "test_setup_code", &setup));
  if (!setup.empty()) problem->test_file = setup + "\n";
  for (const char* name : {"test_imports", "test_list", "test"}) {
    const PlainValue* field = Field(row, name);
    if (field == nullptr) continue;
    HONE_ASSIGN_OR_RETURN(const std::string text, TextOrLines(name, *field));
    problem->test_file += text + "\n";
  }
  return absl::OkStatus();
}

bool HasLine(std::string_view text, std::string_view start) {
  return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string_view::npos;
}

CodeFormat Detect(const PlainValue& row) {
  const PlainValue* tests = Field(row, "tests");
  if (Field(row, "input_output") != nullptr) return CodeFormat::kApps;
  if (tests != nullptr && tests->is(Kind::kText) && Field(row, "stop_tokens") != nullptr) return CodeFormat::kMultiple;
  if (tests != nullptr || Field(row, "visible_tests") != nullptr || Field(row, "hidden_tests") != nullptr) return CodeFormat::kTests;
  if (Field(row, "test") != nullptr && Field(row, "entry_point") != nullptr) return CodeFormat::kHumanEval;
  if (Field(row, "test") != nullptr || Field(row, "test_list") != nullptr) return CodeFormat::kAsserts;
  return CodeFormat::kTests;
}
}  // namespace

absl::StatusOr<CodeProblem> ReadProblem(const PlainValue& row, std::string_view prompt, CodeFormat format) {
  if (!row.is(Kind::kDict)) return absl::InvalidArgumentError("the row must be a JSON object");
  CodeProblem problem{.id = RowId(row), .prompt = std::string(prompt)};
  HONE_RETURN_IF_ERROR(ReadCommon(row, &problem));
  if (format == CodeFormat::kAuto) format = Detect(row);
  switch (format) {
    case CodeFormat::kApps:
      HONE_RETURN_IF_ERROR(ReadApps(row, &problem));
      break;
    case CodeFormat::kHumanEval:
      HONE_RETURN_IF_ERROR(ReadTestFile(row, &problem));
      if (problem.entry_point.empty()) return absl::InvalidArgumentError("the row has no \"entry_point\"");
      problem.calls_check = HasLine(problem.test_file, "def check(");
      break;
    case CodeFormat::kAsserts:
      HONE_RETURN_IF_ERROR(ReadTestFile(row, &problem));
      problem.calls_check = !problem.entry_point.empty() && HasLine(problem.test_file, "def check(");
      break;
    case CodeFormat::kMultiple: {
      problem.kind = CodeProblem::Kind::kAppended;
      HONE_RETURN_IF_ERROR(ReadText(row, "tests", &problem.test_file));
      if (const PlainValue* stops = Field(row, "stop_tokens"); stops != nullptr) {
        HONE_ASSIGN_OR_RETURN(problem.stop_tokens, Texts("stop_tokens", *stops));
      }
      break;
    }
    default:
      HONE_RETURN_IF_ERROR(ReadTests(row, &problem));
  }
  const bool by_file = problem.kind == CodeProblem::Kind::kAsserts || problem.kind == CodeProblem::Kind::kAppended;
  if (by_file ? problem.test_file.find_first_not_of(" \t\r\n") == std::string::npos : problem.tests.empty())
    return absl::InvalidArgumentError("the row has no tests: all of nothing is not a pass");
  if (problem.kind == CodeProblem::Kind::kCalls && problem.entry_point.empty())
    return absl::InvalidArgumentError("calls need the function's name in \"entry_point\"");
  return problem;
}

bool HasTests(const PlainValue& row) {
  for (const char* name : {"input_output", "tests", "visible_tests", "hidden_tests", "test", "test_list"}) {
    if (Field(row, name) != nullptr) return true;
  }
  return false;
}

std::string RowId(const PlainValue& row) {
  for (const char* name : {"task_id", "id", "name", "question_id", "problem_id"}) {
    const PlainValue* value = Field(row, name);
    if (value != nullptr && (value->is(Kind::kText) || value->is(Kind::kInt))) return value->text.substr(0, 80);
  }
  return {};
}

}  // namespace hone
