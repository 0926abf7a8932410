#include "lib/transport/internal/verifier_handler.h"

#include "fmt/format.h"

namespace hone::transport_internal {

template <class Body>
absl::Status VerifierHandler::Counted(Body body) {
  if (calls_.fetch_add(1) >= max_calls_) {
    calls_.fetch_sub(1);
    return absl::UnavailableError(fmt::format("{} calls run already, no more can", max_calls_));
  }
  absl::Status status = body();
  calls_.fetch_sub(1);
  return status;
}

grpc::Status VerifierHandler::Describe(grpc::ServerContext* context, const verifier::v1::DescribeRequest* request,
                                       verifier::v1::DescribeResponse* response) {
  return Serve(state_, *context, [&] { return Counted([&] { return service_.Describe(*request, response); }); });
}

grpc::Status VerifierHandler::Verify(grpc::ServerContext* context, const verifier::v1::VerifyRequest* request,
                                     grpc::ServerWriter<verifier::v1::VerifyResponse>* writer) {
  return Serve(state_, *context, [&] {
    return Counted([&] {
      return service_.Verify(*request, absl::FromChrono(context->deadline()), [&](const verifier::v1::VerifyResponse& response) {
        return writer->Write(response) ? absl::OkStatus() : absl::CancelledError("the caller is gone");
      });
    });
  });
}

}  // namespace hone::transport_internal
