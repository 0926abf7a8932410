#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/transport/services.h"

namespace hone {

// A prompt group that the trainer wants completions for.
struct GroupWork {
  int64_t group = 0;
  int32_t num_samples = 1;
  int64_t policy_version = 0;  // generate with at least this version
  bool evaluation = false;
  SamplingSettings sampling;
  Prompt prompt;
};

// A group all of whose samples are in, or given up.
struct CompletedGroup {
  GroupWork work;
  std::vector<Trajectory> trajectories;  // by sample index; a sample that was given up is missing
  int32_t abandoned = 0;                 // samples given up after too many attempts
};

struct IntakeOptions {
  std::string run;  // id
  std::string recipe_json;
  std::string model_dir;
  uint64_t run_seed = 0;
  absl::Duration lease = absl::Seconds(60);
  int32_t max_attempts = 5;  // leases of a group before its missing samples are given up
  size_t max_offered_groups = 1 << 16;
};

struct ActorRecord {
  ActorInfo info;
  absl::Time last_seen;
  int64_t leases = 0;
  int64_t acknowledged_version = -1;
  int64_t registration = 0;  // which of all registrations
};

// The learner's side of rollouts: keeps prompt groups until all their samples have arrived, hands them to actors under leases, and accepts
// each (group, sample) exactly once.
//
// Life of a group: offered -> leased to an actor -> (lease runs out, or the actor registers again: offered anew for the samples still
// missing)
// -> complete -> taken by the trainer. Groups are leased oldest first. Samples that arrive under an old lease are welcome: what counts is
// that (group, sample) is wanted and not there yet. A group leased max_attempts times gives up its missing samples, so that one prompt that
// kills actors cannot stop a run.
//
// Accepted trajectories are written by `append` before Submit answers, so that what an actor knows to be accepted survives a crash.
//
// Threads: all methods from any thread.
class Intake : public RolloutService {
 public:
  using Append = std::function<absl::Status(absl::Span<const Trajectory>)>;
  // clock: must outlive this. append: called under no lock that Submit of other groups needs for long; may be empty.
  Intake(IntakeOptions options, Clock& clock, Append append);
  ~Intake() override;

  // RolloutService, for actors.
  absl::StatusOr<Registration> Register(const ActorInfo& actor) override;
  absl::StatusOr<std::vector<GroupLease>> Lease(const std::string& actor, int32_t max_groups, absl::Time deadline) override;
  absl::StatusOr<std::vector<int64_t>> Renew(const std::string& actor, absl::Span<const int64_t> leases, double tokens_per_second) override;
  absl::StatusOr<std::vector<bool>> Submit(const std::string& actor, std::vector<Trajectory> trajectories) override;

  // For the trainer. Offers groups; `arrived` are trajectories that an earlier process accepted already (they are not appended again).
  // ResourceExhausted beyond max_offered_groups; AlreadyExists for a group that is there.
  absl::Status Offer(std::vector<GroupWork> groups, std::vector<Trajectory> arrived = {});
  // Waits until every one of these groups is complete and hands them over in the order asked. DeadlineExceeded names how many are missing
  // and which actors hold them; nothing is lost then, call again. An error of `append` since the last call is returned once.
  absl::StatusOr<std::vector<CompletedGroup>> Take(absl::Span<const int64_t> groups, absl::Time deadline);
  // Samples arrived and wanted over the offered groups, for progress lines.
  struct Progress {
    int64_t groups = 0, groups_complete = 0, samples = 0, samples_arrived = 0;
  };
  Progress progress();
  std::vector<ActorRecord> actors();
  void NoteAcknowledged(const std::string& actor, int64_t version);
  // From now on every call of an actor is answered with Cancelled.
  void Stop();

  // Counters since the start.
  struct Counters {
    int64_t leases = 0, expired_leases = 0, accepted = 0, duplicates = 0, unknown = 0, abandoned = 0;
  };
  Counters counters();

 private:
  struct Group {
    GroupWork work;
    std::map<int32_t, Trajectory> arrived;
    int32_t attempts = 0;
    int32_t abandoned = 0;
    int64_t lease = 0;  // 0: free
    std::string actor;
    absl::Time expires;
    bool complete() const { return static_cast<int32_t>(arrived.size()) + abandoned >= work.num_samples; }
  };

  void ExpireLeases() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Free(Group& group) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  GroupLease Grant(Group& group, const std::string& actor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const IntakeOptions options_;
  Clock& clock_;
  const Append append_;
  Mutex append_mu_ ABSL_ACQUIRED_BEFORE(mu_);  // one writer at a time, so that a sample is never appended twice
  Mutex mu_;
  CondVar changed_;
  std::map<int64_t, Group> groups_ ABSL_GUARDED_BY(mu_);  // ordered: oldest first
  std::map<std::string, ActorRecord> actors_ ABSL_GUARDED_BY(mu_);
  int64_t next_lease_ ABSL_GUARDED_BY(mu_) = 1;
  int64_t next_registration_ ABSL_GUARDED_BY(mu_) = 1;
  Counters counters_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status unwritten_ ABSL_GUARDED_BY(mu_);  // what append said last, until Take tells it
};

}  // namespace hone
