#include "sandbox/live_run.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/file.h"

namespace hone {
namespace {

absl::StatusOr<std::pair<Descriptor, Descriptor>> MakeChannel() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return ErrnoToStatus(errno, "make a socket pair", "for a channel");
  return std::pair(Descriptor(pair[0]), Descriptor(pair[1]));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LiveRun>> ChannelRun::Start(SlotPool& pool, Slot* slot, Program program, RunMode mode, bool python) {
  auto ends = MakeChannel();
  Descriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!ends.ok() || !stop.valid()) {
    pool.Release(slot);
    return ends.ok() ? ErrnoToStatus(errno, "make an event", "for a run") : ends.status();
  }
  std::unique_ptr<ChannelRun> run(new ChannelRun(std::move(ends->first), std::move(stop)));
  run->thread_ =
      std::thread([&pool, slot, mode, python, self = run.get(), inside = std::move(ends->second), program = std::move(program)]() mutable {
        const int number = inside.get();
        self->record_ = slot->Run(program, mode, python, number, self->stop_.get()).record;
        pool.Release(slot);
      });
  return run;
}

ChannelRun::~ChannelRun() {
  Kill();
  if (thread_.joinable()) thread_.join();
}

void ChannelRun::Kill() {
  const uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof(one));
}

RunRecord ChannelRun::Wait() {
  thread_.join();
  return std::move(record_);
}

absl::StatusOr<std::unique_ptr<LiveRun>> EndedRun::Make(RunRecord record) {
  HONE_ASSIGN_OR_RETURN(auto ends, MakeChannel());
  return std::unique_ptr<LiveRun>(new EndedRun(std::move(record), std::move(ends.first)));
}

}  // namespace hone
