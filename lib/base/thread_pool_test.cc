#include "lib/base/thread_pool.h"

#include <numeric>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(ThreadPoolTest, EveryIndexIsVisitedOnceWhateverTheNumberOfThreads) {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.num_threads(), threads);
    for (int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> visits(count);
      pool.ParallelFor(count, [&](int64_t i) { visits[i].fetch_add(1); });
      for (auto& visit : visits) EXPECT_EQ(visit.load(), 1) << threads << " threads, " << count << " indices";
    }
  }
}

TEST(ThreadPoolTest, ManySmallJobsFollowEachOther) {
  ThreadPool pool(2);
  std::atomic<int64_t> sum{0};
  for (int job = 0; job < 20000; ++job) pool.ParallelFor(3, [&](int64_t i) { sum.fetch_add(i); });
  EXPECT_EQ(sum.load(), 60000);
}

}  // namespace
}  // namespace hone
