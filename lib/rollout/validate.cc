// The rules of codec.h.
#include <cmath>

#include "fmt/format.h"
#include "lib/rollout/codec.h"

namespace hone {
namespace {

// Makes messages only when something is wrong. `what` names the field.
absl::Status AtMost(const char* what, size_t value, size_t limit) {
  if (value <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} is above the limit of {}", what, value, limit));
}
absl::Status NotNegative(const char* what, int64_t value) {
  if (value >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} must be >= 0", what, value));
}
absl::Status Finite(const char* what, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} must be finite", what, value));
}
absl::Status FiniteNotNegative(const char* what, double value) {
  if (std::isfinite(value) && value >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} must be finite and >= 0", what, value));
}
absl::Status Tokens(const char* what, const std::vector<int32_t>& tokens, size_t limit) {
  HONE_RETURN_IF_ERROR(AtMost(what, tokens.size(), limit));
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0) return absl::InvalidArgumentError(fmt::format("{}[{}]: token id {} must be >= 0", what, i, tokens[i]));
  }
  return absl::OkStatus();
}
// `values` has one value per completion token.
absl::Status PerToken(const char* what, size_t values, size_t tokens) {
  if (values == tokens) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} values for {} completion tokens", what, values, tokens));
}

absl::Status CheckSampling(const SamplingSettings& s) {
  HONE_RETURN_IF_ERROR(FiniteNotNegative("sampling.temperature", s.temperature));
  HONE_RETURN_IF_ERROR(NotNegative("sampling.top_k", s.top_k));
  HONE_RETURN_IF_ERROR(FiniteNotNegative("sampling.top_p", s.top_p));
  HONE_RETURN_IF_ERROR(FiniteNotNegative("sampling.min_p", s.min_p));
  HONE_RETURN_IF_ERROR(NotNegative("sampling.max_new_tokens", s.max_new_tokens));
  HONE_RETURN_IF_ERROR(Tokens("sampling.stop_token_ids", s.stop_token_ids, kMaxStops));
  HONE_RETURN_IF_ERROR(AtMost("sampling.stop", s.stop.size(), kMaxStops));
  for (const std::string& stop : s.stop) HONE_RETURN_IF_ERROR(AtMost("bytes of a sampling.stop", stop.size(), kMaxNameBytes));
  return absl::OkStatus();
}

absl::Status HashOrNone(const char* what, const std::string& hash) {
  if (hash.empty() || hash.size() == 16) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} bytes; a hash has 16", what, hash.size()));
}

absl::Status CheckVerdict(const VerdictRecord& v) {
  HONE_RETURN_IF_ERROR(AtMost("bytes of verdict.label", v.label.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of verdict.verifier", v.verifier.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of verdict.reason", v.reason.size(), kMaxTextBytes));
  HONE_RETURN_IF_ERROR(AtMost("verdict.outcome", static_cast<size_t>(v.outcome), static_cast<size_t>(OutcomeKind::kInfraError)));
  HONE_RETURN_IF_ERROR(Finite("verdict.score", v.score));
  HONE_RETURN_IF_ERROR(FiniteNotNegative("verdict.wall_ms", v.wall_ms));
  HONE_RETURN_IF_ERROR(FiniteNotNegative("verdict.queue_ms", v.queue_ms));
  HONE_RETURN_IF_ERROR(NotNegative("verdict.attempts", v.attempts));
  HONE_RETURN_IF_ERROR(HashOrNone("verdict.config_hash", v.config_hash));
  HONE_RETURN_IF_ERROR(HashOrNone("verdict.input_hash", v.input_hash));
  HONE_RETURN_IF_ERROR(AtMost("bytes of verdict.evidence", v.evidence.size(), kMaxEvidenceBytes));
  HONE_RETURN_IF_ERROR(AtMost("verdict.parts", v.parts.size(), kMaxScoreParts));
  for (const ScorePart& part : v.parts) {
    HONE_RETURN_IF_ERROR(AtMost("bytes of a verdict part's name", part.name.size(), kMaxNameBytes));
    HONE_RETURN_IF_ERROR(Finite("value of a verdict part", part.value));
  }
  return absl::OkStatus();
}

absl::Status CheckVersions(const std::vector<VersionSpan>& spans, size_t tokens) {
  if (tokens == 0) return spans.empty() ? absl::OkStatus() : absl::InvalidArgumentError("versions: a span without a completion token");
  if (spans.empty()) return absl::InvalidArgumentError(fmt::format("versions: no span for {} completion tokens", tokens));
  if (spans[0].begin != 0) return absl::InvalidArgumentError(fmt::format("versions[0].begin: {} must be 0", spans[0].begin));
  for (size_t i = 0; i < spans.size(); ++i) {
    HONE_RETURN_IF_ERROR(NotNegative("versions.policy_version", spans[i].policy_version));
    if (i > 0 && spans[i].begin <= spans[i - 1].begin) {
      return absl::InvalidArgumentError(fmt::format("versions[{}].begin: {} must be above {}", i, spans[i].begin, spans[i - 1].begin));
    }
    if (static_cast<size_t>(spans[i].begin) >= tokens) {
      return absl::InvalidArgumentError(
          fmt::format("versions[{}].begin: {} must be below {} completion tokens", i, spans[i].begin, tokens));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const Trajectory& t) {
  HONE_RETURN_IF_ERROR(AtMost("bytes of run", t.run.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of prompt_id", t.prompt_id.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of actor", t.actor.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of text", t.text.size(), kMaxTextBytes));
  HONE_RETURN_IF_ERROR(NotNegative("group", t.group));
  HONE_RETURN_IF_ERROR(NotNegative("sample", t.sample));
  HONE_RETURN_IF_ERROR(NotNegative("attempt", t.attempt));
  HONE_RETURN_IF_ERROR(Tokens("prompt_tokens", t.prompt_tokens, kMaxTokensPerSequence));
  HONE_RETURN_IF_ERROR(Tokens("tokens", t.tokens, kMaxTokensPerSequence));
  const size_t tokens = t.tokens.size();
  HONE_RETURN_IF_ERROR(PerToken("mask", t.mask.size(), tokens));
  HONE_RETURN_IF_ERROR(PerToken("logprobs", t.logprobs.size(), tokens));
  HONE_RETURN_IF_ERROR(PerToken("entropies", t.entropies.size(), tokens));
  if (!t.processed_logprobs.empty()) HONE_RETURN_IF_ERROR(PerToken("processed_logprobs", t.processed_logprobs.size(), tokens));
  for (size_t i = 0; i < tokens; ++i) {
    if (t.mask[i] > 1) return absl::InvalidArgumentError(fmt::format("mask[{}]: {} must be 0 or 1", i, t.mask[i]));
  }
  HONE_RETURN_IF_ERROR(CheckVersions(t.versions, tokens));
  HONE_RETURN_IF_ERROR(CheckSampling(t.sampling));
  HONE_RETURN_IF_ERROR(AtMost("finish_reason", static_cast<size_t>(t.finish_reason), static_cast<size_t>(FinishReason::kAborted)));
  HONE_RETURN_IF_ERROR(AtMost("verdicts", t.verdicts.size(), kMaxVerdicts));
  for (const VerdictRecord& verdict : t.verdicts) HONE_RETURN_IF_ERROR(CheckVerdict(verdict));
  HONE_RETURN_IF_ERROR(FiniteNotNegative("generate_ms", t.generate_ms));
  return FiniteNotNegative("verify_ms", t.verify_ms);
}

absl::Status Validate(const Prompt& p) {
  HONE_RETURN_IF_ERROR(AtMost("bytes of prompt.id", p.id.size(), kMaxNameBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of prompt.text", p.text.size(), kMaxTextBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of prompt.reference", p.reference.size(), kMaxTextBytes));
  HONE_RETURN_IF_ERROR(AtMost("bytes of prompt.row", p.row.size(), kMaxTextBytes));
  HONE_RETURN_IF_ERROR(AtMost("prompt.messages", p.messages.size(), kMaxChatMessages));
  for (const ChatMessage& message : p.messages) {
    HONE_RETURN_IF_ERROR(AtMost("bytes of a prompt message's role", message.role.size(), kMaxNameBytes));
    HONE_RETURN_IF_ERROR(AtMost("bytes of a prompt message's content", message.content.size(), kMaxTextBytes));
  }
  return absl::OkStatus();
}

absl::Status Validate(const GroupLease& lease) {
  HONE_RETURN_IF_ERROR(NotNegative("lease.group", lease.group));
  HONE_RETURN_IF_ERROR(NotNegative("lease.lease", lease.lease));
  HONE_RETURN_IF_ERROR(NotNegative("lease.attempt", lease.attempt));
  HONE_RETURN_IF_ERROR(NotNegative("lease.policy_version", lease.policy_version));
  HONE_RETURN_IF_ERROR(AtMost("lease.samples", lease.samples.size(), kMaxSamplesPerLease));
  for (int32_t sample : lease.samples) HONE_RETURN_IF_ERROR(NotNegative("lease.samples", sample));
  HONE_RETURN_IF_ERROR(CheckSampling(lease.sampling));
  return Validate(lease.prompt);
}

}  // namespace hone
