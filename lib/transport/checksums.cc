#include "lib/transport/checksums.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lib/base/hash.h"

namespace hone {

struct RunningChecksum::State {
  XXH3_state_t xxh;
};

RunningChecksum::RunningChecksum() : state_(std::make_unique<State>()) {
  Reset();
}
RunningChecksum::~RunningChecksum() = default;

void RunningChecksum::Reset() {
  XXH3_64bits_reset(&state_->xxh);
}
void RunningChecksum::Add(const void* data, size_t num_bytes) {
  XXH3_64bits_update(&state_->xxh, data, num_bytes);
}
uint64_t RunningChecksum::Get() const {
  return XXH3_64bits_digest(&state_->xxh);
}

void FillChecksums(const uint8_t* arena, ThreadPool* pool, WeightManifest& manifest) {
  const auto fill = [&](int64_t i) {
    WeightEntry& entry = manifest.entries[i];
    entry.checksum = Hash64OfBytes(arena + entry.offset_bytes, static_cast<size_t>(entry.bytes));
  };
  const int64_t count = static_cast<int64_t>(manifest.entries.size());
  if (pool != nullptr) {
    pool->ParallelFor(count, fill);
  } else {
    for (int64_t i = 0; i < count; ++i) fill(i);
  }
}

}  // namespace hone
