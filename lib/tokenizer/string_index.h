#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/hash.h"

namespace hone {

// An immutable map from byte strings to ids, laid out for look-ups that mostly hit: one probe into a flat table, one comparison.
// Threads: Find may overlap with itself; Build comes first.
class StringIndex {
 public:
  // strings[id] is found as id; empty ones are left out. Of equal strings the one with the smallest id wins.
  void Build(const std::vector<std::string>& strings);

  std::optional<int32_t> Find(std::string_view key) const {
    if (slots_.empty() || key.size() > longest_) return std::nullopt;
    const uint64_t hash = Hash64(key);
    for (size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.id < 0) return std::nullopt;
      if (slot.hash == static_cast<uint32_t>(hash >> 32) && slot.length == key.size() &&
          std::memcmp(bytes_.data() + slot.offset, key.data(), key.size()) == 0) {
        return slot.id;
      }
    }
  }

 private:
  struct Slot {
    uint32_t hash = 0;  // the upper half
    int32_t id = -1;
    uint32_t offset = 0;
    uint32_t length = 0;
  };

  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t mask_ = 0;
  size_t longest_ = 0;
  std::string bytes_;
};

}  // namespace hone
