#include "sandbox/sandbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/base/thread_pool.h"
#include "sandbox/bwrap.h"
#include "sandbox/compile_cache.h"
#include "sandbox/header_cache.h"
#include "sandbox/languages.h"
#include "sandbox/live_run.h"
#include "sandbox/probes.h"
#include "sandbox/slot.h"

namespace hone {
namespace {

constexpr int64_t kCacheBytes = 256LL << 20;
constexpr int64_t kMaxBinaryBytes = 64LL << 20;

SandboxLimits CompileLimits() {
  return {.wall = absl::Seconds(20),
          .cpu = absl::Seconds(10),
          .memory_bytes = 1LL << 30,
          .processes = 64,
          .tmp_bytes = 256LL << 20,
          .file_bytes = kMaxBinaryBytes,
          .descriptors = 256,
          .output_bytes = 64 << 10};
}

RunRecord Failed(const absl::Status& status) {
  RunRecord record;
  record.why = std::string(status.message());
  return record;
}

// A compiler with its flags. Its file stands for its version and that of its headers, which come from the same package; the C library's are
// from another.
std::string CompilerKey(const Language& language) {
  std::string key;
  for (const char* path : {language.compiler[0].c_str(), "/usr/include/features.h", "/usr/include/stdlib.h"}) {
    struct stat info {};
    ::stat(path, &info);
    key += fmt::format("{} {}\n", info.st_size, info.st_mtim.tv_sec);
  }
  for (const std::string& part : language.compiler) key.append(part).push_back('\0');
  return key;
}

// What makes two compilations give the same binary.
std::string CacheKey(const Language& language, const RunRequest& request) {
  std::string key = CompilerKey(language);
  for (const auto& [name, content] : request.files) key.append(fmt::format("{}\n{}\n", name, Sha256Hex(content)));
  return Sha256Hex(key + Sha256Hex(request.source));
}

// Where this compiler's headers are kept; empty: nowhere, or there is no compiler. Where we are root, the sandboxes' users must get there.
std::string HeaderFolder(const std::string& wanted, const absl::StatusOr<Language>& language) {
  if (!language.ok()) return "";
  std::string folder = wanted;
  if (folder.empty() && ::geteuid() == 0) folder = "/var/cache/hone";
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); folder.empty() && cache != nullptr) folder = fmt::format("{}/hone", cache);
  if (const char* home = std::getenv("HOME"); folder.empty() && home != nullptr) folder = fmt::format("{}/.cache/hone", home);
  return folder.empty() ? "" : fmt::format("{}/headers-{}", folder, Sha256Hex(CompilerKey(*language)).substr(0, 16));
}

absl::Status Check(const RunRequest& request, const Language& language) {
  for (const auto& [name, content] : request.files) {
    if (name.empty() || name.size() > 200 || name.find('/') != std::string::npos || name.find('\0') != std::string::npos || name == "." ||
        name == ".." || name == language.file) {
      return absl::InvalidArgumentError(fmt::format("sandbox: \"{}\" cannot be the name of a file beside the program", name));
    }
  }
  if (request.files.size() > 1000 || request.arguments.size() > 1000) {
    return absl::InvalidArgumentError(fmt::format("sandbox: {} files and {} arguments are too many; at most 1000 of each",
                                                  request.files.size(), request.arguments.size()));
  }
  const SandboxLimits& limits = request.limits;
  if (limits.wall <= absl::ZeroDuration() || limits.wall > absl::Hours(24) || limits.cpu <= absl::ZeroDuration() ||
      limits.memory_bytes < 1 << 20 || limits.processes < 1 || limits.tmp_bytes < 4096 || limits.tmp_inodes < 16 || limits.file_bytes < 0 ||
      limits.descriptors < 32 || limits.output_bytes < 0) {
    return absl::InvalidArgumentError(
        "sandbox: a limit is out of range: wall above 0 and up to a day, CPU time above 0, memory at least 1 MiB, processes at least 1, "
        "/tmp at least 4096 bytes "
        "and 16 inodes, descriptors at least 32, the others not negative");
  }
  return absl::OkStatus();
}

class BwrapSandbox : public Sandbox {
 public:
  BwrapSandbox(RunMode mode, CageParts parts, ControlGroups groups)
      : mode_(mode), parts_(std::move(parts)), groups_(std::move(groups)), cache_(kCacheBytes) {}

  // cache: as in SandboxOptions.
  absl::Status Start(int slots, const std::string& cache) {
    HONE_ASSIGN_OR_RETURN(launcher_, Launcher::Start(parts_.bwrap, groups_.folders()));
    std::vector<std::unique_ptr<Slot>> all;
    for (int i = 0; i < slots; ++i) {
      HONE_ASSIGN_OR_RETURN(std::unique_ptr<Slot> slot, Slot::Make(parts_, groups_, *launcher_, i));
      all.push_back(std::move(slot));
    }
    HONE_RETURN_IF_ERROR(RunProbes(*all[0], parts_));
    pool_ = std::make_unique<SlotPool>(std::move(all));
    const absl::StatusOr<Language> cpp = FindLanguage("cpp");
    headers_ = std::make_unique<HeaderCache>(HeaderFolder(cache, cpp),
                                             [this, cpp](const std::string& source, int stop) { return ParseHeader(*cpp, source, stop); });
    return absl::OkStatus();
  }

  RunRecord Run(const RunRequest& request, absl::Time deadline) override {
    const RunMode mode = request.mode.value_or(mode_);
    absl::StatusOr<Prepared> prepared = Prepare(request, deadline);
    if (!prepared.ok()) return Stamped(Failed(prepared.status()), mode);
    if (prepared->ended.has_value()) return Stamped(std::move(*prepared->ended), mode);
    return RunInSlot(prepared->program, mode, prepared->python, deadline).record;
  }

  absl::StatusOr<std::vector<std::unique_ptr<LiveRun>>> Open(const std::vector<RunRequest>& requests, absl::Time deadline) override {
    std::vector<Prepared> all;
    size_t needed = 0;
    for (const RunRequest& request : requests) {
      HONE_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request, deadline));
      needed += !prepared.ended.has_value();
      all.push_back(std::move(prepared));
    }
    HONE_ASSIGN_OR_RETURN(std::vector<Slot*> slots, pool_->Acquire(needed, deadline));
    std::vector<std::unique_ptr<LiveRun>> runs;
    absl::Status status;
    for (size_t i = 0; i < all.size(); ++i) {
      const RunMode mode = requests[i].mode.value_or(mode_);
      absl::StatusOr<std::unique_ptr<LiveRun>> run;
      if (all[i].ended.has_value()) {
        run = EndedRun::Make(Stamped(std::move(*all[i].ended), mode));
      } else {
        Slot* slot = slots.back();
        slots.pop_back();
        run = ChannelRun::Start(*pool_, slot, std::move(all[i].program), mode, all[i].python);
      }
      status.Update(run.status());
      if (!status.ok()) break;
      runs.push_back(std::move(*run));
    }
    for (Slot* slot : slots) pool_->Release(slot);
    if (!status.ok()) return status;
    return runs;
  }

  int slots() const override { return static_cast<int>(pool_->size()); }

 private:
  struct Prepared {
    Program program;
    bool python = false;
    std::optional<RunRecord> ended;  // its source did not compile
  };

  absl::StatusOr<Prepared> Prepare(const RunRequest& request, absl::Time deadline) {
    HONE_ASSIGN_OR_RETURN(const Language language, FindLanguage(request.language));
    HONE_RETURN_IF_ERROR(Check(request, language));
    Prepared prepared;
    prepared.python = language.python;
    Program& program = prepared.program;
    program.limits = request.limits;
    program.input = request.input;
    program.files = request.files;
    if (!language.compiler.empty()) {
      const Compiled compiled = cache_.Get(CacheKey(language, request), [&] { return Compile(language, request, deadline); });
      if (compiled.binary == nullptr) prepared.ended = compiled.record;
      program.binary = compiled.binary;
      program.arguments = {"/box/program"};
    } else if (language.python) {
      // The same runner in both modes; the prepared interpreter needs only what follows its name.
      program.files.emplace_back(language.file, request.source);
      program.arguments = {language.command[0], "-s", "-S", "-B", "/.cage/program.py", std::to_string(request.seed)};
    } else {
      program.files.emplace_back(language.file, request.source);
      program.arguments = language.command;
      program.arguments.push_back("/box/" + language.file);
    }
    program.arguments.insert(program.arguments.end(), request.arguments.begin(), request.arguments.end());
    return prepared;
  }

  // headers: as of HeaderCache; may be empty.
  Execution RunCompiler(const Language& language, const RunRequest& request, const std::string& headers, absl::Time deadline) {
    Program program;
    program.arguments = language.compiler;
    program.files = request.files;
    program.files.emplace_back(language.file, request.source);
    program.headers = headers;
    if (!headers.empty())
      program.arguments.insert(program.arguments.begin() + 1, {"-include", fmt::format("/.cage/headers/{}", HeaderCache::kHeaderName)});
    program.limits = CompileLimits();
    program.artefact_bytes = kMaxBinaryBytes;
    return RunInSlot(program, mode_, /*python=*/false, deadline);
  }

  // The header in the form in which the compiler reads it fastest. In a place of its own: it takes seconds, and nobody is to wait for it.
  absl::StatusOr<Descriptor> ParseHeader(const Language& language, const std::string& source, int stop) {
    Program program;
    program.arguments = language.compiler;
    std::erase(program.arguments, "-lm");  // or it is linked
    std::replace(program.arguments.begin(), program.arguments.end(), std::string("c++"), std::string("c++-header"));
    std::replace(program.arguments.begin(), program.arguments.end(), "/box/" + language.file,
                 fmt::format("/box/{}", HeaderCache::kHeaderName));
    program.files.emplace_back(HeaderCache::kHeaderName, source);
    program.limits = CompileLimits();
    program.limits.wall = absl::Seconds(120);
    program.limits.cpu = absl::Seconds(60);
    program.limits.file_bytes = program.limits.tmp_bytes = program.artefact_bytes = 512LL << 20;
    HONE_ASSIGN_OR_RETURN(const std::unique_ptr<Slot> slot, Slot::Make(parts_, groups_, *launcher_, slots()));
    Execution execution = slot->Run(program, mode_, /*python=*/false, /*channel=*/-1, stop);
    if (!execution.artefact.valid()) {
      return absl::InternalError(fmt::format("the compiler gave no parsed header: {} {} {}", Name(execution.record.run_class),
                                             execution.record.why, execution.record.err));
    }
    return std::move(execution.artefact);
  }

  Compiled Compile(const Language& language, const RunRequest& request, absl::Time deadline) {
    const std::string headers = language.name == "cpp" ? headers_->FolderFor(request.source) : "";
    Execution execution = RunCompiler(language, request, headers, deadline);
    const RunClass with = execution.record.run_class;
    if (!headers.empty() && (with == RunClass::kRuntimeError || with == RunClass::kSignal || with == RunClass::kSandboxError)) {
      // Not before the program has failed on its own does it fail.
      execution = RunCompiler(language, request, "", deadline);
      if (with == RunClass::kSandboxError && execution.record.run_class != with) headers_->Drop();
    }
    Compiled compiled{.record = std::move(execution.record)};
    RunRecord& record = compiled.record;
    switch (record.run_class) {
      case RunClass::kSandboxError:
        return compiled;
      case RunClass::kTimeLimit:
      case RunClass::kCpuLimit:
        record.run_class = RunClass::kCompileTimeout;
        return compiled;
      case RunClass::kOk:
        break;
      default:
        record.run_class = RunClass::kCompileError;
        return compiled;
    }
    if (!execution.artefact.valid()) {
      record.run_class = RunClass::kCompileError;
      record.err += fmt::format("the compiler wrote no regular file of at most {} bytes\n", kMaxBinaryBytes);
      return compiled;
    }
    const std::string content = ReadAll(execution.artefact.get(), kMaxBinaryBytes + 1);
    absl::StatusOr<Descriptor> binary = SealedFile("program", content);
    if (!binary.ok()) {
      record = Failed(binary.status());
      return compiled;
    }
    compiled.binary = std::make_shared<Descriptor>(std::move(*binary));
    compiled.bytes = static_cast<int64_t>(content.size());
    return compiled;
  }

  // A sandbox that failed by our fault is made anew once.
  Execution RunInSlot(const Program& program, RunMode mode, bool python, absl::Time deadline) {
    Execution execution;
    absl::StatusOr<std::vector<Slot*>> slots = pool_->Acquire(1, deadline);
    if (!slots.ok()) {
      execution.record = Stamped(Failed(slots.status()), mode);
      return execution;
    }
    for (int attempt = 0; attempt < 2; ++attempt) {
      execution = slots->front()->Run(program, mode, python, /*channel=*/-1, /*stop=*/-1);
      if (execution.record.run_class != RunClass::kSandboxError) break;
    }
    pool_->Release(slots->front());
    return execution;
  }

  RunRecord Stamped(RunRecord record, RunMode mode) const {
    record.mode = mode;
    record.limits = Name(groups_.kind());
    return record;
  }

  const RunMode mode_;
  const CageParts parts_;
  const ControlGroups groups_;
  std::unique_ptr<Launcher> launcher_;  // outlives the slots
  std::unique_ptr<SlotPool> pool_;
  CompileCache cache_;
  std::unique_ptr<HeaderCache> headers_;  // uses all of the above
};

}  // namespace

const char* Name(RunClass run_class) {
  switch (run_class) {
    case RunClass::kOk:
      return "OK";
    case RunClass::kRuntimeError:
      return "RUNTIME_ERROR";
    case RunClass::kSignal:
      return "SIGNAL";
    case RunClass::kTimeLimit:
      return "TIME_LIMIT";
    case RunClass::kCpuLimit:
      return "CPU_LIMIT";
    case RunClass::kMemoryLimit:
      return "MEMORY_LIMIT";
    case RunClass::kOutputLimit:
      return "OUTPUT_LIMIT";
    case RunClass::kPidsLimit:
      return "PIDS_LIMIT";
    case RunClass::kCompileError:
      return "COMPILE_ERROR";
    case RunClass::kCompileTimeout:
      return "COMPILE_TIMEOUT";
    case RunClass::kForgery:
      return "FORGERY";
    case RunClass::kSandboxError:
      return "SANDBOX_ERROR";
  }
  return "UNKNOWN";
}

const char* Name(RunMode mode) {
  return mode == RunMode::kCold ? "cold" : "zygote";
}

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(const SandboxOptions& options) {
  HONE_ASSIGN_OR_RETURN(const std::string bwrap, FindBwrap(options.bwrap));
  const absl::StatusOr<Language> python = FindLanguage("python");
  ControlGroups groups = options.use_cgroups ? ControlGroups::Detect() : ControlGroups();
  const bool grouped = groups.kind() != CgroupKind::kNone;
  HONE_ASSIGN_OR_RETURN(CageParts parts, CageParts::Make(bwrap, python.ok() ? python->command[0] : "", grouped));
  if (!grouped) {
    if (options.require_cgroup) {
      return absl::FailedPreconditionError(
          fmt::format("sandbox: {}, and this run requires control groups; start as root or delegate a group (systemd-run --user -p "
                      "Delegate=yes)",
                      groups.why_none()));
    }
    if (options.use_cgroups) HONE_LOG_WARN("sandbox: {}: memory is bounded for each process alone, by rlimits", groups.why_none());
  }
  const int slots = options.slots > 0 ? options.slots : UsableCores();
  auto sandbox = std::make_unique<BwrapSandbox>(options.mode, std::move(parts), std::move(groups));
  HONE_RETURN_IF_ERROR(sandbox->Start(slots, options.cache));
  return sandbox;
}

}  // namespace hone
