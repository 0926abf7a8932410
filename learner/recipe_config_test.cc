#include "learner/recipe_config.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(RecipeConfigTest, AMistypedDataSourceIsToldTheNearest) {
  const std::pair<const char*, const char*> cases[] = {
      {"puzles", "unknown data source \"puzles\"; did you mean \"puzzles\"?"},
      {"json", "unknown data source \"json\"; did you mean \"jsonl\"?"},
      {"decimal", "unknown data source \"decimal\"; did you mean \"decimals\"?"},
      {"gsm8k", "unknown data source \"gsm8k\"; known: decimals, jsonl, puzzles, sequence, word_problems"},
  };
  for (const auto& [source, message] : cases) {
    Recipe recipe;
    recipe.data.source = source;
    const absl::Status status = MakeTrainPrompts(recipe).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << source;
    EXPECT_EQ(status.message(), message);
  }
  Recipe recipe;
  recipe.data.source = "puzzles";
  EXPECT_TRUE(MakeTrainPrompts(recipe).ok());
}

}  // namespace
}  // namespace hone
