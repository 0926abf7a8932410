#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/mutex.h"
#include "sandbox/cage.h"
#include "sandbox/execution.h"
#include "sandbox/sandbox.h"

namespace hone {

// One place where programs run, one at a time: a user id where we are root, control groups and ready sandboxes.
//
// Threads: one at a time; the pool hands a slot to one caller.
class Slot {
 public:
  // ResourceExhausted when we are root and all user ids for slots are taken.
  static absl::StatusOr<std::unique_ptr<Slot>> Make(const CageParts& parts, const ControlGroups& groups, Launcher& launcher, int index);

  // Runs the program, in a fresh sandbox (cold) or in a ready one (zygote), where python says of which kind.
  Execution Run(const Program& program, RunMode mode, bool python, int channel, int stop);

 private:
  Slot(const CageParts& parts, const ControlGroups& groups, Launcher& launcher, int index)
      : parts_(parts), groups_(groups), launcher_(launcher), index_(index) {}

  struct Place {  // for one kind of sandbox
    std::unique_ptr<ControlGroup> group;
    std::unique_ptr<Cage> cage;  // destroyed before its group
  };
  void MakeNetworkAnew();
  absl::Status MakeReady(Place& place, CageKind kind, int network, const std::string& headers);

  const CageParts& parts_;
  const ControlGroups& groups_;
  Launcher& launcher_;
  const int index_;
  int uid_ = -1;        // -1: the caller's
  Descriptor claim_;    // on the user id
  Descriptor network_;  // of cold runs; none where it may not be made
  Place places_[2];     // by CageKind
};

// Hands out slots in the order in which callers came, several at once to those that need several.
//
// Threads: any.
class SlotPool {
 public:
  explicit SlotPool(std::vector<std::unique_ptr<Slot>> slots);

  size_t size() const { return slots_.size(); }
  // DeadlineExceeded when not all came free in time; InvalidArgument when more are asked for than there are.
  absl::StatusOr<std::vector<Slot*>> Acquire(size_t count, absl::Time deadline);
  void Release(Slot* slot);

 private:
  struct Waiter {
    size_t count;
    bool granted = false;
    std::vector<Slot*> slots;
  };
  void Grant() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::vector<std::unique_ptr<Slot>> slots_;
  Mutex mu_;
  CondVar changed_;
  std::vector<Slot*> free_ ABSL_GUARDED_BY(mu_);
  std::deque<Waiter*> waiters_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
