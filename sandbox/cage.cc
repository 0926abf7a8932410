#include "sandbox/cage.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "sandbox/bwrap.h"
#include "sandbox/cage/message.h"
#include "sandbox/embedded.h"
#include "sandbox/seccomp_filter.h"

namespace hone {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(20);

void SendSignal(const Descriptor& process, int signal_number) {
  if (process.valid()) ::syscall(SYS_pidfd_send_signal, process.get(), signal_number, nullptr, 0);
}

void WaitForEnd(const Descriptor& process) {
  if (!process.valid()) return;
  pollfd polled{process.get(), POLLIN, 0};
  while (::poll(&polled, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

absl::StatusOr<CageParts> CageParts::Make(const std::string& bwrap, const std::string& python, bool groups) {
  CageParts parts;
  parts.bwrap = bwrap;
  parts.python = python;
  HONE_ASSIGN_OR_RETURN(parts.binary, SealedFile("init", CageBinary()));
  HONE_ASSIGN_OR_RETURN(parts.library, SealedFile("library", CageLibrary()));
  HONE_ASSIGN_OR_RETURN(parts.python_program, SealedFile("program", PythonProgram()));
  HONE_ASSIGN_OR_RETURN(parts.no_input, SealedFile("stdin", ""));
  HONE_ASSIGN_OR_RETURN(parts.passwd, SealedFile("passwd", "box:x:65534:65534::/tmp:/bin/sh\n"));
  HONE_ASSIGN_OR_RETURN(const std::string cage_filter, SeccompFilter(FilterKind::kCage));
  HONE_ASSIGN_OR_RETURN(parts.cage_filter, SealedFile("filter", cage_filter));
  HONE_ASSIGN_OR_RETURN(const std::string program_filter, SeccompFilter(groups ? FilterKind::kProgram : FilterKind::kProgramWithoutGroup));
  HONE_ASSIGN_OR_RETURN(parts.program_filter, SealedFile("filter", program_filter));
  return parts;
}

absl::StatusOr<std::unique_ptr<Cage>> Cage::Start(const CageParts& parts, CageKind kind, Launcher& launcher, const CagePlace& place) {
  std::vector<std::string> command = {fmt::format("/proc/self/fd/{}", BwrapDescriptors::kCage), "init"};
  if (kind == CageKind::kPython) command = {parts.python, "-s", "-S", "-B", "/.cage/program.py", "serve"};
  HONE_ASSIGN_OR_RETURN(const Descriptor arguments,
                        SealedFile("arguments", BwrapArguments(/*own_network=*/place.network < 0, place.headers)));
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return ErrnoToStatus(errno, "make a socket pair", "for a sandbox");
  std::unique_ptr<Cage> cage(new Cage);
  cage->uid_ = place.uid;
  cage->headers_ = place.headers;
  cage->control_ = Descriptor(pair[0]);
  Descriptor theirs(pair[1]);
  const int on = 1;
  ::setsockopt(cage->control(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
  // Of the kinds that a run's will be: an interpreter looks at its streams once, when it starts.
  Descriptor output, error_output, output_end, error_output_end;
  HONE_RETURN_IF_ERROR(MakePipe(&output, &output_end));
  HONE_RETURN_IF_ERROR(MakePipe(&error_output, &error_output_end));

  // What bubblewrap reads once needs a position of its own.
  std::vector<Descriptor> fresh;
  for (const Descriptor* file : {&arguments, &parts.cage_filter, &parts.passwd, &parts.python_program, &parts.library, &parts.no_input}) {
    HONE_ASSIGN_OR_RETURN(Descriptor again, Reopen(*file));
    fresh.push_back(std::move(again));
  }
  using D = BwrapDescriptors;
  std::vector<int> descriptors(D::kCount);
  descriptors[0] = fresh[5].get();
  descriptors[1] = output_end.get();
  descriptors[2] = error_output_end.get();
  descriptors[cage::kControl] = theirs.get();
  descriptors[cage::kFilter] = parts.program_filter.get();
  descriptors[D::kArguments] = fresh[0].get();
  descriptors[D::kSeccomp] = fresh[1].get();
  descriptors[D::kCage] = parts.binary.get();
  descriptors[D::kPasswd] = fresh[2].get();
  descriptors[D::kPythonProgram] = fresh[3].get();
  descriptors[D::kCageLibrary] = fresh[4].get();
  std::vector<int> joins;
  if (place.group != nullptr) {
    for (const Descriptor& join : place.group->joins()) joins.push_back(join.get());
  }
  HONE_ASSIGN_OR_RETURN(cage->bwrap_, launcher.Launch(command, joins, descriptors, place.network, place.uid));
  for (Descriptor* end : {&theirs, &output_end, &error_output_end}) end->Close();
  HONE_RETURN_IF_ERROR(cage->WaitForHello(parts, error_output.get()));
  if (place.group != nullptr) {
    cage->own_bytes_ = place.group->MemoryBytes();
    cage->own_processes_ = place.group->Processes();
  }
  return cage;
}

absl::Status Cage::WaitForHello(const CageParts& parts, int error_output) {
  pollfd polled{control(), POLLIN, 0};
  const int ready = ::poll(&polled, 1, static_cast<int>(absl::ToInt64Milliseconds(kStartTime)));
  if (ready <= 0) return absl::UnavailableError(fmt::format("sandbox: not ready after {}", absl::FormatDuration(kStartTime)));
  cage::Report hello;
  int pid = 0;
  const int size = cage::ReceiveMessage(control(), &hello, sizeof(hello), nullptr, nullptr, &pid);
  if (size != sizeof(hello) || hello.kind != cage::Kind::kHello || pid <= 0) {
    char said[4096];
    return ExplainBwrap(parts.bwrap,
                        std::string(said, static_cast<size_t>(std::max<ssize_t>(0, ::read(error_output, said, sizeof(said))))));
  }
  init_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!init_.valid()) return ErrnoToStatus(errno, "watch a process", "pid 1 of a sandbox");
  const int off = 0;
  ::setsockopt(control(), SOL_SOCKET, SO_PASSCRED, &off, sizeof(off));
  return absl::OkStatus();
}

bool Cage::ended() const {
  pollfd polled{init_.get(), POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

void Cage::Kill() {
  if (init_.valid()) {
    SendSignal(init_, SIGKILL);
  } else {
    SendSignal(bwrap_, SIGKILL);  // its child dies with it
  }
}

Cage::~Cage() {
  Kill();
  // Pid 1 ends when its whole namespace has; then bwrap has nothing left to wait for.
  WaitForEnd(init_);
  SendSignal(bwrap_, SIGKILL);
  WaitForEnd(bwrap_);
}

}  // namespace hone
