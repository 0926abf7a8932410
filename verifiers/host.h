#pragma once

#include "lib/base/mutex.h"
#include "lib/base/status.h"
#include "sandbox/sandbox.h"

namespace hone {

// What a process offers to its verifiers. Each thing is started when a verifier first asks for it, then shared; so a recipe without code
// needs no sandbox.
//
// Threads: any. Must outlive the verifiers made with it.
class VerifierHost {
 public:
  explicit VerifierHost(SandboxOptions sandbox = {}) : sandbox_options_(sandbox) {}
  VerifierHost(const VerifierHost&) = delete;
  VerifierHost& operator=(const VerifierHost&) = delete;

  // The error of Sandbox::Start, the same every time.
  absl::StatusOr<Sandbox*> sandbox();

 private:
  const SandboxOptions sandbox_options_;
  Mutex mu_;
  absl::Status sandbox_status_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Sandbox> sandbox_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
