#include "verifiers/code/guest.h"

#include <sys/socket.h>

namespace hone {
namespace {
constexpr size_t kMaxFrameBytes = (8 << 20) + 4096;
constexpr absl::Duration kGrace = absl::Seconds(1);  // for a program that has closed its channel to end
}  // namespace

Guest::Guest(std::unique_ptr<LiveRun> run) : run_(std::move(run)), channel_(run_->channel(), kMaxFrameBytes) {
  // Waiting also drains the program's output.
  record_ = std::async(std::launch::async, [this] {
    RunRecord record = run_->Wait();
    shutdown(run_->channel(), SHUT_RDWR);
    return record;
  });
}

Guest::~Guest() {
  if (record_.valid()) Kill();
}

RunRecord Guest::End() {
  if (record_.wait_for(absl::ToChronoMilliseconds(kGrace)) != std::future_status::ready) run_->Kill();
  return record_.get();
}

RunRecord Guest::Kill() {
  run_->Kill();
  return record_.get();
}

}  // namespace hone
