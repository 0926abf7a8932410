#include "lib/rollout/codec.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"
#include "hone/rollout/v1/rollout.pb.h"

namespace hone {
namespace {

namespace pb = ::hone::rollout::v1;

// Of a stored trajectory; raised when an old reader would misread a new record.
constexpr uint32_t kFormatVersion = 1;

// The enums differ by the protos' zero, which means "not set" and is refused.
template <class ProtoEnum, class Enum>
ProtoEnum EncodeEnum(Enum value) {
  return static_cast<ProtoEnum>(static_cast<int>(value) + 1);
}
template <class Enum>
absl::StatusOr<Enum> DecodeEnum(const char* what, int value, Enum last) {
  if (value >= 1 && value <= static_cast<int>(last) + 1) return static_cast<Enum>(value - 1);
  return absl::InvalidArgumentError(fmt::format("{}: {} is not one of 1..{}", what, value, static_cast<int>(last) + 1));
}

template <class T>
void EncodeArray(const std::vector<T>& from, google::protobuf::RepeatedField<T>* to) {
  to->Assign(from.begin(), from.end());
}
template <class T>
std::vector<T> DecodeArray(const google::protobuf::RepeatedField<T>& from) {
  return std::vector<T>(from.begin(), from.end());
}

void EncodeSampling(const SamplingSettings& from, pb::SamplingSettings* to) {
  to->set_temperature(from.temperature);
  to->set_top_k(from.top_k);
  to->set_top_p(from.top_p);
  to->set_min_p(from.min_p);
  to->set_max_new_tokens(from.max_new_tokens);
  EncodeArray(from.stop_token_ids, to->mutable_stop_token_ids());
  for (const std::string& stop : from.stop) to->add_stop_strings(stop);
  to->set_ignore_eos(from.ignore_eos);
}

SamplingSettings DecodeSampling(const pb::SamplingSettings& from) {
  SamplingSettings to;
  to.temperature = from.temperature();
  to.top_k = from.top_k();
  to.top_p = from.top_p();
  to.min_p = from.min_p();
  to.max_new_tokens = from.max_new_tokens();
  to.stop_token_ids = DecodeArray(from.stop_token_ids());
  to.stop.assign(from.stop_strings().begin(), from.stop_strings().end());
  to.ignore_eos = from.ignore_eos();
  return to;
}

void EncodeVerdict(const VerdictRecord& from, pb::Verdict* to) {
  to->set_label(from.label);
  to->set_verifier(from.verifier);
  to->set_outcome(EncodeEnum<pb::OutcomeKind>(from.outcome));
  to->set_score(from.score);
  for (const ScorePart& part : from.parts) {
    pb::ScorePart* added = to->add_parts();
    added->set_name(part.name);
    added->set_value(part.value);
  }
  to->set_reason(from.reason);
  to->set_wall_ms(from.wall_ms);
  to->set_queue_ms(from.queue_ms);
  to->set_attempts(from.attempts);
  to->set_cached(from.cached);
  to->set_config_hash(from.config_hash);
  to->set_input_hash(from.input_hash);
  to->set_evidence(from.evidence);
}

absl::StatusOr<VerdictRecord> DecodeVerdict(const pb::Verdict& from) {
  VerdictRecord to;
  to.label = from.label();
  to.verifier = from.verifier();
  HONE_ASSIGN_OR_RETURN(to.outcome, DecodeEnum("verdict.outcome", from.outcome(), OutcomeKind::kInfraError));
  to.score = from.score();
  if (from.parts_size() > kMaxScoreParts) {
    return absl::InvalidArgumentError(fmt::format("verdict.parts: {} is above the limit of {}", from.parts_size(), kMaxScoreParts));
  }
  for (const pb::ScorePart& part : from.parts()) to.parts.push_back({part.name(), part.value()});
  to.reason = from.reason();
  to.wall_ms = from.wall_ms();
  to.queue_ms = from.queue_ms();
  to.attempts = from.attempts();
  to.cached = from.cached();
  to.config_hash = from.config_hash();
  to.input_hash = from.input_hash();
  to.evidence = from.evidence();
  return to;
}

Prompt DecodePromptUnchecked(const pb::Prompt& from) {
  Prompt to;
  to.id = from.id();
  for (const pb::ChatMessage& message : from.messages()) to.messages.push_back({message.role(), message.content()});
  to.text = from.text();
  to.reference = from.reference();
  to.row = from.row();
  return to;
}

}  // namespace

void Encode(const Trajectory& from, pb::Trajectory* to) {
  to->Clear();
  to->set_format_version(kFormatVersion);
  to->set_run(from.run);
  to->set_group(from.group);
  to->set_sample(from.sample);
  to->set_attempt(from.attempt);
  to->set_prompt_id(from.prompt_id);
  to->set_actor(from.actor);
  EncodeArray(from.prompt_tokens, to->mutable_prompt_tokens());
  EncodeArray(from.tokens, to->mutable_tokens());
  to->mutable_mask()->assign(from.mask.begin(), from.mask.end());
  EncodeArray(from.logprobs, to->mutable_logprobs());
  EncodeArray(from.processed_logprobs, to->mutable_processed_logprobs());
  EncodeArray(from.entropies, to->mutable_entropies());
  for (const VersionSpan& span : from.versions) {
    pb::VersionSpan* added = to->add_versions();
    added->set_begin(span.begin);
    added->set_policy_version(span.policy_version);
  }
  EncodeSampling(from.sampling, to->mutable_sampling());
  to->set_seed(from.seed);
  to->set_finish_reason(EncodeEnum<pb::FinishReason>(from.finish_reason));
  to->set_text(from.text);
  for (const VerdictRecord& verdict : from.verdicts) EncodeVerdict(verdict, to->add_verdicts());
  to->set_generate_ms(from.generate_ms);
  to->set_verify_ms(from.verify_ms);
}

absl::StatusOr<Trajectory> Decode(const pb::Trajectory& from) {
  if (from.format_version() != kFormatVersion) {
    return absl::InvalidArgumentError(
        fmt::format("format_version: {} is not {}; written by another version of hone", from.format_version(), kFormatVersion));
  }
  Trajectory to;
  to.run = from.run();
  to.group = from.group();
  to.sample = from.sample();
  to.attempt = from.attempt();
  to.prompt_id = from.prompt_id();
  to.actor = from.actor();
  to.prompt_tokens = DecodeArray(from.prompt_tokens());
  to.tokens = DecodeArray(from.tokens());
  to.mask.assign(from.mask().begin(), from.mask().end());
  to.logprobs = DecodeArray(from.logprobs());
  to.processed_logprobs = DecodeArray(from.processed_logprobs());
  to.entropies = DecodeArray(from.entropies());
  for (const pb::VersionSpan& span : from.versions()) to.versions.push_back({span.begin(), span.policy_version()});
  to.sampling = DecodeSampling(from.sampling());
  to.seed = from.seed();
  HONE_ASSIGN_OR_RETURN(to.finish_reason, DecodeEnum("finish_reason", from.finish_reason(), FinishReason::kAborted));
  to.text = from.text();
  if (from.verdicts_size() > kMaxVerdicts) {
    return absl::InvalidArgumentError(fmt::format("verdicts: {} is above the limit of {}", from.verdicts_size(), kMaxVerdicts));
  }
  for (const pb::Verdict& verdict : from.verdicts()) {
    HONE_ASSIGN_OR_RETURN(VerdictRecord decoded, DecodeVerdict(verdict));
    to.verdicts.push_back(std::move(decoded));
  }
  to.generate_ms = from.generate_ms();
  to.verify_ms = from.verify_ms();
  HONE_RETURN_IF_ERROR(Validate(to));
  return to;
}

void Encode(const Prompt& from, pb::Prompt* to) {
  to->Clear();
  to->set_id(from.id);
  for (const ChatMessage& message : from.messages) {
    pb::ChatMessage* added = to->add_messages();
    added->set_role(message.role);
    added->set_content(message.content);
  }
  to->set_text(from.text);
  to->set_reference(from.reference);
  to->set_row(from.row);
}

absl::StatusOr<Prompt> Decode(const pb::Prompt& from) {
  Prompt to = DecodePromptUnchecked(from);
  HONE_RETURN_IF_ERROR(Validate(to));
  return to;
}

void Encode(const GroupLease& from, pb::GroupLease* to) {
  to->Clear();
  to->set_group(from.group);
  to->set_lease(from.lease);
  to->set_policy_version(from.policy_version);
  EncodeArray(from.samples, to->mutable_samples());
  to->set_attempt(from.attempt);
  Encode(from.prompt, to->mutable_prompt());
  to->set_expires_ms(from.expires_ms);
  EncodeSampling(from.sampling, to->mutable_sampling());
  to->set_evaluation(from.evaluation);
}

absl::StatusOr<GroupLease> Decode(const pb::GroupLease& from) {
  GroupLease to;
  to.group = from.group();
  to.lease = from.lease();
  to.policy_version = from.policy_version();
  to.samples = DecodeArray(from.samples());
  to.attempt = from.attempt();
  to.prompt = DecodePromptUnchecked(from.prompt());
  to.expires_ms = from.expires_ms();
  to.sampling = DecodeSampling(from.sampling());
  to.evaluation = from.evaluation();
  HONE_RETURN_IF_ERROR(Validate(to));
  return to;
}

std::string SerializeTrajectory(const Trajectory& trajectory) {
  pb::Trajectory message;
  Encode(trajectory, &message);
  return message.SerializeAsString();
}

absl::StatusOr<Trajectory> ParseTrajectory(std::string_view bytes) {
  pb::Trajectory message;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(fmt::format("trajectory: {} bytes are not a message of rollout.proto", bytes.size()));
  }
  absl::StatusOr<Trajectory> trajectory = Decode(message);
  if (!trajectory.ok()) return absl::DataLossError(fmt::format("trajectory: {}", std::string(trajectory.status().message())));
  return trajectory;
}

}  // namespace hone
