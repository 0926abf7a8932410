#pragma once
// What the cached and the packed attention share: rows of queries are cut into tiles for the kernels.

#include <cstdint>
#include <vector>

#include "lib/ops/attention.h"

namespace hone::ops::internal {

// Memory of one thread that grows and is kept. `Get` leaves what is in it undefined.
template <class T>
class Buffer {
 public:
  T* Get(int64_t size) {
    if (static_cast<int64_t>(memory_.size()) < size) memory_.resize(size);
    return memory_.data();
  }

 private:
  std::vector<T> memory_;
};

inline int64_t PaddedDim(int64_t head_dim) {
  return (head_dim + 7) / 8 * 8;
}
// First token that the query at `position` sees.
inline int64_t FirstSeen(const AttentionShape& shape, int64_t position) {
  return shape.window > 0 && position >= shape.window ? position - shape.window + 1 : 0;
}

// Keys and values of one sequence and one key/value head, by block (see attention_kernels.h).
struct KeyValues {
  bool bf16 = false;
  int64_t block_tokens = 0;
  std::vector<const void*> keys, values;
};

// Attends for `count` consecutive positions from `position` on with the query heads of kv_head. q, out and lse point at the first of these
// rows: q [count, ..] at its head 0, out [count, H D], lse [count, H] or null.
void AttendPositions(const AttentionShape& shape, const KeyValues& kv, int64_t kv_head, int64_t position, int64_t count, const float* q,
                     int64_t ldq, float* out, int64_t ldout, float* lse);

}  // namespace hone::ops::internal
