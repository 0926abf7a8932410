#include "lib/transport/internal/handlers.h"

#include <cmath>

#include "fmt/format.h"
#include "lib/rollout/codec.h"
#include "lib/transport/internal/messages.h"

namespace hone::transport_internal {
namespace {

absl::Status AtMost(const char* what, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} is outside [{}, {}]", what, value, low, high));
}

}  // namespace

grpc::Status RolloutHandler::Register(grpc::ServerContext* context, const rollout::v1::RegisterRequest* request,
                                      rollout::v1::RegisterResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_ASSIGN_OR_RETURN(const ActorInfo actor, Decode(request->actor()));
    HONE_ASSIGN_OR_RETURN(const Registration registration, service_.Register(actor));
    Encode(registration, response);
    return absl::OkStatus();
  });
}

grpc::Status RolloutHandler::Lease(grpc::ServerContext* context, const rollout::v1::LeaseRequest* request,
                                   rollout::v1::LeaseResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(CheckActorName(request->actor()));
    HONE_RETURN_IF_ERROR(AtMost("max_groups", request->max_groups(), 1, kMaxGroupsPerLease));
    absl::StatusOr<std::vector<GroupLease>> groups = WaitInSlices(state_, *context, request->wait_ms(), [&](absl::Time until) {
      return service_.Lease(request->actor(), request->max_groups(), until);
    });
    if (absl::IsDeadlineExceeded(groups.status())) return absl::OkStatus();  // no groups: nothing yet
    HONE_RETURN_IF_ERROR(groups.status());
    for (const GroupLease& group : *groups) hone::Encode(group, response->add_groups());
    if (response->ByteSizeLong() > static_cast<size_t>(kMaxMessageBytes)) {
      const size_t bytes = response->ByteSizeLong();
      response->Clear();
      return absl::ResourceExhaustedError(
          fmt::format("{} groups of {} bytes in all are above the {} bytes of a message; lease fewer at once", groups->size(), bytes,
                      kMaxMessageBytes));
    }
    return absl::OkStatus();
  });
}

grpc::Status RolloutHandler::Renew(grpc::ServerContext* context, const rollout::v1::RenewRequest* request,
                                   rollout::v1::RenewResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(CheckActorName(request->actor()));
    HONE_RETURN_IF_ERROR(AtMost("leases", request->leases_size(), 0, kMaxLeasesPerRenew));
    if (!std::isfinite(request->tokens_per_second()) || request->tokens_per_second() < 0) {
      return absl::InvalidArgumentError(fmt::format("tokens_per_second: {} must be finite and >= 0", request->tokens_per_second()));
    }
    const std::vector<int64_t> leases(request->leases().begin(), request->leases().end());
    HONE_ASSIGN_OR_RETURN(const std::vector<int64_t> lost, service_.Renew(request->actor(), leases, request->tokens_per_second()));
    response->mutable_lost_leases()->Assign(lost.begin(), lost.end());
    return absl::OkStatus();
  });
}

grpc::Status RolloutHandler::Submit(grpc::ServerContext* context, const rollout::v1::SubmitRequest* request,
                                    rollout::v1::SubmitResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(CheckActorName(request->actor()));
    HONE_RETURN_IF_ERROR(AtMost("trajectories", request->trajectories_size(), 0, kMaxTrajectoriesPerSubmit));
    std::vector<Trajectory> trajectories;
    for (int i = 0; i < request->trajectories_size(); ++i) {
      absl::StatusOr<Trajectory> trajectory = hone::Decode(request->trajectories(i));
      if (!trajectory.ok()) return Annotate(trajectory.status(), fmt::format("trajectory {}", i));
      trajectories.push_back(*std::move(trajectory));
    }
    HONE_ASSIGN_OR_RETURN(const std::vector<bool> accepted, service_.Submit(request->actor(), std::move(trajectories)));
    for (bool flag : accepted) response->add_accepted(flag);
    return absl::OkStatus();
  });
}

grpc::Status ControlHandler::GetStatus(grpc::ServerContext* context, const control::v1::GetStatusRequest* request,
                                       control::v1::GetStatusResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_ASSIGN_OR_RETURN(const RunStatus status, run_.GetStatus());
    Encode(status, response->mutable_status());
    return absl::OkStatus();
  });
}

grpc::Status ControlHandler::RequestStop(grpc::ServerContext* context, const control::v1::RequestStopRequest* request,
                                         control::v1::RequestStopResponse* response) {
  return Serve(state_, *context, [&]() { return run_.RequestStop(request->reason().substr(0, kMaxErrorBytes)); });
}

}  // namespace hone::transport_internal
