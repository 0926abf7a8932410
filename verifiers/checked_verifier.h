#pragma once

#include <atomic>
#include <memory>

#include "lib/base/clock.h"
#include "verifiers/verifier.h"

namespace hone {

// The wrapper through which every verifier is called: it holds the plugin to its contract, so that a bad one cannot hurt the run.
//
// What becomes an InfraError that is not retryable, and is counted as a fault: an exception; a score or part that is NaN, infinite or out
// of the declared range; a part with an undeclared name; a request without an answer; a second answer (the first is dropped too); an id
// nobody asked for is dropped and counted. After an exception in a batch the requests are tried one by one, so that one bad sample does not
// take its neighbours along. A request whose deadline has passed is not tried: InfraError, retryable, not a fault.
//
// The verdicts come back in the order of the requests, with name@version and wall time (of the batch, divided evenly) filled in.
//
// Threads: as Verifier.
class CheckedVerifier : public Verifier {
 public:
  // clock must outlive the object.
  explicit CheckedVerifier(std::unique_ptr<const Verifier> verifier, Clock& clock = Clock::Real());

  const VerifierDescription& Describe() const override { return verifier_->Describe(); }
  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override;

  // Breaches of contract so far, those included that the verifier noticed by itself.
  int64_t num_faults() const { return num_faults_.load(std::memory_order_relaxed) + verifier_->NumFaults(); }

 private:
  // Empty when the plugin threw, with the exception's text in *what.
  std::optional<std::vector<Verdict>> Call(std::span<const VerifyRequest> batch, std::string* what) const;
  // Puts the answers of `batch` into `slots`, one each.
  void Collect(std::span<const VerifyRequest> batch, std::vector<Verdict> answers, std::span<Verdict> slots) const;
  Verdict Fault(uint64_t id, std::string reason, std::string why) const;
  // What is wrong with a score; empty when nothing is.
  std::string Complaint(const Score& score) const;

  const std::unique_ptr<const Verifier> verifier_;
  Clock& clock_;
  mutable std::atomic<int64_t> num_faults_{0};
};

}  // namespace hone
