#include "learner/pack.h"

#include <map>

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

TEST(PackTest, APromptStandsOnceBeforeItsCompletions) {
  const std::vector<int32_t> prompt = {1, 2, 3}, a = {10, 11, 12}, b = {20};
  const std::vector<uint8_t> mask_a = {1, 0, 1}, mask_b = {1};
  const auto batches = Pack({PackGroup{prompt, {{a, mask_a}, {b, mask_b}}}}, 100);
  ASSERT_EQ(batches.size(), 1u);
  const PackedMicroBatch& batch = batches[0];
  EXPECT_EQ(batch.tokens, (std::vector<int32_t>{1, 2, 3, 10, 11})) << "the last token of a completion is no input";
  EXPECT_EQ(batch.positions, (std::vector<int32_t>{0, 1, 2, 3, 4}));
  ASSERT_EQ(batch.segments.size(), 2u);
  EXPECT_EQ(batch.segments[1].parent, 0);
  EXPECT_EQ(batch.head_rows, (std::vector<int32_t>{2, 4, 2})) << "the prompt's last row predicts the first token of each completion";
  EXPECT_EQ(batch.target_ids, (std::vector<int32_t>{10, 12, 20})) << "masked tokens are no targets";
}

TEST(PackTest, EveryTargetStandsExactlyOnceWhateverTheBudget) {
  RandomCursor random{RandomStream(5)};
  std::vector<std::vector<int32_t>> prompts(9);
  std::vector<std::vector<std::vector<int32_t>>> completions(9);
  std::vector<std::vector<std::vector<uint8_t>>> masks(9);
  for (int g = 0; g < 9; ++g) {
    prompts[g].assign(1 + random.Below(12), g);
    for (int s = 0; s < 5; ++s) {
      completions[g].emplace_back(random.Below(14), 100 * g + s);
      std::vector<uint8_t> mask;
      for (size_t t = 0; t < completions[g][s].size(); ++t) mask.push_back(random.Below(4) != 0);
      masks[g].push_back(mask);
    }
  }
  std::vector<PackGroup> groups;
  size_t want = 0;
  for (int g = 0; g < 9; ++g) {
    PackGroup group{prompts[g], {}};
    for (int s = 0; s < 5; ++s) {
      group.samples.push_back({completions[g][s], masks[g][s]});
      want += std::count(masks[g][s].begin(), masks[g][s].end(), 1);
    }
    groups.push_back(group);
  }
  for (int64_t budget : {1, 10, 26, 60, 1000}) {
    std::map<std::tuple<int, int, int>, int> seen;
    for (const PackedMicroBatch& batch : Pack(groups, budget)) {
      EXPECT_EQ(batch.tokens.size(), batch.positions.size());
      if (budget >= 26) {
        EXPECT_LE(batch.rows(), budget);
      }
      int64_t next = 0;
      for (const auto& segment : batch.segments) {
        EXPECT_EQ(segment.row_begin, next) << "segments follow each other";
        next += segment.row_count;
      }
      EXPECT_EQ(next, batch.rows());
      for (size_t i = 0; i < batch.targets.size(); ++i) {
        const Target& target = batch.targets[i];
        ++seen[{target.group, target.sample, target.token}];
        EXPECT_EQ(batch.target_ids[i], completions[target.group][target.sample][target.token]);
        // The row that predicts it is the token before it.
        const int32_t row = batch.head_rows[i];
        const int32_t position = static_cast<int32_t>(prompts[target.group].size()) + target.token - 1;
        EXPECT_EQ(batch.positions[row], position);
        EXPECT_EQ(batch.tokens[row], target.token == 0 ? target.group : 100 * target.group + target.sample);
      }
    }
    EXPECT_EQ(seen.size(), want) << budget;
    for (const auto& [target, count] : seen) EXPECT_EQ(count, 1);
  }
}

TEST(PackTest, NothingToTrainOnGivesNoBatch) {
  EXPECT_TRUE(Pack({}, 10).empty());
  const std::vector<int32_t> prompt = {1}, completion = {2};
  const std::vector<uint8_t> mask = {0};
  EXPECT_TRUE(Pack({PackGroup{prompt, {{completion, mask}, {{}, {}}}}}, 10).empty());
}

}  // namespace
}  // namespace hone
