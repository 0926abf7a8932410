#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "sandbox/cage/protocol.h"
#include "sandbox/control_group.h"
#include "sandbox/descriptor.h"
#include "sandbox/launcher.h"

namespace hone {

// kPlain: pid 1 is our own and executes binaries. kPython: pid 1 is an interpreter that forks.
enum class CageKind : uint8_t { kPlain, kPython };

// What all sandboxes of a runner are made from.
struct CageParts {
  std::string bwrap;   // path
  std::string python;  // path of the interpreter; empty: none
  Descriptor binary, library, python_program, no_input, passwd, cage_filter, program_filter;

  // groups: whether a control group bounds the memory of a run.
  static absl::StatusOr<CageParts> Make(const std::string& bwrap, const std::string& python, bool groups);
};

// Where a sandbox lives.
struct CagePlace {
  ControlGroup* group = nullptr;  // must outlive it; null: none
  int network = -1;               // an empty network namespace to enter; -1: it makes its own
  int uid = -1;                   // -1: the caller's
  std::string headers;            // folder; see Program
};

// A running sandbox that waits for orders. The destructor kills it and waits until nothing of it is left.
class Cage {
 public:
  // Blocks until the sandbox is ready.
  static absl::StatusOr<std::unique_ptr<Cage>> Start(const CageParts& parts, CageKind kind, Launcher& launcher, const CagePlace& place);
  ~Cage();

  int control() const { return control_.get(); }
  int uid() const { return uid_; }
  const std::string& headers() const { return headers_; }
  void Kill();
  // It is gone, though nobody here wanted that: idle, it can be killed from outside, as when memory runs out.
  bool ended() const;

  // Memory and processes of the sandbox itself, when it was ready.
  int64_t own_bytes() const { return own_bytes_; }
  int64_t own_processes() const { return own_processes_; }
  int runs = 0;  // that it has been through

 private:
  Cage() = default;
  absl::Status WaitForHello(const CageParts& parts, int error_output);

  Descriptor control_, bwrap_, init_;  // the last two are pidfds
  int uid_ = -1;
  std::string headers_;
  int64_t own_bytes_ = 0, own_processes_ = 0;
};

}  // namespace hone
