#include "lib/data/permutation.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(PermutationTest, EveryIndexIsHitExactlyOnce) {
  for (int64_t count : {1, 2, 3, 4, 5, 16, 17, 100, 1023, 1025}) {
    std::set<int64_t> seen;
    for (int64_t i = 0; i < count; ++i) seen.insert(PermutedIndex(i, count, 7, 3));
    EXPECT_EQ(static_cast<int64_t>(seen.size()), count);
    EXPECT_EQ(*seen.begin(), 0);
    EXPECT_EQ(*seen.rbegin(), count - 1);
  }
}

TEST(PermutationTest, SeedAndEpochChangeTheOrder) {
  auto order = [](uint64_t seed, uint64_t epoch) {
    std::vector<int64_t> result;
    for (int64_t i = 0; i < 50; ++i) result.push_back(PermutedIndex(i, 50, seed, epoch));
    return result;
  };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
}

TEST(PermutationTest, PlacesAreSpreadEvenly) {
  // Where index 0 of 8 goes, over 8,000 seeds: 1,000 each, give or take five standard deviations (30).
  std::vector<int> count(8, 0);
  for (uint64_t seed = 0; seed < 8000; ++seed) ++count[PermutedIndex(0, 8, seed, 0)];
  for (int c : count) EXPECT_NEAR(c, 1000, 150);
}

TEST(PermutationTest, LargeCountsWork) {
  constexpr int64_t kCount = (int64_t{1} << 40) + 3;
  for (int64_t i = 0; i < 100; ++i) {
    const int64_t image = PermutedIndex(kCount - 1 - i, kCount, 1, 1);
    EXPECT_GE(image, 0);
    EXPECT_LT(image, kCount);
  }
}

}  // namespace
}  // namespace hone
