#pragma once
// Bytes out of the memory of another process of the same machine: one copy by the kernel instead of two and a socket between.

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "lib/base/status.h"

namespace hone::transport_internal {

// Where bytes lie, as their process tells it.
struct PeerMemory {
  std::string host;  // names machine and pid namespace: what `pid` means something in
  int64_t pid = 0;
  uint64_t address = 0;
};

// The bytes at `data` of this process.
PeerMemory ThisProcess(const void* data);

// Reads bytes [offset, offset + length) in order through `sink`, a few hundred KiB at a time; `read` is how many were handed over. The
// caller checks them: the process may have changed or left the memory meanwhile, and pids come again. Errors: Unavailable, another machine
// or namespace, a process that is gone, or one that may not be read (kernel.yama.ptrace_scope): take the socket from there on;
// DeadlineExceeded; what the sink answers.
absl::Status ReadPeerMemory(const PeerMemory& memory, int64_t offset, int64_t length, absl::Time deadline,
                            const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink, int64_t& read);

}  // namespace hone::transport_internal
