#include "verifiers/code/program_run.h"

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "verifiers/code/appended_source.h"
#include "verifiers/code/guest.h"

namespace hone {
namespace {

RunRequest ProgramRequest(const TestBench& bench, std::string_view language, std::string source) {
  RunRequest request;
  request.language = language;
  request.source = std::move(source);
  request.limits = bench.limits;
  request.seed = bench.seed;
  return request;
}

// What the first bytes of a program's error output say, for people.
std::string Complaint(const RunRecord& record) {
  return record.run_class == RunClass::kSandboxError ? record.why : record.err.substr(0, 1000);
}

// Whether a Python program ended by itself with an exception that speaks of its own text, not of what it read.
bool DoesNotHoldTogether(const RunRecord& record) {
  const size_t end = record.err.find_last_not_of('\n');
  if (record.run_class != RunClass::kRuntimeError || end == std::string::npos) return false;
  const size_t line = record.err.rfind('\n', end);  // npos + 1 is the beginning
  const std::string_view last = std::string_view(record.err).substr(line + 1);
  for (std::string_view name : {"SyntaxError:", "IndentationError:", "TabError:", "NameError:", "ImportError:", "ModuleNotFoundError:"}) {
    if (last.starts_with(name)) return true;
  }
  return false;
}

TestResult Ask(const TestBench& bench, const CodeProblem& problem, const CodeTest& test, TestResult result) {
  RunRequest request = ProgramRequest(bench, problem.checker_language, problem.checker);
  request.arguments = {"/box/input", "/box/output", "/box/answer"};  // where the sandbox puts files
  auto check = [&](std::string_view output) {
    request.files = {{"input", test.input}, {"output", std::string(output)}, {"answer", test.outputs.empty() ? "" : test.outputs.front()}};
    return bench.sandbox.Run(request, bench.deadline);
  };
  const std::string& output = result.record.out;
  const RunRecord checker = check(output);
  const bool spoke = checker.run_class == RunClass::kOk || checker.run_class == RunClass::kRuntimeError;
  // Python leaves with 1 as well when it cannot go on. A checker that evaluates outputs must not look broken because of one, so it has to
  // stumble over another output in the same words.
  const bool broken = !spoke || checker.exit_code < 0 || checker.exit_code > 2 ||
                      (DoesNotHoldTogether(checker) && check(output == "0\n" ? "1\n" : "0\n").err == checker.err);
  result.detail = Complaint(checker);
  if (checker.run_class == RunClass::kSandboxError) {
    result.test_class = TestClass::kSandboxError;
  } else if (broken) {
    result.test_class = TestClass::kTaskError;
    result.detail = fmt::format("the checker ended with {}, exit code {}: {}", Name(checker.run_class), checker.exit_code, result.detail);
  } else {
    result.test_class = checker.exit_code == 0 ? TestClass::kOk : TestClass::kWrong;
  }
  return result;
}

// Made afresh for every program, the same for the same one, so that a compiled program can be used again.
std::string TokenOf(std::string_view code, std::string_view tests) {
  static const uint64_t secret = absl::ToUnixNanos(absl::Now()) ^ reinterpret_cast<uintptr_t>(&secret);
  return Sha256Hex(fmt::format("{}:{}:{}:{}", secret, code.size(), code, tests)).substr(0, 32);
}
}  // namespace

TestResult RunProgram(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view source,
                      const CodeTest& test, const OutputComparison& comparison) {
  RunRequest request = ProgramRequest(bench, language, std::string(source));
  request.input = test.input;
  TestResult result;
  result.record = bench.sandbox.Run(request, bench.deadline);
  result.test_class = FromRunClass(result.record.run_class);
  if (!result.ok()) {
    result.detail = Complaint(result.record);
    return result;
  }
  if (!problem.checker.empty()) return Ask(bench, problem, test, std::move(result));
  for (const std::string& output : test.outputs) {
    if (OutputMatches(output, result.record.out, comparison)) return result;
  }
  result.test_class = TestClass::kWrong;
  result.detail = fmt::format("printed {} bytes: {}", result.record.out.size(), result.record.out.substr(0, 200));
  return result;
}

TestResult RunAppended(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view code) {
  const std::string token = TokenOf(code, problem.test_file);
  auto runs = bench.sandbox.Open({ProgramRequest(bench, language, AppendTests(problem, code, token))}, bench.deadline);
  if (!runs.ok()) return {TestClass::kSandboxError, std::string(runs.status().message()), {}};
  Guest guest(std::move(runs->at(0)));
  bool passed = false, failed = false, forged = false;
  while (!forged) {
    const auto frame = guest.channel().Receive();
    if (absl::IsDataLoss(frame.status())) break;
    forged = !frame.ok() || (*frame != token && *frame != "F") || passed || failed;
    passed = frame.ok() && *frame == token;
    failed = !passed;
  }
  if (forged) return {TestClass::kForgery, "an unknown or second message", guest.Kill()};
  TestResult result{.record = guest.End()};
  result.test_class = FromRunClass(result.record.run_class);
  result.detail = Complaint(result.record);
  if (failed && (result.ok() || result.test_class == TestClass::kSignal || result.test_class == TestClass::kRuntimeError)) {
    result.test_class = TestClass::kWrong;
  } else if (result.ok() && !passed) {
    result.test_class = TestClass::kCandidateDied;
    result.detail = "the program ended before the tests did";
  } else if (result.test_class == TestClass::kCompileError) {
    // The diagnostics cannot say whose fault it is: the tests may not fit the code, or no code.
    const std::string alone = TestsAlone(problem, token);
    if (!alone.empty() && bench.sandbox.Run(ProgramRequest(bench, language, alone), bench.deadline).run_class == RunClass::kCompileError) {
      result.test_class = TestClass::kTaskError;
      result.detail = "the tests do not compile by themselves: " + result.detail;
    }
  }
  return result;
}

}  // namespace hone
