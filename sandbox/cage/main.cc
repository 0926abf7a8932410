// The one static helper program of the sandbox: "init" is pid 1 of a sandbox, "probe" the start-up test inside one, "launch" starts
// bubblewrap for the runner and cleans up after it.

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/cage/launcher.h"
#include "sandbox/cage/probe.h"
#include "sandbox/cage/serve.h"

namespace hone::cage {
namespace {

// Executes the order's binary, or its first argument.
void Execute(const Order& order, Payload& payload) {
  for (int signal_number = 1; signal_number < NSIG; ++signal_number) signal(signal_number, SIG_DFL);
  if (order.flags & kHasProgram) {
    syscall(SYS_execveat, kProgramDescriptor, "", payload.arguments(), payload.environment(), AT_EMPTY_PATH);
  } else {
    execve(payload.arguments()[0], payload.arguments(), payload.environment());
  }
  // As a shell says it: a compiler can be brought to write what no system executes, and that is a fact about the program.
  _exit(126);
}

}  // namespace
}  // namespace hone::cage

int main(int argc, char** argv) {
  using namespace hone::cage;
  if (argc > 1 && strcmp(argv[1], "init") == 0) Serve(Launcher{Execute, /*executes=*/true}, ForkHooks{});
  if (argc > 1 && strcmp(argv[1], "launch") == 0) return Launch(argc - 1, argv + 1);
  if (argc > 1 && strcmp(argv[1], "probe") == 0) return Probe(argc - 1, argv + 1);
  return 2;
}
