#include "sandbox/cage/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/cage/message.h"

namespace hone::cage {
namespace {

constexpr int kMaxFilter = 4096;
sock_filter filter_code[kMaxFilter];
Payload payload;  // too large for the stack

// Closes the door behind the start: nobody may look into this process, nothing of the runner stays open but the control socket.
bool Start(sock_fprog* filter) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  signal(SIGCHLD, SIG_DFL);
  size_t size = 0;
  for (ssize_t part; (part = pread(kFilter, reinterpret_cast<char*>(filter_code) + size, sizeof(filter_code) - size, size)) > 0;)
    size += part;
  filter->len = static_cast<unsigned short>(size / sizeof(sock_filter));
  filter->filter = filter_code;
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int descriptor = 0; descriptor <= 2; ++descriptor) dup2(null, descriptor);
  fcntl(kControl, F_SETFD, FD_CLOEXEC);
  return null >= 0 && size > 0 && size < sizeof(filter_code) && syscall(SYS_close_range, kControl + 1, ~0U, 0) == 0;
}

// Whether our network namespace has a socket. Ours is from outside; a program's can outlive its processes for some milliseconds: one that
// is under way between two that are under way themselves is cleared away by the kernel's garbage collection, and keeps its name until then.
// sockets: /proc/net/unix.
bool HasSockets(int sockets) {
  char text[256];
  const ssize_t size = pread(sockets, text, sizeof(text), 0);
  return size <= 0 || memchr(text, '\n', static_cast<size_t>(size)) != text + size - 1;  // more than the headline
}

// A run's init shares our memory, as after vfork: an interpreter's is large, and only the program needs a copy of it. We sleep until it has
// ended.
struct InnerInit {
  Order* order;
  RunDescriptors descriptors;
  int report_pipe;
  const sock_fprog* filter;
  const Launcher* launcher;
};
alignas(64) char inner_stack[256 << 10];
jmp_buf program_continues;  // where the program's process returns into an interpreter: on our own stack, of which it has a copy

int RunInner(void* argument) {
  InnerInit& inner = *static_cast<InnerInit*>(argument);
  BeInnerInit(*inner.order, inner.descriptors, kControl, inner.report_pipe, *inner.filter, payload, *inner.launcher);
  longjmp(program_continues, 1);
}

// Reads the inner init's report and waits until its namespace is empty.
Report Collect(pid_t inner, int report_pipe) {
  Report report;
  ssize_t size;
  do {
    size = read(report_pipe, &report, sizeof(report));
  } while (size < 0 && errno == EINTR);
  if (size != sizeof(report)) report = Report{};
  while (waitpid(inner, nullptr, 0) < 0 && errno == EINTR) {
  }
  return report;
}

}  // namespace

Payload& Serve(const Launcher& launcher, const ForkHooks& hooks) {
  sock_fprog filter;
  if (!Start(&filter)) _exit(101);
  const int sockets = open("/proc/net/unix", O_RDONLY | O_CLOEXEC);
  Report hello;
  hello.kind = Kind::kHello;
  if (!SendMessage(kControl, &hello, sizeof(hello))) _exit(102);
  for (;;) {
    static Order order;
    int descriptors[kMaxDescriptors], count = 0;
    const int received = ReceiveMessage(kControl, &order, sizeof(order), descriptors, &count);
    if (received <= 0) _exit(0);
    const int expected = 4 + ((order.flags & kHasChannel) != 0) + ((order.flags & kHasProgram) != 0);
    if (received != sizeof(order) || order.magic != kMagic || order.kind != Kind::kRun || count != expected) {
      for (int i = 0; i < count; ++i) close(descriptors[i]);  // a kill that came too late
      continue;
    }
    RunDescriptors run{descriptors[0], descriptors[1], descriptors[2], descriptors[3], -1, -1};
    int next = 4;
    if (order.flags & kHasChannel) run.channel = descriptors[next++];
    if (order.flags & kHasProgram) run.program = descriptors[next++];

    int pipe[2] = {-1, -1};
    Report report;
    pid_t inner = -1;
    if (pipe2(pipe, O_CLOEXEC) == 0) {
      if (hooks.before != nullptr) hooks.before();
      static InnerInit arguments;
      arguments = {&order, run, pipe[1], &filter, &launcher};
      if (setjmp(program_continues) != 0) {
        if (hooks.after_in_child != nullptr) hooks.after_in_child();
        return payload;
      }
      inner = clone(RunInner, inner_stack + sizeof(inner_stack),
                    CLONE_VM | CLONE_VFORK | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD, &arguments);
      if (hooks.after_in_parent != nullptr) hooks.after_in_parent();
    }
    if (inner < 0) {
      report.end = End::kNotStarted;
      report.stage = static_cast<int32_t>(Stage::kClone);
      report.error = errno;
    }
    for (int i = 0; i < count; ++i) close(descriptors[i]);
    close(pipe[1]);
    if (inner > 0) report = Collect(inner, pipe[0]);
    close(pipe[0]);
    payload.Close();
    if (HasSockets(sockets)) report.flags |= kSocketsLeft;
    memcpy(report.nonce, order.nonce, sizeof(report.nonce));
    if (!SendMessage(kControl, &report, sizeof(report))) _exit(103);
  }
}

}  // namespace hone::cage
