#include "verifiers/host.h"

namespace hone {

absl::StatusOr<Sandbox*> VerifierHost::sandbox() {
  MutexLock lock(mu_);
  if (sandbox_ == nullptr && sandbox_status_.ok()) {
    auto sandbox = Sandbox::Start(sandbox_options_);
    sandbox_status_ = sandbox.status();
    if (sandbox.ok()) sandbox_ = *std::move(sandbox);
  }
  HONE_RETURN_IF_ERROR(sandbox_status_);
  return sandbox_.get();
}

}  // namespace hone
