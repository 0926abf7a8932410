#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "lib/checkpoint/gguf.h"

namespace hone {

// The shape of a llama-like model in a GGUF file, and its two Hugging Face configuration files.
struct GgufConfig {
  std::string architecture;  // "llama", "qwen2", "qwen3"
  int64_t num_layers = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;
  int64_t vocab_size = 0;
  bool tied = false;            // no output matrix: the embedding is used
  bool attention_bias = false;  // on query, key and value
  bool output_bias = false;     // on the attention's output
  bool mlp_bias = false;
  bool interleaved_rope = false;  // rows of query and key are in the order of neighbouring pairs
  std::string config_json;
  std::string generation_config_json;
};

// Reads the metadata; features that config.json cannot say are refused. Errors as GgufModel::Create.
absl::StatusOr<GgufConfig> ReadGgufConfig(const GgufFile& file);

}  // namespace hone
