#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/base/thread_pool.h"
#include "lib/transport/services.h"

namespace hone {

// Hash64 (lib/base/hash.h, seed 0) of bytes that come in pieces.
class RunningChecksum {
 public:
  RunningChecksum();
  ~RunningChecksum();
  RunningChecksum(const RunningChecksum&) = delete;
  RunningChecksum& operator=(const RunningChecksum&) = delete;

  void Reset();
  void Add(const void* data, size_t num_bytes);
  uint64_t Get() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sets the checksum of every entry from the arena's bytes. The manifest must be valid and `arena` hold total_bytes.
// pool: shares the entries out; null: all on the caller's thread (about 14 GB/s).
void FillChecksums(const uint8_t* arena, ThreadPool* pool, WeightManifest& manifest);

}  // namespace hone
