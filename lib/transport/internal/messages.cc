#include "lib/transport/internal/messages.h"

#include <cmath>

#include "fmt/format.h"
#include "hone/control/v1/control.pb.h"
#include "hone/rollout/v1/rollout.pb.h"
#include "hone/rollout/v1/rollout_service.pb.h"
#include "hone/weights/v1/weights.pb.h"
#include "hone/weights/v1/weights_service.pb.h"
#include "lib/rollout/codec.h"
#include "lib/transport/manifest.h"

namespace hone::transport_internal {
namespace {

absl::Status CheckNumber(const char* what, double value) {
  if (std::isfinite(value) && value >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {} must be finite and >= 0", what, value));
}

}  // namespace

absl::Status CheckActorName(const std::string& name) {
  if (!name.empty() && name.size() <= static_cast<size_t>(kMaxNameBytes)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("actor: a name of {} bytes must have 1 to {}", name.size(), kMaxNameBytes));
}

void Encode(const ActorInfo& from, rollout::v1::ActorInfo* to) {
  to->set_name(from.name);
  to->set_pid(from.pid);
  to->set_device(from.device);
  to->set_dtype(from.dtype);
  to->set_isa(from.isa);
  to->set_memory_bytes(from.memory_bytes);
  to->set_tokens_per_second(from.tokens_per_second);
}

absl::StatusOr<ActorInfo> Decode(const rollout::v1::ActorInfo& from) {
  HONE_RETURN_IF_ERROR(CheckActorName(from.name()));
  HONE_RETURN_IF_ERROR(CheckNumber("actor.tokens_per_second", from.tokens_per_second()));
  ActorInfo to;
  to.name = from.name();
  to.pid = from.pid();
  to.device = from.device();
  to.dtype = from.dtype();
  to.isa = from.isa();
  to.memory_bytes = from.memory_bytes();
  to.tokens_per_second = from.tokens_per_second();
  return to;
}

void Encode(const Registration& from, rollout::v1::RegisterResponse* to) {
  to->set_run(from.run);
  to->set_recipe_json(from.recipe_json);
  to->set_model_dir(from.model_dir);
  to->set_run_seed(from.run_seed);
}

absl::StatusOr<Registration> Decode(const rollout::v1::RegisterResponse& from) {
  return Registration{from.run(), from.recipe_json(), from.model_dir(), from.run_seed()};
}

void Encode(const WeightManifest& from, weights::v1::WeightManifest* to) {
  to->set_version(from.version);
  to->set_base_version(from.base_version);
  to->set_dtype(from.dtype);
  to->set_layout(from.layout);
  to->set_total_bytes(from.total_bytes);
  for (const WeightEntry& entry : from.entries) {
    weights::v1::WeightEntry* added = to->add_entries();
    added->set_name(entry.name);
    added->mutable_shape()->Assign(entry.shape.begin(), entry.shape.end());
    added->set_offset_bytes(entry.offset_bytes);
    added->set_num_bytes(entry.bytes);
    added->set_checksum(entry.checksum);
  }
}

absl::StatusOr<WeightManifest> Decode(const weights::v1::WeightManifest& from) {
  WeightManifest to;
  to.version = from.version();
  to.base_version = from.base_version();
  to.dtype = from.dtype();
  to.layout = from.layout();
  to.total_bytes = from.total_bytes();
  for (const weights::v1::WeightEntry& entry : from.entries()) {
    to.entries.push_back({entry.name(), std::vector<int64_t>(entry.shape().begin(), entry.shape().end()), entry.offset_bytes(),
                          entry.num_bytes(), entry.checksum()});
  }
  HONE_RETURN_IF_ERROR(ValidateManifest(to));
  return to;
}

void Encode(const PeerMemory& from, weights::v1::PeerMemory* to) {
  to->set_host(from.host);
  to->set_pid(from.pid);
  to->set_address(from.address);
}

PeerMemory Decode(const weights::v1::PeerMemory& from) {
  return {.host = from.host(), .pid = from.pid(), .address = from.address()};
}

void Encode(const RunStatus& from, control::v1::RunStatus* to) {
  to->set_run(from.run);
  to->set_state(from.state);
  to->set_step(from.step);
  to->set_total_steps(from.total_steps);
  to->set_policy_version(from.policy_version);
  for (const ActorStatus& actor : from.actors) {
    control::v1::ActorStatus* added = to->add_actors();
    added->set_name(actor.name);
    added->set_pid(actor.pid);
    added->set_policy_version(actor.policy_version);
    added->set_tokens_per_second(actor.tokens_per_second);
    added->set_last_seen_ms_ago(actor.last_seen_ms_ago);
  }
}

absl::StatusOr<RunStatus> Decode(const control::v1::RunStatus& from) {
  RunStatus to;
  to.run = from.run();
  to.state = from.state();
  to.step = from.step();
  to.total_steps = from.total_steps();
  to.policy_version = from.policy_version();
  for (const control::v1::ActorStatus& actor : from.actors()) {
    to.actors.push_back({actor.name(), actor.pid(), actor.policy_version(), actor.tokens_per_second(), actor.last_seen_ms_ago()});
  }
  return to;
}

}  // namespace hone::transport_internal
