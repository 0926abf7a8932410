#include "verifiers/external/remote_verifier.h"

#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "hone/verifier/v1/verifier_service.pb.h"
#include "lib/transport/verifier_client.h"
#include "verifiers/external/calls.h"
#include "verifiers/external/codec.h"
#include "verifiers/external/params_schema.h"

namespace hone {
namespace {

class RemoteVerifier final : public Verifier {
 public:
  RemoteVerifier(RemoteVerifierOptions options, std::unique_ptr<VerifierClient> client, VerifierDescription description)
      : options_(std::move(options)), client_(std::move(client)), description_(std::move(description)) {
    limits_ = {.max_batch = description_.max_batch, .default_timeout = options_.default_timeout};
  }

  const VerifierDescription& Describe() const override { return description_; }
  int64_t NumFaults() const override { return faults_->load(std::memory_order_relaxed); }

  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override {
    return VerifyInCalls(
        batch, limits_, faults_,
        [this](std::span<const VerifyRequest> part, const std::shared_ptr<AnswerTable>& table, bool) { return Send(part, *table); });
  }

 private:
  CallEnd Send(std::span<const VerifyRequest> batch, AnswerTable& table) const {
    verifier::v1::VerifyRequest message;
    message.set_verifier(options_.verifier);
    message.set_params(options_.params_json);
    const absl::Time now = absl::Now();
    for (size_t i = 0; i < batch.size(); ++i) {
      VerifyRequest request = batch[i];
      request.id = table.wire_id(i);
      request.deadline = table.deadline(i);
      Encode(request, now, message.add_samples());
    }
    return End(client_->Verify(message, table.last_deadline(), [&](const verifier::v1::VerifyResponse& response) {
      for (const verifier::v1::Verdict& verdict : response.verdicts()) table.Put(Decode(verdict));
      return absl::OkStatus();
    }));
  }

  static CallEnd End(const absl::Status& status) {
    const std::string why(status.message());
    switch (status.code()) {
      case absl::StatusCode::kOk:
        return {.kind = CallEnd::Kind::kFinished};
      case absl::StatusCode::kDeadlineExceeded:
        return {CallEnd::Kind::kTimeout, "timeout", {why, /*retryable=*/true}};
      case absl::StatusCode::kUnavailable:
        return {CallEnd::Kind::kBroken, "unavailable", {why, /*retryable=*/true}};
      default:
        return {CallEnd::Kind::kRefused, "refused", {why, /*retryable=*/false}};
    }
  }

  // Constant after construction.
  const RemoteVerifierOptions options_;
  const std::unique_ptr<VerifierClient> client_;
  const VerifierDescription description_;
  CallLimits limits_;
  // Synchronized by itself.
  const FaultCounter faults_ = std::make_shared<std::atomic<int64_t>>(0);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> ConnectRemoteVerifier(const RemoteVerifierOptions& options) {
  HONE_ASSIGN_OR_RETURN(
      std::unique_ptr<VerifierClient> client,
      VerifierClient::Create({.address = options.address, .token = options.token, .connect_timeout = options.connect_timeout}));
  verifier::v1::DescribeRequest request;
  request.set_verifier(options.verifier);
  request.set_params(options.params_json);
  verifier::v1::DescribeResponse response;
  HONE_RETURN_IF_ERROR(client->Describe(request, &response));
  auto description = Decode(response.description());
  if (!description.ok()) return Annotate(description.status(), fmt::format("the verifier at {}", options.address));
  HONE_RETURN_IF_ERROR(CheckParams(description->name, description->params_schema, options.params_json));
  return std::make_unique<RemoteVerifier>(options, std::move(client), *std::move(description));
}

}  // namespace hone
