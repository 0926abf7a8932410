// The shared library that makes a running Python interpreter pid 1 of a sandbox. It is loaded with ctypes.PyDLL, so the interpreter's lock
// is held, and there is one thread: forking is as safe as os.fork.

#include <unistd.h>

#include "sandbox/cage/serve.h"

// From the interpreter.
extern "C" void PyOS_BeforeFork(void);
extern "C" void PyOS_AfterFork_Parent(void);
extern "C" void PyOS_AfterFork_Child(void);

// Serves orders; returns the program's argument vector in each process that is to run a program.
extern "C" __attribute__((visibility("default"))) char** cage_serve() {
  using namespace hone::cage;
  const Launcher launcher{[](const Order&, Payload&) {
    close(kProgramDescriptor);
    close(kSetupDescriptor);
  }};
  return Serve(launcher, ForkHooks{PyOS_BeforeFork, PyOS_AfterFork_Parent, PyOS_AfterFork_Child}).arguments();
}
