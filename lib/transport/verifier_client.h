#pragma once

#include <memory>
#include <string>

#include "lib/transport/verifier_service.h"

namespace hone {

struct VerifierClientOptions {
  std::string address;  // "unix:PATH" or "HOST:PORT"
  std::string token;    // sent with every call when not empty
  // How long a call may wait for the connection, the first one or a lost one, before it is Unavailable.
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration describe_timeout = absl::Seconds(30);
};

// hone.verifier.v1.VerifierService of a server as the interface.
//
// A lost connection is taken up again by the next call.
//
// Threads: all methods may be called from any thread, also at once; each waits on the thread that calls.
// Errors: with operation and address in front. Unavailable: no connection, a call without an end, a server that is full. DeadlineExceeded:
// no end within the deadline. InvalidArgument: what the server says of the request, or a message above 64 MiB. What the sink answers ends a
// call.
class VerifierClient final : public VerifierService {
 public:
  // Makes the client; the connection comes with the first call. InvalidArgument: bad address.
  static absl::StatusOr<std::unique_ptr<VerifierClient>> Create(const VerifierClientOptions& options);
  // No call may be running.
  ~VerifierClient() override;

  absl::Status Describe(const verifier::v1::DescribeRequest& request, verifier::v1::DescribeResponse* response) override;
  absl::Status Verify(const verifier::v1::VerifyRequest& request, absl::Time deadline, const VerifySink& sink) override;

 private:
  struct Impl;
  explicit VerifierClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
