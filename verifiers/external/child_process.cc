#include "verifiers/external/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"

namespace hone {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// A pair of descriptors that close by themselves.
struct Pair {
  int ours = -1, theirs = -1;
  ~Pair() {
    if (ours >= 0) ::close(ours);
    if (theirs >= 0) ::close(theirs);
  }
  bool OpenPipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return false;
    ours = fds[0];
    theirs = fds[1];
    return true;
  }
  bool OpenSocket() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return false;
    ours = fds[0];
    theirs = fds[1];
    return true;
  }
  int TakeOurs() { return std::exchange(ours, -1); }
};

// Between fork and exec: only system calls. Ends with the program or with its error number in `report`.
[[noreturn]] void BecomeProgram(const char* program, char* const* arguments, char* const* environment, int in, int out, int err, int report,
                                pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::setpgid(0, 0);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // Out of the way of 0, 1 and 2 first.
  const int moved_in = ::fcntl(in, F_DUPFD_CLOEXEC, 10), moved_out = ::fcntl(out, F_DUPFD_CLOEXEC, 10);
  const int moved_err = ::fcntl(err, F_DUPFD_CLOEXEC, 10), moved_report = ::fcntl(report, F_DUPFD_CLOEXEC, 10);
  if (::dup2(moved_in, 0) == 0 && ::dup2(moved_out, 1) == 1 && ::dup2(moved_err, 2) == 2) {
    ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    ::execve(program, arguments, environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(moved_report, &error, sizeof(error));
  ::_exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Command& command) {
  Pair in, out, err, report;
  if (!in.OpenSocket() || !out.OpenPipe() || !err.OpenPipe() || !report.OpenPipe()) {
    return absl::UnavailableError(
        fmt::format("cannot start {}: {}; check the limit of open files (ulimit -n)", command.program, std::strerror(errno)));
  }
  const std::vector<char*> arguments = Pointers(command.arguments), environment = Pointers(command.environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return absl::UnavailableError(
        fmt::format("cannot start {}: {}; check the limit of processes (ulimit -u)", command.program, std::strerror(errno)));
  }
  if (pid == 0) {
    BecomeProgram(command.program.c_str(), arguments.data(), environment.data(), in.theirs, out.theirs, err.theirs, report.theirs, parent);
  }
  ::close(std::exchange(report.theirs, -1));
  int error = 0;
  if (::read(report.ours, &error, sizeof(error)) == sizeof(error)) {
    ::waitpid(pid, nullptr, 0);
    return absl::UnavailableError(fmt::format("cannot start {}: {}{}", command.program, std::strerror(error),
                                              error == ENOEXEC  ? "; a script begins with a line such as #!/usr/bin/env python3"
                                              : error == ENOENT ? "; its interpreter (the first line of a script) is not there"
                                                                : ""));
  }
  for (int fd : {in.ours, out.ours, err.ours}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, in.TakeOurs(), out.TakeOurs(), err.TakeOurs()));
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);  // until then nobody else can get this number, so the signal went to the right group
  for (int fd : {in_, out_, err_}) ::close(fd);
}

void ChildProcess::CloseInput() {
  ::shutdown(in_, SHUT_RDWR);
}

void ChildProcess::Signal(int signal) {
  ::kill(-pid_, signal);
}

std::string ChildProcess::WaitUntil(absl::Time deadline) {
  // Nothing else tells that a child has ended without taking SIGCHLD from the rest of the process.
  for (absl::Duration pause = absl::Milliseconds(1); end_.empty(); pause = std::min(2 * pause, absl::Milliseconds(20))) {
    siginfo_t info{};
    const int result = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (result == 0 && info.si_pid == pid_ && info.si_code == CLD_EXITED) {
      end_ = fmt::format("exit code {}", info.si_status);
    } else if (result == 0 && info.si_pid == pid_) {
      end_ = fmt::format("signal {} ({})", info.si_status, ::strsignal(info.si_status));
    } else if (result != 0 && errno != EINTR) {
      end_ = "unknown";  // somebody else waited for it
    } else if (absl::Now() >= deadline) {
      break;
    } else {
      absl::SleepFor(pause);
    }
  }
  return end_;
}

}  // namespace hone
