#pragma once

namespace hone::cage {

// The start-up test, run in the place of a program: tries what must not work and prints a line for each probe, "NAME held" or "NAME escaped
// DETAIL". arguments: path of a file of the host.
int Probe(int argc, char** argv);

}  // namespace hone::cage
