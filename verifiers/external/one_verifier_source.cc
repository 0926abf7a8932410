#include "verifiers/external/one_verifier_source.h"

#include "fmt/format.h"

namespace hone {
namespace {
constexpr size_t kMaxKept = 64;
}  // namespace

absl::StatusOr<std::shared_ptr<const Verifier>> OneVerifierSource::Get(std::string_view name, std::string_view params_json) {
  if (!name.empty() && name != name_) return absl::NotFoundError(fmt::format("\"{}\" is not served here, only \"{}\"", name, name_));
  const std::string params(params_json.empty() || params_json == "{}" ? std::string_view(default_params_) : params_json);
  MutexLock lock(mu_);
  if (auto it = made_.find(params); it != made_.end()) return it->second;
  if (made_.size() >= kMaxKept) {
    return absl::ResourceExhaustedError(fmt::format("verifiers with {} different parameters are kept already, no more can", kMaxKept));
  }
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const Verifier> verifier, make_(params));
  return made_.emplace(params, std::move(verifier)).first->second;
}

}  // namespace hone
