#pragma once
// The sandbox that this folder's tests share, one a process; with HONE_TEST_AS_USER=1 the process gives up root first, with
// HONE_TEST_RLIMITS=1 there are no control groups.

#include <grp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "sandbox/sandbox.h"

namespace hone {

inline constexpr int kTestUid = 65533;

// For good, like a process that an ordinary user started: no groups, no capabilities.
inline bool BecomeOrdinaryUser() {
  if (::geteuid() != 0) return true;
  const bool changed =
      ::setgroups(0, nullptr) == 0 && ::setresgid(kTestUid, kTestUid, kTestUid) == 0 && ::setresuid(kTestUid, kTestUid, kTestUid) == 0;
  ::setenv("HOME", "/nonexistent", 1);
  return changed && ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

inline SandboxOptions TestSandboxOptions() {
  return {.slots = 2, .use_cgroups = ::getenv("HONE_TEST_RLIMITS") == nullptr};
}

// The error of Start, the same every time.
inline absl::StatusOr<Sandbox*> SharedTestSandbox() {
  static auto* const sandbox = new absl::StatusOr<std::unique_ptr<Sandbox>>([]() -> absl::StatusOr<std::unique_ptr<Sandbox>> {
    if (::getenv("HONE_TEST_AS_USER") != nullptr && !BecomeOrdinaryUser()) return absl::InternalError("the tests could not give up root");
    return Sandbox::Start(TestSandboxOptions());
  }());
  if (!sandbox->ok()) return sandbox->status();
  return (*sandbox)->get();
}

// True where this machine has no bubblewrap or no user namespaces; any other refusal is a failure.
inline bool SandboxImpossible(const absl::Status& status) {
  return absl::IsNotFound(status) ||
         (absl::IsFailedPrecondition(status) && status.message().find("user namespaces are not usable") != absl::string_view::npos);
}

}  // namespace hone

// Declares `Sandbox* name`; skips the test with the reason where this machine cannot have one.
#define HONE_TEST_SANDBOX(name)                                                                    \
  const absl::StatusOr<::hone::Sandbox*> name##_or = ::hone::SharedTestSandbox();                  \
  if (::hone::SandboxImpossible(name##_or.status())) GTEST_SKIP() << name##_or.status().message(); \
  ASSERT_TRUE(name##_or.ok()) << name##_or.status();                                               \
  ::hone::Sandbox* const name = *name##_or
