#include "lib/transport/internal/peer_memory.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/file.h"

namespace hone::transport_internal {
namespace {

// Stays in the second-level cache between the kernel's copy and the sink's.
constexpr int64_t kBlockBytes = 256 << 10;

// The machine since its last start, and the pid namespace; empty when either cannot be told.
const std::string& ThisHost() {
  static const std::string host = [] {
    const auto boot = ReadFile("/proc/sys/kernel/random/boot_id", 256);
    struct stat pids;
    if (!boot.ok() || ::stat("/proc/self/ns/pid", &pids) != 0) return std::string();
    return fmt::format("{}:{}", std::string(absl::StripSuffix(*boot, "\n")), pids.st_ino);
  }();
  return host;
}

}  // namespace

PeerMemory ThisProcess(const void* data) {
  return {.host = ThisHost(), .pid = ::getpid(), .address = reinterpret_cast<uintptr_t>(data)};
}

absl::Status ReadPeerMemory(const PeerMemory& memory, int64_t offset, int64_t length, absl::Time deadline,
                            const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink, int64_t& read) {
  read = 0;
  if (memory.host.empty() || memory.host != ThisHost()) return absl::UnavailableError("the memory is of another machine");
  if (memory.pid <= 0 || memory.pid > INT32_MAX) return absl::UnavailableError(fmt::format("{} is no process", memory.pid));
  std::vector<uint8_t> block(static_cast<size_t>(std::min(length, kBlockBytes)));
  while (read < length) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(fmt::format("{} of {} bytes were read in time", read, length));
    const int64_t size = std::min(length - read, kBlockBytes);
    const iovec local = {block.data(), static_cast<size_t>(size)};
    const iovec remote = {reinterpret_cast<void*>(memory.address + static_cast<uint64_t>(offset + read)), static_cast<size_t>(size)};
    const ssize_t got = ::process_vm_readv(static_cast<pid_t>(memory.pid), &local, 1, &remote, 1, 0);
    if (got != size) {
      return absl::UnavailableError(
          fmt::format("the memory of process {} cannot be read: {}", memory.pid, got < 0 ? std::strerror(errno) : "it ends"));
    }
    HONE_RETURN_IF_ERROR(sink(offset + read, absl::MakeConstSpan(block.data(), static_cast<size_t>(size))));
    read += size;
  }
  return absl::OkStatus();
}

}  // namespace hone::transport_internal
