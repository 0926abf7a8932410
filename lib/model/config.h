#pragma once
// What a checkpoint's config.json says, reduced to what the decoder needs. Both styles are read: `rope_parameters` and `dtype` of
// transformers 5, `rope_theta`, `rope_scaling` and `torch_dtype` of hub files and transformers 4.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// A pre-norm decoder with grouped-query attention, rotary positions and a gated feed-forward: Llama and what differs from it by a flag.
struct DecoderConfig {
  std::string model_type;
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_layers = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;
  int64_t max_positions = 0;
  float rms_norm_eps = 1e-5f;
  bool tie_embeddings = false;
  bool qkv_bias = false;
  bool o_bias = false;
  bool mlp_bias = false;
  bool qk_norm = false;
  std::vector<int64_t> windows;       // per layer; 0 = full attention
  std::vector<double> rope_inv_freq;  // head_dim / 2
  double rope_attention_factor = 1;
  std::vector<int32_t> eos_token_ids;
  int32_t bos_token_id = -1;
  std::string stored_dtype = "bfloat16";

  int64_t qkv_width() const { return (num_heads + 2 * num_kv_heads) * head_dim; }
};

// Architectures that can be loaded, by `model_type`.
std::vector<std::string> KnownArchitectures();

// InvalidArgument names the field, its value and what is allowed; an unknown model_type is refused with the list of known ones.
absl::StatusOr<DecoderConfig> ParseDecoderConfig(std::string_view config_json);

// config.json text for a model of these sizes made from nothing (model_type "llama", plain rope with this theta).
std::string MakeLlamaConfigJson(const DecoderConfig& config, double rope_theta);

}  // namespace hone
