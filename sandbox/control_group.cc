#include "sandbox/control_group.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fmt/format.h"
#include "lib/base/file.h"

namespace hone {
namespace {

constexpr std::string_view kPrefix = "hone-sandbox-";

std::string ReadText(int file) {
  char text[1024];
  const ssize_t size = file < 0 ? -1 : ::pread(file, text, sizeof(text), 0);
  return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
}

// The number after `key` and a space at the beginning of a line; of the whole text without a key. 0 when it is not there.
int64_t Number(const std::string& text, std::string_view key = {}) {
  size_t at = 0;
  if (!key.empty()) {
    while (at < text.size() && !(text.compare(at, key.size(), key) == 0 && at + key.size() < text.size() && text[at + key.size()] == ' ')) {
      at = text.find('\n', at);
      if (at == std::string::npos) return 0;
      ++at;
    }
    at += key.size() + 1;
  }
  int64_t value = 0;
  if (at < text.size()) std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

bool WriteText(int file, const std::string& text) {
  return ::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

// The kernel's folders cannot be added to, so there O_CREAT changes nothing; with it a folder of ordinary files can stand for them in a
// test.
constexpr int kOpenFlags = O_CREAT | O_CLOEXEC;

bool WriteFile(const std::string& path, const std::string& text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | kOpenFlags, 0644));
  return file.valid() && WriteText(file.get(), text);
}

// One way to see where a hierarchy is mounted.
struct Mount {
  std::string root, point, type, options;
};

std::vector<Mount> Mounts(const std::string& root) {
  std::vector<Mount> mounts;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string skip, word;
    Mount mount;
    fields >> skip >> skip >> skip >> mount.root >> mount.point;
    while (fields >> word && word != "-") {
    }
    fields >> mount.type >> skip >> mount.options;
    if (mount.type == "cgroup" || mount.type == "cgroup2") mounts.push_back(std::move(mount));
  }
  return mounts;
}

// The process's own path in the hierarchy of `controller`; empty name: v2's.
std::string OwnPath(const std::string& root, std::string_view controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool match = controller.empty() ? names == ",," : names.find(fmt::format(",{},", controller)) != std::string::npos;
    if (match) return line.substr(second + 1);
  }
  return "/";
}

// The folder of the process's own group as this mount shows it.
std::string OwnFolder(const std::string& root, const Mount& mount, const std::string& path) {
  // A container may see only its own part of the hierarchy, with names from outside of it.
  std::string below = path;
  if (mount.root != "/" && below.compare(0, mount.root.size(), mount.root) == 0) below.erase(0, mount.root.size());
  std::error_code error;
  const std::string folder = root + mount.point + (below == "/" ? "" : below);
  return std::filesystem::is_directory(folder, error) ? folder : root + mount.point;
}

bool HasWord(const std::string& list, std::string_view word) {
  std::istringstream words(list);
  for (std::string each; words >> each;) {
    if (each == word) return true;
  }
  return false;
}

// Folders of runners that no longer exist: their own clean-up was killed as well.
void Sweep(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const int64_t pid = Number(name.substr(kPrefix.size()));
    if (pid <= 0 || ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH) continue;
    for (const auto& child : std::filesystem::directory_iterator(entry.path(), error)) {
      if (child.is_directory(error)) ::rmdir(child.path().c_str());
    }
    ::rmdir(entry.path().c_str());
  }
}

std::string OwnName() {
  static std::atomic<int> next{0};
  return fmt::format("{}{}-{}", kPrefix, ::getpid(), next++);
}

}  // namespace

const char* Name(CgroupKind kind) {
  switch (kind) {
    case CgroupKind::kNone:
      return "rlimit";
    case CgroupKind::kV1:
      return "cgroup1";
    case CgroupKind::kV2:
      return "cgroup2";
  }
  return "unknown";
}

absl::Status ControlGroup::Open(const std::string& memory, const std::string& pids, const std::string& cpu) {
  const bool v2 = kind_ == CgroupKind::kV2;
  const auto make = [&](const std::string& folder) -> absl::Status {
    if (std::find(folders_.begin(), folders_.end(), folder) != folders_.end()) return absl::OkStatus();
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return ErrnoToStatus(errno, "make a control group", folder);
    folders_.push_back(folder);
    // v1: moving only the one thread that asks takes no lock of the whole machine.
    const std::string join = folder + (v2 ? "/cgroup.procs" : "/tasks");
    Descriptor file(::open(join.c_str(), O_WRONLY | kOpenFlags, 0644));
    if (!file.valid()) return ErrnoToStatus(errno, "open", join);
    joins_.push_back(std::move(file));
    return absl::OkStatus();
  };
  for (const std::string* folder : {&memory, &pids, &cpu}) HONE_RETURN_IF_ERROR(make(*folder));
  struct File {
    Descriptor* file;
    const std::string& folder;
    const char *v1_name, *v2_name;
    int flags;
    bool required;
  };
  const File files[] = {
      {&memory_limit_, memory, "memory.limit_in_bytes", "memory.max", O_WRONLY, true},
      {&swap_limit_, memory, "memory.memsw.limit_in_bytes", "memory.swap.max", O_WRONLY, false},  // absent without swap accounting
      {&memory_now_, memory, "memory.usage_in_bytes", "memory.current", O_RDONLY, true},
      {&memory_peak_, memory, "memory.max_usage_in_bytes", "memory.peak", O_RDWR, false},  // v2: since Linux 5.19, writable since 6.12
      {&memory_events_, memory, "memory.oom_control", "memory.events", O_RDONLY, true},
      {&pids_limit_, pids, "pids.max", "pids.max", O_WRONLY, true},
      {&pids_now_, pids, "pids.current", "pids.current", O_RDONLY, true},
      {&pids_events_, pids, "pids.events", "pids.events", O_RDONLY, true},
      {&cpu_, cpu, "cpuacct.usage", "cpu.stat", O_RDONLY, true},
  };
  for (const File& each : files) {
    const std::string path = fmt::format("{}/{}", each.folder, v2 ? each.v2_name : each.v1_name);
    *each.file = Descriptor(::open(path.c_str(), each.flags | kOpenFlags, 0644));
    if (!each.file->valid() && each.required) return ErrnoToStatus(errno, "open", path);
  }
  if (v2) {
    if (swap_limit_.valid()) WriteText(swap_limit_.get(), "0");
    // All of a sandbox or nothing: a program whose child was killed for memory has met its limit.
    WriteFile(memory + "/memory.oom.group", "1");
  }
  return absl::OkStatus();
}

ControlGroup::~ControlGroup() {
  for (const std::string& folder : folders_) ::rmdir(folder.c_str());
}

absl::Status ControlGroup::SetLimits(int64_t memory_bytes, int64_t processes) {
  if (memory_bytes != memory_set_) {
    const std::string text = std::to_string(memory_bytes);
    // v1: memory with swap can never be less than memory, so the order depends on the direction. The first try of one of them may fail.
    const bool both = kind_ == CgroupKind::kV1 && swap_limit_.valid();
    if (both && memory_bytes > memory_set_) WriteText(swap_limit_.get(), text);
    if (!WriteText(memory_limit_.get(), text)) return ErrnoToStatus(errno, "set the memory limit of", folders_[0]);
    if (both) WriteText(swap_limit_.get(), text);
    memory_set_ = memory_bytes;
  }
  if (processes != processes_set_) {
    if (!WriteText(pids_limit_.get(), std::to_string(processes))) return ErrnoToStatus(errno, "set the process limit of", folders_[0]);
    processes_set_ = processes;
  }
  return absl::OkStatus();
}

GroupCounters ControlGroup::Read() const {
  const bool v2 = kind_ == CgroupKind::kV2;
  const std::string cpu = ReadText(cpu_.get());
  return {.cpu_us = v2 ? Number(cpu, "usage_usec") : Number(cpu) / 1000,
          .oom_kills = Number(ReadText(memory_events_.get()), "oom_kill"),
          .forks_refused = Number(ReadText(pids_events_.get()), "max")};
}

int64_t ControlGroup::MemoryBytes() const {
  return Number(ReadText(memory_now_.get()));
}
int64_t ControlGroup::Processes() const {
  return Number(ReadText(pids_now_.get()));
}
void ControlGroup::ResetPeak() {
  // A kernel that cannot reset it says so at every write; what it then reports belongs to an earlier run.
  if (memory_peak_.valid() && !WriteText(memory_peak_.get(), "0")) memory_peak_.Close();
}
std::optional<int64_t> ControlGroup::PeakBytes() const {
  if (!memory_peak_.valid()) return std::nullopt;
  return Number(ReadText(memory_peak_.get()));
}

bool ControlGroups::TryV2(const std::string& root) {
  for (const Mount& mount : Mounts(root)) {
    if (mount.type != "cgroup2") continue;
    const std::string own = OwnFolder(root, mount, OwnPath(root, ""));
    const auto offered = ReadFile(own + "/cgroup.controllers", 4096);
    if (!offered.ok() || !HasWord(*offered, "memory") || !HasWord(*offered, "pids")) continue;
    const auto enabled = [&] {
      const auto list = ReadFile(own + "/cgroup.subtree_control", 4096);
      return list.ok() && HasWord(*list, "memory") && HasWord(*list, "pids");
    };
    if (!enabled() && !WriteFile(own + "/cgroup.subtree_control", "+memory +pids")) {
      // A group with processes of its own cannot hand out controllers: we step down into a leaf first, and all of us must.
      const std::string leaf = own + "/hone-runner";
      const bool made = ::mkdir(leaf.c_str(), 0755) == 0 || errno == EEXIST;
      if (!made || !WriteFile(leaf + "/cgroup.procs", std::to_string(::getpid())) ||
          !WriteFile(own + "/cgroup.subtree_control", "+memory +pids")) {
        why_none_ = fmt::format("{} cannot hand out memory and pids: it has other processes or is not writable", own);
        continue;
      }
    }
    Sweep(own);
    const std::string folder = own + "/" + OwnName();
    if (::mkdir(folder.c_str(), 0755) != 0 || !WriteFile(folder + "/cgroup.subtree_control", "+memory +pids")) {
      ::rmdir(folder.c_str());
      continue;
    }
    kind_ = CgroupKind::kV2;
    folders_ = {folder};
    return true;
  }
  return false;
}

bool ControlGroups::TryV1(const std::string& root) {
  const std::string name = OwnName();
  std::vector<std::string> folders;
  for (const char* controller : {"memory", "pids", "cpuacct"}) {
    bool found = false;
    for (const Mount& mount : Mounts(root)) {
      if (mount.type != "cgroup" || ("," + mount.options + ",").find(fmt::format(",{},", controller)) == std::string::npos) continue;
      const std::string own = OwnFolder(root, mount, OwnPath(root, controller));
      const std::string folder = own + "/" + name;
      // Two controllers may share a hierarchy.
      if (std::find(folders.begin(), folders.end(), folder) != folders.end() || ::mkdir(folder.c_str(), 0755) == 0) {
        Sweep(own);
        folders.push_back(folder);
        found = true;
        break;
      }
    }
    if (!found) break;
  }
  if (folders.size() < 3) {
    for (const std::string& folder : folders) ::rmdir(folder.c_str());
    return false;
  }
  kind_ = CgroupKind::kV1;
  folders_ = std::move(folders);
  return true;
}

ControlGroups ControlGroups::Detect(const std::string& root) {
  ControlGroups groups;
  if (groups.TryV2(root) || groups.TryV1(root)) return groups;
  if (groups.why_none_.empty()) groups.why_none_ = "no writable control groups with memory and pids";
  return groups;
}

absl::StatusOr<std::unique_ptr<ControlGroup>> ControlGroups::Make(const std::string& name) const {
  std::unique_ptr<ControlGroup> group(new ControlGroup(kind_));
  const auto folder = [&](size_t i) { return folders_[std::min(i, folders_.size() - 1)] + "/" + name; };
  HONE_RETURN_IF_ERROR(group->Open(folder(0), folder(1), folder(2)));
  return group;
}

}  // namespace hone
