#include "verifiers/code/code.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "fmt/format.h"
#include "lib/data/params.h"
#include "sandbox/languages.h"
#include "verifiers/code/problem.h"
#include "verifiers/code/program_run.h"
#include "verifiers/code/program_text.h"
#include "verifiers/code/split.h"

namespace hone {
namespace {
constexpr size_t kMaxSourceBytes = 1 << 20;
constexpr size_t kMaxEvidenceBytes = 60'000;
constexpr absl::Duration kWall = absl::Seconds(3), kCpu = absl::Seconds(2);
constexpr absl::Duration kFileWall = absl::Seconds(10);  // a test file makes all its calls in one run
constexpr int64_t kMemoryBytes = 256LL << 20;
constexpr int64_t kAppendedMemoryBytes = 1LL << 30;  // as its compilation has; accepted solutions of public tasks use 0.9 GiB

// What the judges that such classes are written for import unasked.
constexpr std::string_view kJudgeImports =
    "from typing import *\nfrom collections import *\nfrom functools import *\nfrom itertools import *\nfrom heapq import *\nfrom bisect "
    "import *\n"
    "from math import *\nimport bisect, collections, functools, heapq, itertools, math, random, re, string\n";

// What a row or the parameters say, whichever says it first.
struct CodeSettings {
  std::string language;
  CodeFormat format = CodeFormat::kAuto;
  OutputMode comparison = OutputMode::kLines;
  bool fraction = false;
  bool stop_at_first_failure = false;
  absl::Duration time_limit;  // 0: by kind
  absl::Duration task_time;
  int64_t memory_bytes = 0;
  double abs_tolerance = -1, rel_tolerance = -1;  // negative: by kind
};

CodeFormat FormatFromName(std::string_view name) {
  constexpr std::pair<std::string_view, CodeFormat> kFormats[] = {{"tests", CodeFormat::kTests},         {"apps", CodeFormat::kApps},
                                                                  {"humaneval", CodeFormat::kHumanEval}, {"asserts", CodeFormat::kAsserts},
                                                                  {"multiple", CodeFormat::kMultiple},   {"auto", CodeFormat::kAuto}};
  return std::find_if(std::begin(kFormats), std::end(kFormats), [&](const auto& format) { return format.first == name; })->second;
}

// All tests of one completion so far.
struct Tally {
  int64_t passed = 0, total = 0;
  int64_t visible_passed = 0, visible_total = 0;
  std::optional<TestClass> first_failure;
  bool forged = false;
  std::string evidence;

  void Add(const CodeTest& test, const TestResult& result) {
    ++total;
    passed += result.ok();
    visible_total += test.visible;
    visible_passed += test.visible && result.ok();
    if (!result.ok() && !first_failure.has_value()) first_failure = result.test_class;
    forged |= result.test_class == TestClass::kForgery;
    if (evidence.size() > kMaxEvidenceBytes) return;
    const RunRecord& record = result.record;
    evidence += fmt::format(
        "test {}{}: {}, exit {}, signal {}, wall {:.1f} ms, cpu {:.1f} ms, peak {}, stdout {} bytes{}, stderr {} bytes, limits {}, mode {}",
        total, test.visible ? " (visible)" : "", Name(result.test_class), record.exit_code, record.signal,
        absl::ToDoubleMilliseconds(record.wall), absl::ToDoubleMilliseconds(record.cpu),
        record.peak_bytes.has_value() ? std::to_string(*record.peak_bytes) : "unknown", record.out.size(),
        record.out_truncated ? " (cut)" : "", record.err.size(), record.limits, Name(record.mode));
    if (!result.detail.empty()) evidence += "; " + result.detail.substr(0, 2000);
    evidence += '\n';
  }
};

class Code : public Verifier {
 public:
  Code(CodeSettings settings, std::string schema, Sandbox& sandbox) : settings_(std::move(settings)), sandbox_(sandbox) {
    description_ = {.name = "code",
                    .version = 1,
                    .params_schema = std::move(schema),
                    .parts = {"passed_fraction", "all_passed", "visible", "hidden", "forgery"},
                    .needs = {"sandbox"},
                    .concurrency = sandbox.slots()};
  }

  const VerifierDescription& Describe() const override { return description_; }

  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override {
    std::vector<Verdict> verdicts(batch.size());
    std::atomic<size_t> next{0};
    auto work = [&] {
      for (size_t i = next++; i < batch.size(); i = next++) {
        verdicts[i].id = batch[i].id;
        try {
          Judge(batch[i], &verdicts[i]);
        } catch (const std::exception& error) {  // no memory: this request's trouble, not its neighbours'
          verdicts[i].outcome = InfraError{error.what(), /*retryable=*/true};
        }
      }
    };
    std::vector<std::thread> others;
    const size_t threads = std::min<size_t>(batch.size(), std::max(1, sandbox_.slots()));
    for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    for (std::thread& thread : others) thread.join();
    return verdicts;
  }

 private:
  void Judge(const VerifyRequest& request, Verdict* verdict) const {
    auto task_error = [&](std::string_view id, std::string_view why) {
      verdict->outcome = TaskError{id.empty() ? std::string(why) : fmt::format("row \"{}\": {}", id, why)};
      verdict->reason = Name(TestClass::kTaskError);
    };
    const absl::StatusOr<PlainValue> row = RowOf(request);
    if (!row.ok()) return task_error("", std::string(row.status().message()));
    absl::StatusOr<CodeProblem> problem = ReadProblem(*row, request.prompt, settings_.format);
    if (!problem.ok()) return task_error(RowId(*row), std::string(problem.status().message()));
    const std::string language = settings_.language.empty() ? problem->language : settings_.language;
    if (const std::string why = Refused(*problem, language); !why.empty()) return task_error(problem->id, why);
    for (const std::string& name : {language, problem->checker.empty() ? language : problem->checker_language}) {
      const absl::Status status = FindLanguage(name).status();
      if (absl::IsInvalidArgument(status)) return task_error(problem->id, std::string(status.message()));
      if (!status.ok()) {
        verdict->outcome = InfraError{std::string(status.message())};
        return;
      }
    }

    std::string code = ExtractCode(request.completion);
    code.resize(code.find_last_not_of(" \t\r\n") + 1);
    Tally tally;
    TestResult last;
    if (code.size() > kMaxSourceBytes) {
      last = {TestClass::kCompileError, fmt::format("the program has {} bytes, at most {} are read", code.size(), kMaxSourceBytes), {}};
      tally.Add({}, last);
    } else {
      last = RunTests(request, *problem, language, code, &tally);
    }
    if (last.test_class == TestClass::kTaskError) return task_error(problem->id, last.detail);
    if (last.test_class == TestClass::kSandboxError) {
      verdict->outcome = InfraError{last.detail, /*retryable=*/true};
      verdict->reason = Name(TestClass::kSandboxError);
      return;
    }
    Report(*problem, tally, verdict);
  }

  // The row that holds the tests: the request's own, else its reference.
  static absl::StatusOr<PlainValue> RowOf(const VerifyRequest& request) {
    PlainValue row;
    if (!request.row.empty()) {
      auto parsed = PlainFromJson(request.row);
      if (!parsed.ok()) return Annotate(parsed.status(), "the row");
      if (HasTests(*parsed) || request.reference.empty()) return parsed;
      row = *std::move(parsed);
    }
    auto reference = PlainFromJson(request.reference);
    if (reference.ok() && HasTests(*reference)) return reference;
    if (reference.ok() && reference->is(PlainValue::Kind::kList))
      return PlainValue{.kind = PlainValue::Kind::kDict, .items = {PlainValue::Text("tests"), *std::move(reference)}};
    if (row.is(PlainValue::Kind::kDict)) return row;
    return absl::InvalidArgumentError("no tests: neither the row nor the reference is a JSON object that has them");
  }

  static std::string Refused(const CodeProblem& problem, std::string_view language) {
    using ProblemKind = CodeProblem::Kind;
    if (language.empty()) return "no language, neither in the row nor in the parameters";
    const bool native = language == "c" || language == "cpp";
    if (problem.kind == ProblemKind::kAppended && !native) return fmt::format("tests behind the program need c or cpp, not {}", language);
    if ((problem.kind == ProblemKind::kCalls || problem.kind == ProblemKind::kAsserts) && language != "python")
      return fmt::format("calls and test files need python, not {}", language);
    return {};
  }

  SandboxLimits Limits(const CodeProblem& problem) const {
    SandboxLimits limits;
    const bool by_file = problem.kind == CodeProblem::Kind::kAsserts || problem.kind == CodeProblem::Kind::kAppended;
    limits.wall = by_file ? kFileWall : kWall;
    limits.cpu = by_file ? kFileWall : kCpu;
    const absl::Duration own = problem.time_limit.value_or(settings_.time_limit);
    if (own > absl::ZeroDuration()) {
      limits.cpu = own;
      limits.wall = own + std::max(absl::Seconds(1), own / 2);  // a program that waits for its turn is not slow
    }
    const int64_t usual = problem.kind == CodeProblem::Kind::kAppended ? kAppendedMemoryBytes : kMemoryBytes;
    limits.memory_bytes = problem.memory_bytes.value_or(settings_.memory_bytes > 0 ? settings_.memory_bytes : usual);
    return limits;
  }

  // Runs the tests into the tally. The result of the last one is returned: with kTaskError or kSandboxError there is no verdict.
  TestResult RunTests(const VerifyRequest& request, const CodeProblem& problem, std::string_view language, std::string_view code,
                      Tally* tally) const {
    const bool floats = problem.kind == CodeProblem::Kind::kStdio;
    auto tolerance = [&](const std::optional<double>& of_row, double of_params) {
      return of_row.value_or(of_params >= 0 ? of_params : floats ? 1e-6 : 0);
    };
    const double abs = tolerance(problem.abs_tolerance, settings_.abs_tolerance);
    const double rel = tolerance(problem.rel_tolerance, settings_.rel_tolerance);
    const OutputComparison comparison{problem.comparison.value_or(settings_.comparison), abs, rel};
    PythonProgram program;
    if (problem.kind == CodeProblem::Kind::kCalls || problem.kind == CodeProblem::Kind::kAsserts)
      program = JoinPython(problem.prompt, code, problem.entry_point);
    if (problem.kind == CodeProblem::Kind::kCalls && code.find("class Solution") != std::string_view::npos)
      program.preamble.insert(0, kJudgeImports);

    const std::vector<CodeTest> whole(1);  // a test file is one test
    const absl::Time budget_end = absl::Now() + settings_.task_time;
    TestResult result;
    for (const CodeTest& test : problem.tests.empty() ? whole : problem.tests) {
      const absl::Time now = absl::Now();
      if (now >= request.deadline) return {TestClass::kSandboxError, "the deadline passed before the tests were done", {}};
      TestBench bench{.sandbox = sandbox_, .limits = Limits(problem), .seed = request.seed, .deadline = request.deadline};
      const bool cut = request.deadline - now < bench.limits.wall;
      if (cut) bench.limits.wall = request.deadline - now;
      if (now >= budget_end) {
        result = {TestClass::kTimeLimit, "not run: the time for all tests is used up", {}};
      } else {
        result = RunOne(bench, problem, language, code, program, test, comparison);
      }
      if (result.test_class == TestClass::kTimeLimit && cut)
        return {TestClass::kSandboxError, "the deadline passed before the program's time limit", std::move(result.record)};
      if (result.test_class == TestClass::kTaskError || result.test_class == TestClass::kSandboxError) return result;
      tally->Add(test, result);
      if (result.test_class == TestClass::kForgery || (settings_.stop_at_first_failure && !result.ok())) break;
    }
    return result;
  }

  // A run leaves nothing behind, so our own fault is worth one more try.
  TestResult RunOne(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view code,
                    const PythonProgram& program, const CodeTest& test, const OutputComparison& comparison) const {
    TestResult result = TryOne(bench, problem, language, code, program, test, comparison);
    if (result.test_class == TestClass::kSandboxError) result = TryOne(bench, problem, language, code, program, test, comparison);
    return result;
  }

  TestResult TryOne(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view code,
                    const PythonProgram& program, const CodeTest& test, const OutputComparison& comparison) const {
    switch (problem.kind) {
      case CodeProblem::Kind::kStdio:
        return RunProgram(bench, problem, language, code, test, comparison);
      case CodeProblem::Kind::kCalls:
        return RunCall(bench, problem, program, test, {comparison.abs, comparison.rel});
      case CodeProblem::Kind::kAsserts:
        return RunTestFile(bench, problem, program);
      case CodeProblem::Kind::kAppended:
        return RunAppended(bench, problem, language, code);
    }
    return {};
  }

  void Report(const CodeProblem& problem, const Tally& tally, Verdict* verdict) const {
    const int64_t planned = std::max<int64_t>(1, static_cast<int64_t>(problem.tests.size()));
    auto share = [](int64_t part, int64_t of) { return static_cast<double>(part) / static_cast<double>(of); };
    const int64_t visible = std::count_if(problem.tests.begin(), problem.tests.end(), [](const CodeTest& test) { return test.visible; });
    const double fraction = tally.forged ? 0 : share(tally.passed, planned);
    const double all = tally.passed == planned ? 1 : 0;
    Score score{settings_.fraction ? fraction : all, {{"passed_fraction", fraction}, {"all_passed", all}}};
    if (visible > 0) score.parts.push_back({"visible", share(tally.visible_passed, visible)});
    if (visible < planned) score.parts.push_back({"hidden", share(tally.passed - tally.visible_passed, planned - visible)});
    score.parts.push_back({"forgery", tally.forged ? 1.0 : 0.0});
    verdict->outcome = std::move(score);
    verdict->reason = Name(tally.forged ? TestClass::kForgery : tally.first_failure.value_or(TestClass::kOk));
    if (problem.kind == CodeProblem::Kind::kAppended) verdict->evidence = "in_process: the program and its tests share a process\n";
    verdict->evidence += tally.evidence;
  }

  const CodeSettings settings_;
  Sandbox& sandbox_;
  VerifierDescription description_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateCode(std::string_view params_json, VerifierHost& host) {
  Params params("code", params_json);
  CodeSettings settings;
  settings.language = params.Text("language", "", "python, c, cpp, bash or the path of an interpreter below /usr; empty: the row says it");
  settings.format = FormatFromName(params.Choice("format", "auto", {"auto", "tests", "apps", "humaneval", "asserts", "multiple"},
                                                 "format of the rows; auto goes by their fields"));
  settings.comparison =
      *OutputModeFromName(params.Choice("comparison", "lines", {"exact", "lines", "tokens", "casefold", "floats", "unordered_lines"},
                                        "how printed output is compared where the row does not say"));
  settings.fraction =
      params.Choice("credit", "all", {"all", "fraction"}, "score: 1 for all tests, or the share of tests that pass") == "fraction";
  settings.stop_at_first_failure = params.Bool("stop_at_first_failure", false, "leave out the tests after the first that does not pass");
  settings.time_limit = absl::Milliseconds(params.Int(
      "time_limit_ms", 0, 0, 600'000, "processor time of one run where the row does not say; 0: 2,000, and 10,000 for a test file"));
  settings.task_time = absl::Milliseconds(params.Int("task_time_ms", 60'000, 1, 3'600'000, "wall time of all tests of one completion"));
  settings.memory_bytes = params.Int("memory_limit_mb", 0, 0, 65'536,
                                     "memory of one run where the row does not say; 0: 256, and 1,024 for C and C++ with tests behind")
                          << 20;
  settings.abs_tolerance =
      params.Number("abs_tolerance", -1, -1, 1e300, "of floats where the row does not say; negative: 1e-6 in printed output, 0 in values");
  settings.rel_tolerance = params.Number("rel_tolerance", -1, -1, 1e300, "likewise, as a share of the expected number");
  const absl::Status known = settings.language.empty() ? absl::OkStatus() : FindLanguage(settings.language).status();
  if (absl::IsInvalidArgument(known)) params.Problem(std::string(known.message()));
  HONE_RETURN_IF_ERROR(params.Finish());
  HONE_RETURN_IF_ERROR(known);  // its interpreter or compiler is missing
  HONE_ASSIGN_OR_RETURN(Sandbox * sandbox, host.sandbox());
  return std::make_unique<Code>(std::move(settings), params.Schema(), *sandbox);
}

}  // namespace hone
