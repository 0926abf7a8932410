#include "verifiers/external/answer_table.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace hone {
namespace {
// Odd, so that i -> i * factor mod 2^53 visits every number once; 2^53 divided by the golden ratio, so that neighbours land far apart.
constexpr uint64_t kFactor = 5566755282872655;
constexpr uint64_t kMask = (uint64_t{1} << 53) - 1;

uint64_t NextWireId() {
  static std::atomic<uint64_t> counter{1};
  return counter.fetch_add(1, std::memory_order_relaxed) * kFactor & kMask;
}
}  // namespace

AnswerTable::AnswerTable(std::span<const VerifyRequest> batch, absl::Duration default_timeout, FaultCounter faults)
    : faults_(std::move(faults)) {
  const absl::Time latest = absl::Now() + default_timeout;
  slots_.reserve(batch.size());
  for (const VerifyRequest& request : batch) {
    const absl::Time deadline = request.deadline == absl::InfiniteFuture() ? latest : request.deadline;
    slots_.push_back({.caller_id = request.id, .wire_id = NextWireId(), .deadline = deadline});
    index_.emplace(slots_.back().wire_id, slots_.size() - 1);
    last_deadline_ = std::max(last_deadline_, deadline);
  }
}

void AnswerTable::Put(Verdict answer) {
  const absl::Time now = absl::Now();
  auto it = index_.find(answer.id);
  if (it != index_.end()) {
    MutexLock lock(mu_);
    Slot& slot = slots_[it->second];
    if (!taken_ && slot.answers.size() < 2 && now <= slot.deadline) {
      answer.id = slot.caller_id;
      slot.answers.push_back(std::move(answer));
      return;
    }
  }
  faults_->fetch_add(1, std::memory_order_relaxed);
}

std::vector<std::vector<Verdict>> AnswerTable::Take() {
  MutexLock lock(mu_);
  taken_ = true;
  std::vector<std::vector<Verdict>> all;
  all.reserve(slots_.size());
  for (Slot& slot : slots_) all.push_back(std::move(slot.answers));
  return all;
}

}  // namespace hone
