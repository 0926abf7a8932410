#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/mutex.h"
#include "lib/base/status.h"
#include "lib/ledger/database.h"
#include "lib/ledger/segment.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// Where things lie in a run's folder.
struct RunPaths {
  explicit RunPaths(std::string folder) : folder(std::move(folder)) {}
  std::string folder;
  std::string recipe() const { return folder + "/recipe.json"; }
  std::string database() const { return folder + "/run.db"; }
  std::string segments() const { return folder + "/ledger"; }
  std::string metrics() const { return folder + "/metrics.jsonl"; }
  std::string logs() const { return folder + "/logs"; }
  std::string checkpoints() const { return folder + "/checkpoints"; }
  std::string checkpoint(int64_t step) const { return checkpoints() + "/step-" + std::to_string(step); }
  std::string socket() const { return folder + "/hone.sock"; }
  std::string address() const { return folder + "/address"; }
  std::string token() const { return folder + "/token"; }
  std::string lock() const { return folder + "/lock"; }
};

// How a group ended in the step that consumed it.
enum class GroupFate { kTrained, kZeroVariance, kQuarantined, kUnscorable };
const char* Name(GroupFate fate);

struct ConsumedGroup {
  int64_t group = 0;
  std::string prompt_id;
  GroupFate fate = GroupFate::kTrained;
};

struct StepCommit {
  int64_t step = 0;          // 1-based: after it the policy version is `step`
  int64_t next_group = 0;    // cursor of the prompt source: groups below it have been offered
  std::string metrics_json;  // one object
  std::vector<ConsumedGroup> groups;
};

// The index of a stored trajectory.
struct TrajectoryIndex {
  int64_t group = 0;
  int32_t sample = 0;
  std::string prompt_id;
  int64_t policy_version = 0;
  double score = 0;  // first verdict's score; NaN when it has none
  int64_t num_tokens = 0;
  RecordPlace place;
};

// What a run has done, on disk: accepted trajectories in append-only segments with an index in SQLite, and steps, each committed in one
// transaction with the groups it consumed.
//
// The rule that makes a run exact: a group is consumed by one step only (primary key), and a step counts when its transaction is durable.
// After a crash the run goes on from its newest checkpoint, step c: RollBackTo(c) takes the later steps back, and their groups'
// trajectories, which are all still here, are trained on again instead of being generated again.
//
// Threads: all methods from any thread.
// Errors: DataLoss for damage, ResourceExhausted for a full disk, AlreadyExists / NotFound for run folders; each names the file.
class RunLedger {
 public:
  // Makes the run's folder and database; AlreadyExists, naming `hone resume`, when there is a run in it.
  static absl::StatusOr<std::unique_ptr<RunLedger>> Create(const std::string& folder, const std::string& run_id,
                                                           const std::string& recipe_json);
  // Opens an existing run; checks the database's integrity.
  static absl::StatusOr<std::unique_ptr<RunLedger>> Open(const std::string& folder);
  // For looking while a run writes: no method that changes anything may be called.
  static absl::StatusOr<std::unique_ptr<RunLedger>> OpenForReading(const std::string& folder);

  const RunPaths& paths() const { return paths_; }
  absl::StatusOr<std::string> run_id();

  // Durable when it returns. A (group, sample) that is there already is skipped.
  absl::Status Append(absl::Span<const Trajectory> trajectories);
  absl::StatusOr<std::vector<Trajectory>> ReadGroup(int64_t group);
  absl::StatusOr<Trajectory> Read(const TrajectoryIndex& index);
  // By group and sample; at most `limit`, from the first with group >= from_group.
  absl::StatusOr<std::vector<TrajectoryIndex>> List(int64_t from_group, int64_t limit);

  // AlreadyExists when the step or one of its groups was committed before.
  absl::Status CommitStep(const StepCommit& step);
  absl::StatusOr<int64_t> LastStep();  // 0 before the first
  absl::StatusOr<int64_t> NextGroup(int64_t step);
  absl::StatusOr<std::vector<ConsumedGroup>> GroupsOf(int64_t step);
  // Forgets steps after `step` (their trajectories stay), here and in metrics.jsonl.
  absl::Status RollBackTo(int64_t step);
  // Number of groups consumed so far.
  absl::StatusOr<int64_t> NumConsumed();

  // A free text per key: checkpoint of record, state, pids of a live run.
  absl::Status Put(const std::string& key, const std::string& value);
  absl::StatusOr<std::optional<std::string>> Get(const std::string& key);

  // Checkpoints that are complete on disk, ascending steps.
  absl::StatusOr<std::vector<int64_t>> Checkpoints() const;

 private:
  RunLedger(std::string folder, std::unique_ptr<Database> database) : paths_(std::move(folder)), database_(std::move(database)) {}
  static absl::StatusOr<std::unique_ptr<RunLedger>> OpenDatabase(const std::string& folder, bool read_only);
  absl::Status WriteMetrics();

  const RunPaths paths_;
  Mutex mu_;
  std::unique_ptr<Database> database_ ABSL_GUARDED_BY(mu_);
  std::optional<SegmentWriter> segments_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
