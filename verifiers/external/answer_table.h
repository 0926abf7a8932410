#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/mutex.h"
#include "verifiers/verifier.h"

namespace hone {

// Counts breaches of contract; shared, since answers may come when nobody waits for them.
using FaultCounter = std::shared_ptr<std::atomic<int64_t>>;

// The answers to one call that went to somebody else, matched by id.
//
// On the way out each request gets an id of its own in place of the caller's, from a sequence that visits the numbers below 2^53 (exact in
// JSON) in a scattered order: an answer under an id that was counted, guessed or kept from another call meets no request of a neighbour.
// At most two answers of a request are kept, so that CheckedVerifier sees the second; whatever else comes is dropped and counted in
// `faults`: a third answer, an unknown id, an answer after the request's deadline or after Take.
//
// Threads: Put may be called from any thread, at any time as long as the table lives.
class AnswerTable {
 public:
  // Requests without a deadline get default_timeout from now. The batch is not kept.
  AnswerTable(std::span<const VerifyRequest> batch, absl::Duration default_timeout, FaultCounter faults);

  uint64_t wire_id(size_t index) const { return slots_[index].wire_id; }
  absl::Time deadline(size_t index) const { return slots_[index].deadline; }
  absl::Time last_deadline() const { return last_deadline_; }

  // answer.id: the id on the wire.
  void Put(Verdict answer);

  // What came for each request in order, with the caller's ids: none, one or two answers. Once.
  std::vector<std::vector<Verdict>> Take();

 private:
  struct Slot {
    uint64_t caller_id = 0;
    uint64_t wire_id = 0;
    absl::Time deadline;
    std::vector<Verdict> answers;
  };

  // Constant after construction.
  absl::Time last_deadline_ = absl::InfinitePast();
  std::unordered_map<uint64_t, size_t> index_;
  const FaultCounter faults_;

  Mutex mu_;
  std::vector<Slot> slots_;  // ids and deadlines are constant; the answers ABSL_GUARDED_BY(mu_)
  bool taken_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace hone
