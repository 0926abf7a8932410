#pragma once
// A verifier behind a socket, as transport sees it: messages of protos/hone/verifier/v1 that it carries and does not read. What they mean
// stands in verifiers/external.

#include <functional>

#include "absl/time/time.h"
#include "lib/base/status.h"

namespace hone::verifier::v1 {
class DescribeRequest;
class DescribeResponse;
class VerifyRequest;
class VerifyResponse;
}  // namespace hone::verifier::v1

namespace hone {

// Threads: all methods are called from many threads at once.
class VerifierService {
 public:
  virtual ~VerifierService() = default;

  virtual absl::Status Describe(const verifier::v1::DescribeRequest& request, verifier::v1::DescribeResponse* response) = 0;

  // Hands each message of answers to `sink` and returns when there are no more; an error of the sink (the caller is gone) is returned at
  // once.
  using VerifySink = std::function<absl::Status(const verifier::v1::VerifyResponse& response)>;
  virtual absl::Status Verify(const verifier::v1::VerifyRequest& request, absl::Time deadline, const VerifySink& sink) = 0;
};

}  // namespace hone
