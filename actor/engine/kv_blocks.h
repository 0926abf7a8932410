#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/check.h"

namespace hone {

// Hands out the blocks of a KV pool and counts who holds them: the samples of a group share the full blocks of their prompt.
// Threads: one.
class KvBlocks {
 public:
  explicit KvBlocks(int64_t num_blocks) : holders_(num_blocks, 0) {
    for (int64_t i = num_blocks - 1; i >= 0; --i) free_.push_back(static_cast<int32_t>(i));
  }

  int64_t num_free() const { return static_cast<int64_t>(free_.size()); }
  // A free block with one holder. There must be one: ask num_free first.
  int32_t Take() {
    HONE_CHECK(!free_.empty());
    const int32_t block = free_.back();
    free_.pop_back();
    holders_[block] = 1;
    return block;
  }
  void Share(int32_t block) {
    HONE_CHECK_GT(holders_[block], 0);
    ++holders_[block];
  }
  void Release(int32_t block) {
    HONE_CHECK_GT(holders_[block], 0);
    if (--holders_[block] == 0) free_.push_back(block);
  }

 private:
  std::vector<int32_t> holders_;
  std::vector<int32_t> free_;
};

}  // namespace hone
