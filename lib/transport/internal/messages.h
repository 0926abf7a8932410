#pragma once
// The structs of services.h and control.h as protobuf messages. Decode checks what arrived and answers InvalidArgument.

#include "lib/transport/control.h"
#include "lib/transport/internal/peer_memory.h"
#include "lib/transport/services.h"

namespace hone::rollout::v1 {
class ActorInfo;
class RegisterResponse;
}  // namespace hone::rollout::v1
namespace hone::weights::v1 {
class PeerMemory;
class WeightManifest;
}  // namespace hone::weights::v1
namespace hone::control::v1 {
class RunStatus;
}  // namespace hone::control::v1

namespace hone::transport_internal {

void Encode(const ActorInfo& from, rollout::v1::ActorInfo* to);
void Encode(const Registration& from, rollout::v1::RegisterResponse* to);
void Encode(const WeightManifest& from, weights::v1::WeightManifest* to);
void Encode(const PeerMemory& from, weights::v1::PeerMemory* to);
void Encode(const RunStatus& from, control::v1::RunStatus* to);
absl::StatusOr<ActorInfo> Decode(const rollout::v1::ActorInfo& from);
absl::StatusOr<Registration> Decode(const rollout::v1::RegisterResponse& from);
absl::StatusOr<WeightManifest> Decode(const weights::v1::WeightManifest& from);
PeerMemory Decode(const weights::v1::PeerMemory& from);  // ReadPeerMemory checks it
absl::StatusOr<RunStatus> Decode(const control::v1::RunStatus& from);

// An actor's name as it comes with every call: 1 to 4096 bytes.
absl::Status CheckActorName(const std::string& name);

}  // namespace hone::transport_internal
