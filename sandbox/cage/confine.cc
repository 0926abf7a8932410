#include "sandbox/cage/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hone::cage {
namespace {

bool Limit(int resource, int64_t soft, int64_t hard) {
  rlimit limit;
  // A limit inherited from whoever started us may be lower and cannot be raised.
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return false;
  const rlim_t ceiling = limit.rlim_max;
  limit.rlim_max = static_cast<rlim_t>(hard) < ceiling ? static_cast<rlim_t>(hard) : ceiling;
  limit.rlim_cur = static_cast<rlim_t>(soft) < limit.rlim_max ? static_cast<rlim_t>(soft) : limit.rlim_max;
  return setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0;
}

bool SetLimits(const Order& order) {
  // The kernel counts whole seconds, so a second more: the cage and the runner watch the exact sum, this holds if both are late.
  const int64_t cpu_seconds = (order.cpu_us + 999'999) / 1'000'000 + 1;
  return Limit(RLIMIT_CPU, cpu_seconds, cpu_seconds) && Limit(RLIMIT_FSIZE, order.file_bytes, order.file_bytes) &&
         Limit(RLIMIT_NOFILE, order.descriptors, order.descriptors) && Limit(RLIMIT_NPROC, order.processes, order.processes) &&
         Limit(RLIMIT_CORE, 0, 0) && Limit(RLIMIT_MEMLOCK, 0, 0) && Limit(RLIMIT_MSGQUEUE, 0, 0) && Limit(RLIMIT_NICE, 0, 0) &&
         Limit(RLIMIT_RTPRIO, 0, 0) && Limit(RLIMIT_SIGPENDING, 1024, 1024) && Limit(RLIMIT_STACK, 8 << 20, order.stack_bytes) &&
         (order.address_bytes == 0 || Limit(RLIMIT_AS, order.address_bytes, order.address_bytes));
}

// Moves a descriptor out of the way of the final numbers.
int Lift(int descriptor) {
  return descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 16);
}

bool PlaceDescriptors(const RunDescriptors& from, int setup) {
  const int in = Lift(from.in), out = Lift(from.out), err = Lift(from.err), channel = Lift(from.channel), program = Lift(from.program);
  const int setup_high = Lift(setup);
  if (in < 0 || out < 0 || err < 0 || setup_high < 0 || (from.channel >= 0 && channel < 0) || (from.program >= 0 && program < 0))
    return false;
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) return false;
  if (channel >= 0 ? dup2(channel, kChannel) < 0 : (close(kChannel), false)) return false;
  if (program >= 0 ? dup3(program, kProgramDescriptor, O_CLOEXEC) < 0 : (close(kProgramDescriptor), false)) return false;
  if (dup3(setup_high, kSetupDescriptor, O_CLOEXEC) < 0) return false;
  return syscall(SYS_close_range, kSetupDescriptor + 1, ~0U, 0) == 0;
}

bool DropPrivileges() {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace

bool MountOwn(const Order& order) {
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  char options[96];
  snprintf(options, sizeof(options), "size=%lld,nr_inodes=%lld,mode=0777", static_cast<long long>(order.tmp_bytes),
           static_cast<long long>(order.tmp_inodes));
  if (mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) return false;
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr) != 0) return false;
  return chdir("/tmp") == 0;
}

bool Confine(const Order& order, const RunDescriptors& descriptors, int setup, const sock_fprog& filter, Stage* stage) {
  *stage = Stage::kDescriptors;
  if (setsid() < 0 || !PlaceDescriptors(descriptors, setup)) return false;
  umask(022);
  *stage = Stage::kLimits;
  if (!SetLimits(order)) return false;
  *stage = Stage::kPrivileges;
  if (!DropPrivileges()) return false;
  *stage = Stage::kFilter;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) return false;
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

}  // namespace hone::cage
