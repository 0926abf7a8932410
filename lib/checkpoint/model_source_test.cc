#include "lib/checkpoint/model_source.h"

#include "lib/checkpoint/test_files.h"

namespace hone {
namespace {

using testing::HasSubstr;

TEST(ModelSourceTest, OpensFoldersAndGgufFiles) {
  const auto folder = OpenModel("tests/testdata/models/qwen3");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->kind, ModelKind::kHuggingFace);
  EXPECT_FALSE(folder->gguf_tokenizer.has_value());
  EXPECT_THAT(folder->config_json, HasSubstr("Qwen3ForCausalLM"));
  const auto file = OpenModel("tests/testdata/gguf/qwen3.gguf");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->kind, ModelKind::kGguf);
  EXPECT_TRUE(file->gguf_tokenizer.has_value());
  EXPECT_THAT(file->config_json, HasSubstr("Qwen3ForCausalLM"));
  EXPECT_EQ(file->tensors->tensors().size(), folder->tensors->tensors().size());
}

TEST(ModelSourceTest, SaysWhatWasLookedForAndHowToGetIt) {
  const TestFolder folder;
  const struct {
    std::string path;
    absl::StatusCode code;
    const char* message;
  } cases[] = {
      {folder / "none", absl::StatusCode::kNotFound, "scripts/setup"},
      {folder.path(), absl::StatusCode::kNotFound, "config.json"},
      {folder.Put("model.safetensors", "x"), absl::StatusCode::kInvalidArgument, "give the folder"},
      {folder.Put("notes.txt", "x"), absl::StatusCode::kDataLoss, "not a GGUF file"},
      {folder.Put("empty.gguf", ""), absl::StatusCode::kDataLoss, "not a GGUF file"},
      {"", absl::StatusCode::kNotFound, "no such model"},
  };
  for (const auto& c : cases) {
    const auto model = OpenModel(c.path);
    EXPECT_EQ(model.status().code(), c.code) << c.path << ": " << model.status();
    EXPECT_THAT(std::string(model.status().message()), HasSubstr(c.message)) << c.path;
  }
}

}  // namespace
}  // namespace hone
