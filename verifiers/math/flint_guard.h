#pragma once

#include "flint/flint.h"

namespace hone::math {

// What FLINT throws in this process, where it would end the process otherwise: when it is asked to divide by zero, or finds no memory.
struct FlintGaveUp {};

// Runs `body`; false when FLINT gave up in it. No caller should let it come to that: this is the second wall.
//
// The exception passes FLINT's C functions, which own nothing but memory: that is lost, and what the body was changing at the time must not
// be used again. FLINT has printed its message to standard output by then. Threads: any.
template <class Body>
bool RunFlint(const Body& body) {
  static const bool installed = [] {
    flint_set_abort([]() { throw FlintGaveUp(); });
    return true;
  }();
  static_cast<void>(installed);
  try {
    body();
  } catch (const FlintGaveUp&) {
    return false;
  }
  return true;
}

}  // namespace hone::math
