#include "lib/model/config.h"

#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

json Valid() {
  return json::parse(*ReadFile("tests/testdata/models/llama/config.json"));
}

TEST(ModelConfigTest, BothConfigStylesSayTheSame) {
  for (const char* family : {"llama", "llama_tied", "qwen2", "qwen2_tied", "qwen3"}) {
    const std::string folder = std::string("tests/testdata/models/") + family;
    const auto now = ParseDecoderConfig(*ReadFile(folder + "/config.json"));
    const auto legacy = ParseDecoderConfig(*ReadFile(folder + "/config.legacy.json"));
    ASSERT_TRUE(now.ok() && legacy.ok()) << family;
    EXPECT_EQ(now->rope_inv_freq, legacy->rope_inv_freq) << family;
    EXPECT_EQ(now->windows, legacy->windows) << family;
    EXPECT_EQ(now->tie_embeddings, legacy->tie_embeddings) << family;
    EXPECT_EQ(now->head_dim, legacy->head_dim) << family;
  }
}

TEST(ModelConfigTest, BadConfigsAreRefusedWithTheFieldNamed) {
  struct Case {
    json change;
    const char* expect;
  };
  const Case cases[] = {
      {{{"model_type", "mamba9"}}, "architecture \"mamba9\" is not known; known: llama, mistral, qwen2, qwen3"},
      {{{"model_type", nullptr}}, "is not known"},
      {{{"hidden_size", -4}}, "hidden_size must be an integer from 1"},
      {{{"hidden_size", "48"}}, "hidden_size must be an integer"},
      {{{"hidden_size", 1e300}}, "hidden_size must be an integer"},
      {{{"num_hidden_layers", 0}}, "num_hidden_layers must be"},
      {{{"num_hidden_layers", 99999999}}, "num_hidden_layers must be"},
      {{{"vocab_size", nullptr}}, "vocab_size is missing"},
      {{{"num_key_value_heads", 3}}, "must be a multiple of num_key_value_heads"},
      {{{"head_dim", 15}}, "head_dim must be even"},
      {{{"hidden_act", "gelu"}}, "hidden_act must be \"silu\""},
      {{{"rms_norm_eps", "tiny"}}, "rms_norm_eps must be a finite number"},
      {{{"layer_types", {"full_attention"}}}, "layer_types has 1 entries for 3 layers"},
      {{{"rope_parameters", {{"rope_type", "dynamic"}}}}, "rope type \"dynamic\" is not known"},
      {{{"rope_parameters", {{"rope_type", "llama3"}, {"factor", 0}}}}, "factor > 0"},
      {{{"rope_parameters", {{"rope_theta", 0}}}}, "rope_theta must be above 1"},
      {{{"rope_parameters", {{"rope_type", "linear"}, {"factor", "x"}}}}, "rope field factor must be a number"},
      {{{"eos_token_id", "x"}}, "eos_token_id must be a token id"},
  };
  for (const Case& test : cases) {
    json config = Valid();
    for (const auto& [key, value] : test.change.items()) config[key] = value;
    const absl::Status status = ParseDecoderConfig(config.dump()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.change;
    EXPECT_NE(status.message().find(test.expect), std::string::npos) << test.change << " gave: " << status;
  }
  for (const char* text : {"", "[]", "{", "null", "\xff\xfe"}) {
    EXPECT_EQ(ParseDecoderConfig(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ModelConfigTest, AMadeConfigIsReadBack) {
  DecoderConfig config;
  config.vocab_size = 64;
  config.hidden_size = 32;
  config.intermediate_size = 96;
  config.num_layers = 2;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.head_dim = 8;
  config.max_positions = 128;
  config.tie_embeddings = true;
  config.eos_token_ids = {1};
  const auto read = ParseDecoderConfig(MakeLlamaConfigJson(config, 10000));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->num_layers, 2);
  EXPECT_EQ(read->qkv_width(), 64);
  EXPECT_EQ(read->eos_token_ids, std::vector<int32_t>{1});
}

}  // namespace
}  // namespace hone
