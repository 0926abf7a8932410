#include "sandbox/seccomp_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace hone {
namespace {

// What the kernel's machine says of a call, for the instructions that libseccomp and we write. 0 for any other instruction, which is to
// kill.
uint32_t Answer(const std::string& filter, const seccomp_data& call) {
  std::vector<sock_filter> code(filter.size() / sizeof(sock_filter));
  std::memcpy(code.data(), filter.data(), filter.size());
  uint32_t accumulator = 0;
  for (size_t at = 0; at < code.size(); ++at) {
    const sock_filter& step = code[at];
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + step.k, sizeof(accumulator));
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= step.k;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += accumulator > step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= step.k ? step.jt : step.jf;
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        return 0;
    }
  }
  return 0;
}

// Filters that are loaded one after the other: the kernel takes the strictest answer, which is the smallest as a signed number.
uint32_t Answer(const std::vector<std::string>& filters, const seccomp_data& call) {
  int32_t strictest = SECCOMP_RET_ALLOW;
  for (const std::string& filter : filters) strictest = std::min(strictest, static_cast<int32_t>(Answer(filter, call)));
  return static_cast<uint32_t>(strictest);
}

#ifdef __x86_64__
struct Case {
  const char* what;
  seccomp_data call;
  uint32_t cage, program, without_group;
};

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW, kNone = SECCOMP_RET_KILL_PROCESS;
constexpr uint32_t No(uint32_t error) {
  return SECCOMP_RET_ERRNO | error;
}
seccomp_data Call(int number, uint64_t first = 0, uint64_t second = 0) {
  return {.nr = number, .arch = AUDIT_ARCH_X86_64, .instruction_pointer = 0, .args = {first, second, 0, 0, 0, 0}};
}

TEST(SeccompFilterTest, AnswersAsListed) {
  const auto cage = SeccompFilter(FilterKind::kCage), program = SeccompFilter(FilterKind::kProgram),
             alone = SeccompFilter(FilterKind::kProgramWithoutGroup);
  ASSERT_TRUE(cage.ok()) << cage.status();
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_TRUE(alone.ok()) << alone.status();
  const Case cases[] = {
      {"read", Call(SYS_read), kAllow, kAllow, kAllow},
      {"a new thread", Call(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD), kAllow, kAllow, kAllow},
      {"clone3", Call(SYS_clone3), No(ENOSYS), No(ENOSYS), No(ENOSYS)},
      {"a user namespace", Call(SYS_clone, CLONE_NEWUSER), kAllow, No(EPERM), No(EPERM)},
      {"a process namespace among other flags", Call(SYS_clone, CLONE_NEWPID | CLONE_VM), kAllow, No(EPERM), No(EPERM)},
      {"unshare", Call(SYS_unshare, CLONE_NEWUSER), kAllow, No(EPERM), No(EPERM)},
      {"mount", Call(SYS_mount), kAllow, No(EPERM), No(EPERM)},
      {"ptrace", Call(SYS_ptrace), No(EPERM), No(EPERM), No(EPERM)},
      {"bpf", Call(SYS_bpf), No(EPERM), No(EPERM), No(EPERM)},
      {"an internet socket", Call(SYS_socket, AF_INET), No(EAFNOSUPPORT), No(EAFNOSUPPORT), No(EAFNOSUPPORT)},
      {"a local socket", Call(SYS_socket, AF_UNIX), kAllow, kAllow, kAllow},
      {"a local socket with rubbish above", Call(SYS_socket, AF_UNIX | uint64_t{1} << 40), No(EAFNOSUPPORT), No(EAFNOSUPPORT),
       No(EAFNOSUPPORT)},
      {"terminal injection", Call(SYS_ioctl, 0, TIOCSTI), No(EPERM), No(EPERM), No(EPERM)},
      {"terminal injection with rubbish above", Call(SYS_ioctl, 0, TIOCSTI | uint64_t{1} << 40), No(EPERM), No(EPERM), No(EPERM)},
      {"the window's size", Call(SYS_ioctl, 0, TIOCGWINSZ), kAllow, kAllow, kAllow},
      {"own limits", Call(SYS_prlimit64, 0), kAllow, kAllow, kAllow},
      {"another process's limits", Call(SYS_prlimit64, 1), kAllow, No(EPERM), No(EPERM)},
      {"another process's priority", Call(SYS_setpriority, 0, 1), kAllow, No(EPERM), No(EPERM)},
      {"a file in memory", Call(SYS_memfd_create), kAllow, kAllow, No(EPERM)},
      {"the last call of the list", Call(450), No(EPERM), No(EPERM), No(EPERM)},
      {"the first that the list does not know", Call(451), kAllow, No(ENOSYS), No(ENOSYS)},
      {"the end of the range", Call(511), kAllow, No(ENOSYS), No(ENOSYS)},
      {"a number beyond it", Call(512), kAllow, kAllow, kAllow},
      {"an x32 call", Call(0x40000000 | SYS_read), kNone, kNone, kNone},
      {"a 32-bit call", {.nr = 3, .arch = AUDIT_ARCH_I386, .instruction_pointer = 0, .args = {}}, kNone, kNone, kNone},
      {"a 32-bit call of an unknown number",
       {.nr = 460, .arch = AUDIT_ARCH_I386, .instruction_pointer = 0, .args = {}},
       kNone,
       kNone,
       kNone},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    EXPECT_EQ(Answer({*cage}, each.call), each.cage);
    EXPECT_EQ(Answer({*cage, *program}, each.call), each.program);
    EXPECT_EQ(Answer({*cage, *alone}, each.call), each.without_group);
  }
}
#endif

// The program's filter is compiled by the kernel at each run.
TEST(SeccompFilterTest, TheProgramsFilterIsShort) {
  const auto program = SeccompFilter(FilterKind::kProgramWithoutGroup);
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_LE(program->size() / sizeof(sock_filter), 128u);
}

}  // namespace
}  // namespace hone
