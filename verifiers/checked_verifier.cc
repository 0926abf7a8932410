#include "verifiers/checked_verifier.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"

namespace hone {

CheckedVerifier::CheckedVerifier(std::unique_ptr<const Verifier> verifier, Clock& clock) : verifier_(std::move(verifier)), clock_(clock) {}

Verdict CheckedVerifier::Fault(uint64_t id, std::string reason, std::string why) const {
  num_faults_.fetch_add(1, std::memory_order_relaxed);
  Verdict verdict;
  verdict.id = id;
  verdict.outcome = InfraError{std::move(why), /*retryable=*/false};
  verdict.reason = std::move(reason);
  return verdict;
}

std::string CheckedVerifier::Complaint(const Score& score) const {
  const VerifierDescription& description = verifier_->Describe();
  if (!std::isfinite(score.value)) return fmt::format("the score is {}", score.value);
  if (score.value < description.range_min || score.value > description.range_max) {
    return fmt::format("the score {} is outside the declared range [{}, {}]", score.value, description.range_min, description.range_max);
  }
  for (size_t i = 0; i < score.parts.size(); ++i) {
    const ScorePart& part = score.parts[i];
    if (!std::isfinite(part.value)) return fmt::format("part \"{}\" is {}", part.name, part.value);
    if (std::find(description.parts.begin(), description.parts.end(), part.name) == description.parts.end()) {
      return fmt::format("part \"{}\" is not declared", part.name);
    }
    for (size_t j = 0; j < i; ++j) {
      if (score.parts[j].name == part.name) return fmt::format("part \"{}\" is given twice", part.name);
    }
  }
  return "";
}

std::optional<std::vector<Verdict>> CheckedVerifier::Call(std::span<const VerifyRequest> batch, std::string* what) const {
  try {
    return verifier_->Verify(batch);
  } catch (const std::exception& e) {
    *what = e.what();
  } catch (...) {
    *what = "an exception of unknown type";
  }
  return std::nullopt;
}

void CheckedVerifier::Collect(std::span<const VerifyRequest> batch, std::vector<Verdict> answers, std::span<Verdict> slots) const {
  std::unordered_map<uint64_t, size_t> position;
  for (size_t i = 0; i < batch.size(); ++i) position.emplace(batch[i].id, i);
  std::vector<int> count(batch.size(), 0);
  for (Verdict& answer : answers) {
    auto it = position.find(answer.id);
    if (it == position.end()) {
      num_faults_.fetch_add(1, std::memory_order_relaxed);
    } else if (++count[it->second] == 1) {
      slots[it->second] = std::move(answer);
    }
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    const uint64_t id = batch[i].id;
    if (count[i] == 0) {
      slots[i] = Fault(id, "missing_answer", "the verifier gave no answer");
    } else if (count[i] > 1) {
      slots[i] = Fault(id, "second_answer", fmt::format("the verifier gave {} answers", count[i]));
    } else if (const Score* score = std::get_if<Score>(&slots[i].outcome)) {
      if (std::string complaint = Complaint(*score); !complaint.empty()) slots[i] = Fault(id, "bad_score", std::move(complaint));
    }
  }
}

std::vector<Verdict> CheckedVerifier::Verify(std::span<const VerifyRequest> batch) const {
  const absl::Time begin = clock_.Now();
  // Only requests in time reach the plugin.
  std::vector<VerifyRequest> in_time;
  std::vector<size_t> places;
  std::vector<Verdict> verdicts(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].deadline > begin) {
      in_time.push_back(batch[i]);
      places.push_back(i);
    } else {
      verdicts[i].id = batch[i].id;
      verdicts[i].outcome = InfraError{"the deadline had passed before the verifier was called", /*retryable=*/true};
      verdicts[i].reason = "deadline";
    }
  }

  std::vector<Verdict> slots(in_time.size());
  std::string what;
  if (in_time.empty()) {
  } else if (auto answers = Call(in_time, &what)) {
    Collect(in_time, *std::move(answers), slots);
  } else {
    for (size_t i = 0; i < in_time.size(); ++i) {
      const std::span<const VerifyRequest> one(&in_time[i], 1);
      auto answer = in_time.size() == 1 ? std::nullopt : Call(one, &what);
      if (answer.has_value()) {
        Collect(one, *std::move(answer), std::span<Verdict>(&slots[i], 1));
      } else {
        slots[i] = Fault(in_time[i].id, "exception", fmt::format("the verifier threw: {}", what));
      }
    }
  }
  for (size_t i = 0; i < places.size(); ++i) verdicts[places[i]] = std::move(slots[i]);

  const absl::Duration share = batch.empty() ? absl::ZeroDuration() : (clock_.Now() - begin) / static_cast<int64_t>(batch.size());
  for (Verdict& verdict : verdicts) {
    verdict.verifier = verifier_->Describe().FullName();
    verdict.wall_time = share;
  }
  return verdicts;
}

}  // namespace hone
