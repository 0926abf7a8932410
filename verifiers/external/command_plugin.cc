// libhone_command.so: a plugin (hone_verifier.h) whose verifier is a program that speaks JSON lines. So a verifier in any language can
// stand where a shared library is asked for, at the cost of a command: {"verifier": "plugin:.../libhone_command.so", "params": {"command":
// "./mine.py"}}.
#include <string>

#include "absl/time/clock.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/command_verifier.h"
#include "verifiers/external/description.h"
#include "verifiers/external/hone_verifier.h"

namespace {
using Json = nlohmann::json;

constexpr char kGeneral[] =
    R"({"name":"command","version":1,"params_schema":{"type":"object","required":["command"],"properties":{
    "command":{"type":"string","minLength":1,"description":"As after command: in a recipe"},
    "params":{"type":"object","description":"Parameters of the program"}}}})";

hone_bytes ToBytes(const std::string& text) {
  return {text.data(), text.size()};
}
std::string_view FromBytes(const hone_bytes& bytes) {
  return {static_cast<const char*>(bytes.data), bytes.size};
}

struct CommandPlugin {
  std::unique_ptr<hone::Verifier> verifier;
  std::string description;
};

hone_bytes Describe(void* self) {
  if (self == nullptr) return {kGeneral, sizeof(kGeneral) - 1};
  return ToBytes(static_cast<CommandPlugin*>(self)->description);
}

int Create(hone_bytes params, const hone_host*, void** self, hone_bytes* error) {
  thread_local std::string message;
  const Json json = Json::parse(FromBytes(params), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("command") || !json["command"].is_string()) {
    message = "the parameter \"command\" (a string) is needed";
    *error = ToBytes(message);
    return 1;
  }
  hone::CommandVerifierOptions options;
  options.command = json["command"].get<std::string>();
  options.params_json = json.contains("params") ? json["params"].dump() : "{}";
  auto verifier = hone::StartCommandVerifier(options);
  if (!verifier.ok()) {
    message = std::string(verifier.status().message());
    *error = ToBytes(message);
    return 1;
  }
  auto plugin = std::make_unique<CommandPlugin>();
  plugin->verifier = *std::move(verifier);
  // The parameters are the plugin's, not the program's.
  Json description = Json::parse(hone::DescriptionToJson(plugin->verifier->Describe()));
  description["params_schema"] = Json::parse(kGeneral)["params_schema"];
  plugin->description = description.dump();
  *self = plugin.release();
  return 0;
}

hone::VerifyRequest Read(const hone_request& from, absl::Time now) {
  hone::VerifyRequest to;
  to.id = from.id;
  to.prompt = FromBytes(from.prompt);
  to.completion = FromBytes(from.completion);
  to.reference = FromBytes(from.reference);
  if (from.answer.data != nullptr) to.answer = FromBytes(from.answer);
  to.row = FromBytes(from.row);
  to.group_id = from.group_id;
  to.sample_index = from.sample_index;
  to.seed = from.seed;
  if (from.num_tokens_completion >= 0) to.num_tokens_completion = from.num_tokens_completion;
  to.token_ids = {from.token_ids, from.num_token_ids};
  switch (from.finish_reason) {
    case HONE_FINISH_STOP:
      to.finish_reason = hone::FinishReason::kStop;
      break;
    case HONE_FINISH_LENGTH:
      to.finish_reason = hone::FinishReason::kLength;
      break;
    case HONE_FINISH_ABORTED:
      to.finish_reason = hone::FinishReason::kAborted;
      break;
    default:
      break;
  }
  if (from.timeout_ns >= 0) to.deadline = now + absl::Nanoseconds(from.timeout_ns);
  return to;
}

void Answer(const hone::Verdict& verdict, hone_sink sink, void* sink_ctx) {
  hone_outcome outcome = {};
  outcome.struct_size = sizeof(outcome);
  outcome.reason = ToBytes(verdict.reason);
  outcome.evidence = ToBytes(verdict.evidence);
  std::vector<hone_part> parts;
  if (const auto* score = std::get_if<hone::Score>(&verdict.outcome)) {
    outcome.kind = HONE_SCORE;
    outcome.value = score->value;
    for (const hone::ScorePart& part : score->parts) parts.push_back({ToBytes(part.name), part.value});
  } else if (const auto* none = std::get_if<hone::NotApplicable>(&verdict.outcome)) {
    outcome.kind = HONE_NOT_APPLICABLE;
    outcome.why = ToBytes(none->why);
  } else if (const auto* task = std::get_if<hone::TaskError>(&verdict.outcome)) {
    outcome.kind = HONE_TASK_ERROR;
    outcome.why = ToBytes(task->why);
  } else if (const auto* infra = std::get_if<hone::InfraError>(&verdict.outcome)) {
    outcome.kind = HONE_INFRA_ERROR;
    outcome.why = ToBytes(infra->why);
    outcome.retryable = infra->retryable;
  }
  outcome.parts = parts.data();
  outcome.num_parts = static_cast<uint32_t>(parts.size());
  sink(sink_ctx, verdict.id, &outcome);
}

void Verify(void* self, const hone_request* const* requests, uint32_t n, hone_sink sink, void* sink_ctx) {
  std::vector<hone::VerifyRequest> batch;
  const absl::Time now = absl::Now();
  for (uint32_t i = 0; i < n; ++i) batch.push_back(Read(*requests[i], now));
  for (const hone::Verdict& verdict : static_cast<CommandPlugin*>(self)->verifier->Verify(batch)) Answer(verdict, sink, sink_ctx);
}

void Destroy(void* self) {
  delete static_cast<CommandPlugin*>(self);
}

constexpr hone_verifier_v1 kTable = {.struct_size = sizeof(hone_verifier_v1),
                                     .abi_minor = HONE_VERIFIER_ABI_MINOR,
                                     .describe = Describe,
                                     .create = Create,
                                     .verify = Verify,
                                     .cancel = nullptr,
                                     .destroy = Destroy};
}  // namespace

extern "C" const hone_verifier_v1* hone_verifier_entry(uint32_t abi_major) {
  return abi_major == HONE_VERIFIER_ABI_MAJOR ? &kTable : nullptr;
}
