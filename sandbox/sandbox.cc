#include "sandbox/sandbox.h"

namespace hone {
absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(const SandboxOptions&) { return absl::UnimplementedError("sandbox"); }
}  // namespace hone
