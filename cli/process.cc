#include "cli/process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "fmt/format.h"

namespace hone {
namespace {
std::atomic<int> g_stop_signals{0};
void OnStopSignal(int) {
  g_stop_signals.fetch_add(1);
}
}  // namespace

absl::StatusOr<pid_t> SpawnSelf(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  std::string self = "hone";
  argv.push_back(self.data());
  std::vector<std::string> copy = arguments;
  for (std::string& argument : copy) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0)
    return absl::InternalError(fmt::format("cannot start a process: {}; check the limit of processes (ulimit -u)", std::strerror(errno)));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    // The terminal's Ctrl-C goes to the whole foreground group; only the supervisor is to act on it.
    ::setpgid(0, 0);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  ::setpgid(pid, pid);
  return pid;
}

Ended WaitForChild(int timeout_ms) {
  for (int waited = 0;; waited += 20) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid > 0) {
      Ended ended{.pid = pid};
      if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
      return ended;
    }
    if (waited >= timeout_ms) return {};
    struct timespec pause {
      0, 20'000'000
    };
    ::nanosleep(&pause, nullptr);
  }
}

void InstallStopSignals() {
  struct sigaction action {};
  action.sa_handler = &OnStopSignal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}
int StopSignals() {
  return g_stop_signals.load();
}

std::string Describe(const Ended& ended) {
  if (ended.signal != 0) return fmt::format("signal {} ({})", ended.signal, ::strsignal(ended.signal));
  return fmt::format("exit code {}", ended.exit_code);
}

}  // namespace hone
