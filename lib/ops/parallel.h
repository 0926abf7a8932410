#pragma once
// How an operator spreads its work over the threads of its context.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "lib/ops/tensor.h"

namespace hone::ops {

inline int NumThreads(const Context& context) {
  return context.pool == nullptr ? 1 : context.pool->num_threads();
}

// body(index) for every index in [0, count), on all threads.
template <class Body>
void ParallelFor(const Context& context, int64_t count, Body&& body) {
  if (context.pool == nullptr || count <= 1) {
    for (int64_t i = 0; i < count; ++i) body(i);
  } else {
    context.pool->ParallelFor(count, body);
  }
}

// body(begin, end) for consecutive ranges that cover [0, n). Ranges begin at multiples of `grain` (>= 1), hold at least one grain and are
// at most four a thread. Results must not depend on where the ranges are cut.
template <class Body>
void ParallelRanges(const Context& context, int64_t n, int64_t grain, Body&& body) {
  if (n <= 0) return;
  const int64_t grains = (n + grain - 1) / grain;
  const int64_t threads = NumThreads(context);
  const int64_t ranges = threads == 1 ? 1 : std::min<int64_t>(grains, 4 * threads);
  ParallelFor(context, ranges, [&](int64_t i) {
    const int64_t begin = i * grains / ranges * grain;
    const int64_t end = std::min(n, (i + 1) * grains / ranges * grain);
    if (begin < end) body(begin, end);
  });
}

// The grain for items of `cost` elementary steps each, so that a range is worth the start of a thread (about 16k steps).
inline int64_t GrainFor(int64_t cost) {
  return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, cost));
}

}  // namespace hone::ops
