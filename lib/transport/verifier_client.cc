#include "lib/transport/verifier_client.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "hone/verifier/v1/verifier_service.grpc.pb.h"
#include "lib/transport/address.h"
#include "lib/transport/internal/channel.h"
#include "lib/transport/internal/limits.h"
#include "lib/transport/internal/process_setup.h"

namespace hone {

struct VerifierClient::Impl {
  explicit Impl(VerifierClientOptions given)
      : options(std::move(given)),
        channel(transport_internal::MakeChannel(options.address)),
        stub(verifier::v1::VerifierService::NewStub(channel)) {}

  absl::Status WaitUntilConnected(absl::Time deadline) {
    if (channel->GetState(true) == GRPC_CHANNEL_READY) return absl::OkStatus();
    if (channel->WaitForConnected(absl::ToChronoTime(deadline))) return absl::OkStatus();
    return absl::UnavailableError(fmt::format("cannot reach a verifier at {}; is it running, and is this its address?", options.address));
  }

  // Waits for the connection, then prepares one call.
  absl::Status Begin(const char* operation, size_t bytes, absl::Time deadline, grpc::ClientContext& context) {
    if (bytes > static_cast<size_t>(transport_internal::kMaxMessageBytes)) {
      return absl::InvalidArgumentError(fmt::format("{} at {}: {} bytes are above the {} bytes of a message", operation, options.address,
                                                    bytes, transport_internal::kMaxMessageBytes));
    }
    HONE_RETURN_IF_ERROR(WaitUntilConnected(std::min(deadline, absl::Now() + options.connect_timeout)));
    context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + transport_internal::kMaxCallTime - absl::Minutes(1))));
    if (!options.token.empty()) context.AddMetadata(transport_internal::kTokenKey, options.token);
    return absl::OkStatus();
  }

  // Our status of a finished call: what may pass is Unavailable, but for a deadline.
  absl::Status Translate(const char* operation, const grpc::Status& status) {
    if (status.ok()) return absl::OkStatus();
    absl::StatusCode code = static_cast<absl::StatusCode>(status.error_code());
    switch (code) {
      case absl::StatusCode::kUnknown:            // the stream was cut
      case absl::StatusCode::kCancelled:          // the server stops
      case absl::StatusCode::kResourceExhausted:  // the server has no thread left; sizes are checked before sending
      case absl::StatusCode::kInternal:           // bytes that are no HTTP/2, or no such message
        code = absl::StatusCode::kUnavailable;
        break;
      default:
        break;
    }
    return absl::Status(code, fmt::format("{} at {}: {}", operation, options.address,
                                          status.error_message().substr(0, transport_internal::kMaxErrorBytes)));
  }

  const VerifierClientOptions options;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<verifier::v1::VerifierService::Stub> stub;
};

VerifierClient::VerifierClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VerifierClient::~VerifierClient() = default;

absl::StatusOr<std::unique_ptr<VerifierClient>> VerifierClient::Create(const VerifierClientOptions& options) {
  HONE_RETURN_IF_ERROR(ParseAddress(options.address).status());
  transport_internal::SetUpProcess();
  return std::unique_ptr<VerifierClient>(new VerifierClient(std::make_unique<Impl>(options)));
}

absl::Status VerifierClient::Describe(const verifier::v1::DescribeRequest& request, verifier::v1::DescribeResponse* response) {
  grpc::ClientContext context;
  HONE_RETURN_IF_ERROR(impl_->Begin("Describe", request.ByteSizeLong(), absl::Now() + impl_->options.describe_timeout, context));
  return impl_->Translate("Describe", impl_->stub->Describe(&context, request, response));
}

absl::Status VerifierClient::Verify(const verifier::v1::VerifyRequest& request, absl::Time deadline, const VerifySink& sink) {
  grpc::ClientContext context;
  HONE_RETURN_IF_ERROR(impl_->Begin("Verify", request.ByteSizeLong(), deadline, context));
  const std::unique_ptr<grpc::ClientReader<verifier::v1::VerifyResponse>> reader = impl_->stub->Verify(&context, request);
  verifier::v1::VerifyResponse response;
  absl::Status taken;
  while (taken.ok() && reader->Read(&response)) taken = sink(response);
  if (!taken.ok()) context.TryCancel();
  const absl::Status status = impl_->Translate("Verify", reader->Finish());
  return taken.ok() ? status : taken;
}

}  // namespace hone
