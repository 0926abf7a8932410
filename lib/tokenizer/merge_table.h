#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hone {

// The merges of a byte-pair encoding, and the loop that applies them.
// Threads: const methods may overlap.
class MergeTable {
 public:
  static constexpr uint32_t kNoRank = UINT32_MAX;

  struct Merge {
    uint32_t rank = kNoRank;  // lower ones are applied first
    int32_t id = -1;          // what the pair becomes
  };

  // Makes room for this many merges; call once, before Add.
  void Reserve(size_t count);
  // The last one added for a pair counts. At most the reserved number; ids >= 0.
  void Add(int32_t left, int32_t right, Merge merge);

  // rank is kNoRank when the pair has no merge.
  Merge Find(int32_t left, int32_t right) const {
    if (slots_.empty()) return {};
    const uint64_t key = Key(left, right);
    for (size_t at = Bucket(key);; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.key == key) return slot.merge;
      if (slot.key == kEmpty) return {};
    }
  }

  // Joins pairs of `symbols` in place, lowest rank first and leftmost of equals, until no pair has a merge.
  void Apply(std::vector<int32_t>* symbols) const;

 private:
  static constexpr uint64_t kEmpty = UINT64_MAX;
  struct Slot {
    uint64_t key = kEmpty;
    Merge merge;
  };

  static uint64_t Key(int32_t left, int32_t right) { return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right); }
  size_t Bucket(uint64_t key) const { return static_cast<size_t>((key * 0x9E3779B97F4A7C15u) >> shift_); }

  void ApplyToShort(std::vector<int32_t>* symbols) const;
  void ApplyToLong(std::vector<int32_t>* symbols) const;

  std::vector<Slot> slots_;  // a power of two
  size_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace hone
