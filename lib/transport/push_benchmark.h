#pragma once

#include <cstdint>
#include <string>

#include "lib/base/status.h"

namespace hone {

// What a weight push reaches on this machine, GB = 1e9 bytes.
struct PushFigures {
  std::string address;         // that was used
  int64_t bytes = 0;           // of one push
  int repeats = 0;             // pushes measured, after one that is not
  double median_gb_per_s = 0;  // publish to verified, over all repeats
  double best_gb_per_s = 0;
  double memcpy_gb_per_s = 0;    // one thread, same arena: the bound without a socket
  double checksum_gb_per_s = 0;  // one thread, same arena
};

// How the bytes travel: out of the learner's memory (what actors of the same machine do, the announcement by Unix socket), or as a stream.
enum class PushPath { kPeerMemory, kUnixSocket, kLoopback };
const char* Name(PushPath path);

// Pushes an arena of `bytes` random bytes from a server to a client, both in this process but with a real socket between, every entry
// verified, and measures the bounds in the same run. Errors: InvalidArgument when bytes is not in [1, 8 GiB] or repeats < 1; those of
// server and client.
absl::StatusOr<PushFigures> BenchmarkPush(int64_t bytes, PushPath path, int repeats);

}  // namespace hone
