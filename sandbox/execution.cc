#include "sandbox/execution.h"

#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "sandbox/cage/message.h"
#include "sandbox/environment.h"

namespace hone {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(20);      // between two looks at the control group
constexpr absl::Duration kGrace = absl::Milliseconds(15);     // the cage ends a run at its wall limit by itself; after this we tell it to
constexpr absl::Duration kPatience = absl::Milliseconds(20);  // for the cage's report once it was told; then the whole sandbox goes
constexpr int64_t kMargin = 1 << 20;                          // of memory, for the cage's own init

int64_t Us(absl::Duration duration) {
  return std::clamp<int64_t>(absl::ToInt64Microseconds(duration), 0, int64_t{1} << 50);
}

std::string Pack(const Program& program) {
  cage::PayloadHeader header;
  header.arguments = static_cast<uint32_t>(program.arguments.size());
  header.environment = static_cast<uint32_t>(std::size(kProgramEnvironment));
  header.files = static_cast<uint32_t>(program.files.size());
  std::string payload(reinterpret_cast<const char*>(&header), sizeof(header));
  for (const std::string& argument : program.arguments) payload.append(argument.c_str()).push_back('\0');
  for (const auto& [name, value] : kProgramEnvironment) payload.append(fmt::format("{}={}", name, value)).push_back('\0');
  for (const auto& [name, content] : program.files) {
    const uint64_t size = content.size();
    payload.append(name).push_back('\0');
    payload.append(reinterpret_cast<const char*>(&size), sizeof(size));
    payload.append(content);
  }
  return payload;
}

// One of the program's outputs, read up to a limit.
class Output {
 public:
  explicit Output(int64_t limit) : limit_(static_cast<size_t>(limit)) {}

  absl::Status Open(Descriptor* program_end) { return MakePipe(&end_, program_end); }
  // Takes what is there. Passed the limit, the rest stays in the pipe and the program waits for its end.
  void Read() {
    char buffer[65536];
    while (end_.valid() && !truncated_) {
      const ssize_t got = ::read(end_.get(), buffer, sizeof(buffer));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return end_.Close();
      const size_t kept = std::min(static_cast<size_t>(got), limit_ - text_.size());
      text_.append(buffer, kept);
      truncated_ = kept < static_cast<size_t>(got);
    }
  }
  int descriptor() const { return truncated_ ? -1 : end_.get(); }  // -1 when there is nothing to read: poll leaves it out
  bool truncated() const { return truncated_; }
  std::string Take() { return std::move(text_); }

 private:
  const size_t limit_;
  Descriptor end_;
  std::string text_;
  bool truncated_ = false;
};

class Run {
 public:
  Run(Cage& cage, ControlGroup* group, const Program& program)
      : cage_(cage), group_(group), program_(program), out_(program.limits.output_bytes), err_(program.limits.output_bytes) {}

  Execution Go(int channel, int stop) {
    Execution execution;
    RunRecord& record = execution.record;
    record.limits = Name(group_ == nullptr ? CgroupKind::kNone : group_->kind());
    const absl::Status started = Begin(channel);
    if (!started.ok()) {
      record.why = std::string(started.message());
      return execution;
    }
    Watch(stop);
    out_.Read();
    err_.Read();
    Look();
    record.out_truncated = out_.truncated();
    record.err_truncated = err_.truncated();
    record.out = out_.Take();
    record.err = err_.Take();
    record.wall = report_.has_value() && report_->wall_us > 0 && !timed_out_ ? absl::Microseconds(report_->wall_us) : absl::Now() - begin_;
    record.cpu = absl::Microseconds(group_ != nullptr ? used_.cpu_us : report_.has_value() ? report_->cpu_us : 0);
    if (group_ != nullptr) {
      if (const auto peak = group_->PeakBytes()) record.peak_bytes = std::max<int64_t>(0, *peak - memory_before_);
    }
    Judge(record);
    execution.artefact = std::move(artefact_);
    execution.cage_is_sound = report_.has_value() && !forged_ && used_.oom_kills == 0 && record.run_class != RunClass::kSandboxError &&
                              record.signal != SIGSYS && (report_->flags & cage::kSocketsLeft) == 0 &&
                              (group_ == nullptr || group_->Processes() <= cage_.own_processes());
    return execution;
  }

 private:
  absl::Status Begin(int channel) {
    const SandboxLimits& limits = program_.limits;
    if (group_ != nullptr) {
      HONE_RETURN_IF_ERROR(
          group_->SetLimits(limits.memory_bytes + cage_.own_bytes() + kMargin, limits.processes + cage_.own_processes() + 1));
      before_ = group_->Read();
      memory_before_ = group_->MemoryBytes();
      group_->ResetPeak();
    }
    if (channel >= 0) order_.flags |= cage::kHasChannel;
    if (program_.binary != nullptr) order_.flags |= cage::kHasProgram;
    if (program_.artefact_bytes > 0) order_.flags |= cage::kWantArtefact;
    if (group_ == nullptr) order_.flags |= cage::kSumCpu;
    order_.wall_us = Us(limits.wall);
    order_.cpu_us = Us(limits.cpu);
    order_.tmp_bytes = limits.tmp_bytes;
    order_.tmp_inodes = limits.tmp_inodes;
    order_.file_bytes = limits.file_bytes;
    order_.descriptors = limits.descriptors;
    // Pid 1 and the run's init count as well. Where a control group counts, it is to be the one that refuses, since it says so.
    order_.processes = limits.processes + 2 + (group_ != nullptr ? 1 : 0);
    order_.stack_bytes = limits.memory_bytes;
    order_.address_bytes = group_ == nullptr ? limits.memory_bytes : 0;
    order_.artefact_bytes = program_.artefact_bytes;
    if (::getrandom(order_.nonce, sizeof(order_.nonce), 0) != sizeof(order_.nonce)) return ErrnoToStatus(errno, "draw", "a nonce");
    HONE_ASSIGN_OR_RETURN(const Descriptor payload, SealedFile("payload", Pack(program_)));
    HONE_ASSIGN_OR_RETURN(const Descriptor input_file, SealedFile("stdin", program_.input));
    HONE_ASSIGN_OR_RETURN(const Descriptor input, Reopen(input_file));
    Descriptor out, err;
    HONE_RETURN_IF_ERROR(out_.Open(&out));
    HONE_RETURN_IF_ERROR(err_.Open(&err));
    if (cage_.uid() >= 0) {
      // So that the program can open /dev/stdout.
      for (const Descriptor* pipe : {&out, &err})
        (void)!::fchown(pipe->get(), static_cast<uid_t>(cage_.uid()), static_cast<gid_t>(cage_.uid()));
    }
    std::vector<int> descriptors = {payload.get(), input.get(), out.get(), err.get()};
    if (channel >= 0) descriptors.push_back(channel);
    if (program_.binary != nullptr) descriptors.push_back(program_.binary->get());
    begin_ = absl::Now();
    if (!cage::SendMessage(cage_.control(), &order_, sizeof(order_), descriptors.data(), static_cast<int>(descriptors.size()))) {
      return ErrnoToStatus(errno, "send a run to", "the sandbox");
    }
    return absl::OkStatus();
  }

  // Until the report is there or the cage is gone.
  void Watch(int stop) {
    const absl::Time deadline = begin_ + program_.limits.wall + kGrace;
    absl::Time last_moment = absl::InfiniteFuture();  // when the sandbox itself is killed
    absl::Time next_look = begin_ + kLook;
    while (!report_.has_value() && !gone_) {
      pollfd polled[4] = {
          {cage_.control(), POLLIN, 0}, {out_.descriptor(), POLLIN, 0}, {err_.descriptor(), POLLIN, 0}, {stopped_ ? -1 : stop, POLLIN, 0}};
      absl::Time wake = std::min(deadline, last_moment);
      if (told_) wake = last_moment;
      if (group_ != nullptr) wake = std::min(wake, next_look);
      const int64_t wait_us = std::clamp<int64_t>(absl::ToInt64Microseconds(wake - absl::Now()), 0, 1'000'000'000);
      const timespec timeout{wait_us / 1'000'000, wait_us % 1'000'000 * 1000};
      ::ppoll(polled, 4, &timeout, nullptr);
      if (polled[1].revents != 0) out_.Read();
      if (polled[2].revents != 0) err_.Read();
      if (polled[0].revents != 0) Receive();
      if (polled[3].revents != 0) stopped_ = true;
      if (report_.has_value() || gone_) break;
      const absl::Time now = absl::Now();
      if (now >= next_look) {
        Look();
        next_look = now + kLook;
      }
      timed_out_ |= now >= deadline;
      const bool over = timed_out_ || stopped_ || out_.truncated() || err_.truncated() || used_.oom_kills > 0 ||
                        (group_ != nullptr && used_.cpu_us >= order_.cpu_us);
      if (over && !told_) {
        told_ = true;
        last_moment = now + kPatience;
        cage::Order kill = order_;
        kill.kind = cage::Kind::kKill;
        cage::SendMessage(cage_.control(), &kill, sizeof(kill));
      }
      if (now >= last_moment) {
        cage_.Kill();
        last_moment = absl::InfiniteFuture();
      }
    }
  }

  void Look() {
    if (group_ == nullptr) return;
    const GroupCounters now = group_->Read();
    used_ = {now.cpu_us - before_.cpu_us, now.oom_kills - before_.oom_kills, now.forks_refused - before_.forks_refused};
  }

  void Receive() {
    cage::Report report;
    int descriptors[cage::kMaxDescriptors], count = 0;
    const int size = cage::ReceiveMessage(cage_.control(), &report, sizeof(report), descriptors, &count);
    std::vector<Descriptor> owned;
    for (int i = 0; i < count; ++i) owned.emplace_back(descriptors[i]);
    if (size == 0 || (size < 0 && errno == ECONNRESET)) {
      gone_ = true;
      return;
    }
    const bool ours =
        size == sizeof(report) && report.magic == cage::kMagic && std::memcmp(report.nonce, order_.nonce, sizeof(report.nonce)) == 0;
    if (ours && report.kind == cage::Kind::kArtefact && owned.size() == 1 && !artefact_.valid() && program_.artefact_bytes > 0) {
      artefact_ = std::move(owned[0]);
    } else if (ours && report.kind == cage::Kind::kReport && owned.empty()) {
      report_ = report;
    } else {
      forged_ = true;
      gone_ = true;
    }
  }

  // The first cause in the order of precedence: forgery, output, memory, processes, CPU, wall, signal, exit code.
  void Judge(RunRecord& record) {
    const bool started = report_.has_value() && report_->end != cage::End::kNotStarted && report_->end != cage::End::kLost;
    if (started && report_->end == cage::End::kExited) record.exit_code = report_->exit_code;
    if (started && report_->end == cage::End::kSignaled) record.signal = report_->signal;
    const uint32_t flags = report_.has_value() ? report_->flags : 0;
    const bool ended_by_us = told_ || (flags & cage::kKilled) != 0;
    record.run_class = [&] {
      if (forged_) return RunClass::kForgery;
      if (out_.truncated() || err_.truncated()) return RunClass::kOutputLimit;
      if (used_.oom_kills > 0) return RunClass::kMemoryLimit;
      if (report_.has_value() && !started) return RunClass::kSandboxError;
      if (used_.forks_refused > 0) return RunClass::kPidsLimit;
      const bool cpu_spent = (flags & cage::kCpuPassed) != 0 || used_.cpu_us >= order_.cpu_us || record.signal == SIGXCPU;
      if (cpu_spent) return RunClass::kCpuLimit;
      if (timed_out_ || (flags & cage::kWallPassed) != 0) return RunClass::kTimeLimit;
      if (!started && !stopped_) return RunClass::kSandboxError;
      if (record.signal != 0 || ended_by_us) return RunClass::kSignal;
      return record.exit_code == 0 ? RunClass::kOk : RunClass::kRuntimeError;
    }();
    if (record.run_class == RunClass::kSignal && record.signal == 0) record.signal = SIGKILL;
    if (record.run_class != RunClass::kSandboxError) return;
    if (!report_.has_value()) {
      record.why = "the sandbox's first process is gone in the middle of a run";
    } else if (report_->end == cage::End::kLost) {
      record.why = "the run's first process is gone without a report";
    } else {
      record.why = fmt::format("{}: {}", Name(static_cast<cage::Stage>(report_->stage)), std::strerror(report_->error));
    }
  }

  Cage& cage_;
  ControlGroup* const group_;
  const Program& program_;
  cage::Order order_;
  absl::Time begin_;
  Output out_, err_;
  GroupCounters before_, used_;
  int64_t memory_before_ = 0;
  std::optional<cage::Report> report_;
  Descriptor artefact_;
  bool gone_ = false, forged_ = false, told_ = false, stopped_ = false, timed_out_ = false;
};

}  // namespace

Execution Execute(Cage& cage, ControlGroup* group, const Program& program, int channel, int stop) {
  ++cage.runs;
  return Run(cage, group, program).Go(channel, stop);
}

}  // namespace hone
