// Programs that try to get out, to take too much or to outlive their run, each with the outcomes that are right. They run cold and through
// the zygote; HONE_TEST_AS_USER=1 runs them all without root, HONE_TEST_RLIMITS=1 without control groups.

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "sandbox/descriptor.h"
#include "sandbox/sandbox.h"
#include "sandbox/test_sandbox.h"

namespace hone {
namespace {

using enum RunClass;

struct Attack {
  const char* name;
  const char* language;
  const char* source;
  std::set<RunClass> right;
  double max_seconds = 3.05;        // of wall time, which is also the limit where it is more
  bool says_contained = false;      // stdout must say so
  std::set<RunClass> rlimits = {};  // right too where there are no control groups
};

constexpr const char* kSystemCall = R"(import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
def t(name, *a):
    r = L.syscall(*a); print("ESCAPED" if r >= 0 else "CONTAINED", name, ctypes.get_errno())
)";

std::vector<Attack> Attacks() {
  return {
      {"BusyLoop", "python", "while True: pass", {kCpuLimit}, 20},
      {"Sleep", "python", "import time; time.sleep(30)", {kTimeLimit}},
      {"SignalsIgnored",
       "python",
       R"(import signal, time
for s in range(1, 64):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
end = time.time() + 30
while time.time() < end: pass)",
       {kCpuLimit, kTimeLimit}},
      {"CpuInManyProcesses",
       "python",
       R"(import os
for _ in range(7):
    if os.fork() == 0: break
while True: pass)",
       {kCpuLimit},
       20},
      {"ManyProcesses", "bash", "for i in $(seq 200); do sleep 5 & done; wait", {kPidsLimit, kTimeLimit}},
      {"ManyThreads",
       "python",
       R"(import threading, time
n = 0
try:
    for _ in range(200):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start(); n += 1
except RuntimeError: pass
print("CONTAINED" if n < 32 else "ESCAPED", n))",
       {kOk, kPidsLimit},
       3.05,
       true},
      {"Memory",
       "python",
       R"(b = []
for i in range(64): b.append(bytearray(b"x" * (16 << 20)))
print("ESCAPED", len(b) * 16, "MiB"))",
       {kMemoryLimit},
       3.05,
       false,
       {kRuntimeError}},
      {"MemoryInChildren",
       "python",
       R"(import os
pids = []
for _ in range(8):
    p = os.fork()
    if p == 0:
        x = [bytearray(b"x" * (8 << 20)) for _ in range(12)]
        os._exit(0)
    pids.append(p)
for p in pids: os.waitpid(p, 0))",
       {kMemoryLimit},
       3.05,
       false,
       {kOk, kCpuLimit, kTimeLimit}},
      {"MemoryInTmp",
       "python",
       R"(import os
for i in range(64):
    with open("/tmp/f%d" % i, "wb") as f:
        try: f.write(b"x" * (15 << 20))
        except OSError as e: print("CONTAINED", e.errno, i); break
else: print("ESCAPED"))",
       {kOk},
       3.05,
       true},
      {"ManyInodes",
       "python",
       R"(n = 0
try:
    for i in range(20000): open("/tmp/%d" % i, "w").close(); n += 1
except OSError as e: print("CONTAINED" if n <= 4096 else "ESCAPED", e.errno, n)
else: print("ESCAPED", n))",
       {kOk},
       3.05,
       true},
      {"OneLargeFile",
       "python",
       R"(n = 0
try:
    with open("/tmp/big", "wb", buffering=0) as f:
        for _ in range(256): n += f.write(b"x" * (1 << 20))
except OSError as e: print("CONTAINED", e.errno, n)
else: print("ESCAPED", n))",
       {kOk, kSignal},
       3.05,
       true},
      {"SharedMemoryFile",
       "python",
       R"(try:
    with open("/dev/shm/x", "wb") as f: f.write(b"x" * (64 << 20))
    print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"OutputFlood",
       "python",
       R"(import os
for _ in range(1024): os.write(1, b"y" * 65536))",
       {kOutputLimit},
       1.0},
      {"ErrorFlood",
       "python",
       R"(import os
for _ in range(1024): os.write(2, b"y" * 65536))",
       {kOutputLimit},
       1.0},
      {"SparseFile",
       "python",
       R"(import os
try:
    fd = os.open("/tmp/s", os.O_CREAT | os.O_RDWR); os.ftruncate(fd, 1 << 40); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"SystemFolders",
       "python",
       R"(for p in ("/usr/bin/x", "/usr/lib/x", "/etc/x", "/box/x", "/box/main.py", "/x", "/.init", "/.cage/x", "/dev/x", "/proc/x", "/dev/pts/x"):
    try: open(p, "wb").close(); print("ESCAPED", p)
    except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"HostPaths",
       "python",
       R"(import os
for p in ("@CANARY@", "/etc/shadow", "/root", "/home", "/sys", "/var", "/run", "/mnt", "/opt", "/work"):
    print("ESCAPED" if os.path.exists(p) else "CONTAINED", p)
for fd in range(3, 256):
    try: os.fstat(fd); print("ESCAPED descriptor", fd)
    except OSError: pass)",
       {kOk},
       3.05,
       true},
      {"ForeignProcesses",
       "python",
       R"(import os
pids = sorted(int(d) for d in os.listdir("/proc") if d.isdigit())
print("CONTAINED" if len(pids) <= 3 else "ESCAPED", pids))",
       {kOk},
       3.05,
       true},
      {"EnvironmentOfPid1",
       "python",
       R"(for n in ("environ", "maps", "auxv"):
    try:
        b = open("/proc/1/" + n, "rb").read(); print("ESCAPED" if b else "CONTAINED", b[:4096])
    except OSError as e: print("CONTAINED", e.errno)
print(open("/proc/self/environ").read(), open("/proc/1/cmdline").read()))",
       {kOk},
       3.05,
       true},
      {"MemoryOfPid1",
       "python",
       R"(import os
try: os.close(os.open("/proc/1/mem", os.O_RDWR)); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno)
for n in ("fd", "root", "cwd", "exe", "ns/mnt"):
    try: os.listdir("/proc/1/" + n) if n in ("fd", "root", "cwd") else os.readlink("/proc/1/" + n); print("ESCAPED", n)
    except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"GlobalSettings",
       "python",
       R"(import os
for n in ("kernel/core_pattern", "kernel/panic", "vm/overcommit_memory", "vm/drop_caches",
          "kernel/randomize_va_space", "kernel/kptr_restrict", "kernel/poweroff_cmd", "kernel/hostname", "kernel/shmmax", "user/max_user_namespaces"):
    try: os.close(os.open("/proc/sys/" + n, os.O_WRONLY)); print("ESCAPED", n)
    except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"KernelInterfaces",
       "python",
       R"(import os
for n in ("/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/proc/self/oom_score_adj"):
    for m in (os.O_RDONLY, os.O_WRONLY):
        if m == os.O_RDONLY and "oom" in n: continue
        try: os.close(os.open(n, m | os.O_NONBLOCK)); print("ESCAPED", n)
        except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"SignalsToEveryone",
       "python",
       R"(import os, signal
for t in (1, -1):
    for s in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSTOP) if t == 1 else (signal.SIGTERM,):
        try: os.kill(t, s)
        except OSError: pass
print("alive"))",
       {kOk, kSignal},
       1.0},
      {"TracePid1",
       "c",
       R"(#include <sys/ptrace.h>
#include <stdio.h>
int main(void) { puts(ptrace(PTRACE_SEIZE, 1, 0, 0) == 0 ? "ESCAPED" : "CONTAINED"); })",
       {kOk},
       3.05,
       true},
      {"Loopback",
       "python",
       R"(import socket
for h in ("127.0.0.1", "::1"):
    try: socket.create_connection((h, int("@PORT@")), 1); print("ESCAPED")
    except OSError as e: print("CONTAINED", e.errno)
for f, t in ((2, 1), (2, 2), (10, 2), (16, 3), (17, 3), (40, 1), (38, 5), (44, 3), (31, 3), (2 | 1 << 32, 1)):
    try: socket.socket(f, t); print("ESCAPED", f)
    except (OSError, OverflowError) as e: print("CONTAINED", e))",
       {kOk},
       3.05,
       true},
      {"HostChannel",
       "python",
       R"(import socket
try: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1)); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"AbstractSocket",
       "python",
       R"(import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
try: s.connect("\0@ABSTRACT@"); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"KernelCalls",
       "python",
       R"(@SYSCALL@
t("unshare user", 272, 0x10000000)
t("clone user", 56, 0x10000000 | 17, 0, 0, 0, 0)
t("clone3", 435, ctypes.create_string_buffer(b"\0" * 3 + b"\x10" + b"\0" * 84), 88)
t("setns", 308, 0, 0)
t("mount", 165, b"t", b"/tmp", b"tmpfs", 0, 0)
t("remount rw", 165, b"", b"/usr", b"", 0x20 | 0x1000, 0)
t("remount proc", 165, b"", b"/proc", b"", 0x20, 0)
t("umount", 166, b"/proc", 2)
t("pivot_root", 155, b"/tmp", b"/tmp")
t("chroot", 161, b"/tmp")
t("open_tree", 428, -100, b"/", 1)
t("fsopen", 430, b"tmpfs", 0)
t("keyctl join", 250, 1, b"k")
t("add_key", 248, b"user", b"a", b"b", 1, -3)
t("io_uring_setup", 425, 4, ctypes.create_string_buffer(120))
t("bpf", 321, 0, 0, 0)
t("perf", 298, 0, 0, -1, -1, 0)
t("userfaultfd", 323, 0)
t("handle", 304, 0, 0, 0)
t("personality", 135, 0x0400000)
t("memfd_secret", 447, 0)
t("process_vm_readv", 310, 1, 0, 0, 0, 0, 0)
t("pidfd_getfd", 438, 0, 0, 0)
t("ptrace traceme", 101, 0, 0, 0, 0)
t("syslog", 103, 3, ctypes.create_string_buffer(100), 100)
t("sethostname", 170, b"x", 1)
t("settime", 227, 0, ctypes.create_string_buffer(16))
t("reboot", 169, 1, 2, 3)
t("swapon", 167, b"/tmp/x", 0)
t("init_module", 175, b"", 0, b"")
)",
       {kOk},
       3.05,
       true},
      {"LimitsOfTheInit",
       "python",
       R"(@SYSCALL@
import resource
for k in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_AS):
    try: resource.prlimit(1, k, (0, 0)); print("ESCAPED", k)
    except OSError as e: print("CONTAINED", e.errno)
t("setpriority", 141, 0, 1, 19)
t("setpriority of all", 141, 2, 0, 19)
t("sched_setaffinity", 203, 1, 8, b"\1" + b"\0" * 7)
t("sched_setscheduler", 144, 1, 5, b"\0" * 4)
t("statmount", 457, 0, 0, 0, 0)
t("futures", 500, 0)
)",
       {kOk},
       3.05,
       true},
      {"TerminalInjection",
       "python",
       R"(import fcntl, ctypes
for fd in (0, 1, 2):
    try: fcntl.ioctl(fd, 0x5412, b"x"); print("ESCAPED")
    except OSError as e: print("CONTAINED" if e.errno == 1 else "ESCAPED", e.errno)
L = ctypes.CDLL(None, use_errno=True)
for r in (0x5412, 0x100005412, 0x541c, 0xffffffff0000541c):
    n = L.syscall(16, 0, ctypes.c_ulong(r), b"x"); print("CONTAINED" if n < 0 and ctypes.get_errno() == 1 else "ESCAPED", hex(r), ctypes.get_errno())
try: open("/dev/tty", "w"); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"BecomeRoot",
       "python",
       R"(import os
for call in (os.setuid, os.setgid):
    try: call(0); print("ESCAPED")
    except OSError as e: print("CONTAINED", e.errno)
try: os.setgroups([0]); print("ESCAPED")
except OSError as e: print("CONTAINED", e.errno)
st = dict(l.split(":", 1) for l in open("/proc/self/status") if ":" in l)
print("CONTAINED" if st["NoNewPrivs"].strip() == "1" and all(int(st[c], 16) == 0 for c in ("CapEff", "CapPrm", "CapInh", "CapAmb")) else "ESCAPED")
print("CONTAINED" if st["Seccomp"].strip() == "2" else "ESCAPED"))",
       {kOk},
       3.05,
       true},
      {"DeviceNode",
       "python",
       R"(import os, stat
for kind in (stat.S_IFBLK, stat.S_IFCHR):
    try: os.mknod("/tmp/d", 0o600 | kind, os.makedev(8, 0)); print("ESCAPED")
    except OSError as e: print("CONTAINED", e.errno))",
       {kOk},
       3.05,
       true},
      {"RaiseLimits",
       "python",
       R"(import resource as r
for k in (r.RLIMIT_CPU, r.RLIMIT_NPROC, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE, r.RLIMIT_STACK, r.RLIMIT_MEMLOCK):
    h = r.getrlimit(k)[1]
    try: r.setrlimit(k, (h + 1, h + 1)); print("ESCAPED", k)
    except (ValueError, OSError): print("CONTAINED" if h != r.RLIM_INFINITY else "ESCAPED", k))",
       {kOk},
       3.05,
       true},
      {"Entry32Bit",
       "c",
       R"(#include <stdio.h>
int main(void) { int r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); printf("ESCAPED %d\n", r); })",
       {kSignal}},
      {"EntryX32",
       "c",
       R"(#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>
int main(void) { long r = syscall(0x40000000 | 39); printf("ESCAPED %ld\n", r); })",
       {kSignal}},
      {"Daemon",
       "python",
       R"(import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(10); open("/tmp/late", "w").close(); os._exit(0)
    os._exit(0)
print("done"))",
       {kOk},
       1.0},
      {"ChildKeepsOutput",
       "python",
       R"(import os, time
if os.fork() == 0: time.sleep(10); os._exit(0)
print("done", flush=True)
os._exit(0))",
       {kOk},
       1.0},
      {"StoppedChild",
       "python",
       R"(import os, signal
p = os.fork()
if p == 0: os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(p, os.WUNTRACED); print("done", flush=True))",
       {kOk},
       1.0},
      {"StopsItself", "python", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", {kTimeLimit}},
      {"ClosedOutput", "python", "import os\nos.close(1); os._exit(0)", {kOk}, 1.0},
      {"DeepRecursion",
       "python",
       R"(import sys
sys.setrecursionlimit(10**7)
def f(n): return f(n + 1) + 1
f(0))",
       {kRuntimeError, kSignal, kMemoryLimit},
       3.05,
       false,
       {kCpuLimit, kTimeLimit}},  // the interpreter unwinds for seconds
      {"StackOverflow",
       "cpp",
       R"(#pragma GCC optimize("O0")
int f(int n) { volatile char b[4096]; b[0] = n; return f(n + 1) + b[0]; }
int main() { return f(0); })",
       {kSignal}},
      {"Abort", "cpp", "#include <cstdlib>\nint main() { std::abort(); }", {kSignal}},
      {"ProcessLimit",
       "python",
       R"(import os, time
n = 0
try:
    for _ in range(100):
        if os.fork() == 0: time.sleep(1); os._exit(0)
        n += 1
except OSError: pass
print("CONTAINED" if n < 32 else "ESCAPED", n))",
       {kOk, kPidsLimit},
       3.05,
       true},
      {"ForkBomb", "c", "#include <unistd.h>\nint main(void) { for (;;) fork(); }", {kPidsLimit, kCpuLimit, kTimeLimit}},
      {"WritesToChannelAndControl",
       "python",
       R"(import os
n = 0
for fd in range(3, 64):
    try: os.write(fd, b"\0" * 80); n += 1
    except OSError: pass
print("ESCAPED" if n else "CONTAINED"))",
       {kOk},
       3.05,
       true},
      {"LibraryOfTheCage",
       "python",
       R"(import ctypes, os
try:
    if os.fork() == 0:
        ctypes.PyDLL("/.cage/cage.so").cage_serve(); print("ESCAPED", flush=True)
    print("CONTAINED", os.wait()[1] != 0, flush=True)
except OSError as e: print("CONTAINED", e))",
       {kOk},
       3.05,
       true},
      {"ForgedReport",
       "python",
       R"(import os, socket, struct
for fd in range(0, 64):
    try: s = socket.socket(fileno=os.dup(fd)); s.send(struct.pack("<II16sIiiIqqii", 0x31656763, 5, b"\0" * 16, 1, 0, 0, 0, 0, 0, 0, 0)); print("ESCAPED", fd)
    except (OSError, ValueError) as e: pass
print("CONTAINED"))",
       {kOk},
       3.05,
       true},
      {"CompilerReadsHost", "cpp", "#include \"/etc/shadow\"\nint main() {}", {kCompileError}},
      {"CompilerReadsCanary", "c", "__asm__(\".incbin \\\"@CANARY@\\\"\");\nint main(void) { return 0; }", {kCompileError}},
      {"CompilerBomb", "cpp", "#include \"/dev/zero\"\nint main() {}", {kCompileError, kCompileTimeout}, 21},
      {"HugeBinary", "c", "char big[400000000] = {1};\nint main(void) { return big[0]; }", {kCompileError}, 21},
      {"TemplateBomb",
       "cpp",
       "template <int n, int m> struct F { static const long v = F<n-1, m>::v + F<n-1, m+1>::v; };\ntemplate <int m> struct F<0, m> { "
       "static const long v = m; };\nint main() { return F<850, 0>::v; }",
       {kCompileError, kCompileTimeout},
       21},
  };
}

class Listener {
 public:
  Listener() {
    tcp_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(tcp_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(tcp_.get(), 4);
    socklen_t size = sizeof(address);
    ::getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    name_ = fmt::format("hone-attack-{}", ::getpid());
    abstract_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    name_.copy(local.sun_path + 1, sizeof(local.sun_path) - 1);
    ::bind(abstract_.get(), reinterpret_cast<sockaddr*>(&local),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size()));
    ::listen(abstract_.get(), 4);
  }
  bool Reached() const {
    pollfd polled[2] = {{tcp_.get(), POLLIN, 0}, {abstract_.get(), POLLIN, 0}};
    return ::poll(polled, 2, 0) > 0;
  }
  int port() const { return port_; }
  const std::string& name() const { return name_; }

 private:
  Descriptor tcp_, abstract_;
  int port_ = 0;
  std::string name_;
};

constexpr const char* kToken = "token-52d1a7c09e";

class AttackTest : public testing::TestWithParam<std::tuple<RunMode, Attack>> {
 protected:
  static void SetUpTestSuite() {
    ::setenv("HONE_ATTACK_TOKEN", kToken, 1);
    canary_ = testing::TempDir() + "/hone-attack-canary-" + std::to_string(::getpid());
    ASSERT_TRUE(WriteFileAtomically(canary_, kToken).ok());
    ::chmod(canary_.c_str(), 0644);
    listener_ = new Listener;
  }
  static void TearDownTestSuite() {
    ::unlink(canary_.c_str());
    delete listener_;
  }

  static std::string canary_;
  static Listener* listener_;
};
std::string AttackTest::canary_;
Listener* AttackTest::listener_ = nullptr;

TEST_P(AttackTest, IsContained) {
  const auto& [mode, attack] = GetParam();
  HONE_TEST_SANDBOX(sandbox);
  RunRequest request;
  request.language = attack.language;
  request.source = absl::StrReplaceAll(attack.source, {{"@CANARY@", canary_},
                                                       {"@PORT@", std::to_string(listener_->port())},
                                                       {"@ABSTRACT@", listener_->name()},
                                                       {"@SYSCALL@", kSystemCall}});
  request.limits.tmp_bytes = 32 << 20;
  request.limits.memory_bytes = request.language == "python" ? 256 << 20 : 128 << 20;
  // A busy machine gives less CPU time a second than the limit waits for.
  if (attack.max_seconds > 4) request.limits.wall = absl::Seconds(attack.max_seconds);
  request.mode = mode;
  const RunRecord record = sandbox->Run(request);
  const std::string seen =
      fmt::format("{} {} exit {} signal {} wall {} cpu {} limits {} why {}\nstdout: {}\nstderr: {}", attack.name, Name(record.run_class),
                  record.exit_code, record.signal, absl::FormatDuration(record.wall), absl::FormatDuration(record.cpu), record.limits,
                  record.why, record.out.substr(0, 4000), record.err.substr(0, 4000));
  const bool right = attack.right.contains(record.run_class) || (record.limits == "rlimit" && attack.rlimits.contains(record.run_class));
  EXPECT_TRUE(right) << seen;
  EXPECT_LE(record.wall, absl::Seconds(attack.max_seconds)) << seen;
  EXPECT_LE(record.cpu, absl::Seconds(2.3)) << seen;
  EXPECT_FALSE(absl::StrContains(record.out, "ESCAPED")) << seen;
  if (attack.says_contained) {
    EXPECT_TRUE(absl::StrContains(record.out, "CONTAINED")) << seen;
  }
  EXPECT_FALSE(absl::StrContains(record.out + record.err, kToken)) << seen;
  EXPECT_EQ(ReadFile(canary_).value_or(""), kToken);
  EXPECT_FALSE(listener_->Reached()) << seen;
  EXPECT_LE(record.out.size(), static_cast<size_t>(request.limits.output_bytes));
  EXPECT_LE(record.err.size(), static_cast<size_t>(request.limits.output_bytes));

  // The place serves the next one.
  RunRequest good{.language = "python", .source = "print(input())", .input = "well"};
  good.mode = mode;
  const RunRecord next = sandbox->Run(good);
  EXPECT_EQ(next.run_class, kOk) << next.why << next.err;
  EXPECT_EQ(next.out, "well\n");
}

INSTANTIATE_TEST_SUITE_P(Suite, AttackTest,
                         testing::Combine(testing::Values(RunMode::kCold, RunMode::kZygote), testing::ValuesIn(Attacks())),
                         [](const auto& info) {
                           return fmt::format("{}_{}", Name(std::get<0>(info.param)), std::get<1>(info.param).name);
                         });

}  // namespace
}  // namespace hone
