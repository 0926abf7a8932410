#include "sandbox/slot.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "sandbox/network.h"

namespace hone {
namespace {

constexpr int kFirstUid = 60000, kLastUid = 64999;
constexpr int kRunsOfOneCage = 500;

// A user id that no other slot of this machine has, whichever process it belongs to: what the kernel counts by user must not be shared. The
// claim is a name that goes away with its process.
absl::Status ClaimUid(int* uid, Descriptor* claim) {
  for (int candidate = kFirstUid; candidate <= kLastUid; ++candidate) {
    Descriptor name(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!name.valid()) return ErrnoToStatus(errno, "make a socket", "to claim a user id");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = fmt::format("hone-sandbox-uid-{}", candidate);
    text.copy(address.sun_path + 1, text.size());  // a leading NUL: no file
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    if (::bind(name.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) continue;
    *uid = candidate;
    *claim = std::move(name);
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      fmt::format("sandbox: all user ids from {} to {} are taken by other sandboxes; lower the number of slots", kFirstUid, kLastUid));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Slot>> Slot::Make(const CageParts& parts, const ControlGroups& groups, Launcher& launcher, int index) {
  std::unique_ptr<Slot> slot(new Slot(parts, groups, launcher, index));
  if (::geteuid() == 0) {
    HONE_RETURN_IF_ERROR(ClaimUid(&slot->uid_, &slot->claim_));
    slot->MakeNetworkAnew();
  }
  return slot;
}

void Slot::MakeNetworkAnew() {
  network_.Close();
  if (uid_ < 0) return;
  // In a container root may lack the right: bubblewrap makes one for each sandbox then.
  if (absl::StatusOr<Descriptor> network = MakeNetwork(); network.ok()) network_ = std::move(*network);
}

absl::Status Slot::MakeReady(Place& place, CageKind kind, int network, const std::string& headers) {
  if (place.cage != nullptr && place.cage->ended()) {
    place.cage.reset();
    place.group.reset();
  }
  // What has more than a program needs serves as well.
  if (place.cage != nullptr && !headers.empty() && place.cage->headers() != headers) place.cage.reset();
  if (place.cage != nullptr) return absl::OkStatus();
  if (groups_.kind() != CgroupKind::kNone && place.group == nullptr) {
    HONE_ASSIGN_OR_RETURN(place.group, groups_.Make(fmt::format("slot{}{}", index_, kind == CageKind::kPython ? "p" : "")));
  }
  HONE_ASSIGN_OR_RETURN(
      place.cage, Cage::Start(parts_, kind, launcher_, {.group = place.group.get(), .network = network, .uid = uid_, .headers = headers}));
  return absl::OkStatus();
}

Execution Slot::Run(const Program& program, RunMode mode, bool python, int channel, int stop) {
  const CageKind kind = mode == RunMode::kZygote && python ? CageKind::kPython : CageKind::kPlain;
  Place& place = places_[static_cast<int>(kind)];
  // A reference run starts from nothing.
  const bool cold = mode == RunMode::kCold;
  if (cold) place.cage.reset();
  Execution execution;
  if (const absl::Status ready = MakeReady(place, kind, cold ? network_.get() : -1, program.headers); !ready.ok()) {
    execution.record.why = std::string(ready.message());
    execution.record.mode = mode;
    return execution;
  }
  execution = Execute(*place.cage, place.group.get(), program, channel, stop);
  execution.record.mode = mode;
  if (cold || !execution.cage_is_sound || place.cage->runs >= kRunsOfOneCage) {
    place.cage.reset();
    // Memory that was charged to a group and cannot be taken back would count against the next run.
    if (!execution.cage_is_sound) place.group.reset();
    if (cold && !execution.cage_is_sound) MakeNetworkAnew();
  }
  return execution;
}

SlotPool::SlotPool(std::vector<std::unique_ptr<Slot>> slots) : slots_(std::move(slots)) {
  for (const auto& slot : slots_) free_.push_back(slot.get());
}

void SlotPool::Grant() {
  while (!waiters_.empty() && waiters_.front()->count <= free_.size()) {
    Waiter* waiter = waiters_.front();
    waiters_.pop_front();
    // The last one given back has the warmest sandboxes.
    waiter->slots.assign(free_.end() - static_cast<ptrdiff_t>(waiter->count), free_.end());
    free_.resize(free_.size() - waiter->count);
    waiter->granted = true;
  }
}

absl::StatusOr<std::vector<Slot*>> SlotPool::Acquire(size_t count, absl::Time deadline) {
  if (count > slots_.size()) {
    return absl::InvalidArgumentError(
        fmt::format("sandbox: {} programs at once need as many slots, and there are {}; raise the number of slots", count, slots_.size()));
  }
  Waiter waiter{.count = count};
  MutexLock lock(mu_);
  waiters_.push_back(&waiter);
  Grant();
  while (!waiter.granted) {
    if (!changed_.WaitUntil(mu_, deadline) && !waiter.granted) {
      waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &waiter));
      Grant();  // who stands behind may need fewer
      changed_.NotifyAll();
      return absl::DeadlineExceededError(
          fmt::format("sandbox: no {} of {} slots came free in time; raise the number of slots or the deadline", count, slots_.size()));
    }
  }
  return waiter.slots;
}

void SlotPool::Release(Slot* slot) {
  MutexLock lock(mu_);
  free_.push_back(slot);
  Grant();
  changed_.NotifyAll();
}

}  // namespace hone
