#include "sandbox/soak.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/mutex.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

int64_t CountEntries(const std::string& folder, std::string_view prefix) {
  std::error_code error;
  int64_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, error)) {
    count += entry.path().filename().string().compare(0, prefix.size(), prefix) == 0;
  }
  return count;
}

int64_t Descendants() {
  std::multimap<int, int> children;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    if (!std::getline(file, stat)) continue;
    int pid = 0, parent = 0;
    const size_t name_end = stat.rfind(')');
    if (name_end != std::string::npos && std::sscanf(stat.c_str(), "%d", &pid) == 1 &&
        std::sscanf(stat.c_str() + name_end + 1, " %*c %d", &parent) == 1) {
      children.emplace(parent, pid);
    }
  }
  int64_t count = 0;
  std::vector<int> left = {::getpid()};
  while (!left.empty()) {
    const auto [begin, end] = children.equal_range(left.back());
    left.pop_back();
    for (auto child = begin; child != end; ++child, ++count) left.push_back(child->second);
  }
  return count;
}

int64_t GroupFolders() {
  std::error_code error;
  int64_t count = 0;
  const std::string own = fmt::format("hone-sandbox-{}-", ::getpid());
  for (auto entry = fs::recursive_directory_iterator("/sys/fs/cgroup", fs::directory_options::skip_permission_denied, error);
       entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (error) break;
    count += entry->is_directory(error) && entry->path().string().find(own) != std::string::npos;
  }
  return count;
}

int64_t Lines(const char* path) {
  std::ifstream file(path);
  int64_t count = 0;
  for (std::string line; std::getline(file, line);) ++count;
  return count;
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

struct Case {
  const char *language, *source, *out;
  RunClass right, also;
};

// Short ones, each with its own way to end.
constexpr Case kCases[] = {
    {"python", "print(sum(int(x) for x in input().split()))", "6\n", RunClass::kOk, RunClass::kOk},
    {"cpp", "#include <cstdio>\nint main() { int a, b, c; std::scanf(\"%d %d %d\", &a, &b, &c); std::printf(\"%d\\n\", a + b + c); }",
     "6\n", RunClass::kOk, RunClass::kOk},
    {"bash", "read a b c; echo $((a + b + c))", "6\n", RunClass::kOk, RunClass::kOk},
    {"python", "raise ValueError(1)", "", RunClass::kRuntimeError, RunClass::kRuntimeError},
    {"cpp", "#include <cstdlib>\nint main() { std::abort(); }", "", RunClass::kSignal, RunClass::kSignal},
    {"python", "import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(9)\nprint(6)", "6\n", RunClass::kOk,
     RunClass::kOk},
    {"c", "int main(void) { for (;;); }", "", RunClass::kTimeLimit, RunClass::kCpuLimit},
    {"python", "import os\nfor _ in range(99): os.write(1, b'y' * 65536)", nullptr, RunClass::kOutputLimit, RunClass::kOutputLimit},
    {"python", "for i in range(99): open('/tmp/%d' % i, 'w').write('x' * 1000)\nprint(6)", "6\n", RunClass::kOk, RunClass::kOk},
    {"c", "int main(", nullptr, RunClass::kCompileError, RunClass::kCompileError},
};
// Costly ones, a few in a thousand: each ends a zygote.
constexpr Case kMemoryCase = {"python", "b = []\nwhile True: b.append(bytearray(b'x' * (8 << 20)))", nullptr, RunClass::kMemoryLimit,
                              RunClass::kRuntimeError};

absl::Status RunCase(Sandbox& sandbox, int64_t number) {
  const Case& each = number % 400 == 399 ? kMemoryCase : kCases[number % std::size(kCases)];
  RunRequest request{.language = each.language, .source = each.source, .input = "1 2 3\n"};
  request.mode = number % 16 == 5 ? RunMode::kCold : RunMode::kZygote;
  if (each.right == RunClass::kTimeLimit) request.limits.wall = absl::Milliseconds(30);
  if (each.right == RunClass::kMemoryLimit) request.limits.memory_bytes = 64 << 20;
  const RunRecord record = sandbox.Run(request);
  if ((record.run_class == each.right || record.run_class == each.also) && (each.out == nullptr || record.out == each.out))
    return absl::OkStatus();
  return absl::InternalError(
      fmt::format("run {} ({}, {}): {} instead of {}; exit {}, signal {}, wall {}, {}\nsource: {}\nstdout: {}\nstderr: {}", number,
                  each.language, Name(*request.mode), Name(record.run_class), Name(each.right), record.exit_code, record.signal,
                  absl::FormatDuration(record.wall), record.why, each.source, record.out.substr(0, 500), record.err.substr(0, 500)));
}

absl::Status RunMany(Sandbox& sandbox, int64_t begin, int64_t end, int threads) {
  std::atomic<int64_t> next{begin};
  Mutex mu;
  absl::Status status;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      for (int64_t number; (number = next++) < end;) {
        const absl::Status one = RunCase(sandbox, number);
        MutexLock lock(mu);
        status.Update(one);
        if (!status.ok()) return;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  return status;
}

}  // namespace

Footprint MeasureFootprint() {
  std::error_code error;
  return {.descendants = Descendants(),
          .descriptors = CountEntries("/proc/self/fd", ""),
          .mounts = Lines("/proc/self/mounts"),
          .group_folders = GroupFolders(),
          .files = CountEntries(fs::temp_directory_path(error).string(), fmt::format("hone-canary-{}-", ::getpid())),
          .resident_bytes = ResidentBytes()};
}

std::string ToString(const Footprint& footprint) {
  return fmt::format("{} processes, {} descriptors, {} mounts, {} control groups, {} temporary files, {:.1f} MiB resident",
                     footprint.descendants, footprint.descriptors, footprint.mounts, footprint.group_folders, footprint.files,
                     static_cast<double>(footprint.resident_bytes) / (1 << 20));
}

absl::StatusOr<SoakResult> Soak(const SandboxOptions& options, int64_t runs, int threads) {
  SoakResult result;
  result.runs = runs;
  result.before = MeasureFootprint();
  const absl::Time begin = absl::Now();
  {
    HONE_ASSIGN_OR_RETURN(const std::unique_ptr<Sandbox> sandbox, Sandbox::Start(options));
    // All binaries are compiled and all sandboxes have been made anew once.
    const int64_t warm = std::min<int64_t>(runs / 2, 1200);
    HONE_RETURN_IF_ERROR(RunMany(*sandbox, 0, warm, threads));
    result.warm = MeasureFootprint();
    HONE_RETURN_IF_ERROR(RunMany(*sandbox, warm, runs, threads));
    result.last = MeasureFootprint();
  }
  result.seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  result.after = MeasureFootprint();
  const Footprint &a = result.before, &b = result.after;
  if (b.descendants > a.descendants || b.descriptors > a.descriptors || b.mounts > a.mounts || b.group_folders > a.group_folders ||
      b.files > a.files) {
    return absl::InternalError(fmt::format("{} runs left something behind: before {}; after {}", runs, ToString(a), ToString(b)));
  }
  constexpr int64_t kGrowth = 16 << 20;
  if (result.last.descriptors > result.warm.descriptors + 8 * options.slots + 16 ||
      result.last.resident_bytes > result.warm.resident_bytes + kGrowth) {
    return absl::InternalError(
        fmt::format("the runner grew over {} runs: {} at first, {} at last", runs, ToString(result.warm), ToString(result.last)));
  }
  return result;
}

}  // namespace hone
