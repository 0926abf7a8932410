#pragma once

#include <cstdint>

namespace hone::cage {

int64_t MonotonicUs();

// CPU time of all processes in the own pid namespace and of those that ended and were waited for, to the clock tick (10 ms). Reads /proc.
int64_t ProcessCpuUs();

}  // namespace hone::cage
