// The one published model that the quickstart uses, when HONE_TEST_DATA holds SmolLM2-135M-Instruct.Q4_1.gguf (scripts/setup fetches it).

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/checkpoint/model_source.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

TEST(SmolLm2Test, EveryTensorHasTheValuesOfTheReference) {
  const char* folder = std::getenv("HONE_TEST_DATA");
  const std::string path = std::string(folder == nullptr ? "" : folder) + "/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (folder == nullptr || !std::filesystem::exists(path))
    GTEST_SKIP() << "needs SmolLM2-135M-Instruct.Q4_1.gguf in the folder HONE_TEST_DATA";
  const auto model = OpenModel(path);
  ASSERT_TRUE(model.ok()) << model.status();
  std::map<std::string, std::string> expected;
  const std::string golden = ReadFile("tests/testdata/gguf/smollm2_sha256.txt").value();
  for (const absl::string_view line : absl::StrSplit(golden, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    expected.insert(absl::StrSplit(line, ' '));
  }
  ASSERT_EQ(model->tensors->tensors().size(), expected.size());
  std::vector<float> values;
  for (const TensorInfo& info : model->tensors->tensors()) {
    values.resize(static_cast<size_t>(info.num_elements));
    ASSERT_TRUE(model->tensors->ReadFloat32(info.name, absl::MakeSpan(values)).ok()) << info.name;
    const std::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    EXPECT_EQ(Sha256Hex(bytes), expected[info.name]) << info.name;
  }
  const auto config = nlohmann::json::parse(model->config_json);
  EXPECT_EQ(config["rms_norm_eps"], 1e-5);
  EXPECT_EQ(config["rope_theta"], 100000.0);
  EXPECT_EQ(config["head_dim"], 64);
  EXPECT_EQ(config["tie_word_embeddings"], true);
  ASSERT_TRUE(model->gguf_tokenizer.has_value());
  EXPECT_EQ(model->gguf_tokenizer->pre, "smollm");
  EXPECT_EQ(model->gguf_tokenizer->tokens.size(), 49152u);
  EXPECT_EQ(model->gguf_tokenizer->merges.size(), 48900u);
}

}  // namespace
}  // namespace hone
