#pragma once
// Trajectories and leases as protobuf messages and bytes (protos/hone/rollout/v1/rollout.proto), and the rules that both must keep.
// Who adds a field to trajectory.h or prompt.h adds it to rollout.proto and codec.cc.
//
// What Decode accepts, Validate accepts, and the other way round; Encode(Decode(x)) keeps every value, floats bit for bit.
//
// Finite values: log-probabilities and entropies are carried as they are, NaN and infinities included: they are data about a policy that
// has diverged, and the learner's non-finite guard judges them. Everything else (scores, times, sampler settings) must be finite, since a
// NaN there is a mistake of the sender.
//
// Threads: pure functions.

#include <string>
#include <string_view>

#include "lib/base/status.h"
#include "lib/rollout/trajectory.h"

// The generated classes; only .cc files see them in full.
namespace hone::rollout::v1 {
class GroupLease;
class Prompt;
class Trajectory;
}  // namespace hone::rollout::v1

namespace hone {

// Bounds of one trajectory; a decoder refuses more.
inline constexpr int kMaxTokensPerSequence = 1 << 20;  // prompt and completion each
inline constexpr int kMaxTextBytes = 32 << 20;         // completion text; a prompt's text, reference and row each
inline constexpr int kMaxVerdicts = 256;
inline constexpr int kMaxScoreParts = 1024;
inline constexpr int kMaxStops = 1024;         // stop strings, and stop token ids
inline constexpr int kMaxChatMessages = 4096;  // of one prompt
inline constexpr int kMaxNameBytes = 4096;     // names, ids, labels
inline constexpr int kMaxSamplesPerLease = 1 << 16;

// One trajectory as bytes of the protobuf message, for the ledger. Any trajectory can be serialised; Parse takes back those that pass
// Validate.
std::string SerializeTrajectory(const Trajectory& trajectory);
// Errors: DataLoss when the bytes are no such message or break a rule; the message names the field, the value and the limit.
absl::StatusOr<Trajectory> ParseTrajectory(std::string_view bytes);

// The rules: per-token arrays of equal length, mask 0 or 1, token ids and counters >= 0, version spans from 0 strictly upwards and within
// the completion, finite numbers (see above), known enum values, sizes within the bounds above.
// Errors: InvalidArgument, naming field, value and limit.
absl::Status Validate(const Trajectory& trajectory);
absl::Status Validate(const GroupLease& lease);
absl::Status Validate(const Prompt& prompt);

// The same between structs and messages. Decode: InvalidArgument when a rule is broken.
void Encode(const Trajectory& from, rollout::v1::Trajectory* to);
void Encode(const GroupLease& from, rollout::v1::GroupLease* to);
void Encode(const Prompt& from, rollout::v1::Prompt* to);
absl::StatusOr<Trajectory> Decode(const rollout::v1::Trajectory& from);
absl::StatusOr<GroupLease> Decode(const rollout::v1::GroupLease& from);
absl::StatusOr<Prompt> Decode(const rollout::v1::Prompt& from);

}  // namespace hone
