#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/cage.h"
#include "sandbox/sandbox.h"

namespace hone {

// A program with all that one run of it needs, no longer bound to a language.
struct Program {
  std::vector<std::string> arguments;                      // [0] is executed unless there is a binary
  std::vector<std::pair<std::string, std::string>> files;  // of /box
  std::shared_ptr<const Descriptor> binary;                // executed; may be null
  std::string input;
  std::string headers;  // folder that is seen as /.cage/headers; may be empty
  SandboxLimits limits;
  int64_t artefact_bytes = 0;  // more than 0: bring /tmp/program back, up to this size
};

struct Execution {
  RunRecord record;
  Descriptor artefact;
  bool cage_is_sound = false;  // the sandbox may serve another run
};

// Runs a program in a sandbox that is idle and waits until nothing of it is left; reads its output, keeps its deadline and judges how it
// ended.
//
// group: of the sandbox; may be null. channel: the program's end, or -1. stop: an eventfd that ends the run when it becomes readable, or
// -1. Never returns later than the wall limit and 50 ms.
Execution Execute(Cage& cage, ControlGroup* group, const Program& program, int channel, int stop);

}  // namespace hone
