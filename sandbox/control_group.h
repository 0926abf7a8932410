#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "sandbox/descriptor.h"

namespace hone {

enum class CgroupKind : uint8_t { kNone, kV1, kV2 };
const char* Name(CgroupKind kind);  // as a record says it: "rlimit", "cgroup1", "cgroup2"

// What a control group has counted since it was made.
struct GroupCounters {
  int64_t cpu_us = 0;
  int64_t oom_kills = 0;
  int64_t forks_refused = 0;
};

// The control group of one sandbox: one folder in each hierarchy (v1) or one folder (v2). Its files stay open, so that a look costs a read.
//
// Threads: one at a time. The destructor removes the folders, which must be empty of processes.
class ControlGroup {
 public:
  ~ControlGroup();

  CgroupKind kind() const { return kind_; }
  // Files to which a process writes "0" to join.
  const std::vector<Descriptor>& joins() const { return joins_; }

  absl::Status SetLimits(int64_t memory_bytes, int64_t processes);
  GroupCounters Read() const;
  int64_t MemoryBytes() const;
  int64_t Processes() const;
  void ResetPeak();
  // Highest memory since ResetPeak; nothing where the kernel does not say.
  std::optional<int64_t> PeakBytes() const;

 private:
  friend class ControlGroups;
  explicit ControlGroup(CgroupKind kind) : kind_(kind) {}
  absl::Status Open(const std::string& memory, const std::string& pids, const std::string& cpu);

  CgroupKind kind_;
  std::vector<std::string> folders_;
  std::vector<Descriptor> joins_;
  Descriptor memory_limit_, swap_limit_, memory_now_, memory_peak_, memory_events_, pids_limit_, pids_now_, pids_events_, cpu_;
  int64_t memory_set_ = 0, processes_set_ = 0;
};

// Where control groups are made: below the process's own, in a folder with the process's number.
//
// Threads: Make from any.
class ControlGroups {
 public:
  // What the machine offers, in the order v2, v1, none. Leaves folders of runners that are gone removed. `root` stands before all paths:
  // tests hand in a folder with the files of /proc and /sys that matter.
  static ControlGroups Detect(const std::string& root = "");

  CgroupKind kind() const { return kind_; }
  // Folders that hold all groups, to be removed at the end.
  const std::vector<std::string>& folders() const { return folders_; }
  // Why there are none, for a message.
  const std::string& why_none() const { return why_none_; }

  absl::StatusOr<std::unique_ptr<ControlGroup>> Make(const std::string& name) const;

 private:
  bool TryV2(const std::string& root);
  bool TryV1(const std::string& root);

  CgroupKind kind_ = CgroupKind::kNone;
  std::vector<std::string> folders_;  // v1: memory, pids, cpuacct; v2: one
  std::string why_none_;
};

}  // namespace hone
