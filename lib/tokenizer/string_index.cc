#include "lib/tokenizer/string_index.h"

#include <algorithm>
#include <bit>

namespace hone {

void StringIndex::Build(const std::vector<std::string>& strings) {
  slots_.assign(std::bit_ceil(std::max<size_t>(strings.size() * 2, 16)), Slot());
  mask_ = slots_.size() - 1;
  longest_ = 0;
  bytes_.clear();
  for (size_t id = 0; id < strings.size(); ++id) {
    const std::string& key = strings[id];
    if (key.empty() || Find(key).has_value()) continue;
    longest_ = std::max(longest_, key.size());
    const uint64_t hash = Hash64(key);
    size_t at = hash & mask_;
    while (slots_[at].id >= 0) at = (at + 1) & mask_;
    slots_[at] = {static_cast<uint32_t>(hash >> 32), static_cast<int32_t>(id), static_cast<uint32_t>(bytes_.size()),
                  static_cast<uint32_t>(key.size())};
    bytes_ += key;
  }
}

}  // namespace hone
