#pragma once
// What server and client of lib/transport must agree on.

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace hone::transport_internal {

inline constexpr int kMaxMessageBytes = 64 << 20;
inline constexpr size_t kSubmitBatchBytes = 8 << 20;  // of trajectories in one Submit call
inline constexpr int kMaxStreamsPerConnection = 128;
inline constexpr int kMaxFrameBytes = (16 << 20) - 1;          // HTTP/2's largest
inline constexpr int64_t kChunkBytes = 1 << 20;                // of weights in one message
inline constexpr int64_t kMaxChunkBytes = 4 << 20;             // that a client takes
inline constexpr absl::Duration kMaxWait = absl::Seconds(20);  // of one call for work or weights
inline constexpr absl::Duration kWaitSlice = absl::Milliseconds(250);
inline constexpr absl::Duration kMaxCallTime = absl::Minutes(30);  // a call must have a deadline not later than this
inline constexpr int kMaxGroupsPerLease = 4096;
inline constexpr int kMaxLeasesPerRenew = 1 << 16;
inline constexpr int kMaxTrajectoriesPerSubmit = 1 << 16;
inline constexpr size_t kMaxErrorBytes = 2000;  // of a status message: it travels in headers of limited size

inline constexpr char kTokenKey[] = "hone-token";
// In the trailing metadata of every answer that our code gave, so that the client knows it from what gRPC itself says with the same code.
inline constexpr char kOriginKey[] = "hone-origin";
inline constexpr char kFetchMethod[] = "/hone.weights.v1.WeightService/Fetch";

}  // namespace hone::transport_internal
