#include "verifiers/external/verifier_server.h"

#include <algorithm>
#include <set>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "hone/verifier/v1/verifier_service.pb.h"
#include "lib/transport/grpc_server.h"
#include "lib/transport/verifier_service.h"
#include "verifiers/external/codec.h"

namespace hone {
namespace {
constexpr size_t kMaxResponseBytes = 1 << 20;
}  // namespace

// The transport's service, answered by verifiers.
struct VerifierServer::Impl final : public VerifierService {
  explicit Impl(VerifierSource& given) : source(given) {}

  absl::Status Describe(const verifier::v1::DescribeRequest& request, verifier::v1::DescribeResponse* response) override {
    HONE_ASSIGN_OR_RETURN(const std::shared_ptr<const Verifier> verifier, Get(request.verifier(), request.params()));
    Encode(verifier->Describe(), response->mutable_description());
    return absl::OkStatus();
  }

  absl::Status Verify(const verifier::v1::VerifyRequest& request, absl::Time deadline, const VerifySink& sink) override {
    HONE_ASSIGN_OR_RETURN(const std::shared_ptr<const Verifier> verifier, Get(request.verifier(), request.params()));
    if (request.samples_size() > verifier->Describe().max_batch) {
      return absl::InvalidArgumentError(fmt::format("a batch of {} samples is above the {} that the verifier takes", request.samples_size(),
                                                    verifier->Describe().max_batch));
    }
    const absl::Time now = absl::Now();
    std::vector<VerifyRequest> batch;
    std::set<uint64_t> ids;
    for (const verifier::v1::Sample& sample : request.samples()) {
      if (!ids.insert(sample.id()).second) {
        return absl::InvalidArgumentError(fmt::format("two samples have the id {}; each needs its own", sample.id()));
      }
      batch.push_back(Decode(sample, now));
      batch.back().deadline = std::min(batch.back().deadline, deadline);
    }
    verifier::v1::VerifyResponse response;
    size_t bytes = 0;
    for (const Verdict& verdict : verifier->Verify(batch)) {
      verifier::v1::Verdict* added = response.add_verdicts();
      Encode(verdict, added);
      bytes += added->ByteSizeLong();
      if (bytes < kMaxResponseBytes) continue;
      HONE_RETURN_IF_ERROR(sink(response));
      response.Clear();
      bytes = 0;
    }
    return response.verdicts_size() > 0 ? sink(response) : absl::OkStatus();
  }

  // What a caller asked for wrongly is its mistake, however the source names it.
  absl::StatusOr<std::shared_ptr<const Verifier>> Get(const std::string& name, const std::string& params) {
    auto verifier = source.Get(name, params);
    const absl::StatusCode code = verifier.status().code();
    if (code == absl::StatusCode::kNotFound || code == absl::StatusCode::kFailedPrecondition ||
        code == absl::StatusCode::kPermissionDenied) {
      return absl::InvalidArgumentError(verifier.status().message());
    }
    return verifier;
  }

  VerifierSource& source;
  std::unique_ptr<GrpcServer> server;  // last: goes first
};

VerifierServer::VerifierServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VerifierServer::~VerifierServer() = default;

absl::StatusOr<std::unique_ptr<VerifierServer>> VerifierServer::Start(const VerifierServerOptions& options, VerifierSource& source) {
  auto impl = std::make_unique<Impl>(source);
  GrpcServerOptions grpc;
  grpc.address = options.address;
  grpc.token = options.token;
  grpc.open_socket = true;
  grpc.verifier = impl.get();
  grpc.max_verifier_calls = options.max_calls;
  grpc.allow_plaintext_remote = options.allow_plaintext_remote;
  HONE_ASSIGN_OR_RETURN(impl->server, GrpcServer::Start(grpc));
  return std::unique_ptr<VerifierServer>(new VerifierServer(std::move(impl)));
}

const std::string& VerifierServer::address() const {
  return impl_->server->address();
}

void VerifierServer::Stop(absl::Duration grace) {
  impl_->server->Stop(grace);
}

}  // namespace hone
