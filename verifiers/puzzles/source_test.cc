#include "verifiers/puzzles/source.h"

#include <map>
#include <set>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "verifiers/puzzles/registry.h"

namespace hone {
namespace {
using Json = nlohmann::json;

std::unique_ptr<PromptSource> Make(std::string_view params, GeneratorOptions options = {}) {
  auto source = CreatePuzzles(params, options);
  EXPECT_TRUE(source.ok()) << source.status();
  return source.ok() ? *std::move(source) : nullptr;
}
Json RowOf(const PromptSource& source, int64_t index) {
  return Json::parse(source.Get(index)->row);
}

TEST(PuzzleSourceTest, TheSameSeedGivesTheSameTasksAndAnotherSeedOthers) {
  auto a = Make("", {.seed = 5}), b = Make("", {.seed = 5}), c = Make("", {.seed = 6});
  EXPECT_EQ(a->size(), std::nullopt);
  int same = 0;
  for (int64_t i = 199; i >= 0; --i) {
    EXPECT_EQ(a->Get(i)->messages.back().content, b->Get(i)->messages.back().content);
    EXPECT_EQ(a->Get(i)->row, b->Get(i)->row);
    EXPECT_EQ(a->Get(i)->reference, b->Get(i)->reference);
    same += a->Get(i)->row == c->Get(i)->row;
  }
  EXPECT_EQ(same, 0);
  EXPECT_EQ(a->Get(-1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PuzzleSourceTest, TrainAndHeldOutTasksNeverMeet) {
  for (const auto& family : KnownPuzzles()) {
    std::set<std::string> keys[2];
    const std::string params = fmt::format(R"({{"families":["{}"],"level":1,"level_max":2}})", family->facts().name);
    for (Split split : {Split::kTrain, Split::kHeldout}) {
      for (uint64_t seed : {1, 2}) {  // whatever the seeds of the runs
        auto source = Make(params, {.seed = seed, .split = split});
        for (int64_t i = 0; i < 150; ++i) keys[static_cast<int>(split)].insert(RowOf(*source, i)["data"].dump());
      }
    }
    for (const std::string& key : keys[1]) EXPECT_FALSE(keys[0].contains(key)) << family->facts().name << ": " << key;
    EXPECT_GT(keys[1].size(), 20u) << family->facts().name;
  }
}

TEST(PuzzleSourceTest, ARowSaysWhichPuzzleItIs) {
  auto source = Make("", {.seed = 3, .system = "S"});
  std::set<std::string> families, ids;
  for (int64_t i = 0; i < 1500; ++i) {
    const auto prompt = source->Get(i);
    ASSERT_TRUE(prompt.ok()) << prompt.status();
    ASSERT_EQ(prompt->messages.size(), 2u);
    const auto row = PuzzleRow::Parse(prompt->row);
    ASSERT_TRUE(row.ok()) << row.status();
    const auto family = FindPuzzle(row->family);
    ASSERT_TRUE(family.ok()) << family.status();
    EXPECT_EQ(*(*family)->Accepts(row->data, prompt->reference, prompt->reference), true) << prompt->row;
    families.insert(row->family);
    EXPECT_TRUE(ids.insert(prompt->id).second) << prompt->id;
  }
  EXPECT_EQ(families.size(), KnownPuzzles().size());
}

TEST(PuzzleSourceTest, LevelsFollowTheSchedule) {
  auto source = Make(R"({"families":["gcd_lcm","weekday"],"schedule":["0:1","10:2-3","20:5"]})");
  std::map<int64_t, std::set<int>> levels;
  for (int64_t i = 0; i < 30; ++i) levels[i / 10].insert(RowOf(*source, i)["level"].get<int>());
  EXPECT_EQ(levels[0], (std::set<int>{1}));
  EXPECT_EQ(levels[1], (std::set<int>{2, 3}));
  EXPECT_EQ(levels[2], (std::set<int>{5}));
  // Held out: all of them, from the first task on.
  auto heldout = Make(R"({"families":["gcd_lcm"],"schedule":["0:2","1000:3-4"]})", {.split = Split::kHeldout});
  std::set<int> seen;
  for (int64_t i = 0; i < 50; ++i) seen.insert(RowOf(*heldout, i)["level"].get<int>());
  EXPECT_EQ(seen, (std::set<int>{2, 3, 4}));
  auto mixed = Make(R"({"families":["gcd_lcm"],"level":2,"level_max":4})");
  seen.clear();
  for (int64_t i = 0; i < 50; ++i) seen.insert(RowOf(*mixed, i)["level"].get<int>());
  EXPECT_EQ(seen, (std::set<int>{2, 3, 4}));
}

TEST(PuzzleSourceTest, BadParametersAreRefused) {
  const struct {
    const char *params, *part;
  } kCases[] = {
      {R"({"families":["sudoko"]})", "did you mean \"sudoku\"?"},
      {R"({"level":0})", "must be between 1 and 5"},
      {R"({"level":6})", "must be between 1 and 5"},
      {R"({"level":3,"level_max":2})", "must not be below level, 3"},
      {R"({"schedule":["5:1"]})", "must begin at task 0"},
      {R"({"schedule":["0:1","0:2"]})", "must begin behind the entry before it"},
      {R"({"schedule":["0:9"]})", "levels from 1 to 5"},
      {R"({"schedule":["0:3-2"]})", "levels from 1 to 5"},
      {R"({"schedule":["now"]})", "must be FROM:LEVEL"},
      {R"({"schedule":"0:1"})", "must be an array of strings"},
      {R"({"heldout_percent":0})", "must be between 1 and 99"},
      {R"({"levels":1})", "did you mean"},
  };
  for (const auto& [params, part] : kCases) {
    const absl::Status status = CreatePuzzles(params, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << params;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(part)) << params;
  }
}

}  // namespace
}  // namespace hone
