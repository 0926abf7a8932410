#include "verifiers/code/test_result.h"

namespace hone {

const char* Name(TestClass test_class) {
  constexpr const char* kNames[] = {"OK",           "WRONG",        "RUNTIME_ERROR", "SIGNAL",        "TIME_LIMIT",      "CPU_LIMIT",
                                    "MEMORY_LIMIT", "OUTPUT_LIMIT", "PIDS_LIMIT",    "COMPILE_ERROR", "COMPILE_TIMEOUT", "CANDIDATE_DIED",
                                    "FORGERY",      "TASK_ERROR",   "SANDBOX_ERROR"};
  return kNames[static_cast<int>(test_class)];
}

TestClass FromRunClass(RunClass run_class) {
  switch (run_class) {
    case RunClass::kOk:
      return TestClass::kOk;
    case RunClass::kRuntimeError:
      return TestClass::kRuntimeError;
    case RunClass::kSignal:
      return TestClass::kSignal;
    case RunClass::kTimeLimit:
      return TestClass::kTimeLimit;
    case RunClass::kCpuLimit:
      return TestClass::kCpuLimit;
    case RunClass::kMemoryLimit:
      return TestClass::kMemoryLimit;
    case RunClass::kOutputLimit:
      return TestClass::kOutputLimit;
    case RunClass::kPidsLimit:
      return TestClass::kPidsLimit;
    case RunClass::kCompileError:
      return TestClass::kCompileError;
    case RunClass::kCompileTimeout:
      return TestClass::kCompileTimeout;
    case RunClass::kForgery:
      return TestClass::kForgery;
    case RunClass::kSandboxError:
      return TestClass::kSandboxError;
  }
  return TestClass::kSandboxError;
}

}  // namespace hone
