#include "lib/ledger/run_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <limits>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "lib/base/check.h"
#include "lib/base/file.h"
#include "lib/rollout/codec.h"

namespace hone {
namespace {

constexpr char kFormat[] = "hone-run/1";
constexpr char kSchema[] = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trajectories(
  group_number INTEGER NOT NULL, sample INTEGER NOT NULL, prompt_id TEXT NOT NULL, actor TEXT NOT NULL,
  policy_version INTEGER NOT NULL, num_tokens INTEGER NOT NULL, score REAL,
  segment INTEGER NOT NULL, byte_offset INTEGER NOT NULL,
  PRIMARY KEY(group_number, sample)) WITHOUT ROWID;
CREATE TABLE verdict_parts(
  group_number INTEGER NOT NULL, sample INTEGER NOT NULL, label TEXT NOT NULL, part TEXT NOT NULL, outcome TEXT NOT NULL, value REAL,
  PRIMARY KEY(group_number, sample, label, part)) WITHOUT ROWID;
CREATE TABLE steps(step INTEGER PRIMARY KEY, next_group INTEGER NOT NULL, metrics TEXT NOT NULL);
CREATE TABLE consumed(
  group_number INTEGER PRIMARY KEY, step INTEGER NOT NULL REFERENCES steps(step), prompt_id TEXT NOT NULL, fate TEXT NOT NULL);
CREATE INDEX consumed_by_step ON consumed(step);
)";

absl::StatusOr<GroupFate> ParseFate(const std::string& name) {
  for (GroupFate fate : {GroupFate::kTrained, GroupFate::kZeroVariance, GroupFate::kQuarantined, GroupFate::kUnscorable}) {
    if (name == Name(fate)) return fate;
  }
  return absl::DataLossError(fmt::format("the run database holds an unknown fate \"{}\" of a group", name));
}

}  // namespace

const char* Name(GroupFate fate) {
  switch (fate) {
    case GroupFate::kTrained:
      return "trained";
    case GroupFate::kZeroVariance:
      return "zero_variance";
    case GroupFate::kQuarantined:
      return "quarantined";
    case GroupFate::kUnscorable:
      return "unscorable";
  }
  return "?";
}

absl::StatusOr<std::unique_ptr<RunLedger>> RunLedger::Create(const std::string& folder, const std::string& run_id,
                                                             const std::string& recipe_json) {
  const RunPaths paths(folder);
  std::error_code error;
  if (std::filesystem::exists(paths.database(), error)) {
    return absl::AlreadyExistsError(
        fmt::format("{} holds a run already; go on with `hone resume {}`, or choose another run.name or run.dir", folder, folder));
  }
  for (const std::string& part : {folder, paths.segments(), paths.logs(), paths.checkpoints()}) HONE_RETURN_IF_ERROR(MakeDirectories(part));
  HONE_RETURN_IF_ERROR(WriteFileAtomically(paths.recipe(), recipe_json));
  HONE_ASSIGN_OR_RETURN(auto database, Database::Open(paths.database(), /*create=*/true));
  HONE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database));
  HONE_RETURN_IF_ERROR(database->Execute(kSchema));
  {
    HONE_ASSIGN_OR_RETURN(Statement put, database->Prepare("INSERT INTO meta VALUES(?, ?)"));
    HONE_RETURN_IF_ERROR(put.Bind(1, std::string_view("format")).Bind(2, std::string_view(kFormat)).Run());
    HONE_RETURN_IF_ERROR(put.Bind(1, std::string_view("run")).Bind(2, std::string_view(run_id)).Run());
  }
  HONE_RETURN_IF_ERROR(transaction.Commit());
  database.reset();
  return Open(folder);
}

absl::StatusOr<std::unique_ptr<RunLedger>> RunLedger::OpenDatabase(const std::string& folder, bool read_only) {
  const RunPaths paths(folder);
  std::error_code error;
  if (!std::filesystem::exists(paths.database(), error)) {
    return absl::NotFoundError(fmt::format("{}: no run here (no run.db); `hone run RECIPE` starts one", folder));
  }
  HONE_ASSIGN_OR_RETURN(auto database, Database::Open(paths.database(), /*create=*/false, read_only));
  std::unique_ptr<RunLedger> ledger(new RunLedger(folder, std::move(database)));
  HONE_ASSIGN_OR_RETURN(const auto format, ledger->Get("format"));
  if (format != kFormat) {
    return absl::DataLossError(
        fmt::format("{}: is not a run database of format {} (it says \"{}\")", paths.database(), kFormat, format.value_or("")));
  }
  return ledger;
}

absl::StatusOr<std::unique_ptr<RunLedger>> RunLedger::Open(const std::string& folder) {
  HONE_ASSIGN_OR_RETURN(auto ledger, OpenDatabase(folder, /*read_only=*/false));
  MutexLock lock(ledger->mu_);
  HONE_RETURN_IF_ERROR(ledger->database_->CheckIntegrity());
  HONE_ASSIGN_OR_RETURN(SegmentWriter writer, SegmentWriter::Open(ledger->paths_.segments()));
  ledger->segments_.emplace(std::move(writer));
  return ledger;
}

absl::StatusOr<std::unique_ptr<RunLedger>> RunLedger::OpenForReading(const std::string& folder) {
  return OpenDatabase(folder, /*read_only=*/true);
}

absl::StatusOr<std::string> RunLedger::run_id() {
  HONE_ASSIGN_OR_RETURN(const auto id, Get("run"));
  return id.value_or("");
}

absl::Status RunLedger::Append(absl::Span<const Trajectory> trajectories) {
  MutexLock lock(mu_);
  HONE_CHECK(segments_.has_value());
  HONE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
  {
    HONE_ASSIGN_OR_RETURN(Statement find, database_->Prepare("SELECT 1 FROM trajectories WHERE group_number = ? AND sample = ?"));
    HONE_ASSIGN_OR_RETURN(Statement insert, database_->Prepare("INSERT INTO trajectories VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    HONE_ASSIGN_OR_RETURN(Statement part, database_->Prepare("INSERT OR REPLACE INTO verdict_parts VALUES(?, ?, ?, ?, ?, ?)"));
    for (const Trajectory& trajectory : trajectories) {
      HONE_ASSIGN_OR_RETURN(const bool there, find.Bind(1, trajectory.group).Bind(2, int64_t{trajectory.sample}).Step());
      find.Reset();
      if (there) continue;
      HONE_ASSIGN_OR_RETURN(const RecordPlace place, segments_->Append(SerializeTrajectory(trajectory)));
      double score = std::numeric_limits<double>::quiet_NaN();
      for (const VerdictRecord& verdict : trajectory.verdicts) {
        if (verdict.outcome == OutcomeKind::kScore && std::isnan(score)) score = verdict.score;
      }
      insert.Bind(1, trajectory.group).Bind(2, int64_t{trajectory.sample}).Bind(3, std::string_view(trajectory.prompt_id));
      insert.Bind(4, std::string_view(trajectory.actor));
      insert.Bind(5, trajectory.versions.empty() ? int64_t{-1} : trajectory.versions.front().policy_version);
      insert.Bind(6, static_cast<int64_t>(trajectory.tokens.size()));
      if (!std::isnan(score)) insert.Bind(7, score);
      HONE_RETURN_IF_ERROR(insert.Bind(8, place.segment).Bind(9, place.offset).Run());
      for (const VerdictRecord& verdict : trajectory.verdicts) {
        auto store = [&](std::string_view name, double value) -> absl::Status {
          part.Bind(1, trajectory.group).Bind(2, int64_t{trajectory.sample}).Bind(3, std::string_view(verdict.label)).Bind(4, name);
          part.Bind(5, std::string_view(Name(verdict.outcome)));
          if (verdict.outcome == OutcomeKind::kScore) part.Bind(6, value);
          return part.Run();
        };
        HONE_RETURN_IF_ERROR(store("", verdict.score));
        for (const ScorePart& score_part : verdict.parts) HONE_RETURN_IF_ERROR(store(score_part.name, score_part.value));
      }
    }
  }
  // Records first, then the index that points at them.
  HONE_RETURN_IF_ERROR(segments_->Sync());
  return transaction.Commit();
}

absl::StatusOr<std::vector<TrajectoryIndex>> RunLedger::List(int64_t from_group, int64_t limit) {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(
      Statement select,
      database_->Prepare("SELECT group_number, sample, prompt_id, policy_version, score, num_tokens, segment, byte_offset FROM "
                         "trajectories WHERE group_number >= ? ORDER BY group_number, sample LIMIT ?"));
  select.Bind(1, from_group).Bind(2, limit);
  std::vector<TrajectoryIndex> out;
  for (;;) {
    HONE_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return out;
    out.push_back({.group = select.Integer(0),
                   .sample = static_cast<int32_t>(select.Integer(1)),
                   .prompt_id = select.Text(2),
                   .policy_version = select.Integer(3),
                   .score = select.IsNull(4) ? std::numeric_limits<double>::quiet_NaN() : select.Real(4),
                   .num_tokens = select.Integer(5),
                   .place = {select.Integer(6), select.Integer(7)}});
  }
}

absl::StatusOr<Trajectory> RunLedger::Read(const TrajectoryIndex& index) {
  HONE_ASSIGN_OR_RETURN(const std::string bytes, ReadRecord(paths_.segments(), index.place));
  auto trajectory = ParseTrajectory(bytes);
  if (!trajectory.ok())
    return Annotate(trajectory.status(), fmt::format("{}: group {} sample {}", paths_.segments(), index.group, index.sample));
  return trajectory;
}

absl::StatusOr<std::vector<Trajectory>> RunLedger::ReadGroup(int64_t group) {
  HONE_ASSIGN_OR_RETURN(const auto indices, List(group, 1 << 16));
  std::vector<Trajectory> out;
  for (const TrajectoryIndex& index : indices) {
    if (index.group != group) break;
    HONE_ASSIGN_OR_RETURN(Trajectory trajectory, Read(index));
    out.push_back(std::move(trajectory));
  }
  return out;
}

absl::Status RunLedger::CommitStep(const StepCommit& step) {
  MutexLock lock(mu_);
  {
    HONE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
    {
      HONE_ASSIGN_OR_RETURN(Statement find, database_->Prepare("SELECT 1 FROM steps WHERE step = ?"));
      HONE_ASSIGN_OR_RETURN(const bool there, find.Bind(1, step.step).Step());
      if (there) return absl::AlreadyExistsError(fmt::format("step {} is already in {}", step.step, paths_.database()));
    }
    {
      HONE_ASSIGN_OR_RETURN(Statement insert, database_->Prepare("INSERT INTO steps VALUES(?, ?, ?)"));
      HONE_RETURN_IF_ERROR(insert.Bind(1, step.step).Bind(2, step.next_group).Bind(3, std::string_view(step.metrics_json)).Run());
      HONE_ASSIGN_OR_RETURN(Statement find, database_->Prepare("SELECT step FROM consumed WHERE group_number = ?"));
      HONE_ASSIGN_OR_RETURN(Statement consume, database_->Prepare("INSERT INTO consumed VALUES(?, ?, ?, ?)"));
      for (const ConsumedGroup& group : step.groups) {
        HONE_ASSIGN_OR_RETURN(const bool there, find.Bind(1, group.group).Step());
        if (there) return absl::AlreadyExistsError(fmt::format("group {} was consumed by step {} already", group.group, find.Integer(0)));
        find.Reset();
        HONE_RETURN_IF_ERROR(consume.Bind(1, group.group)
                                 .Bind(2, step.step)
                                 .Bind(3, std::string_view(group.prompt_id))
                                 .Bind(4, std::string_view(Name(group.fate)))
                                 .Run());
      }
    }
    HONE_RETURN_IF_ERROR(transaction.Commit());
  }
  // The file for people and scripts follows the database.
  const int fd = ::open(paths_.metrics().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, "cannot open", paths_.metrics());
  const std::string line = step.metrics_json + "\n";
  const ssize_t put = ::write(fd, line.data(), line.size());
  const int error = errno;
  ::close(fd);
  return put == static_cast<ssize_t>(line.size()) ? absl::OkStatus()
                                                  : ErrnoToStatus(put < 0 ? error : ENOSPC, "cannot write", paths_.metrics());
}

absl::StatusOr<int64_t> RunLedger::LastStep() {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement select, database_->Prepare("SELECT coalesce(max(step), 0) FROM steps"));
  HONE_RETURN_IF_ERROR(select.Step().status());
  return select.Integer(0);
}

absl::StatusOr<int64_t> RunLedger::NextGroup(int64_t step) {
  if (step == 0) return 0;
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement select, database_->Prepare("SELECT next_group FROM steps WHERE step = ?"));
  HONE_ASSIGN_OR_RETURN(const bool row, select.Bind(1, step).Step());
  if (!row) return absl::NotFoundError(fmt::format("{}: step {} is not there", paths_.database(), step));
  return select.Integer(0);
}

absl::StatusOr<std::vector<ConsumedGroup>> RunLedger::GroupsOf(int64_t step) {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement select,
                        database_->Prepare("SELECT group_number, prompt_id, fate FROM consumed WHERE step = ? ORDER BY group_number"));
  select.Bind(1, step);
  std::vector<ConsumedGroup> out;
  for (;;) {
    HONE_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return out;
    HONE_ASSIGN_OR_RETURN(const GroupFate fate, ParseFate(select.Text(2)));
    out.push_back({select.Integer(0), select.Text(1), fate});
  }
}

absl::Status RunLedger::RollBackTo(int64_t step) {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
  for (const char* sql : {"DELETE FROM consumed WHERE step > ?", "DELETE FROM steps WHERE step > ?"}) {
    HONE_ASSIGN_OR_RETURN(Statement remove, database_->Prepare(sql));
    HONE_RETURN_IF_ERROR(remove.Bind(1, step).Run());
  }
  HONE_RETURN_IF_ERROR(transaction.Commit());
  return WriteMetrics();
}

absl::Status RunLedger::WriteMetrics() {
  mu_.AssertHeld();
  HONE_ASSIGN_OR_RETURN(Statement select, database_->Prepare("SELECT metrics FROM steps ORDER BY step"));
  std::string lines;
  for (;;) {
    HONE_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    lines += select.Text(0) + "\n";
  }
  return WriteFileAtomically(paths_.metrics(), lines);
}

absl::StatusOr<int64_t> RunLedger::NumConsumed() {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement select, database_->Prepare("SELECT count(*) FROM consumed"));
  HONE_RETURN_IF_ERROR(select.Step().status());
  return select.Integer(0);
}

absl::Status RunLedger::Put(const std::string& key, const std::string& value) {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement put, database_->Prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)"));
  return put.Bind(1, std::string_view(key)).Bind(2, std::string_view(value)).Run();
}

absl::StatusOr<std::optional<std::string>> RunLedger::Get(const std::string& key) {
  MutexLock lock(mu_);
  HONE_ASSIGN_OR_RETURN(Statement get, database_->Prepare("SELECT value FROM meta WHERE key = ?"));
  HONE_ASSIGN_OR_RETURN(const bool row, get.Bind(1, std::string_view(key)).Step());
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(get.Text(0));
}

absl::StatusOr<std::vector<int64_t>> RunLedger::Checkpoints() const {
  std::vector<int64_t> steps;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(paths_.checkpoints(), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    int64_t step = 0;
    if (name.rfind("step-", 0) == 0 && absl::SimpleAtoi(name.substr(5), &step)) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace hone
