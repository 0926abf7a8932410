#include "learner/intake/intake.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/base/log.h"

namespace hone {
namespace {

absl::Status Stopping() {
  return absl::CancelledError("the run is stopping");
}
absl::Status UnknownActor(const std::string& actor) {
  return absl::AbortedError(fmt::format("actor {} is not registered; register again", actor));
}
// How often a wait looks for leases that have run out.
constexpr absl::Duration kExpiryCheck = absl::Seconds(1);

}  // namespace

Intake::Intake(IntakeOptions options, Clock& clock, Append append)
    : options_(std::move(options)), clock_(clock), append_(std::move(append)) {}

Intake::~Intake() {
  Stop();
}

absl::StatusOr<Registration> Intake::Register(const ActorInfo& actor) {
  MutexLock lock(mu_);
  if (stopped_) return Stopping();
  // A new process under an old name: the old one is gone, and with it what it was doing.
  for (auto& [number, group] : groups_) {
    if (group.lease != 0 && group.actor == actor.name) Free(group);
  }
  actors_[actor.name] = {.info = actor, .last_seen = clock_.Now(), .registration = next_registration_++};
  changed_.NotifyAll();
  return Registration{
      .run = options_.run, .recipe_json = options_.recipe_json, .model_dir = options_.model_dir, .run_seed = options_.run_seed};
}

void Intake::Free(Group& group) {
  group.lease = 0;
  group.actor.clear();
  ++counters_.expired_leases;
  if (group.attempts >= options_.max_attempts) {
    group.abandoned = group.work.num_samples - static_cast<int32_t>(group.arrived.size());
    counters_.abandoned += group.abandoned;
    HONE_LOG_WARN("group {} (prompt {}) was leased {} times without completing; its {} missing samples are given up", group.work.group,
                  group.work.prompt.id, group.attempts, group.abandoned);
  }
}

void Intake::ExpireLeases() {
  const absl::Time now = clock_.Now();
  for (auto& [number, group] : groups_) {
    if (group.lease != 0 && group.expires <= now && !group.complete()) {
      HONE_LOG_WARN("lease {} of group {} ran out at actor {}; it is given out again", group.lease, number, group.actor);
      Free(group);
      changed_.NotifyAll();
    }
  }
}

GroupLease Intake::Grant(Group& group, const std::string& actor) {
  group.lease = next_lease_++;
  group.actor = actor;
  group.expires = clock_.Now() + options_.lease;
  ++group.attempts;
  ++counters_.leases;
  GroupLease lease{.group = group.work.group,
                   .lease = group.lease,
                   .policy_version = group.work.policy_version,
                   .attempt = group.attempts - 1,
                   .evaluation = group.work.evaluation,
                   .sampling = group.work.sampling,
                   .prompt = group.work.prompt,
                   .expires_ms = absl::ToUnixMillis(group.expires)};
  for (int32_t sample = 0; sample < group.work.num_samples; ++sample) {
    if (group.arrived.count(sample) == 0) lease.samples.push_back(sample);
  }
  return lease;
}

absl::StatusOr<std::vector<GroupLease>> Intake::Lease(const std::string& actor, int32_t max_groups, absl::Time deadline) {
  MutexLock lock(mu_);
  int64_t registration = 0;
  for (;;) {
    if (stopped_) return Stopping();
    const auto known = actors_.find(actor);
    if (known == actors_.end()) return UnknownActor(actor);
    // A call that waits for a process that is gone must not take the groups of the one that came in its place.
    if (registration == 0) registration = known->second.registration;
    if (registration != known->second.registration) return absl::CancelledError(fmt::format("actor {} registered anew meanwhile", actor));
    known->second.last_seen = clock_.Now();
    ExpireLeases();
    std::vector<GroupLease> leases;
    for (auto& [number, group] : groups_) {
      if (static_cast<int32_t>(leases.size()) >= max_groups) break;
      if (group.lease == 0 && !group.complete()) leases.push_back(Grant(group, actor));
    }
    if (!leases.empty()) return leases;
    const absl::Time now = clock_.Now();
    if (now >= deadline) return absl::DeadlineExceededError("no group to generate; ask again");
    changed_.WaitUntil(mu_, std::min(deadline, now + kExpiryCheck));
  }
}

absl::StatusOr<std::vector<int64_t>> Intake::Renew(const std::string& actor, absl::Span<const int64_t> leases, double tokens_per_second) {
  MutexLock lock(mu_);
  if (stopped_) return Stopping();
  const auto known = actors_.find(actor);
  if (known == actors_.end()) return UnknownActor(actor);
  known->second.last_seen = clock_.Now();
  known->second.info.tokens_per_second = tokens_per_second;
  std::vector<int64_t> lost;
  for (const int64_t lease : leases) {
    const auto mine = std::find_if(groups_.begin(), groups_.end(),
                                   [&](const auto& entry) { return entry.second.lease == lease && entry.second.actor == actor; });
    if (mine == groups_.end()) {
      lost.push_back(lease);
    } else {
      mine->second.expires = clock_.Now() + options_.lease;
    }
  }
  return lost;
}

absl::StatusOr<std::vector<bool>> Intake::Submit(const std::string& actor, std::vector<Trajectory> trajectories) {
  MutexLock append_lock(append_mu_);
  std::vector<bool> wanted(trajectories.size(), false);
  std::vector<Trajectory> fresh;
  {
    MutexLock lock(mu_);
    if (stopped_) return Stopping();
    std::map<std::pair<int64_t, int32_t>, bool> seen;
    for (size_t i = 0; i < trajectories.size(); ++i) {
      const Trajectory& trajectory = trajectories[i];
      const auto group = groups_.find(trajectory.group);
      if (group == groups_.end() || trajectory.run != options_.run || trajectory.sample < 0 ||
          trajectory.sample >= group->second.work.num_samples) {
        ++counters_.unknown;
        continue;
      }
      // An older policy than asked for would break the staleness bound.
      const bool too_old = !trajectory.versions.empty() && trajectory.versions.front().policy_version < group->second.work.policy_version;
      if (too_old || group->second.complete() || group->second.arrived.count(trajectory.sample) > 0 ||
          !seen.emplace(std::make_pair(trajectory.group, trajectory.sample), true).second) {
        ++counters_.duplicates;
        continue;
      }
      wanted[i] = true;
      fresh.push_back(std::move(trajectories[i]));
    }
  }
  const absl::Status written = fresh.empty() || !append_ ? absl::OkStatus() : append_(fresh);
  MutexLock lock(mu_);
  if (!written.ok()) {
    // The learner's own trouble (a full disk): the trainer ends the run by it, before actors try again in vain.
    if (!absl::IsInvalidArgument(written)) unwritten_.Update(written);
    changed_.NotifyAll();
    return written;
  }
  if (const auto known = actors_.find(actor); known != actors_.end()) known->second.last_seen = clock_.Now();
  for (Trajectory& trajectory : fresh) {
    const auto group = groups_.find(trajectory.group);
    if (group == groups_.end()) continue;  // given up while it was written
    const int32_t sample = trajectory.sample;
    group->second.arrived.emplace(sample, std::move(trajectory));
    ++counters_.accepted;
    if (group->second.complete()) group->second.lease = 0;
  }
  changed_.NotifyAll();
  return wanted;
}

absl::Status Intake::Offer(std::vector<GroupWork> groups, std::vector<Trajectory> arrived) {
  MutexLock lock(mu_);
  if (groups_.size() + groups.size() > options_.max_offered_groups) {
    return absl::ResourceExhaustedError(
        fmt::format("{} groups offered on top of {}, the bound is {}", groups.size(), groups_.size(), options_.max_offered_groups));
  }
  for (const GroupWork& work : groups) {
    if (groups_.count(work.group) > 0) return absl::AlreadyExistsError(fmt::format("group {} is already offered", work.group));
  }
  for (GroupWork& work : groups) {
    const int64_t number = work.group;
    groups_[number].work = std::move(work);
  }
  for (Trajectory& trajectory : arrived) {
    const auto group = groups_.find(trajectory.group);
    if (group == groups_.end() || trajectory.sample < 0 || trajectory.sample >= group->second.work.num_samples) continue;
    const int32_t sample = trajectory.sample;
    group->second.arrived.emplace(sample, std::move(trajectory));
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CompletedGroup>> Intake::Take(absl::Span<const int64_t> groups, absl::Time deadline) {
  MutexLock lock(mu_);
  for (;;) {
    if (stopped_) return Stopping();
    HONE_RETURN_IF_ERROR(std::exchange(unwritten_, absl::OkStatus()));
    ExpireLeases();
    std::vector<int64_t> missing;
    for (const int64_t number : groups) {
      const auto group = groups_.find(number);
      if (group == groups_.end()) return absl::NotFoundError(fmt::format("group {} was never offered", number));
      if (!group->second.complete()) missing.push_back(number);
    }
    if (missing.empty()) break;
    const absl::Time now = clock_.Now();
    if (now >= deadline) {
      std::vector<std::string> holders;
      for (const int64_t number : missing) {
        const std::string& actor = groups_[number].actor;
        const std::string name = actor.empty() ? "nobody" : actor;
        if (std::find(holders.begin(), holders.end(), name) == holders.end()) holders.push_back(name);
      }
      return absl::DeadlineExceededError(
          fmt::format("{} of {} groups are not complete; held by {}", missing.size(), groups.size(), fmt::join(holders, ", ")));
    }
    changed_.WaitUntil(mu_, std::min(deadline, now + kExpiryCheck));
  }
  std::vector<CompletedGroup> out;
  for (const int64_t number : groups) {
    Group& group = groups_[number];
    CompletedGroup done{.work = std::move(group.work), .abandoned = group.abandoned};
    for (auto& [sample, trajectory] : group.arrived) done.trajectories.push_back(std::move(trajectory));
    out.push_back(std::move(done));
    groups_.erase(number);
  }
  return out;
}

Intake::Progress Intake::progress() {
  MutexLock lock(mu_);
  Progress progress;
  for (const auto& [number, group] : groups_) {
    ++progress.groups;
    progress.groups_complete += group.complete();
    progress.samples += group.work.num_samples;
    progress.samples_arrived += static_cast<int64_t>(group.arrived.size());
  }
  return progress;
}

std::vector<ActorRecord> Intake::actors() {
  MutexLock lock(mu_);
  std::vector<ActorRecord> out;
  for (auto& [name, status] : actors_) {
    status.leases = std::count_if(groups_.begin(), groups_.end(),
                                  [&](const auto& entry) { return entry.second.lease != 0 && entry.second.actor == name; });
    out.push_back(status);
  }
  return out;
}

void Intake::NoteAcknowledged(const std::string& actor, int64_t version) {
  MutexLock lock(mu_);
  if (const auto known = actors_.find(actor); known != actors_.end()) known->second.acknowledged_version = version;
}

void Intake::Stop() {
  MutexLock lock(mu_);
  stopped_ = true;
  changed_.NotifyAll();
}

Intake::Counters Intake::counters() {
  MutexLock lock(mu_);
  return counters_;
}

}  // namespace hone
