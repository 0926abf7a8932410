#include "verifiers/verifier.h"

namespace hone {

OutcomeKind KindOf(const Outcome& outcome) {
  struct Visitor {
    OutcomeKind operator()(const Score&) const { return OutcomeKind::kScore; }
    OutcomeKind operator()(const NotApplicable&) const { return OutcomeKind::kNotApplicable; }
    OutcomeKind operator()(const TaskError&) const { return OutcomeKind::kTaskError; }
    OutcomeKind operator()(const InfraError&) const { return OutcomeKind::kInfraError; }
  };
  return std::visit(Visitor{}, outcome);
}

VerdictRecord ToRecord(std::string_view label, const Verdict& verdict) {
  VerdictRecord record;
  record.label = label;
  record.verifier = verdict.verifier;
  record.outcome = KindOf(verdict.outcome);
  record.wall_ms = absl::ToDoubleMilliseconds(verdict.wall_time);
  record.reason = verdict.reason;
  record.evidence = verdict.evidence.substr(0, kMaxEvidenceBytes);
  auto explain = [&](const std::string& why) { record.reason += record.reason.empty() ? why : why.empty() ? "" : ": " + why; };
  struct Visitor {
    VerdictRecord& record;
    decltype(explain)& explain_;
    void operator()(const Score& score) const {
      record.score = score.value;
      record.parts = score.parts;
    }
    void operator()(const NotApplicable& o) const { explain_(o.why); }
    void operator()(const TaskError& o) const { explain_(o.why); }
    void operator()(const InfraError& o) const { explain_(o.why); }
  };
  std::visit(Visitor{record, explain}, verdict.outcome);
  return record;
}

std::vector<Verdict> TextVerifier::Verify(std::span<const VerifyRequest> batch) const {
  std::vector<Verdict> verdicts;
  verdicts.reserve(batch.size());
  for (const VerifyRequest& request : batch) {
    Judgement judgement = Judge(request);
    Verdict& verdict = verdicts.emplace_back();
    verdict.id = request.id;
    verdict.outcome = std::move(judgement.outcome);
    verdict.reason = std::move(judgement.reason);
    verdict.evidence = std::move(judgement.evidence);
  }
  return verdicts;
}

}  // namespace hone
