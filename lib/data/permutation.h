#pragma once

#include <cstdint>

namespace hone {

// Where position `index` of an epoch points: a permutation of [0, count) named by (seed, epoch), computed for one index alone, without a
// table. A four-round Feistel network on the smallest even number of bits that holds `count`; an image outside the range is put through
// again ("cycle walking", Black and Rogaway, CT-RSA 2002), fewer than four times on average.
//
// Errors: aborts unless 0 <= index < count.
int64_t PermutedIndex(int64_t index, int64_t count, uint64_t seed, uint64_t epoch);

}  // namespace hone
