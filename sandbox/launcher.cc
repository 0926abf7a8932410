#include "sandbox/launcher.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "sandbox/cage/launcher.h"
#include "sandbox/cage/message.h"
#include "sandbox/cage/protocol.h"
#include "sandbox/embedded.h"

namespace hone {

absl::StatusOr<std::unique_ptr<Launcher>> Launcher::Start(const std::string& bwrap, const std::vector<std::string>& folders) {
  HONE_ASSIGN_OR_RETURN(const Descriptor binary, SealedFile("launcher", CageBinary()));
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return ErrnoToStatus(errno, "make a socket pair", "for the launcher");
  Descriptor ours(pair[0]), theirs(pair[1]);
  std::vector<const char*> arguments = {"hone-launcher", "launch", bwrap.c_str()};
  for (const std::string& folder : folders) arguments.push_back(folder.c_str());
  arguments.push_back(nullptr);
  const char* const environment[] = {nullptr};
  // vfork: the runner may hold gigabytes. The child touches no memory of ours but its stack.
  const int socket = theirs.get(), file = binary.get();
  const pid_t pid = ::vfork();
  if (pid < 0) return ErrnoToStatus(errno, "start a process", "the launcher");
  if (pid == 0) {
    const int high_socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 64), high_file = ::fcntl(file, F_DUPFD_CLOEXEC, 64);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int descriptor = 0; descriptor <= 2; ++descriptor) ::dup2(null, descriptor);
    ::dup2(high_socket, cage::kControl);
    ::dup3(high_file, cage::kControl + 1, O_CLOEXEC);
    ::syscall(SYS_close_range, cage::kControl + 2, ~0U, 0);
    ::syscall(SYS_execveat, cage::kControl + 1, "", const_cast<char* const*>(arguments.data()), const_cast<char* const*>(environment),
              AT_EMPTY_PATH);
    ::_exit(127);
  }
  return std::unique_ptr<Launcher>(new Launcher(std::move(ours), pid));
}

Launcher::~Launcher() {
  {
    MutexLock lock(mu_);
    socket_.Close();
  }
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::StatusOr<Descriptor> Launcher::Launch(const std::vector<std::string>& command, const std::vector<int>& joins,
                                            const std::vector<int>& descriptors, int network, int uid) {
  cage::LaunchOrder order;
  order.joins = static_cast<uint32_t>(joins.size());
  order.networks = network >= 0 ? 1 : 0;
  order.uid = uid;
  std::string packed;
  for (const std::string& part : command) packed.append(part).push_back('\0');
  if (packed.size() >= sizeof(order.command)) return absl::InvalidArgumentError("sandbox: the command of a sandbox is too long");
  std::memcpy(order.command, packed.data(), packed.size());
  std::vector<int> all = joins;
  if (network >= 0) all.push_back(network);
  all.insert(all.end(), descriptors.begin(), descriptors.end());
  MutexLock lock(mu_);
  int32_t pid = 0;
  if (!cage::SendMessage(socket_.get(), &order, sizeof(order), all.data(), static_cast<int>(all.size())) ||
      cage::ReceiveMessage(socket_.get(), &pid, sizeof(pid), nullptr, nullptr) != sizeof(pid)) {
    return absl::UnavailableError("sandbox: the launcher process is gone; start the sandbox again");
  }
  if (pid < 0) return absl::UnavailableError(fmt::format("sandbox: no process could be started: {}", std::strerror(-pid)));
  // When it has ended already there is nothing to watch, and the caller sees its closed socket.
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid() && errno != ESRCH) return ErrnoToStatus(errno, "watch a process", "bwrap");
  return process;
}

}  // namespace hone
