#pragma once

#include <cstddef>
#include <memory>

namespace hone {

// `bytes` of uninitialised memory, aligned to 64 bytes. Large blocks are aligned to huge pages and the system is asked to use them: arrays
// are then walked without a miss of the address translation at every row. Ends the process with a message when there is no memory. Threads:
// any.
std::shared_ptr<void> AllocateMemory(size_t bytes);

}  // namespace hone
