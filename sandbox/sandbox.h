#pragma once
// Runs a program that nobody trusts under limits and says what happened. The program is written by a model that is paid for its score:
// nothing it prints, returns or leaves behind decides what this record says.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/status.h"

namespace hone {

// What one run may use. All processes of the run together, unless said otherwise.
struct SandboxLimits {
  absl::Duration wall = absl::Seconds(3);
  absl::Duration cpu = absl::Seconds(2);
  int64_t memory_bytes = 256LL << 20;
  int64_t processes = 32;  // and threads
  int64_t tmp_bytes = 64LL << 20;
  int64_t tmp_inodes = 4096;
  int64_t file_bytes = 16LL << 20;   // of one file
  int64_t descriptors = 64;          // of one process
  int64_t output_bytes = 1LL << 20;  // of stdout and of stderr, each
};

// How a run ended. When causes meet, the one that stands first in sandbox.cc's order of precedence wins.
enum class RunClass : uint8_t {
  kOk,  // exit code 0 within all limits; says nothing about what was printed
  kRuntimeError,
  kSignal,
  kTimeLimit,
  kCpuLimit,
  kMemoryLimit,
  kOutputLimit,
  kPidsLimit,
  kCompileError,  // stderr holds the diagnostics
  kCompileTimeout,
  kForgery,       // the program abused the protocol around it
  kSandboxError,  // our side failed; `why` says how. Never a fact about the program
};
const char* Name(RunClass run_class);  // "OK", "RUNTIME_ERROR", ...

// kCold: one bubblewrap per run, the reference. kZygote: a ready sandbox forks the run.
enum class RunMode : uint8_t { kCold, kZygote };
const char* Name(RunMode mode);

struct RunRequest {
  std::string language;  // "python", "c", "cpp", "bash": see languages.h
  std::string source;    // bytes
  std::vector<std::string> arguments;
  std::string input;                                       // stdin
  std::vector<std::pair<std::string, std::string>> files;  // name (no slash) and content, read-only beside the program
  SandboxLimits limits;
  uint64_t seed = 0;            // of what is random inside, so that a run repeats
  std::optional<RunMode> mode;  // the sandbox's own choice when absent
};

struct RunRecord {
  RunClass run_class = RunClass::kSandboxError;
  int exit_code = 0;     // meaningful unless a signal or a limit ended the run
  int signal = 0;        // 0: none
  std::string out, err;  // stdout and stderr: bytes, cut at the limit
  bool out_truncated = false, err_truncated = false;
  absl::Duration wall, cpu;
  std::optional<int64_t> peak_bytes;  // unknown without a memory cgroup
  std::string limits;                 // what enforced them: "cgroup2", "cgroup1", "rlimit"
  RunMode mode = RunMode::kCold;
  std::string why;  // with kSandboxError
};

struct SandboxOptions {
  int slots = 0;  // runs at once; 0: one per core
  RunMode mode = RunMode::kZygote;
  bool require_cgroup = false;  // refuse to start without memory and pids cgroups
  bool use_cgroups = true;      // false: rlimits alone, also where control groups could be had
  std::string bwrap;            // path of bubblewrap; empty: from PATH
  // Folder for what outlives the process: the C++ headers, parsed. Empty: /var/cache/hone for root, else hone in the user's cache folder.
  std::string cache;
};

// A run that is going on, with a channel to the program: descriptor 3 inside, `channel` outside, the two ends of a stream socket. Whatever
// arrives on it was written by the program. Destroying the object kills the run and waits until nothing of it is left.
//
// Threads: one thread, but Kill from any.
class LiveRun {
 public:
  virtual ~LiveRun() = default;
  virtual int channel() const = 0;  // owned by the run; close-on-exec, blocking
  virtual void Kill() = 0;
  // Blocks until the run has ended, at most until its wall limit and 50 ms; stdout and stderr are read meanwhile. Call once.
  virtual RunRecord Wait() = 0;
};

// A pool of slots, each with its own user id where we are root, control groups and ready sandboxes.
//
// Errors: a run that cannot be made is a record with kSandboxError; Start refuses with the cure when the machine has no bubblewrap or no
// user namespaces, when a filter cannot be loaded, or when a probe from inside gets out. Threads: any; calls wait for a free slot in turn.
class Sandbox {
 public:
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(const SandboxOptions& options);
  virtual ~Sandbox() = default;

  // Blocks. Until `deadline` for a slot: kSandboxError when none came free.
  virtual RunRecord Run(const RunRequest& request, absl::Time deadline = absl::InfiniteFuture()) = 0;
  // Starts all requests together (their slots are taken at once, so that two pairs can never wait for each other); compiled first where the
  // language is compiled. One result per request; a request whose source does not compile gives a run that has ended with that record.
  virtual absl::StatusOr<std::vector<std::unique_ptr<LiveRun>>> Open(const std::vector<RunRequest>& requests,
                                                                     absl::Time deadline = absl::InfiniteFuture()) = 0;

  virtual int slots() const = 0;
};

}  // namespace hone
