#include "verifiers/pool/verdict_cache.h"

namespace hone {
namespace {

// Of the entry's nodes in list and map, roughly.
constexpr int64_t kOverheadBytes = 256;

int64_t SizeOf(const std::string& key, const Verdict& verdict) {
  size_t bytes = 2 * key.size() + verdict.verifier.size() + verdict.reason.size() + verdict.evidence.size() + sizeof(Verdict);
  if (const auto* score = std::get_if<Score>(&verdict.outcome)) {
    for (const ScorePart& part : score->parts) bytes += sizeof(part) + part.name.size();
  } else if (const auto* error = std::get_if<TaskError>(&verdict.outcome)) {
    bytes += error->why.size();
  }
  return kOverheadBytes + static_cast<int64_t>(bytes);
}

}  // namespace

const Verdict* VerdictCache::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->verdict;
}

void VerdictCache::Insert(const std::string& key, const Verdict& verdict) {
  const OutcomeKind kind = KindOf(verdict.outcome);
  if (kind != OutcomeKind::kScore && kind != OutcomeKind::kTaskError) return;
  const int64_t size = SizeOf(key, verdict);
  if (size > max_bytes_ || by_key_.contains(key)) return;
  while (bytes_ + size > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, verdict, size});
  by_key_[key] = entries_.begin();
  bytes_ += size;
}

}  // namespace hone
