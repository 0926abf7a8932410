#pragma once

#include <string>

#include "sandbox/sandbox.h"

namespace hone {

// What became of one test, or of one test file.
enum class TestClass : uint8_t {
  kOk,
  kWrong,
  kRuntimeError,
  kSignal,
  kTimeLimit,
  kCpuLimit,
  kMemoryLimit,
  kOutputLimit,
  kPidsLimit,
  kCompileError,
  kCompileTimeout,
  kCandidateDied,  // the process went away before it answered a call or came to the end of the tests
  kForgery,
  kTaskError,     // the task's own text is at fault
  kSandboxError,  // we are
};
const char* Name(TestClass test_class);  // "OK", "WRONG", ...
TestClass FromRunClass(RunClass run_class);

struct TestResult {
  TestClass test_class = TestClass::kSandboxError;
  std::string detail;  // for people
  RunRecord record;    // of the candidate's run

  bool ok() const { return test_class == TestClass::kOk; }
};

// What every run of one verdict shares.
struct TestBench {
  Sandbox& sandbox;
  SandboxLimits limits;
  uint64_t seed = 0;
  absl::Time deadline = absl::InfiniteFuture();
};

}  // namespace hone
