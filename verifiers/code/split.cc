#include "verifiers/code/split.h"

#include <optional>

#include "fmt/format.h"
#include "lib/base/random.h"
#include "verifiers/code/guest.h"
#include "verifiers/code/python_guests.h"

namespace hone {
namespace {
using Kind = PlainValue::Kind;
constexpr PlainLimits kFromCandidate = {.max_depth = 68, .max_values = 600'000};
constexpr PlainLimits kFromTests = {.max_depth = 68, .max_values = 1'200'000, .handles = true};

absl::Status SendMessage(Guest& guest, const PlainValue& message) {
  return guest.channel().Send(Encode(message));
}

bool IsText(const PlainValue& message, size_t index, std::string_view text = {}) {
  return message.items.size() > index && message.items[index].is(Kind::kText) && (text.empty() || message.items[index].text == text);
}

absl::StatusOr<PlainValue> ReceiveMessage(Guest& guest, const PlainLimits& limits) {
  HONE_ASSIGN_OR_RETURN(const std::string bytes, guest.channel().Receive());
  HONE_ASSIGN_OR_RETURN(PlainValue message, DecodePlain(bytes, limits));
  if (!message.is(Kind::kList) || !IsText(message, 0)) return absl::InvalidArgumentError("not a message");
  return message;
}

// The candidate's side. Once a test has a verdict because of what the candidate did, `failure` holds it.
class Candidate {
 public:
  Candidate(std::unique_ptr<LiveRun> run, bool by_handle, uint64_t seed)
      : guest_(std::move(run)), limits_(kFromCandidate), nonces_(seed, 0x6e6f6e6365) {
    limits_.handles = by_handle;
    lost_ = !SendMessage(guest_, PlainValue::Bool(by_handle)).ok();
  }

  // The answer to a request, whose first item is the op: [ok, value], [error, ..], [stop] or [callback, ..]; nullopt: see failure().
  std::optional<PlainValue> Ask(PlainValue request) {
    nonce_ = std::to_string(nonces_.Bits(next_nonce_++));
    is_next_ = IsText(request, 0, "next");
    request.items.insert(request.items.begin() + 1, {.kind = Kind::kInt, .text = nonce_});
    if (guest_.channel().HasUnread()) return Fail(TestClass::kForgery, "the program answered before it was asked");
    return Exchange(request);
  }
  // Gives the result of a callback; then as Ask.
  std::optional<PlainValue> Resume(const PlainValue& result) { return Exchange(result); }

  std::optional<PlainValue> Load(const PythonProgram& program, uint64_t seed) {
    std::vector<PlainValue> variants;
    for (const std::string& source : program.variants) variants.push_back({.kind = Kind::kBytes, .text = source});
    auto answer = Ask(PlainValue::List({PlainValue::Text("load"),
                                        {.kind = Kind::kBytes, .text = program.preamble},
                                        PlainValue::List(std::move(variants)),
                                        {.kind = Kind::kInt, .text = std::to_string(seed)}}));
    if (answer.has_value() && !IsText(*answer, 0, "ok")) return Raised(*answer);
    return answer;
  }

  // The verdict on an exception that nobody catches.
  std::optional<PlainValue> Raised(const PlainValue& answer) {
    return Fail(TestClass::kRuntimeError,
                answer.items.size() == 3 ? fmt::format("{}: {}", answer.items[1].text, answer.items[2].text) : "an odd answer");
  }

  // Ends the program after its last answer. One more question brings out a second answer to the last one; silence is no fault any more.
  TestResult Finish(TestClass test_class, std::string detail) {
    if (Ask(PlainValue::List({PlainValue::Text("bye")})).has_value()) return {test_class, std::move(detail), guest_.Kill()};
    if (failure_->test_class == TestClass::kForgery) return TakeFailure();
    return {test_class, std::move(detail), std::move(failure_->record)};
  }

  TestResult TakeFailure() { return *std::move(failure_); }

 private:
  std::nullopt_t Fail(TestClass test_class, std::string detail) {
    failure_ = TestResult{test_class, std::move(detail), guest_.Kill()};
    return std::nullopt;
  }

  std::nullopt_t Gone() {
    RunRecord record = guest_.End();
    TestClass test_class = FromRunClass(record.run_class);
    // Neither an exit code nor the end itself says that anything was right.
    if (test_class == TestClass::kOk || test_class == TestClass::kRuntimeError) test_class = TestClass::kCandidateDied;
    std::string detail = test_class == TestClass::kSandboxError ? record.why : "the program ended before it answered";
    failure_ = TestResult{test_class, std::move(detail), std::move(record)};
    return std::nullopt;
  }

  std::optional<PlainValue> Exchange(const PlainValue& message) {
    if (lost_ || !SendMessage(guest_, message).ok()) return Gone();
    auto received = ReceiveMessage(guest_, limits_);
    if (absl::IsDataLoss(received.status())) return Gone();
    if (!received.ok()) return Fail(TestClass::kForgery, std::string(received.status().message()));
    PlainValue answer = *std::move(received);
    if (answer.items.size() < 2 || !answer.items[1].is(Kind::kInt) || answer.items[1].text != nonce_)
      return Fail(TestClass::kForgery, "an answer to another question");
    answer.items.erase(answer.items.begin() + 1);
    const size_t items = answer.items.size();
    if (IsText(answer, 0, "unplain") && items == 3 && IsText(answer, 1))
      return Fail(answer.items[2].boolean ? TestClass::kForgery : TestClass::kRuntimeError,
                  fmt::format("{}, which is no plain data", answer.items[1].text));
    const bool known = (IsText(answer, 0, "ok") && items == 2) ||
                       (IsText(answer, 0, "error") && items == 3 && IsText(answer, 1) && IsText(answer, 2)) ||
                       // Out of place, an end of iteration would cut the test's own loops short.
                       (IsText(answer, 0, "stop") && items == 1 && is_next_) ||
                       (IsText(answer, 0, "callback") && items == 4 && limits_.handles && answer.items[1].is(Kind::kInt) &&
                        answer.items[2].is(Kind::kList) && answer.items[3].is(Kind::kDict));
    if (!known) return Fail(TestClass::kForgery, "an unknown answer");
    return answer;
  }

  Guest guest_;
  PlainLimits limits_;
  const RandomStream nonces_;
  uint64_t next_nonce_ = 0;
  std::string nonce_;
  bool is_next_ = false;
  bool lost_ = false;
  std::optional<TestResult> failure_;
};

RunRequest GuestRequest(const TestBench& bench, const std::string& source) {
  RunRequest request;
  request.language = "python";
  request.source = source;
  request.limits = bench.limits;
  request.seed = bench.seed;
  return request;
}

TestResult NotStarted(const absl::Status& status) {
  return {TestClass::kSandboxError, std::string(status.message()), {}};
}

// The verdict when the process of the test file has ended by itself: it runs nothing of the candidate's, so a limit it met was met over
// the values it was given.
TestResult TestsGone(Guest& tests, Candidate& candidate, bool called) {
  const RunRecord record = tests.End();
  if (record.run_class == RunClass::kSandboxError) return {TestClass::kSandboxError, record.why, record};
  const std::string detail = fmt::format("the test file ended with {}", Name(record.run_class));
  if (!called) return {TestClass::kTaskError, detail, record};
  const TestClass test_class = FromRunClass(record.run_class);
  return candidate.Finish(test_class == TestClass::kOk ? TestClass::kWrong : test_class, detail);
}

// Everything from [ready] on.
TestResult Relay(Guest& tests, Candidate& candidate) {
  bool called = false;
  while (true) {
    auto received = ReceiveMessage(tests, kFromTests);
    if (absl::IsDataLoss(received.status())) return TestsGone(tests, candidate, called);
    if (!received.ok()) return {TestClass::kTaskError, "the test file's values: " + std::string(received.status().message()), {}};
    const std::string& op = received->items[0].text;
    if (op == "done") return candidate.Finish(TestClass::kOk, "");
    if (op == "bad") return {TestClass::kTaskError, IsText(*received, 1) ? received->items[1].text : "", {}};
    if (op == "fail" && received->items.size() == 5)
      return candidate.Finish(
          received->items[4].boolean ? TestClass::kRuntimeError : TestClass::kWrong,
          fmt::format("line {} of the test file: {}: {}", received->items[3].text, received->items[1].text, received->items[2].text));
    called = true;
    std::optional<PlainValue> answer = candidate.Ask(*std::move(received));
    while (answer.has_value() && IsText(*answer, 0, "callback")) {
      if (!SendMessage(tests, *answer).ok()) return TestsGone(tests, candidate, called);
      auto result = ReceiveMessage(tests, kFromTests);
      if (absl::IsDataLoss(result.status())) return TestsGone(tests, candidate, called);
      if (!result.ok() || !(IsText(*result, 0, "ok") || IsText(*result, 0, "error")))
        return {TestClass::kTaskError, "a function of the test file calls the candidate while the candidate calls it", {}};
      answer = candidate.Resume(*result);
    }
    if (!answer.has_value()) return candidate.TakeFailure();
    if (!SendMessage(tests, *answer).ok()) return TestsGone(tests, candidate, called);
  }
}
}  // namespace

TestResult RunCall(const TestBench& bench, const CodeProblem& problem, const PythonProgram& program, const CodeTest& test,
                   const PlainTolerance& tolerance) {
  auto runs = bench.sandbox.Open({GuestRequest(bench, CandidateGuest())}, bench.deadline);
  if (!runs.ok()) return NotStarted(runs.status());
  Candidate candidate(std::move(runs->at(0)), /*by_handle=*/false, bench.seed);
  if (!candidate.Load(program, bench.seed).has_value()) return candidate.TakeFailure();
  const std::optional<PlainValue> answer =
      candidate.Ask(PlainValue::List({PlainValue::Text(problem.in_place ? "in_place" : "call"), PlainValue::Text(problem.entry_point),
                                      PlainValue::List(test.arguments), PlainValue{.kind = Kind::kDict}}));
  if (!answer.has_value()) return candidate.TakeFailure();
  if (!IsText(*answer, 0, "ok")) {
    candidate.Raised(*answer);
    return candidate.TakeFailure();
  }
  const PlainValue& got = answer->items[1];
  for (const PlainValue& want : test.expected) {
    if (MatchesPlain(want, got, tolerance, /*json=*/true)) return candidate.Finish(TestClass::kOk, "");
  }
  return candidate.Finish(TestClass::kWrong, fmt::format("returned {}, expected {}", Shown(got), Shown(test.expected.at(0))));
}

TestResult RunTestFile(const TestBench& bench, const CodeProblem& problem, const PythonProgram& program) {
  auto runs = bench.sandbox.Open({GuestRequest(bench, CandidateGuest()), GuestRequest(bench, TestGuest())}, bench.deadline);
  if (!runs.ok()) return NotStarted(runs.status());
  Guest tests(std::move(runs->at(1)));
  Candidate candidate(std::move(runs->at(0)), /*by_handle=*/true, bench.seed);
  // A lost message shows when the answer does not come.
  SendMessage(tests, PlainValue::List({PlainValue::Text(problem.entry_point),
                                       PlainValue::Bool(problem.calls_check),
                                       PlainValue::Text(PreambleOf(problem.prompt, problem.entry_point)),
                                       PlainValue::Text(problem.test_file),
                                       {.kind = Kind::kInt, .text = std::to_string(bench.seed)}}))
      .IgnoreError();
  const std::optional<PlainValue> loaded = candidate.Load(program, bench.seed);
  auto ready = ReceiveMessage(tests, kFromTests);
  if (absl::IsDataLoss(ready.status())) return TestsGone(tests, candidate, /*called=*/false);
  if (ready.ok() && IsText(*ready, 0, "bad") && IsText(*ready, 1)) return {TestClass::kTaskError, ready->items[1].text, {}};
  if (!ready.ok() || !IsText(*ready, 0, "ready")) return {TestClass::kTaskError, "the test file's process does not begin", {}};
  if (!loaded.has_value()) return candidate.TakeFailure();
  return Relay(tests, candidate);
}

}  // namespace hone
