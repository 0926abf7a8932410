#pragma once

#include <thread>

#include "sandbox/slot.h"

namespace hone {

// A run with a channel, supervised by a thread of its own; gives its slot back when it is over.
class ChannelRun : public LiveRun {
 public:
  // Starts the program at once. Unavailable when a channel cannot be made; the slot is given back then too.
  static absl::StatusOr<std::unique_ptr<LiveRun>> Start(SlotPool& pool, Slot* slot, Program program, RunMode mode, bool python);
  ~ChannelRun() override;

  int channel() const override { return channel_.get(); }
  void Kill() override;
  RunRecord Wait() override;

 private:
  ChannelRun(Descriptor channel, Descriptor stop) : channel_(std::move(channel)), stop_(std::move(stop)) {}

  Descriptor channel_, stop_;
  RunRecord record_;
  std::thread thread_;
};

// A run that ended before it began: its source did not compile.
class EndedRun : public LiveRun {
 public:
  // Errors as of ChannelRun::Start.
  static absl::StatusOr<std::unique_ptr<LiveRun>> Make(RunRecord record);

  int channel() const override { return channel_.get(); }
  void Kill() override {}
  RunRecord Wait() override { return std::move(record_); }

 private:
  EndedRun(RunRecord record, Descriptor channel) : record_(std::move(record)), channel_(std::move(channel)) {}

  RunRecord record_;
  Descriptor channel_;  // its other end is closed
};

}  // namespace hone
