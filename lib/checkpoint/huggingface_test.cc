#include "lib/checkpoint/huggingface.h"

#include <cmath>
#include <set>

#include "lib/checkpoint/test_files.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using testing::HasSubstr;

constexpr char kWeights[] = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

class HuggingFaceTest : public testing::Test {
 protected:
  std::string Message(const std::string& directory, absl::StatusCode code) {
    const auto opened = HfDirectory::Open(directory);
    EXPECT_EQ(opened.status().code(), code) << opened.status();
    return std::string(opened.status().message());
  }
  TestFolder folder_;
};

TEST_F(HuggingFaceTest, ReadsTheGoldenModelsSingleAndSharded) {
  for (const std::string family : {"llama", "llama_tied", "qwen2", "qwen2_tied", "qwen3"}) {
    const std::string path = "tests/testdata/models/" + family;
    const auto model = HfDirectory::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    const auto golden = nlohmann::json::parse(ReadFile(path + "/golden.json").value());
    EXPECT_EQ((*model)->tensors().size(), golden["tensors"].get<size_t>()) << family;
    int64_t parameters = 0;
    for (const TensorInfo& info : (*model)->tensors()) parameters += info.num_elements;
    EXPECT_EQ(parameters, golden["parameters"].get<int64_t>()) << family;
    const auto train = nlohmann::json::parse(ReadFile(path + "/train.json").value());
    for (const auto& [name, expected] : train["params"].items()) {  // the norm of every tensor pins its values
      const TensorInfo* info = (*model)->Find(name);
      ASSERT_NE(info, nullptr) << family << " " << name;
      std::vector<float> values(static_cast<size_t>(info->num_elements));
      ASSERT_TRUE((*model)->ReadFloat32(name, absl::MakeSpan(values)).ok());
      double squares = 0;
      for (const float value : values) squares += static_cast<double>(value) * value;
      const double norm = expected["l2_before"].get<double>();
      EXPECT_NEAR(std::sqrt(squares), norm, 1e-5 * norm) << family << " " << name;
    }
  }
}

TEST_F(HuggingFaceTest, SaysWhatIsMissing) {
  EXPECT_THAT(Message(folder_ / "none", absl::StatusCode::kNotFound), HasSubstr("no such folder"));
  EXPECT_THAT(Message(folder_.path(), absl::StatusCode::kNotFound), HasSubstr("config.json"));
  folder_.Put("config.json", "{}");
  EXPECT_THAT(Message(folder_.path(), absl::StatusCode::kNotFound), HasSubstr("neither model.safetensors nor"));
  folder_.Put("pytorch_model.bin", "");
  EXPECT_THAT(Message(folder_.path(), absl::StatusCode::kNotFound), HasSubstr("save the model as safetensors"));
}

TEST_F(HuggingFaceTest, RefusesMalformedConfigurations) {
  folder_.Put("model.safetensors", SafetensorsBytes(kWeights, 8));
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string(R"({"a":1,"a":2})"), std::string(100000, '['),
                                  std::string(R"({"a":1e999})"), std::string("{\"\xff\":1}"), std::string()}) {
    folder_.Put("config.json", text);
    EXPECT_THAT(Message(folder_.path(), absl::StatusCode::kDataLoss), HasSubstr("config.json")) << text.substr(0, 40);
  }
}

TEST_F(HuggingFaceTest, RefusesBadIndexes) {
  folder_.Put("config.json", "{}");
  folder_.Put("shard.safetensors", SafetensorsBytes(kWeights, 8));
  folder_.Put("broken.safetensors", "short");
  const struct {
    const char* index;
    const char* message;
  } cases[] = {
      {R"({})", "weight_map"},
      {R"({"weight_map":[]})", "weight_map"},
      {R"({"weight_map":{"a":3}})", "tensor \"a\": byte"},
      {R"({"weight_map":{"a":"../shard.safetensors"}})", "plain file name"},
      {R"({"weight_map":{"a":"/etc/passwd"}})", "plain file name"},
      {R"({"weight_map":{"a":".."}})", "plain file name"},
      {R"({"weight_map":{"a":"other.safetensors"}})", "is missing from the folder"},
      {R"({"weight_map":{"b":"shard.safetensors"}})", "tensor \"b\": byte 15: is not in its shard"},
      {R"({"weight_map":{"a":"shard.safetensors","a":"shard.safetensors"}})", "occurs twice"},
      {R"({"weight_map":{"a":"broken.safetensors"}})", "broken.safetensors: header"},
  };
  for (const auto& c : cases) {
    folder_.Put("model.safetensors.index.json", c.index);
    EXPECT_THAT(Message(folder_.path(), absl::StatusCode::kDataLoss), HasSubstr(c.message)) << c.index;
  }
}

TEST_F(HuggingFaceTest, SurvivesDamagedIndexes) {
  folder_.Put("config.json", "{}");
  folder_.Put("shard.safetensors", SafetensorsBytes(kWeights, 8));
  const std::string valid = R"({"metadata":{"total_size":8},"weight_map":{"a":"shard.safetensors"}})";
  for (uint64_t i = 0; i < 1000; ++i) {
    folder_.Put("model.safetensors.index.json", Damaged(valid, i, valid.size()));
    const auto opened = HfDirectory::Open(folder_.path());
    if (opened.ok()) {
      EXPECT_LE((*opened)->tensors().size(), 1u);
    }
  }
}

TEST_F(HuggingFaceTest, WritesADirectoryAtOnce) {
  folder_.Put("source/tokenizer.json", "{\"t\":1}");
  folder_.Put("source/unrelated.bin", "x");
  const std::string target = folder_ / "model";
  HfDirectoryWriter::Options options;
  options.config_json = R"({"model_type":"llama"})";
  options.generation_config_json = R"({"eos_token_id":2})";
  options.tokenizer_directory = folder_ / "source";
  for (const float value : {1.0f, 2.0f}) {
    auto writer = HfDirectoryWriter::Create(target + "/", {{"a", StoredType::kF32, {2}}}, options);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ((*writer)->Finish().code(), absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE((*writer)->WriteTextFile("extra.txt", "x").ok());
    EXPECT_FALSE((*writer)->WriteTextFile("../extra.txt", "x").ok());
    ASSERT_TRUE((*writer)->WriteFloat32("a", std::vector<float>{value, value}).ok());
    ASSERT_TRUE((*writer)->Finish().ok());

    const auto model = HfDirectory::Open(target);
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ((*model)->config_json(), options.config_json);
    EXPECT_EQ((*model)->generation_config_json(), options.generation_config_json);
    std::vector<float> values(2);
    ASSERT_TRUE((*model)->ReadFloat32("a", absl::MakeSpan(values)).ok());
    EXPECT_EQ(values[0], value);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(target)) names.insert(entry.path().filename());
    EXPECT_THAT(names, testing::ElementsAre("config.json", "extra.txt", "generation_config.json", "model.safetensors", "tokenizer.json"));
    EXPECT_FALSE(std::filesystem::exists(target + ".tmp"));
    EXPECT_FALSE(std::filesystem::exists(target + ".old"));
    options.replace = true;  // the second round replaces the first
  }
  options.replace = false;
  EXPECT_EQ(HfDirectoryWriter::Create(target, {}, options).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(HuggingFaceTest, AnAbandonedWriterLeavesTheOldModel) {
  const std::string target = folder_ / "model";
  folder_.Put("model/config.json", "{\"old\":true}");
  HfDirectoryWriter::Options options;
  options.config_json = "{}";
  options.replace = true;
  { ASSERT_TRUE(HfDirectoryWriter::Create(target, {{"a", StoredType::kF32, {2}}}, options).ok()); }
  EXPECT_FALSE(std::filesystem::exists(target + ".tmp"));
  EXPECT_EQ(ReadFile(target + "/config.json").value(), "{\"old\":true}");
}

}  // namespace
}  // namespace hone
