#include "verifiers/external/codec.h"

#include <algorithm>

#include "fmt/format.h"
#include "hone/verifier/v1/verifier.pb.h"
#include "verifiers/external/description.h"
#include "verifiers/external/limits.h"

namespace hone {
namespace {

std::string Cut(const std::string& text, size_t max_bytes) {
  return text.size() <= max_bytes ? text : text.substr(0, max_bytes);
}

verifier::v1::FinishReason Encode(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return verifier::v1::FINISH_REASON_STOP;
    case FinishReason::kLength:
      return verifier::v1::FINISH_REASON_LENGTH;
    case FinishReason::kAborted:
      return verifier::v1::FINISH_REASON_ABORTED;
  }
  return verifier::v1::FINISH_REASON_UNSPECIFIED;
}

std::optional<FinishReason> Decode(verifier::v1::FinishReason reason) {
  switch (reason) {
    case verifier::v1::FINISH_REASON_STOP:
      return FinishReason::kStop;
    case verifier::v1::FINISH_REASON_LENGTH:
      return FinishReason::kLength;
    case verifier::v1::FINISH_REASON_ABORTED:
      return FinishReason::kAborted;
    default:
      return std::nullopt;
  }
}
}  // namespace

void Encode(const VerifyRequest& from, absl::Time now, verifier::v1::Sample* to) {
  const auto text = [](std::string_view view) { return std::string(view); };
  to->set_id(from.id);
  to->set_prompt(text(from.prompt));
  to->set_completion(text(from.completion));
  to->set_reference(text(from.reference));
  if (from.answer.has_value()) to->set_answer(text(*from.answer));
  to->set_row(text(from.row));
  to->set_group_id(from.group_id);
  to->set_sample_index(from.sample_index);
  to->set_seed(from.seed);
  if (from.num_tokens_completion.has_value()) to->set_num_tokens_completion(*from.num_tokens_completion);
  to->mutable_token_ids()->Add(from.token_ids.begin(), from.token_ids.end());
  if (from.finish_reason.has_value()) to->set_finish_reason(Encode(*from.finish_reason));
  if (from.deadline != absl::InfiniteFuture()) to->set_timeout_ms(std::max<int64_t>(0, absl::ToInt64Milliseconds(from.deadline - now)));
}

VerifyRequest Decode(const verifier::v1::Sample& from, absl::Time now) {
  VerifyRequest to;
  to.id = from.id();
  to.prompt = from.prompt();
  to.completion = from.completion();
  to.reference = from.reference();
  if (from.has_answer()) to.answer = from.answer();
  to.row = from.row();
  to.group_id = from.group_id();
  to.sample_index = from.sample_index();
  to.seed = from.seed();
  if (from.has_num_tokens_completion()) to.num_tokens_completion = from.num_tokens_completion();
  to.token_ids = {from.token_ids().data(), static_cast<size_t>(from.token_ids_size())};
  to.finish_reason = Decode(from.finish_reason());
  if (from.has_timeout_ms()) to.deadline = now + absl::Milliseconds(from.timeout_ms());
  return to;
}

void Encode(const Verdict& from, verifier::v1::Verdict* to) {
  to->set_id(from.id);
  if (const Score* score = std::get_if<Score>(&from.outcome)) {
    to->mutable_score()->set_value(score->value);
    for (const ScorePart& part : score->parts) {
      verifier::v1::ScorePart* added = to->mutable_score()->add_parts();
      added->set_name(part.name);
      added->set_value(part.value);
    }
  } else if (const NotApplicable* none = std::get_if<NotApplicable>(&from.outcome)) {
    to->mutable_not_applicable()->set_why(Cut(none->why, kExternalTextBytes));
  } else if (const TaskError* task = std::get_if<TaskError>(&from.outcome)) {
    to->mutable_task_error()->set_why(Cut(task->why, kExternalTextBytes));
  } else if (const InfraError* infra = std::get_if<InfraError>(&from.outcome)) {
    to->mutable_infra_error()->set_why(Cut(infra->why, kExternalTextBytes));
    to->mutable_infra_error()->set_retryable(infra->retryable);
  }
  to->set_reason(Cut(from.reason, kExternalTextBytes));
  to->set_evidence(Cut(from.evidence, kExternalEvidenceBytes));
}

Verdict Decode(const verifier::v1::Verdict& from) {
  Verdict to;
  to.id = from.id();
  to.reason = Cut(from.reason(), kExternalTextBytes);
  to.evidence = Cut(from.evidence(), kExternalEvidenceBytes);
  switch (from.outcome_case()) {
    case verifier::v1::Verdict::kScore: {
      Score score{.value = from.score().value()};
      for (const verifier::v1::ScorePart& part : from.score().parts())
        score.parts.push_back({Cut(part.name(), kExternalTextBytes), part.value()});
      to.outcome = std::move(score);
      break;
    }
    case verifier::v1::Verdict::kNotApplicable:
      to.outcome = NotApplicable{Cut(from.not_applicable().why(), kExternalTextBytes)};
      break;
    case verifier::v1::Verdict::kTaskError:
      to.outcome = TaskError{Cut(from.task_error().why(), kExternalTextBytes)};
      break;
    case verifier::v1::Verdict::kInfraError:
      to.outcome = InfraError{Cut(from.infra_error().why(), kExternalTextBytes), from.infra_error().retryable()};
      break;
    case verifier::v1::Verdict::OUTCOME_NOT_SET:
      to.outcome = InfraError{"the verifier's answer holds no outcome", /*retryable=*/false};
      to.reason = "no_outcome";
      break;
  }
  return to;
}

void Encode(const VerifierDescription& from, verifier::v1::Description* to) {
  to->set_name(from.name);
  to->set_version(from.version);
  to->set_params_schema(from.params_schema);
  to->set_range_min(from.range_min);
  to->set_range_max(from.range_max);
  for (const std::string& part : from.parts) to->add_parts(part);
  to->set_deterministic(from.deterministic);
  for (const std::string& need : from.needs) to->add_needs(need);
  to->set_max_batch(from.max_batch);
  to->set_concurrency(from.concurrency);
  to->set_origin(from.origin);
}

absl::StatusOr<VerifierDescription> Decode(const verifier::v1::Description& from) {
  VerifierDescription to;
  to.name = from.name();
  to.version = from.version();
  to.params_schema = from.params_schema();
  to.range_min = from.range_min();
  to.range_max = from.range_max();
  to.parts.assign(from.parts().begin(), from.parts().end());
  to.deterministic = from.deterministic();
  to.needs.assign(from.needs().begin(), from.needs().end());
  to.max_batch = from.max_batch();
  to.concurrency = from.concurrency();
  to.origin = Cut(from.origin(), kExternalTextBytes);
  HONE_RETURN_IF_ERROR(CheckDescription(to));
  return to;
}

}  // namespace hone
