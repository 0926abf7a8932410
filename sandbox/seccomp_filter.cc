#include "sandbox/seccomp_filter.h"

#include <linux/filter.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "fmt/format.h"
#include "sandbox/descriptor.h"

namespace hone {
namespace {

constexpr const char* kDenied[] = {
    // Looking into other processes.
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    // Parts of the kernel that a program under test has no use for.
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key",
    "fanotify_init", "fanotify_mark", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "memfd_secret", "vmsplice",
    "lookup_dcookie", "remap_file_pages", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "vhangup",
    // Files by handle go around folders' permissions.
    "open_by_handle_at", "name_to_handle_at",
    // The machine.
    "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms", "kexec_load", "kexec_file_load",
    "reboot", "swapon", "swapoff", "quotactl", "quotactl_fd", "acct", "syslog", "settimeofday", "stime", "clock_settime", "clock_adjtime",
    "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm",
    // Seldom used and often broken.
    "personality", "modify_ldt", "mbind", "move_pages", "migrate_pages", "set_mempolicy", "set_mempolicy_home_node"};

// What pid 1 of a sandbox needs and a program must not have.
constexpr const char* kCageOnly[] = {"mount",         "umount",         "umount2", "pivot_root", "chroot",
                                     "move_mount",    "open_tree",      "fsopen",  "fsconfig",   "fsmount",
                                     "mount_setattr", "open_tree_attr", "fspick",  "unshare",    "setns"};

constexpr uint64_t kNamespaceFlags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                        CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET, CLONE_NEWTIME};

// Calls that act on a process given by its number. The cage's own processes have the program's user id, so the kernel would let it lower
// their limits and priority: an argument must have the one value that means the caller.
struct OnProcess {
  const char* call;
  unsigned argument;
  uint64_t caller;
};
constexpr OnProcess kOnProcess[] = {{"prlimit64", 0, 0},     {"sched_setscheduler", 0, 0}, {"sched_setparam", 0, 0},
                                    {"sched_setattr", 0, 0}, {"sched_setaffinity", 0, 0},  {"setpriority", 0, 0},
                                    {"setpriority", 1, 0},   {"ioprio_set", 0, 1},         {"ioprio_set", 1, 0}};

// Memory outside of address spaces and files with a limit.
constexpr const char* kUnboundedMemory[] = {"shmget", "memfd_create"};

// The first number that this list was not made with, and the end of the range that ordinary calls take.
constexpr uint32_t kFirstUnknown = 451, kEndOfNumbers = 512;

// Refuses that range with one comparison at each end, which libseccomp cannot say: to be put before a filter, into which it falls
// otherwise.
std::string DenyUnknownNumbers() {
  const sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),  // others are the filter's business
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstUnknown, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kEndOfNumbers, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  return {reinterpret_cast<const char*>(code), sizeof(code)};
}

class Builder {
 public:
  Builder() : context_(seccomp_init(SCMP_ACT_ALLOW)) {}
  ~Builder() { seccomp_release(context_); }

  void Deny(const char* call, int error) {
    const int number = seccomp_syscall_resolve_name(call);
    // Names that this libseccomp or this architecture does not know have nothing to be refused.
    if (number != __NR_SCMP_ERROR && number >= 0) Check(call, seccomp_rule_add(context_, SCMP_ACT_ERRNO(error), number, 0));
  }
  void DenyWhen(const char* call, int error, scmp_arg_cmp condition) {
    Check(call, seccomp_rule_add(context_, SCMP_ACT_ERRNO(error), seccomp_syscall_resolve_name(call), 1, condition));
  }
  // A tree instead of a chain of comparisons.
  void Sort() { Check("order", seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2)); }
  void KillForeignCalls() { Check("bad architecture", seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)); }

  absl::StatusOr<std::string> Export() {
    Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
    if (file.valid()) {
      Check("export", seccomp_export_bpf(context_, file.get()));
    } else {
      Check("export", -errno);
    }
    HONE_RETURN_IF_ERROR(status_);
    return ReadAll(file.get(), 1 << 20);
  }

 private:
  void Check(const char* what, int result) {
    if (result != 0 && status_.ok()) {
      status_ = absl::InternalError(fmt::format("sandbox: the system call filter cannot be built: {}: {}", what, std::strerror(-result)));
    }
  }

  scmp_filter_ctx context_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> SeccompFilter(FilterKind kind) {
  Builder builder;
  builder.KillForeignCalls();
  if (kind == FilterKind::kCage) {
    for (const char* call : kDenied) builder.Deny(call, EPERM);
    // The C library falls back to clone, whose flags can be seen.
    builder.Deny("clone3", ENOSYS);
    // The family is an int: what a caller puts into the upper half of the register is not what the kernel reads, and is refused as well.
    for (const char* call : {"socket", "socketpair"}) builder.DenyWhen(call, EAFNOSUPPORT, SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0));
    constexpr uint64_t kLow = 0xffffffff;
    for (const uint64_t request : {uint64_t{TIOCSTI}, uint64_t{TIOCLINUX}}) {
      builder.DenyWhen("ioctl", EPERM, SCMP_A1(SCMP_CMP_MASKED_EQ, kLow, request));
    }
  } else {
    for (const char* call : kCageOnly) builder.Deny(call, EPERM);
    for (const uint64_t flag : kNamespaceFlags) builder.DenyWhen("clone", EPERM, SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    for (const OnProcess& each : kOnProcess) builder.DenyWhen(each.call, EPERM, SCMP_CMP64(each.argument, SCMP_CMP_NE, each.caller, 0));
  }
  if (kind == FilterKind::kProgramWithoutGroup) {
    for (const char* call : kUnboundedMemory) builder.Deny(call, EPERM);
  }
  builder.Sort();
  HONE_ASSIGN_OR_RETURN(const std::string filter, builder.Export());
  return kind == FilterKind::kCage ? filter : DenyUnknownNumbers() + filter;
}

}  // namespace hone
