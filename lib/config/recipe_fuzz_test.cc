// Damaged recipes end in a message, never in a crash; the ones that still hold read back equal.

#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/config/recipe.h"
#include "lib/config/schema.h"

namespace hone {
namespace {

constexpr const char* kRecipe = R"({
  // every kind of field
  "run": {"name": "fuzz", "steps": 5, "in_process": true, "time_limit_minutes": null},
  "model": {"scratch": {"layers": 2, "head_dim": 32}, "max_context": 512},
  "data": {"source": "word_problems", "params": {"max": 20, "list": [1, {"a": null}]}},
  "sampling": {"stop": ["\n", "é\u00e9"], "stop_token_ids": [1, 2]},
  "learner": {"lr": 2e-5, "betas": [0.9, 0.99]},
  "algorithm": {"preset": "dapo", "kl": {"coef": 0.1, "log_clamp": null}},
  "verifiers": [{"verifier": "numeric", "params": {}}, {"name": "f", "verifier": "format"}],
  "reward": {"terms": [{"name": "t", "op": "sum", "of": ["numeric", "g", "f/think"], "weights": [1, 0.5, 2]},
                       {"name": "g", "op": "gate", "of": ["f"], "at_least": 1}],
             "result": "t", "second": {"of": "numeric", "verifier": "exact"}, "alarms": {"accuracy": "t", "forgery": null}},
  "eval": {"prompts": 8, "data": {"source": "decimals"}}
})";

void CheckOne(const std::string& text, const std::vector<std::string>& overrides) {
  const auto recipe = ParseRecipe(text, "fuzz.json", overrides);
  if (!recipe.ok()) {
    EXPECT_EQ(recipe.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(recipe.status().message().empty()) << text;
    return;
  }
  const auto again = ParseRecipe(PrintRecipe(*recipe), "again.json");
  ASSERT_TRUE(again.ok()) << again.status().message() << "\nfrom\n" << text;
  EXPECT_TRUE(*again == *recipe) << text;
}

TEST(RecipeFuzzTest, TheUndamagedRecipeIsFine) {
  const auto recipe = ParseRecipe(kRecipe, "fuzz.json");
  EXPECT_TRUE(recipe.ok()) << recipe.status().message();
}

TEST(RecipeFuzzTest, DamagedBytesEndInAMessage) {
  const std::string good = kRecipe;
  RandomCursor random{RandomStream(3)};
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (uint64_t edits = 1 + random.Below(3); edits > 0 && !text.empty(); --edits) {
      const size_t at = random.Below(text.size());
      switch (random.Below(5)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.erase(at, 1 + random.Below(8));
          break;
        case 2:
          text.insert(at, 1, "{}[]\",:0-.e"[random.Below(11)]);
          break;
        case 3:
          text[at] = static_cast<char>('0' + random.Below(10));
          break;
        default:
          if (random.Below(4) == 0) text.resize(at);
      }
    }
    CheckOne(text, {});
  }
}

TEST(RecipeFuzzTest, EveryFieldTakesOrRefusesEveryKindOfValue) {
  const std::string kValues[] = {"null", "true",  "0",          "-1", "2.5",          "1e300", "99999999999999999999", "\"\"", "\"x\"",
                                 "[]",   "[1,2]", "[\"a\",{}]", "{}", "{\"name\":3}", "abc"};
  for (const FieldSpec& field : RecipeSchema().fields()) {
    for (const std::string& value : kValues) CheckOne(kRecipe, {field.path + "=" + value});
  }
  for (const SectionSpec& section : RecipeSchema().sections()) {
    for (const std::string& value : kValues) CheckOne(kRecipe, {section.path + "=" + value});
  }
}

TEST(RecipeFuzzTest, DamagedOverridesEndInAMessage) {
  const std::string kGood[] = {"verifiers.0.params.a.b={\"c\":[1]}", "learner.betas=[0.9,0.95]", "data.params.list=3",
                               "model.scratch.layers=3", "eval.data.fields.prompt=question"};
  RandomCursor random{RandomStream(5)};
  for (int i = 0; i < 1500; ++i) {
    std::string assignment = kGood[random.Below(5)];
    for (uint64_t edits = 1 + random.Below(3); edits > 0; --edits) {
      const size_t at = random.Below(assignment.size());
      if (random.Below(2) == 0) {
        assignment[at] = static_cast<char>(1 + random.Below(255));
      } else {
        assignment.insert(at, 1, ".=[]{}\"0"[random.Below(8)]);
      }
    }
    CheckOne(kRecipe, {assignment});
  }
}

TEST(RecipeFuzzTest, DeepPathsAreRefused) {
  std::string path = "data.params";
  for (int i = 0; i < 100000; ++i) path += ".a";
  const auto recipe = ParseRecipe(kRecipe, "fuzz.json", {path + "=1"});
  EXPECT_FALSE(recipe.ok());
}

}  // namespace
}  // namespace hone
