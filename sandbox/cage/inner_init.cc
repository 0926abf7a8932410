#include "sandbox/cage/inner_init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

#include "sandbox/cage/cpu_time.h"
#include "sandbox/cage/message.h"

namespace hone::cage {
namespace {

constexpr int64_t kSampleUs = 20'000;  // between two looks at the processes' CPU time

struct SetupError {
  int32_t stage = 0, error = 0;
};

[[noreturn]] void Fail(int pipe, Stage stage, int error) {
  const SetupError failure{static_cast<int32_t>(stage), error};
  (void)!write(pipe, &failure, sizeof(failure));
  _exit(1);
}

// Waits until the program has ended or must; everything that ends meanwhile is reaped. Fills `report`, all but what is known after the end.
void Watch(pid_t program, const Order& order, int control, Report* report) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  const int64_t begin = MonotonicUs();
  const int64_t deadline = begin + order.wall_us;
  int64_t next_sample = order.flags & kSumCpu ? begin + kSampleUs : deadline;
  int status = 0;
  bool ended = false, doomed = signals < 0;
  while (!ended) {
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid == program) {
        ended = true;
        break;
      }
    }
    const int64_t now = MonotonicUs();
    report->wall_us = now - begin;
    if (ended) break;
    if (now >= deadline) {
      report->flags |= kWallPassed;
      doomed = true;
    } else if (now >= next_sample) {
      next_sample = now + kSampleUs;
      if (ProcessCpuUs() >= order.cpu_us) {
        report->flags |= kCpuPassed;
        doomed = true;
      }
    }
    if (doomed) {
      kill(-1, SIGKILL);
      for (pid_t pid; (pid = waitpid(-1, &status, 0)) != program && pid > 0;) {
      }
      break;
    }
    pollfd polled[2] = {{signals, POLLIN, 0}, {control, POLLIN, 0}};
    const int64_t next = next_sample < deadline ? next_sample : deadline;
    const int64_t wait_us = next > now ? next - now : 0;
    const timespec timeout{wait_us / 1'000'000, wait_us % 1'000'000 * 1000};
    ppoll(polled, 2, &timeout, nullptr);
    if (polled[0].revents != 0) {
      signalfd_siginfo info;
      while (read(signals, &info, sizeof(info)) > 0) {
      }
    }
    if (polled[1].revents != 0) {
      Order message;
      const int received = ReceiveMessage(control, &message, sizeof(message), nullptr, nullptr);
      const bool for_us =
          received == sizeof(message) && message.kind == Kind::kKill && memcmp(message.nonce, order.nonce, sizeof(order.nonce)) == 0;
      if (received <= 0 || for_us) {
        report->flags |= kKilled;
        doomed = true;
      }
    }
  }
  if (WIFEXITED(status)) {
    report->end = End::kExited;
    report->exit_code = WEXITSTATUS(status);
  } else {
    report->end = End::kSignaled;
    report->signal = WTERMSIG(status);
  }
}

// A regular file of bounded size directly in /tmp, never through a link. -1 when there is none.
int OpenArtefact(int64_t max_bytes) {
  const int folder = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const int file = static_cast<int>(syscall(SYS_openat2, folder, "program", &how, sizeof(how)));
  struct stat info;
  if (file >= 0 && (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > max_bytes)) {
    close(file);
    return -1;
  }
  return file;
}

void SendArtefact(const Order& order, int control, Report* report) {
  const int artefact = OpenArtefact(order.artefact_bytes);
  if (artefact < 0) return;
  Report message;
  message.kind = Kind::kArtefact;
  memcpy(message.nonce, order.nonce, sizeof(message.nonce));
  if (SendMessage(control, &message, sizeof(message), &artefact, 1)) report->flags |= kArtefactSent;
}

}  // namespace

void BeInnerInit(Order& order, const RunDescriptors& descriptors, int control, int report_pipe, const sock_fprog& filter, Payload& payload,
                 const Launcher& launcher) {
  Report report;
  report.end = End::kNotStarted;
  const auto give_up = [&](Stage stage) {
    report.stage = static_cast<int32_t>(stage);
    report.error = errno;
    (void)!write(report_pipe, &report, sizeof(report));
    _exit(1);
  };
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!MountOwn(order)) give_up(Stage::kMounts);
  if (!payload.Open(descriptors.payload) || (payload.files() > 0 && !payload.WriteFiles("/box"))) give_up(Stage::kBox);
  int setup[2];
  if (pipe2(setup, O_CLOEXEC) != 0) give_up(Stage::kFork);
  const pid_t program = launcher.executes ? vfork() : fork();
  if (program < 0) give_up(Stage::kFork);
  if (program == 0) {
    Stage stage;
    if (!Confine(order, descriptors, setup[1], filter, &stage)) Fail(setup[1], stage, errno);
    if (!launcher.executes) {
      // The memory that was closed to others is a copy now, and the program's: it may look into itself, but not find the nonce.
      memset(order.nonce, 0, sizeof(order.nonce));
      prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
    launcher.start(order, payload);
    return;
  }
  close(setup[1]);
  for (const int descriptor :
       {descriptors.payload, descriptors.in, descriptors.out, descriptors.err, descriptors.channel, descriptors.program}) {
    if (descriptor >= 0) close(descriptor);
  }
  Watch(program, order, control, &report);
  kill(-1, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0) {
  }
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  report.cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  if (report.cpu_us >= order.cpu_us) report.flags |= kCpuPassed;
  SetupError failure;
  if (read(setup[0], &failure, sizeof(failure)) == sizeof(failure)) {
    report.end = End::kNotStarted;
    report.stage = failure.stage;
    report.error = failure.error;
  }
  if ((order.flags & kWantArtefact) && report.end == End::kExited && report.exit_code == 0) SendArtefact(order, control, &report);
  (void)!write(report_pipe, &report, sizeof(report));
  _exit(0);
}

}  // namespace hone::cage
