#pragma once
// The generated services, answered by the interfaces of services.h and control.h.
//
// Threads: gRPC calls every method from many threads. The implementations must outlive the handlers.

#include "hone/control/v1/control_service.grpc.pb.h"
#include "hone/rollout/v1/rollout_service.grpc.pb.h"
#include "hone/weights/v1/weights_service.grpc.pb.h"
#include "lib/transport/control.h"
#include "lib/transport/internal/server_call.h"
#include "lib/transport/services.h"
#include "lib/transport/weight_publisher.h"

namespace hone::transport_internal {

class RolloutHandler final : public rollout::v1::RolloutService::Service {
 public:
  RolloutHandler(ServerState& state, hone::RolloutService& service) : state_(state), service_(service) {}

  grpc::Status Register(grpc::ServerContext* context, const rollout::v1::RegisterRequest* request,
                        rollout::v1::RegisterResponse* response) override;
  grpc::Status Lease(grpc::ServerContext* context, const rollout::v1::LeaseRequest* request, rollout::v1::LeaseResponse* response) override;
  grpc::Status Renew(grpc::ServerContext* context, const rollout::v1::RenewRequest* request, rollout::v1::RenewResponse* response) override;
  grpc::Status Submit(grpc::ServerContext* context, const rollout::v1::SubmitRequest* request,
                      rollout::v1::SubmitResponse* response) override;

 private:
  ServerState& state_;
  hone::RolloutService& service_;
};

// Fetch is served as raw messages by callbacks: no thread waits for a slow reader, and the data is not copied here.
class WeightHandler final : public weights::v1::WeightService::WithRawCallbackMethod_Fetch<weights::v1::WeightService::Service> {
 public:
  WeightHandler(ServerState& state, WeightPublisher& weights) : state_(state), weights_(weights) {}

  grpc::Status WaitForVersion(grpc::ServerContext* context, const weights::v1::WaitForVersionRequest* request,
                              weights::v1::WaitForVersionResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Fetch(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::Status Acknowledge(grpc::ServerContext* context, const weights::v1::AcknowledgeRequest* request,
                           weights::v1::AcknowledgeResponse* response) override;

 private:
  ServerState& state_;
  WeightPublisher& weights_;
};

class ControlHandler final : public control::v1::ControlService::Service {
 public:
  ControlHandler(ServerState& state, RunControl& run) : state_(state), run_(run) {}

  grpc::Status GetStatus(grpc::ServerContext* context, const control::v1::GetStatusRequest* request,
                         control::v1::GetStatusResponse* response) override;
  grpc::Status RequestStop(grpc::ServerContext* context, const control::v1::RequestStopRequest* request,
                           control::v1::RequestStopResponse* response) override;

 private:
  ServerState& state_;
  RunControl& run_;
};

}  // namespace hone::transport_internal
