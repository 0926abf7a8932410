#include "lib/data/permutation.h"

#include <bit>

#include "lib/base/check.h"
#include "lib/base/random.h"

namespace hone {

int64_t PermutedIndex(int64_t index, int64_t count, uint64_t seed, uint64_t epoch) {
  HONE_CHECK_GE(index, 0);
  HONE_CHECK_LT(index, count);
  if (count == 1) return 0;
  const int half = (std::bit_width(static_cast<uint64_t>(count - 1)) + 1) / 2;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  constexpr uint64_t kRounds = 4;
  const RandomStream rounds[kRounds] = {RandomStream(seed, epoch, 0), RandomStream(seed, epoch, 1), RandomStream(seed, epoch, 2),
                                        RandomStream(seed, epoch, 3)};
  uint64_t x = static_cast<uint64_t>(index);
  do {
    uint64_t left = x >> half, right = x & mask;
    for (const RandomStream& round : rounds) {
      const uint64_t mixed = left ^ (round.Bits(right) & mask);
      left = right;
      right = mixed;
    }
    x = (left << half) | right;
  } while (x >= static_cast<uint64_t>(count));
  return static_cast<int64_t>(x);
}

}  // namespace hone
