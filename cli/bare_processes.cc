#include "cli/bare_processes.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "absl/time/clock.h"
#include "fmt/format.h"

namespace hone {
namespace {

// 0 when it was run and ended well.
int SpawnAndWait(const std::vector<std::string>& command, const posix_spawn_file_actions_t& actions) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  if (const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environment); error != 0) return error;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

absl::StatusOr<double> BareRunsPerSecond(const std::vector<std::string>& command, int processes, int threads, double seconds) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  std::atomic<int64_t> done{0};
  std::atomic<int> failure{0};
  const absl::Time begin = absl::Now();
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&] {
      while (failure == 0 && absl::Now() - begin < absl::Seconds(seconds)) {
        if (const int result = SpawnAndWait(command, actions); result != 0) failure = result;
        done += processes;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return absl::UnavailableError(fmt::format("{} without a sandbox ended with {}", command[0], failure.load()));
  return static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - begin);
}

}  // namespace hone
