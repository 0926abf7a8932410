#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "verifiers/external/answer_table.h"
#include "verifiers/verifier.h"

namespace hone {

// How a call to somebody else ended, for the requests it left without an answer.
struct CallEnd {
  enum class Kind {
    kFinished,  // the other side has said all it will: a request without an answer was left out
    kTimeout,   // the deadline came first
    kBroken,    // the other side crashed, hung up or spoke nonsense: one request may have taken its neighbours along
    kRefused,   // nothing was tried, and trying alone would end the same way
  };
  Kind kind = Kind::kFinished;
  std::string reason;  // a short code; not for kFinished
  InfraError error;    // likewise
};

struct CallLimits {
  int64_t max_batch = 1;       // requests in one call
  size_t max_bytes = 8 << 20;  // of the requests in one call (RequestBytes); a single request may be larger
  absl::Duration default_timeout = absl::Seconds(60);
};

// The verdict on a request that such a call left without an answer.
Verdict FailedVerdict(uint64_t id, const CallEnd& end);

// Bytes of a request: its texts and something for the rest.
size_t RequestBytes(const VerifyRequest& request);

// Sends one call; the table may outlive it. alone: a request that was in a call that broke, tried again without neighbours.
using SendCall = std::function<CallEnd(std::span<const VerifyRequest> batch, const std::shared_ptr<AnswerTable>& table, bool alone)>;

// Makes a batch's calls one after the other and gathers the verdicts. After a call that broke, its requests without an answer are sent
// again alone; after several of those in a row that broke as well the rest is given up with the same error. A request without an answer
// whose deadline has passed is an InfraError, retryable, "timeout". Those that were left out get no verdict, those answered twice get two:
// CheckedVerifier judges both.
std::vector<Verdict> VerifyInCalls(std::span<const VerifyRequest> batch, const CallLimits& limits, const FaultCounter& faults,
                                   const SendCall& send);

}  // namespace hone
