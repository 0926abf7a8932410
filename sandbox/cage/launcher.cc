#include "sandbox/cage/launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/cage/message.h"
#include "sandbox/cage/protocol.h"

namespace hone::cage {
namespace {

[[noreturn]] void Fail(const char* what) {
  dprintf(2, "%s: %s\n", what, strerror(errno));
  _exit(127);
}

// In the child, between fork and exec.
[[noreturn]] void BecomeBwrap(const LaunchOrder& order, const int* descriptors, int count, const char* bwrap) {
  const int joins = static_cast<int>(order.joins), kept = joins + static_cast<int>(order.networks);  // the first to keep
  const int error_output = descriptors[kept + 2];
  dup2(error_output, 2);  // where failures are told
  for (int i = 0; i < joins; ++i) {
    if (write(descriptors[i], "0", 1) != 1) Fail("joining the control group");
  }
  for (int i = joins; i < kept; ++i) {
    if (setns(descriptors[i], CLONE_NEWNET) != 0) Fail("entering the slot's network namespace");
  }
  // All received descriptors are above those that they become: the launcher keeps 0-3 and the rest was handed out in order.
  int high[kMaxDescriptors];
  for (int i = kept; i < count; ++i) {
    if ((high[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 64)) < 0) Fail("placing descriptors");
  }
  for (int i = kept; i < count; ++i) {
    if (dup2(high[i], i - kept) < 0) Fail("placing descriptors");
  }
  syscall(SYS_close_range, count - kept, ~0U, 0);
  if (order.uid >= 0) {
    const unsigned uid = static_cast<unsigned>(order.uid);
    if (setgroups(0, nullptr) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
      Fail("switching to the slot's user id");
  }
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  for (int signal_number = 1; signal_number < NSIG; ++signal_number) signal(signal_number, SIG_DFL);
  char descriptor[12];
  snprintf(descriptor, sizeof(descriptor), "%d", kBwrapArguments);
  constexpr int kMaxArguments = 16;
  const char* arguments[kMaxArguments + 1] = {"bwrap", "--args", descriptor, "--"};
  const char* at = order.command;
  for (int i = 4; i < kMaxArguments && *at != '\0'; ++i, at += strlen(at) + 1) arguments[i] = at;
  const char* const environment[] = {nullptr};
  execve(bwrap, const_cast<char* const*>(arguments), const_cast<char* const*>(environment));
  Fail("executing bwrap");
}

void KillMembers(const char* group) {
  char path[4200];
  snprintf(path, sizeof(path), "%s/cgroup.procs", group);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return;
  int pid;
  while (fscanf(file, "%d", &pid) == 1) {
    if (pid > 1 && pid != getpid()) kill(pid, SIGKILL);
  }
  fclose(file);
}

// Depth first. False while something is left.
bool Remove(const char* group) {
  DIR* folder = opendir(group);
  if (folder == nullptr) return errno == ENOENT;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    char child[4096];
    if (snprintf(child, sizeof(child), "%s/%s", group, entry->d_name) < static_cast<int>(sizeof(child))) Remove(child);
  }
  closedir(folder);
  if (rmdir(group) == 0 || errno == ENOENT) return true;
  KillMembers(group);
  return false;
}

}  // namespace

int Launch(int argc, char** argv) {
  if (argc < 2) return 2;
  setsid();                  // a Ctrl-C meant for the runner ends us through it
  signal(SIGCHLD, SIG_IGN);  // nobody waits: the runner watches the processes itself
  for (;;) {
    LaunchOrder order;
    int descriptors[kMaxDescriptors], count = 0;
    const int received = ReceiveMessage(kControl, &order, sizeof(order), descriptors, &count);
    if (received <= 0) break;
    int32_t answer = -EBADMSG;
    if (received == sizeof(order) && count >= static_cast<int>(order.joins + order.networks) + 3) {
      answer = fork();
      if (answer == 0) BecomeBwrap(order, descriptors, count, argv[1]);
      if (answer < 0) answer = -errno;
    }
    for (int i = 0; i < count; ++i) close(descriptors[i]);
    if (!SendMessage(kControl, &answer, sizeof(answer))) break;
  }
  for (int attempt = 0; attempt < 3000; ++attempt) {
    bool done = true;
    for (int i = 2; i < argc; ++i) done &= Remove(argv[i]);
    if (done) return 0;
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return 1;
}

}  // namespace hone::cage
