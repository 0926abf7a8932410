#include "lib/transport/internal/server_call.h"

#include "fmt/format.h"
#include "lib/transport/run_token.h"

namespace hone::transport_internal {

absl::Status Admit(const ServerState& state, const grpc::ServerContextBase& context) {
  if (!state.token.empty()) {
    const auto range = context.client_metadata().equal_range(kTokenKey);
    if (range.first == range.second) return absl::UnauthenticatedError("the call carries no run token");
    const grpc::string_ref offered = range.first->second;
    if (std::next(range.first) != range.second || !EqualSecrets(state.token, std::string_view(offered.data(), offered.size()))) {
      return absl::UnauthenticatedError("the run token is not this run's; use the token that the learner was started with");
    }
  }
  if (absl::FromChrono(context.deadline()) > absl::Now() + kMaxCallTime) {
    return absl::InvalidArgumentError(fmt::format("the call must have a deadline within {} s", absl::ToInt64Seconds(kMaxCallTime)));
  }
  return absl::OkStatus();
}

grpc::Status Answer(grpc::ServerContextBase& context, const absl::Status& status) {
  context.AddTrailingMetadata(kOriginKey, "hone");
  if (status.ok()) return grpc::Status::OK;
  std::string message(status.message());
  if (message.size() > kMaxErrorBytes) message = message.substr(0, kMaxErrorBytes) + " ...";
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message);
}

absl::Status BeginWait(ServerState& state, int64_t wait_ms) {
  if (wait_ms < 0) return absl::InvalidArgumentError(fmt::format("wait_ms: {} must be >= 0", wait_ms));
  if (state.waiting_calls.fetch_add(1) < state.max_waiting_calls) return absl::OkStatus();
  state.waiting_calls.fetch_sub(1);
  return absl::UnavailableError(fmt::format("{} calls wait already, no more can", state.max_waiting_calls));
}

void EndWait(ServerState& state) {
  state.waiting_calls.fetch_sub(1);
}

}  // namespace hone::transport_internal
