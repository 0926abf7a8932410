#include "lib/base/memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "fmt/format.h"
#include "lib/base/check.h"

namespace hone {

std::shared_ptr<void> AllocateMemory(size_t bytes) {
  constexpr size_t kHugePage = size_t{2} << 20;
  const bool large = bytes >= kHugePage;
  const size_t alignment = large ? kHugePage : 64;
  void* memory = nullptr;
  if (bytes <= SIZE_MAX / 2)
    memory = std::aligned_alloc(alignment, (bytes / alignment + (bytes % alignment != 0 || bytes == 0)) * alignment);
  if (memory == nullptr) ::hone::internal::CheckFailed(__FILE__, __LINE__, "enough memory", fmt::format("{} bytes asked for", bytes));
  if (large) madvise(memory, (bytes + kHugePage - 1) / kHugePage * kHugePage, MADV_HUGEPAGE);  // a wish: nothing depends on it
  return std::shared_ptr<void>(memory, std::free);
}

}  // namespace hone
