#pragma once

#include "sandbox/cage/confine.h"
#include "sandbox/cage/payload.h"

namespace hone::cage {

// How a fork becomes the program.
struct Launcher {
  // Called in the forked process once it is confined. Returns only where the program is run by the caller (an interpreter that forks
  // itself).
  void (*start)(const Order& order, Payload& payload) = nullptr;
  // `start` executes a binary and never returns. Then the fork needs no memory of its own: it runs on ours while we wait, as after vfork.
  bool executes = false;
};

// Pid 1 of a run's own namespaces: mounts, forks the program, watches the wall clock and the runner's kill, reaps, kills what is left and
// writes the report to `report_pipe`. Never returns in the init itself: it exits, and with it every process of the run. Returns in the
// process that is the program when `launcher.start` does.
//
// control: only listened to, for kKill, and for the artefact.
void BeInnerInit(Order& order, const RunDescriptors& descriptors, int control, int report_pipe, const sock_fprog& filter, Payload& payload,
                 const Launcher& launcher);

}  // namespace hone::cage
