#include "lib/checkpoint/gguf_model.h"

#include <cmath>
#include <functional>
#include <map>

#include "lib/checkpoint/huggingface.h"
#include "lib/checkpoint/test_files.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<GgufModel>> OpenGgufModel(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const GgufFile> file, GgufFile::Open(path));
  return GgufModel::Create(std::move(file));
}

// The same model in both formats: every tensor and every field that both configurations have must agree.
TEST(GgufModelTest, EqualsTheHuggingFaceFolderItWasMadeFrom) {
  for (const std::string family : {"llama", "llama_tied", "qwen2", "qwen3"}) {
    const auto model = OpenGgufModel("tests/testdata/gguf/" + family + ".gguf");
    ASSERT_TRUE(model.ok()) << model.status();
    const auto original = HfDirectory::Open("tests/testdata/models/" + family);
    ASSERT_TRUE(original.ok()) << original.status();
    ASSERT_EQ((*model)->tensors().size(), (*original)->tensors().size()) << family;
    for (const TensorInfo& expected : (*original)->tensors()) {
      const TensorInfo* info = (*model)->Find(expected.name);
      ASSERT_NE(info, nullptr) << family << " " << expected.name;
      ASSERT_EQ(info->shape, expected.shape) << family << " " << expected.name;
      const size_t count = static_cast<size_t>(info->num_elements);
      std::vector<uint16_t> ours(count), theirs(count);
      ASSERT_TRUE((*model)->ReadBFloat16(expected.name, absl::MakeSpan(ours)).ok());
      ASSERT_TRUE((*original)->ReadBFloat16(expected.name, absl::MakeSpan(theirs)).ok());
      EXPECT_EQ(ours, theirs) << family << " " << expected.name;
      if (info->num_rows() < 2) continue;
      std::vector<float> last(static_cast<size_t>(info->row_elements())), all(count);  // a row range agrees with the whole
      ASSERT_TRUE((*model)->ReadFloat32(expected.name, absl::MakeSpan(all)).ok());
      ASSERT_TRUE((*model)->ReadFloat32Rows(expected.name, info->num_rows() - 1, 1, absl::MakeSpan(last)).ok());
      EXPECT_TRUE(std::equal(last.begin(), last.end(), all.end() - info->row_elements())) << family << " " << expected.name;
    }
    const auto ours = nlohmann::json::parse((*model)->config_json());
    const auto theirs = nlohmann::json::parse(ReadFile("tests/testdata/models/" + family + "/config.legacy.json").value());
    for (const char* field : {"architectures", "model_type", "hidden_act", "hidden_size", "intermediate_size", "num_hidden_layers",
                              "num_attention_heads", "num_key_value_heads", "vocab_size", "max_position_embeddings", "rms_norm_eps",
                              "rope_theta", "tie_word_embeddings", "bos_token_id", "eos_token_id", "pad_token_id", "torch_dtype"}) {
      EXPECT_EQ(ours.at(field), theirs.at(field)) << family << " " << field;
    }
    if (theirs.contains("head_dim")) {
      EXPECT_EQ(ours["head_dim"], theirs["head_dim"]) << family;
    }
    EXPECT_EQ(ours["rope_scaling"], theirs.value("rope_scaling", nlohmann::json())) << family;
    EXPECT_EQ(nlohmann::json::parse((*model)->generation_config_json())["eos_token_id"], nlohmann::json::parse("[2,0]")) << family;
  }
}

TEST(GgufModelTest, ReadsTheTokenizer) {
  const auto file = GgufFile::Open("tests/testdata/gguf/llama_tied.gguf");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto tokenizer = ReadGgufTokenizer(**file);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ(tokenizer->model, "gpt2");
  EXPECT_EQ(tokenizer->pre, "smollm");
  ASSERT_GT(tokenizer->tokens.size(), 100u);
  EXPECT_EQ(tokenizer->tokens[17], "token17");
  EXPECT_EQ(tokenizer->token_types[2], 3);
  EXPECT_EQ(tokenizer->merges, (std::vector<std::string>{"t o", "to k"}));
  EXPECT_EQ(tokenizer->bos_id, 1);
  EXPECT_EQ(tokenizer->eos_id, 2);
  EXPECT_EQ(tokenizer->eot_id, 0);
  EXPECT_EQ(tokenizer->unknown_id, std::nullopt);
  EXPECT_EQ(tokenizer->add_bos, false);
  EXPECT_EQ(tokenizer->chat_template, "{{ messages[0]['content'] }}");
}

// A model of one layer and heads of four channels, built by hand; every value and tensor can be changed or left out.
class SmallModel {
 public:
  SmallModel() {
    SetString("general.architecture", "llama");
    for (const auto& [key, value] : std::map<std::string, uint32_t>{{"block_count", 1},
                                                                    {"embedding_length", 8},
                                                                    {"feed_forward_length", 4},
                                                                    {"attention.head_count", 2},
                                                                    {"attention.head_count_kv", 1},
                                                                    {"context_length", 16}}) {
      SetInteger("llama." + key, value);
    }
    SetFloat("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    SetTensor("token_embd.weight", {8, 5});
    SetTensor("output_norm.weight", {8});
    SetTensor("blk.0.attn_norm.weight", {8});
    SetTensor("blk.0.attn_q.weight", {8, 8});
    SetTensor("blk.0.attn_k.weight", {8, 4});
    SetTensor("blk.0.attn_v.weight", {8, 4});
    SetTensor("blk.0.attn_output.weight", {8, 8});
    SetTensor("blk.0.ffn_norm.weight", {8});
    SetTensor("blk.0.ffn_gate.weight", {8, 4});
    SetTensor("blk.0.ffn_up.weight", {8, 4});
    SetTensor("blk.0.ffn_down.weight", {4, 8});
  }
  void SetInteger(const std::string& key, uint32_t value) { values_[key] = GgufBytes::Value(key, 4, LittleEndian(value)); }
  void SetFloat(const std::string& key, float value) { values_[key] = GgufBytes::Value(key, 6, LittleEndian(value)); }
  void SetString(const std::string& key, const std::string& value) { values_[key] = GgufBytes::Value(key, 8, GgufString(value)); }
  void SetStrings(const std::string& key, const std::vector<std::string>& list) {
    std::string payload = LittleEndian<uint32_t>(8) + LittleEndian<uint64_t>(list.size());
    for (const std::string& text : list) payload += GgufString(text);
    values_[key] = GgufBytes::Value(key, 9, payload);
  }
  void SetIntegers(const std::string& key, const std::vector<int32_t>& list) {
    std::string payload = LittleEndian<uint32_t>(5) + LittleEndian<uint64_t>(list.size());
    for (const int32_t value : list) payload += LittleEndian(value);
    values_[key] = GgufBytes::Value(key, 9, payload);
  }
  void RemoveValue(const std::string& key) { values_.erase(key); }
  void SetTensor(const std::string& name, std::vector<uint64_t> dimensions) { tensors_[name] = std::move(dimensions); }
  void RemoveTensor(const std::string& name) { tensors_.erase(name); }

  std::string Build() const {
    GgufBytes file;
    for (const auto& [key, bytes] : values_) file.values.push_back(bytes);
    uint64_t offset = 0;
    for (const auto& [name, dimensions] : tensors_) {
      file.tensors.push_back(GgufBytes::Tensor(name, dimensions, 0, offset));
      uint64_t count = 1;
      for (const uint64_t dimension : dimensions) count *= dimension;
      offset += (count * 4 + 31) / 32 * 32;
    }
    file.data_bytes = offset;
    return file.Build();
  }

 private:
  std::map<std::string, std::string> values_;
  std::map<std::string, std::vector<uint64_t>> tensors_;
};

struct BadModel {
  const char* message;
  std::function<void(SmallModel&)> damage;
};

TEST(GgufModelTest, RefusesModelsItWouldGetWrong) {
  const TestFolder folder;
  ASSERT_TRUE(OpenGgufModel(folder.Put("good.gguf", SmallModel().Build())).ok())
      << OpenGgufModel(folder.Put("good.gguf", SmallModel().Build())).status();
  const BadModel cases[] = {
      {"architecture \"gemma\" is not known; known are llama, qwen2, qwen3",
       [](SmallModel& m) { m.SetString("general.architecture", "gemma"); }},
      {"\"general.architecture\" is missing", [](SmallModel& m) { m.RemoveValue("general.architecture"); }},
      {"\"general.architecture\" is not a string", [](SmallModel& m) { m.SetInteger("general.architecture", 1); }},
      {"\"llama.block_count\" is missing", [](SmallModel& m) { m.RemoveValue("llama.block_count"); }},
      {"\"llama.block_count\" is 0", [](SmallModel& m) { m.SetInteger("llama.block_count", 0); }},
      {"1000000000 layers for", [](SmallModel& m) { m.SetInteger("llama.block_count", 1000000000); }},
      {"\"blk.1.attn_norm.weight\" is missing", [](SmallModel& m) { m.SetInteger("llama.block_count", 2); }},
      {"not a multiple of 3", [](SmallModel& m) { m.SetInteger("llama.attention.head_count_kv", 3); }},
      {"differs between layers",
       [](SmallModel& m) {
         m.SetIntegers("llama.attention.head_count_kv", {1, 2});
       }},
      {"not a list of integers", [](SmallModel& m) { m.SetStrings("llama.attention.head_count_kv", {"1"}); }},
      {"must be equal and even", [](SmallModel& m) { m.SetInteger("llama.rope.dimension_count", 2); }},
      {"must be equal and even", [](SmallModel& m) { m.SetInteger("llama.attention.value_length", 2); }},
      {"layer_norm_rms_epsilon\" is -1", [](SmallModel& m) { m.SetFloat("llama.attention.layer_norm_rms_epsilon", -1); }},
      {"freq_base\" is nan", [](SmallModel& m) { m.SetFloat("llama.rope.freq_base", std::nanf("")); }},
      {"\"llama.expert_count\" is set", [](SmallModel& m) { m.SetInteger("llama.expert_count", 8); }},
      {"\"llama.attention.sliding_window\" is set", [](SmallModel& m) { m.SetInteger("llama.attention.sliding_window", 8); }},
      {"rope scaling \"longrope\" is not read", [](SmallModel& m) { m.SetString("llama.rope.scaling.type", "longrope"); }},
      {"expected [2]", [](SmallModel& m) { m.SetTensor("rope_freqs.weight", {3}); }},
      {"\"token_embd.weight\" is missing", [](SmallModel& m) { m.RemoveTensor("token_embd.weight"); }},
      {"\"blk.0.ffn_up.weight\" is missing", [](SmallModel& m) { m.RemoveTensor("blk.0.ffn_up.weight"); }},
      {"tensor \"blk.0.attn_k.weight\": byte",
       [](SmallModel& m) {
         m.SetTensor("blk.0.attn_k.weight", {8, 8});
       }},
      {"shape [8, 4], expected [4, 8]",
       [](SmallModel& m) {
         m.SetTensor("blk.0.ffn_up.weight", {4, 8});
       }},
      {"shape [5, 7], expected [5, 8]",
       [](SmallModel& m) {
         m.SetTensor("token_embd.weight", {7, 5});
       }},
      {"\"blk.0.post_norm.weight\" has no place", [](SmallModel& m) { m.SetTensor("blk.0.post_norm.weight", {8}); }},
      {"outside of the vocabulary of 5", [](SmallModel& m) { m.SetInteger("tokenizer.ggml.eos_token_id", 5); }},
  };
  for (const BadModel& c : cases) {
    SmallModel model;
    c.damage(model);
    const auto opened = OpenGgufModel(folder.Put("bad.gguf", model.Build()));
    ASSERT_FALSE(opened.ok()) << c.message;
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr(c.message));
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr("bad.gguf"));
  }
}

TEST(GgufModelTest, PutsQueryAndKeyBiasesBackInOrder) {
  const TestFolder folder;
  SmallModel model;
  model.SetTensor("blk.0.attn_q.bias", {8});
  model.SetTensor("blk.0.attn_k.bias", {4});
  model.SetTensor("blk.0.attn_v.bias", {4});
  const std::string path = folder.Put("bias.gguf", model.Build());
  const auto file = GgufFile::Open(path);
  const auto opened = OpenGgufModel(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  std::vector<uint16_t> stored(8), ordered(8);
  ASSERT_TRUE((*file)->ReadBFloat16("blk.0.attn_q.bias", absl::MakeSpan(stored)).ok());
  ASSERT_TRUE((*opened)->ReadBFloat16("model.layers.0.self_attn.q_proj.bias", absl::MakeSpan(ordered)).ok());
  const size_t order[] = {0, 2, 1, 3, 4, 6, 5, 7};  // two heads of four channels: pairs (0, 2), (1, 3) are stored as neighbours
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(ordered[i], stored[order[i]]) << i;
  EXPECT_TRUE(nlohmann::json::parse((*opened)->config_json())["attention_bias"].get<bool>());
}

TEST(GgufModelTest, WritesRopeScalingOfBothKinds) {
  const TestFolder folder;
  SmallModel model;
  model.SetString("llama.rope.scaling.type", "yarn");
  model.SetFloat("llama.rope.scaling.factor", 4);
  model.SetInteger("llama.rope.scaling.original_context_length", 4);
  const auto yarn = OpenGgufModel(folder.Put("yarn.gguf", model.Build()));
  ASSERT_TRUE(yarn.ok()) << yarn.status();
  EXPECT_EQ(nlohmann::json::parse((*yarn)->config_json())["rope_scaling"],
            nlohmann::json::parse(R"({"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":4})"));
  model.SetString("llama.rope.scaling.type", "linear");
  const auto linear = OpenGgufModel(folder.Put("linear.gguf", model.Build()));
  ASSERT_TRUE(linear.ok()) << linear.status();
  EXPECT_EQ(nlohmann::json::parse((*linear)->config_json())["rope_scaling"],
            nlohmann::json::parse(R"({"rope_type":"linear","factor":4.0})"));
}

TEST(GgufModelTest, RefusesBadTokenizers) {
  const TestFolder folder;
  const BadModel cases[] = {
      {"\"tokenizer.ggml.model\" is missing", [](SmallModel& m) { m.RemoveValue("tokenizer.ggml.model"); }},
      {"\"tokenizer.ggml.tokens\" is missing", [](SmallModel& m) { m.RemoveValue("tokenizer.ggml.tokens"); }},
      {"\"tokenizer.ggml.tokens\" holds 0 strings",
       [](SmallModel& m) {
         m.SetIntegers("tokenizer.ggml.tokens", {1, 2});
       }},
      {"has 1 elements of its type for 2 tokens", [](SmallModel& m) { m.SetIntegers("tokenizer.ggml.token_type", {1}); }},
      {"holds a type -1",
       [](SmallModel& m) {
         m.SetIntegers("tokenizer.ggml.token_type", {1, -1});
       }},
      {"is 2, outside of the 2 tokens", [](SmallModel& m) { m.SetInteger("tokenizer.ggml.bos_token_id", 2); }},
      {"\"tokenizer.ggml.pre\" is not a string", [](SmallModel& m) { m.SetInteger("tokenizer.ggml.pre", 2); }},
  };
  for (const BadModel& c : cases) {
    SmallModel model;
    model.SetString("tokenizer.ggml.model", "gpt2");
    model.SetStrings("tokenizer.ggml.tokens", {"a", "b"});
    c.damage(model);
    const auto file = GgufFile::Open(folder.Put("tokenizer.gguf", model.Build()));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_THAT(std::string(ReadGgufTokenizer(**file).status().message()), HasSubstr(c.message));
  }
}

TEST(GgufModelTest, SurvivesDamagedModels) {
  const TestFolder folder;
  SmallModel model;
  model.SetString("tokenizer.ggml.model", "gpt2");
  model.SetStrings("tokenizer.ggml.tokens", {"a", "b"});
  const std::string valid = model.Build();
  for (uint64_t i = 0; i < 1500; ++i) {
    const auto file = GgufFile::Open(folder.Put("damaged.gguf", Damaged(valid, i, 1200)));
    if (!file.ok()) continue;
    ReadGgufTokenizer(**file).status().IgnoreError();
    const auto opened = OpenGgufModel(folder / "damaged.gguf");
    if (!opened.ok()) continue;
    for (const TensorInfo& info : (*opened)->tensors()) {
      std::vector<float> values(static_cast<size_t>(info.num_elements));
      EXPECT_TRUE((*opened)->ReadFloat32(info.name, absl::MakeSpan(values)).ok()) << "damage " << i;
    }
  }
}

}  // namespace
}  // namespace hone
