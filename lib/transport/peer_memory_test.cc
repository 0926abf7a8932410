#include "lib/transport/internal/peer_memory.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace hone::transport_internal {
namespace {

using Bytes = absl::Span<const uint8_t>;

std::vector<uint8_t> Numbers(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + i / 251);
  return bytes;
}

absl::Status Read(const PeerMemory& memory, int64_t offset, int64_t length, std::vector<uint8_t>& got, int64_t& read,
                  absl::Time deadline = absl::InfiniteFuture()) {
  return ReadPeerMemory(
      memory, offset, length, deadline,
      [&](int64_t at, Bytes chunk) {
        EXPECT_EQ(at, offset + static_cast<int64_t>(got.size()));
        got.insert(got.end(), chunk.begin(), chunk.end());
        return absl::OkStatus();
      },
      read);
}

TEST(PeerMemoryTest, ReadsAnotherProcess) {
  // The child has what we had when it began; here it is overwritten.
  std::vector<uint8_t> bytes = Numbers(1'000'003);
  const std::vector<uint8_t> want = bytes;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (;;) pause();
  }
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  PeerMemory memory = ThisProcess(bytes.data());
  memory.pid = child;
  for (const auto& [offset, length] : {std::pair<int64_t, int64_t>{0, 1'000'003}, {262'144, 262'144}, {999'999, 4}, {5, 0}}) {
    std::vector<uint8_t> got;
    int64_t read = -1;
    const absl::Status status = Read(memory, offset, length, got, read);
    if (length > 0 && !status.ok() && absl::StrContains(status.message(), "not permitted")) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      GTEST_SKIP() << "this machine lets no process read another: " << status;
    }
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(read, length);
    EXPECT_EQ(got, std::vector<uint8_t>(want.begin() + offset, want.begin() + offset + length));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  std::vector<uint8_t> got;
  int64_t read = -1;
  EXPECT_EQ(Read(memory, 0, 10, got, read).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(read, 0);
}

TEST(PeerMemoryTest, WhatCannotBeReadIsUnavailableAndSaysHowFarItCame) {
  // Two blocks of memory and then none.
  constexpr size_t kMapped = 512 << 10;
  auto* mapped = static_cast<uint8_t*>(mmap(nullptr, 2 * kMapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(mapped, MAP_FAILED);
  munmap(mapped + kMapped, kMapped);
  const PeerMemory memory = ThisProcess(mapped);
  std::vector<uint8_t> got;
  int64_t read = -1;
  EXPECT_EQ(Read(memory, 0, 2 * kMapped, got, read).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(read, static_cast<int64_t>(kMapped));

  PeerMemory elsewhere = memory;
  elsewhere.host += "x";
  EXPECT_EQ(Read(elsewhere, 0, 10, got, read).code(), absl::StatusCode::kUnavailable);
  for (const int64_t pid : {int64_t{0}, int64_t{-1}, int64_t{1} << 40}) {
    PeerMemory nobody = memory;
    nobody.pid = pid;
    EXPECT_EQ(Read(nobody, 0, 10, got, read).code(), absl::StatusCode::kUnavailable) << pid;
  }
  munmap(mapped, kMapped);
}

TEST(PeerMemoryTest, DeadlineAndSinkEndIt) {
  const std::vector<uint8_t> bytes = Numbers(100);
  std::vector<uint8_t> got;
  int64_t read = -1;
  EXPECT_EQ(Read(ThisProcess(bytes.data()), 0, 100, got, read, absl::InfinitePast()).code(), absl::StatusCode::kDeadlineExceeded);
  const auto refuse = [](int64_t, Bytes) { return absl::DataLossError("enough"); };
  EXPECT_EQ(ReadPeerMemory(ThisProcess(bytes.data()), 0, 100, absl::InfiniteFuture(), refuse, read).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(read, 0);
}

}  // namespace
}  // namespace hone::transport_internal
