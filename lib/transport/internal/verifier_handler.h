#pragma once

#include "hone/verifier/v1/verifier_service.grpc.pb.h"
#include "lib/transport/internal/server_call.h"
#include "lib/transport/verifier_service.h"

namespace hone::transport_internal {

// hone.verifier.v1.VerifierService, answered by the interface. Each call holds a thread of gRPC's pool; those above max_verify_calls are
// refused.
class VerifierHandler final : public verifier::v1::VerifierService::Service {
 public:
  VerifierHandler(ServerState& state, hone::VerifierService& service, int max_calls)
      : state_(state), service_(service), max_calls_(max_calls) {}

  grpc::Status Describe(grpc::ServerContext* context, const verifier::v1::DescribeRequest* request,
                        verifier::v1::DescribeResponse* response) override;
  grpc::Status Verify(grpc::ServerContext* context, const verifier::v1::VerifyRequest* request,
                      grpc::ServerWriter<verifier::v1::VerifyResponse>* writer) override;

 private:
  // Runs body() unless too many calls run.
  template <class Body>
  absl::Status Counted(Body body);

  ServerState& state_;
  hone::VerifierService& service_;
  const int max_calls_;
  std::atomic<int> calls_{0};
};

}  // namespace hone::transport_internal
