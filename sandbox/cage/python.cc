// The shared library that makes a running Python interpreter pid 1 of a sandbox. It is loaded with ctypes.PyDLL, so the interpreter's lock
// is held, and there is one thread: forking is as safe as os.fork.

#include <unistd.h>

#include "sandbox/cage/serve.h"

// From the interpreter.
extern "C" {
struct PyObject;
void PyOS_BeforeFork(void);
void PyOS_AfterFork_Parent(void);
void PyOS_AfterFork_Child(void);
PyObject* PyList_New(ssize_t size);
int PyList_SetItem(PyObject* list, ssize_t index, PyObject* item);  // takes `item`
PyObject* PyUnicode_DecodeFSDefault(const char* text);
}

// Serves orders; returns the program's argument vector, a list of str, in each process that is to run a program. Null with a Python
// exception.
extern "C" __attribute__((visibility("default"))) PyObject* cage_serve() {
  using namespace hone::cage;
  const Launcher launcher{[](const Order&, Payload&) {
    close(kProgramDescriptor);
    close(kSetupDescriptor);
  }};
  char** arguments = Serve(launcher, ForkHooks{PyOS_BeforeFork, PyOS_AfterFork_Parent, PyOS_AfterFork_Child}).arguments();
  ssize_t count = 0;
  while (arguments[count] != nullptr) ++count;
  PyObject* list = PyList_New(count);
  for (ssize_t i = 0; list != nullptr && i < count; ++i) {
    PyObject* text = PyUnicode_DecodeFSDefault(arguments[i]);
    if (text == nullptr || PyList_SetItem(list, i, text) != 0) return nullptr;
  }
  return list;
}
