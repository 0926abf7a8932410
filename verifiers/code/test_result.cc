#include "verifiers/code/test_result.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace hone {
namespace {
constexpr std::string_view kNames[] = {
    "OK",         "WRONG",         "RUNTIME_ERROR",   "SIGNAL",         "TIME_LIMIT", "CPU_LIMIT",  "MEMORY_LIMIT", "OUTPUT_LIMIT",
    "PIDS_LIMIT", "COMPILE_ERROR", "COMPILE_TIMEOUT", "CANDIDATE_DIED", "FORGERY",    "TASK_ERROR", "SANDBOX_ERROR"};
}

const char* Name(TestClass test_class) {
  return kNames[static_cast<size_t>(test_class)].data();
}

// A run's class has the same name here.
TestClass FromRunClass(RunClass run_class) {
  const auto* name = std::find(std::begin(kNames), std::end(kNames), Name(run_class));
  return name == std::end(kNames) ? TestClass::kSandboxError : static_cast<TestClass>(name - kNames);
}

}  // namespace hone
