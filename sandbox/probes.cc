#include "sandbox/probes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "lib/base/file.h"

namespace hone {
namespace {

constexpr int kProbes = 6;

// A file that anybody on the host may read.
class Canary {
 public:
  Canary() {
    std::error_code error;
    path_ = (std::filesystem::temp_directory_path(error) / fmt::format("hone-canary-{}-XXXXXX", ::getpid())).string();
    file_ = Descriptor(::mkstemp(path_.data()));
    if (file_.valid()) ::fchmod(file_.get(), 0644);
  }
  ~Canary() {
    if (file_.valid()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Descriptor file_;
};

}  // namespace

absl::Status RunProbes(Slot& slot, const CageParts& parts) {
  const Canary canary;
  HONE_ASSIGN_OR_RETURN(Descriptor binary, Reopen(parts.binary));
  Program program;
  program.arguments = {"probe", "probe", canary.path()};
  program.binary = std::make_shared<Descriptor>(std::move(binary));
  program.limits.processes = 8;
  const RunRecord record = slot.Run(program, RunMode::kCold, /*python=*/false, /*channel=*/-1, /*stop=*/-1).record;
  if (record.run_class == RunClass::kSandboxError) return absl::FailedPreconditionError(record.why);
  int held = 0;
  for (const auto line : absl::StrSplit(record.out, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> probe = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (probe.second != "held") {
      return absl::FailedPreconditionError(fmt::format(
          "sandbox: the start-up test got out of the sandbox: probe {} {}; nothing is run on this machine", probe.first, probe.second));
    }
    ++held;
  }
  if (held != kProbes || (record.run_class != RunClass::kOk && record.run_class != RunClass::kPidsLimit)) {
    return absl::FailedPreconditionError(fmt::format("sandbox: the start-up test ended with {} after {} of {} probes: {}{}",
                                                     Name(record.run_class), held, kProbes, record.out, record.err));
  }
  return absl::OkStatus();
}

}  // namespace hone
