#pragma once

#include "sandbox/cage/inner_init.h"

namespace hone::cage {

// What an interpreter must do around a fork; null where nothing is to be done.
struct ForkHooks {
  void (*before)() = nullptr, (*after_in_parent)() = nullptr, (*after_in_child)() = nullptr;
};

// Pid 1 of a sandbox: takes orders from the control socket, makes a run of each in namespaces of its own and reports when nothing is left
// of it. Exits when the runner closes the socket. Returns only in a process that is to be the program, with its payload, when
// launcher.start does.
Payload& Serve(const Launcher& launcher, const ForkHooks& hooks);

}  // namespace hone::cage
