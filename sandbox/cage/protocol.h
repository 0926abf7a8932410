#pragma once
// What runner and cage say to each other over a SOCK_SEQPACKET socket: fixed-size records, one a message, descriptors beside them. Both
// ends come from one build. No untrusted process ever holds this socket, and a run's nonce is wiped from memory before the program starts.

#include <cstdint>

namespace hone::cage {

constexpr uint32_t kMagic = 0x31656763;

// Descriptors a cage finds when it starts.
constexpr int kControl = 3;  // this socket
constexpr int kFilter = 4;   // the program's system call filter: an array of sock_filter

constexpr int kChannel = 3;  // descriptor of the channel inside a program

enum class Kind : uint32_t { kHello = 1, kRun, kKill, kArtefact, kReport };

enum OrderFlags : uint32_t {
  kHasChannel = 1,    // a descriptor follows stderr: the program's descriptor 3
  kHasProgram = 2,    // a descriptor follows: the binary to execute
  kWantArtefact = 4,  // send /tmp/program back when the program exits with 0
  kSumCpu = 8,        // add up the processes' CPU time (where no control group does)
};

// Runner to cage. With kRun these descriptors: payload, stdin, stdout, stderr, then what the flags say. kKill ends the run of that nonce.
struct Order {
  uint32_t magic = kMagic;
  Kind kind = Kind::kRun;
  uint8_t nonce[16] = {};
  uint32_t flags = 0;
  uint32_t unused = 0;
  int64_t wall_us = 0, cpu_us = 0;
  int64_t tmp_bytes = 0, tmp_inodes = 0;
  int64_t file_bytes = 0, descriptors = 0, processes = 0, stack_bytes = 0;
  int64_t address_bytes = 0;  // 0: a control group bounds memory
  int64_t artefact_bytes = 0;
};

enum class End : uint32_t {
  kExited = 1,
  kSignaled,
  kNotStarted,  // our side failed before the program began: `stage` and `error`
  kLost,        // the inner init is gone without a word
};

enum ReportFlags : uint32_t {
  kWallPassed = 1,
  kCpuPassed = 2,
  kKilled = 4,
  kArtefactSent = 8,
  kSocketsLeft = 16,  // in the network namespace, after the end of all processes
};

// Cage to runner, after nothing of the run is left. kHello: the cage is ready, only `kind` counts. kArtefact: one descriptor comes with it.
struct Report {
  uint32_t magic = kMagic;
  Kind kind = Kind::kReport;
  uint8_t nonce[16] = {};
  End end = End::kLost;
  int32_t exit_code = 0, signal = 0;
  uint32_t flags = 0;
  int64_t wall_us = 0, cpu_us = 0;
  int32_t stage = 0, error = 0;  // with kNotStarted; a Stage and an errno
};

// Where setting up can fail, for messages.
enum class Stage : int32_t { kClone = 1, kMounts, kBox, kFork, kDescriptors, kLimits, kPrivileges, kFilter };
inline const char* Name(Stage stage) {
  switch (stage) {
    case Stage::kClone:
      return "making namespaces";
    case Stage::kMounts:
      return "mounting /tmp and /proc";
    case Stage::kBox:
      return "writing the program's files";
    case Stage::kFork:
      return "forking";
    case Stage::kDescriptors:
      return "placing descriptors";
    case Stage::kLimits:
      return "setting limits";
    case Stage::kPrivileges:
      return "dropping privileges";
    case Stage::kFilter:
      return "loading the system call filter";
  }
  return "unknown";
}

// The payload, a sealed memory file: uint32 counts of arguments, environment strings and files; then the strings, each ended by NUL; then
// for each file of /box its name ended by NUL, a uint64 size and the bytes.
struct PayloadHeader {
  uint32_t arguments = 0, environment = 0, files = 0;
};
constexpr uint32_t kMaxStrings = 4096;

}  // namespace hone::cage
