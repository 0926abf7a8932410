#include "lib/tokenizer/merge_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

// The definition: join the leftmost pair of lowest rank, again and again.
void ApplyPlainly(const MergeTable& table, std::vector<int32_t>* symbols) {
  for (;;) {
    size_t best = 0;
    MergeTable::Merge merge;
    for (size_t i = 0; i + 1 < symbols->size(); ++i) {
      const MergeTable::Merge here = table.Find((*symbols)[i], (*symbols)[i + 1]);
      if (here.rank < merge.rank) {
        merge = here;
        best = i;
      }
    }
    if (merge.rank == MergeTable::kNoRank) return;
    (*symbols)[best] = merge.id;
    symbols->erase(symbols->begin() + static_cast<ptrdiff_t>(best) + 1);
  }
}

TEST(MergeTableTest, JoinsAsThePlainLoopDoesAtEveryLength) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    RandomCursor random(RandomStream(seed, 3));
    // Merges as training makes them: of two symbols that exist, into a new one; ranks in order.
    const int32_t letters = 2 + static_cast<int32_t>(random.Below(4));
    const int32_t merges = static_cast<int32_t>(random.Below(60));
    MergeTable table;
    table.Reserve(static_cast<size_t>(merges));
    for (int32_t i = 0; i < merges; ++i) {
      const auto symbol = [&] { return static_cast<int32_t>(random.Below(static_cast<uint64_t>(letters + i))); };
      const int32_t left = symbol(), right = symbol();
      if (table.Find(left, right).id < 0) table.Add(left, right, {static_cast<uint32_t>(i), letters + i});
    }
    for (const size_t length : {0, 1, 2, 3, 10, 47, 48, 49, 50, 200, 700}) {
      std::vector<int32_t> symbols(length);
      for (int32_t& symbol : symbols) symbol = static_cast<int32_t>(random.Below(static_cast<uint64_t>(letters)));
      std::vector<int32_t> expected = symbols;
      ApplyPlainly(table, &expected);
      table.Apply(&symbols);
      ASSERT_EQ(symbols, expected) << "seed " << seed << ", length " << length;
    }
  }
}

TEST(MergeTableTest, LetsTheLastOfEqualPairsCount) {
  MergeTable table;
  table.Reserve(2);
  table.Add(1, 2, {0, 5});
  table.Add(1, 2, {1, 6});
  EXPECT_EQ(table.Find(1, 2).id, 6);
  EXPECT_EQ(table.Find(1, 2).rank, 1u);
  EXPECT_EQ(table.Find(2, 1).rank, MergeTable::kNoRank);
}

TEST(MergeTableTest, FindsNothingWhenEmpty) {
  MergeTable unreserved, empty;
  empty.Reserve(0);
  for (const MergeTable* table : {&unreserved, &empty}) {
    std::vector<int32_t> symbols = {1, 2, 3};
    table->Apply(&symbols);
    EXPECT_THAT(symbols, testing::ElementsAre(1, 2, 3));
  }
}

}  // namespace
}  // namespace hone
