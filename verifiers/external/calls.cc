#include "verifiers/external/calls.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace hone {
namespace {

// Broken calls in a row, of one request each, after which the other side counts as broken for every request.
constexpr int kGiveUpAfter = 4;
constexpr size_t kBytesBesideTexts = 256;

class Gatherer {
 public:
  Gatherer(const CallLimits& limits, const FaultCounter& faults, const SendCall& send) : limits_(limits), faults_(faults), send_(send) {}

  void Together(std::span<const VerifyRequest> batch) {
    std::vector<size_t> without;
    const CallEnd end = Send(batch, /*alone=*/false, without);
    if (end.kind == CallEnd::Kind::kBroken) return OneByOne(batch, without);
    for (size_t i : without) verdicts_.push_back(FailedVerdict(batch[i].id, end));
  }

  std::vector<Verdict> Take() { return std::move(verdicts_); }

 private:
  // Keeps the answers; `without` are the requests that got none and should have: none of those that a call which ended well left out in
  // time.
  CallEnd Send(std::span<const VerifyRequest> batch, bool alone, std::vector<size_t>& without) {
    const auto table = std::make_shared<AnswerTable>(batch, limits_.default_timeout, faults_);
    CallEnd end = send_(batch, table, alone);
    std::vector<std::vector<Verdict>> answers = table->Take();
    const absl::Time now = absl::Now();
    for (size_t i = 0; i < batch.size(); ++i) {
      if (answers[i].empty() && end.kind != CallEnd::Kind::kFinished) {
        without.push_back(i);
      } else if (answers[i].empty() && now > table->deadline(i)) {
        verdicts_.push_back(FailedVerdict(batch[i].id, {CallEnd::Kind::kTimeout, "timeout", {"no answer in time", /*retryable=*/true}}));
      }
      for (Verdict& answer : answers[i]) verdicts_.push_back(std::move(answer));
    }
    return end;
  }

  void OneByOne(std::span<const VerifyRequest> batch, const std::vector<size_t>& which) {
    int broken = 0;
    CallEnd last;
    for (size_t i : which) {
      std::vector<size_t> without = {0};
      if (broken < kGiveUpAfter && last.kind != CallEnd::Kind::kRefused) {
        without.clear();
        last = Send(batch.subspan(i, 1), /*alone=*/true, without);
        broken = last.kind == CallEnd::Kind::kBroken ? broken + 1 : 0;
      }
      if (!without.empty()) verdicts_.push_back(FailedVerdict(batch[i].id, last));
    }
  }

  const CallLimits& limits_;
  const FaultCounter& faults_;
  const SendCall& send_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

Verdict FailedVerdict(uint64_t id, const CallEnd& end) {
  Verdict verdict;
  verdict.id = id;
  verdict.outcome = end.error;
  verdict.reason = end.reason;
  return verdict;
}

size_t RequestBytes(const VerifyRequest& request) {
  return request.prompt.size() + request.completion.size() + request.reference.size() + request.row.size() +
         (request.answer.has_value() ? request.answer->size() : 0) + request.token_ids.size_bytes() + kBytesBesideTexts;
}

std::vector<Verdict> VerifyInCalls(std::span<const VerifyRequest> batch, const CallLimits& limits, const FaultCounter& faults,
                                   const SendCall& send) {
  Gatherer gatherer(limits, faults, send);
  for (size_t begin = 0; begin < batch.size();) {
    size_t end = begin + 1;
    size_t bytes = RequestBytes(batch[begin]);
    while (end < batch.size() && static_cast<int64_t>(end - begin) < limits.max_batch &&
           bytes + RequestBytes(batch[end]) <= limits.max_bytes) {
      bytes += RequestBytes(batch[end++]);
    }
    gatherer.Together(batch.subspan(begin, end - begin));
    begin = end;
  }
  return gatherer.Take();
}

}  // namespace hone
