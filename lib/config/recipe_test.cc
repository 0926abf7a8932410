#include "lib/config/recipe.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/config/presets.h"
#include "lib/config/schema.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSmall = R"({
  // the least that a recipe has to say
  "model": {"path": "models/smollm2"},
  "data": {"source": "word_problems"},
  "verifiers": [{"verifier": "numeric"}]
})";

Recipe Parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const auto recipe = ParseRecipe(text, "recipes/small.json", overrides);
  EXPECT_TRUE(recipe.ok()) << recipe.status().message();
  return recipe.ok() ? *recipe : Recipe();
}

TEST(RecipeTest, ReadsAFileOverTheDefaults) {
  const Recipe recipe = Parse(R"json({
    "run": {"name": "r1", "steps": 40, "time_limit_minutes": 9.5},
    "model": {"path": "m", "dtype": "fp32"},
    "data": {"path": "train.jsonl", "fields": {"prompt": "question", "reference": "answer"}, "reference_pattern": "#### ([^\n]+)", "heldout_fraction": 0.1},
    "sampling": {"stop": ["\n\n", "Q:"], "stop_token_ids": [2, 5]},
    "learner": {"lr": 2e-5, "betas": [0.9, 0.95]},
    "verifiers": [{"name": "right", "verifier": "numeric", "params": {"b": 1, "a": [2.50]}, "gate": 0.5}, {"verifier": "format", "weight": 0}],
    "eval": {
  "prompts" : 64, "data" : {"source" : "decimals"}, "sampled" : {
    "n" : 4
  }
}
})json");
  EXPECT_EQ(recipe.run.name, "r1");
  EXPECT_EQ(recipe.run.steps, 40);
  EXPECT_EQ(recipe.run.time_limit_minutes, 9.5);
  EXPECT_EQ(recipe.run.seed, 1);
  EXPECT_EQ(recipe.model.dtype, "fp32");
  EXPECT_EQ(recipe.data.fields.prompt, "question");
  EXPECT_EQ(recipe.data.fields.reference, "answer");
  EXPECT_EQ(recipe.sampling.stop, (std::vector<std::string>{"\n\n", "Q:"}));
  EXPECT_EQ(recipe.sampling.stop_token_ids, (std::vector<int64_t>{2, 5}));
  EXPECT_EQ(recipe.learner.lr, 2e-5);
  EXPECT_EQ(recipe.learner.betas, (std::array<double, 2>{0.9, 0.95}));
  ASSERT_EQ(recipe.verifiers.size(), 2u);
  EXPECT_EQ(recipe.verifiers[0].params, R"({"a":[2.50],"b":1})");
  EXPECT_EQ(recipe.verifiers[0].gate, 0.5);
  EXPECT_EQ(recipe.verifiers[1].name, "format");
  EXPECT_EQ(recipe.verifiers[1].weight, 0);
  ASSERT_TRUE(recipe.eval.data.has_value());
  EXPECT_EQ(recipe.EvalData().source, "decimals");
  EXPECT_EQ(recipe.eval.sampled.n, 4);
}

TEST(RecipeTest, FillsInWhatFollowsFromOtherFields) {
  const Recipe recipe = Parse(kSmall, {"rollout.max_new_tokens=24", "rollout.group_size=4"});
  EXPECT_EQ(recipe.run.name, "small");
  EXPECT_EQ(recipe.RunDir(), "runs/small");
  EXPECT_EQ(recipe.verifiers[0].name, "numeric");
  EXPECT_EQ(recipe.EvalMaxNewTokens(), 24);
  EXPECT_EQ(recipe.BaselineMaxNewTokens(), 24);
  EXPECT_EQ(recipe.OverlongMaxLen(), 24);
  EXPECT_EQ(recipe.OverlongBuffer(), 4);
  EXPECT_EQ(recipe.SamplesPerStep(), 64);
  EXPECT_EQ(&recipe.EvalData(), &recipe.data);
  const Recipe other = Parse(kSmall, {"run.dir=/tmp/x", "eval.max_new_tokens=32", "eval.baseline_max_new_tokens=96"});
  EXPECT_EQ(other.RunDir(), "/tmp/x");
  EXPECT_EQ(other.EvalMaxNewTokens(), 32);
  EXPECT_EQ(other.BaselineMaxNewTokens(), 96);
}

TEST(RecipeTest, APrintedRecipeReadsBackEqual) {
  const std::vector<std::string> kOverrides[] = {
      {},
      {"algorithm.preset=dapo", "learner.lr=0.00001234567", "run.seed=9007199254740993"},
      {"algorithm.preset=dr_grpo", "algorithm.aggregation.constant=100", "algorithm.log_ratio_clamp=null"},
      {"model.path=", "model.scratch={\"layers\":2}", "model.max_context=300", "model.scratch.kv_heads=2",
       "data.prompt_template=a\"{prompt}\\n"},
      {"eval.data={\"source\":\"x\",\"params\":{\"z\":1,\"a\":{}}}", "sampling.stop=[\"\\u0001\",\"é\"]", "verifiers.0.gate=0.25"},
  };
  for (const auto& overrides : kOverrides) {
    const Recipe recipe = Parse(kSmall, overrides);
    const std::string text = PrintRecipe(recipe);
    const auto again = ParseRecipe(text, "elsewhere.json");
    ASSERT_TRUE(again.ok()) << again.status().message() << "\n" << text;
    EXPECT_TRUE(*again == recipe) << text;
    EXPECT_EQ(PrintRecipe(*again), text);
  }
}

TEST(RecipeTest, PutsOverridesOnTopInTurn) {
  const Recipe recipe = Parse(kSmall, {"learner.lr=1", "learner.lr=1e-6", "learner.betas=[0.8,0.9]", "run.name=007", "run.log_level=debug",
                                       "model.chat=false", "sampling={\"temperature\": 0.5, \"top_k\": 3}", "sampling.top_k=4",
                                       "verifiers.0.weight=0.5", "verifiers.0.params.tolerance=1e-3", "data.params.digits=3",
                                       "data.params.deep.er=[1]", "run.time_limit_minutes=5", "run.time_limit_minutes=null"});
  EXPECT_EQ(recipe.learner.lr, 1e-6);
  EXPECT_EQ(recipe.learner.betas[0], 0.8);
  EXPECT_EQ(recipe.run.name, "007");
  EXPECT_EQ(recipe.run.log_level, "debug");
  EXPECT_FALSE(recipe.model.chat);
  EXPECT_EQ(recipe.sampling.temperature, 0.5);
  EXPECT_EQ(recipe.sampling.top_k, 4);
  EXPECT_EQ(recipe.verifiers[0].weight, 0.5);
  EXPECT_EQ(recipe.verifiers[0].params, R"({"tolerance":1e-3})");
  EXPECT_EQ(recipe.data.params, R"({"deep":{"er":[1]},"digits":3})");
  EXPECT_EQ(recipe.run.time_limit_minutes, std::nullopt);
}

TEST(RecipeTest, APresetLiesBelowTheFileWhereverItIsNamed) {
  const std::string text = R"({"model": {"path": "m"}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}],
    "algorithm": {"loss": {"eps_high": 0.25}, "preset": "dapo"}})";
  const Recipe recipe = Parse(text);
  EXPECT_EQ(recipe.algorithm.preset, "dapo");
  EXPECT_EQ(recipe.algorithm.loss.eps_high, 0.25);
  EXPECT_EQ(recipe.algorithm.overlong.kind, "soft");
  const Recipe other = Parse(text, {"algorithm.preset=cispo"});
  EXPECT_EQ(other.algorithm.overlong.kind, "none");
  EXPECT_EQ(other.algorithm.loss.name, "cispo");
  EXPECT_EQ(other.algorithm.loss.eps_high, 0.25);
}

TEST(RecipeTest, EveryPresetAppliesAndPrints) {
  for (const Preset& preset : Presets()) {
    Recipe recipe;
    ASSERT_TRUE(ApplyPreset(preset.name, &recipe).ok()) << preset.name;
    EXPECT_FALSE(preset.comment.empty()) << preset.name;
    const auto text = PrintPreset(preset.name);
    ASSERT_TRUE(text.ok()) << preset.name;
    EXPECT_THAT(*text, HasSubstr("\"preset\": \"" + preset.name + "\""));
    EXPECT_TRUE(ParseStrictJson(*text).problems.empty()) << *text;
  }
  Recipe grpo;
  ASSERT_TRUE(ApplyPreset("grpo", &grpo).ok());
  EXPECT_TRUE(grpo == Recipe());
  EXPECT_EQ(ApplyPreset("dappo", &grpo).message(), "no preset is named \"dappo\"; did you mean \"dapo\"?");
}

TEST(RecipeTest, TheFingerprintSeesEverythingButTheFolder) {
  const std::string one = Parse(kSmall).Fingerprint();
  EXPECT_EQ(one.size(), 64u);
  EXPECT_EQ(Parse(std::string("// moved\n") + kSmall).Fingerprint(), one);
  EXPECT_EQ(Parse(kSmall, {"run.dir=elsewhere"}).Fingerprint(), one);
  EXPECT_EQ(Parse(kSmall, {"run.seed=1"}).Fingerprint(), one);
  EXPECT_NE(Parse(kSmall, {"run.seed=2"}).Fingerprint(), one);
  EXPECT_NE(Parse(kSmall, {"data.params.digits=2"}).Fingerprint(), one);
}

TEST(RecipeTest, EveryFieldHasACommentAndADefaultThatIsAllowed) {
  const Recipe defaults;
  const auto check = [](const auto& self, const Schema& schema, void* object, const std::string& prefix) -> void {
    for (const FieldSpec& field : schema.fields()) {
      const std::string path = prefix + field.path;
      EXPECT_GE(field.comment.size(), 10u) << path;
      EXPECT_TRUE(field.comment.ends_with('.') || field.comment.ends_with(")")) << path;
      EXPECT_FALSE(TypeText(field, object).empty()) << path;
      const std::string value = PrintField(field, object);
      // The default read again is fine and changes nothing; what is required has an empty default.
      ReadLog log;
      ReadAtPath(schema, field.path, ParseStrictJson(value).root, "default", object, &log);
      if (!field.not_empty || value != "\"\"") {
        EXPECT_EQ(log.Text(), "") << path;
      }
      EXPECT_EQ(PrintField(field, object), value) << path;
      for (size_t dot = field.path.find('.'); dot != std::string::npos; dot = field.path.find('.', dot + 1)) {
        EXPECT_TRUE(schema.IsSection(field.path.substr(0, dot))) << path << ": its section has no comment";
      }
      FieldRef ref = field.at(object);
      if (auto* slot = std::get_if<ObjectSlot>(&ref)) self(self, *slot->schema, slot->schema->MakeDefault().get(), path + "[].");
    }
    std::set<std::string> paths;
    for (const FieldSpec& field : schema.fields()) EXPECT_TRUE(paths.insert(field.path).second) << field.path << " is in the table twice";
    for (const SectionSpec& section : schema.sections()) {
      EXPECT_FALSE(section.comment.empty()) << section.path;
      EXPECT_FALSE(schema.NamesIn(section.path).empty()) << section.path << " is an empty section";
      EXPECT_EQ(paths.count(section.path), 0u) << section.path;
    }
  };
  check(check, RecipeSchema(), RecipeSchema().MakeDefault().get(), "");
}

class RecipeFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  void Write(const std::string& name, const std::string& text) const { std::ofstream(Path(name)) << text; }
  std::filesystem::path folder_;
};

TEST_F(RecipeFileTest, LoadsAFile) {
  Write("gsm8k.json", kSmall);
  const auto recipe = LoadRecipe(Path("gsm8k.json"), {"run.steps=3"});
  ASSERT_TRUE(recipe.ok()) << recipe.status().message();
  EXPECT_EQ(recipe->run.name, "gsm8k");
  EXPECT_EQ(recipe->run.steps, 3);
}

TEST_F(RecipeFileTest, NamesTheNearestFileWhenThereIsNone) {
  Write("gsm8k.json", kSmall);
  Write("quickstart.json", kSmall);
  const struct {
    std::string name, nearest;
  } kCases[] = {{"gms8k.json", "gsm8k.json"}, {"quickstart", "quickstart.json"}, {"gsm8k", "gsm8k.json"}, {"completely_other.json", ""}};
  for (const auto& c : kCases) {
    const auto recipe = LoadRecipe(Path(c.name));
    EXPECT_EQ(recipe.status().code(), absl::StatusCode::kNotFound);
    const std::string hint = c.nearest.empty() ? "" : "; did you mean \"" + Path(c.nearest) + "\"?";
    EXPECT_EQ(recipe.status().message(), Path(c.name) + ": no such recipe" + hint);
  }
  EXPECT_EQ(LoadRecipe(Path("no/such/folder.json")).status().message(), Path("no/such/folder.json") + ": no such recipe");
  EXPECT_EQ(LoadRecipe(Path("gsm8k.json") + "/x").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RecipeFileTest, RefusesFoldersAndHugeFiles) {
  EXPECT_EQ(LoadRecipe(folder_.string()).status().message(), folder_.string() + ": is a folder, not a recipe");
  Write("huge.json", std::string((1 << 20) + 1, ' '));
  const auto huge = LoadRecipe(Path("huge.json")).status();
  EXPECT_EQ(huge.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(huge.message()), HasSubstr("1048576"));
}

}  // namespace
}  // namespace hone
