#include "lib/model/layout.h"

#include "fmt/format.h"

namespace hone {

int ParameterLayout::Add(std::string name, bool matrix, ops::WeightShape shape, std::vector<ParameterPiece> pieces) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.matrix = matrix;
  parameter.shape = shape;
  parameter.elements = matrix ? ops::PackedElements(shape) : (shape.n + 31) / 32 * 32;
  parameter.pieces = std::move(pieces);
  int64_t row = 0;
  for (auto& piece : parameter.pieces) {
    piece.row_begin = row;
    row += piece.rows;
  }
  HONE_CHECK_EQ(row, shape.n);
  parameters_.push_back(std::move(parameter));
  return static_cast<int>(parameters_.size()) - 1;
}

ParameterLayout::ParameterLayout(const DecoderConfig& c) {
  const int64_t q = c.num_heads * c.head_dim, kv = c.num_kv_heads * c.head_dim, f = c.intermediate_size;
  embedding_ = Add("embedding", true, {c.vocab_size, c.hidden_size}, {{"model.embed_tokens.weight", 0, c.vocab_size}});
  for (int64_t i = 0; i < c.num_layers; ++i) {
    const std::string own = fmt::format("layers.{}.", i), hf = fmt::format("model.layers.{}.", i);
    auto vector = [&](const char* name, const char* piece, int64_t size) {
      return Add(own + name, false, {size, 1}, {{hf + piece, 0, size}});
    };
    Layer layer;
    layer.input_norm = vector("input_norm", "input_layernorm.weight", c.hidden_size);
    layer.qkv =
        Add(own + "qkv", true, {q + 2 * kv, c.hidden_size},
            {{hf + "self_attn.q_proj.weight", 0, q}, {hf + "self_attn.k_proj.weight", 0, kv}, {hf + "self_attn.v_proj.weight", 0, kv}});
    if (c.qkv_bias) {
      layer.qkv_bias =
          Add(own + "qkv_bias", false, {q + 2 * kv, 1},
              {{hf + "self_attn.q_proj.bias", 0, q}, {hf + "self_attn.k_proj.bias", 0, kv}, {hf + "self_attn.v_proj.bias", 0, kv}});
    }
    if (c.qk_norm) {
      layer.q_norm = vector("q_norm", "self_attn.q_norm.weight", c.head_dim);
      layer.k_norm = vector("k_norm", "self_attn.k_norm.weight", c.head_dim);
    }
    layer.o = Add(own + "o", true, {c.hidden_size, q}, {{hf + "self_attn.o_proj.weight", 0, c.hidden_size}});
    if (c.o_bias) layer.o_bias = vector("o_bias", "self_attn.o_proj.bias", c.hidden_size);
    layer.post_norm = vector("post_norm", "post_attention_layernorm.weight", c.hidden_size);
    layer.gate_up =
        Add(own + "gate_up", true, {2 * f, c.hidden_size}, {{hf + "mlp.gate_proj.weight", 0, f}, {hf + "mlp.up_proj.weight", 0, f}});
    if (c.mlp_bias) {
      layer.gate_up_bias =
          Add(own + "gate_up_bias", false, {2 * f, 1}, {{hf + "mlp.gate_proj.bias", 0, f}, {hf + "mlp.up_proj.bias", 0, f}});
    }
    layer.down = Add(own + "down", true, {c.hidden_size, f}, {{hf + "mlp.down_proj.weight", 0, c.hidden_size}});
    if (c.mlp_bias) layer.down_bias = vector("down_bias", "mlp.down_proj.bias", c.hidden_size);
    layers_.push_back(layer);
  }
  final_norm_ = Add("final_norm", false, {c.hidden_size, 1}, {{"model.norm.weight", 0, c.hidden_size}});
  head_ = c.tie_embeddings ? embedding_ : Add("head", true, {c.vocab_size, c.hidden_size}, {{"lm_head.weight", 0, c.vocab_size}});
  for (bool matrices : {false, true}) {
    for (auto& parameter : parameters_) {
      if (parameter.matrix != matrices) continue;
      parameter.offset = total_elements_;
      total_elements_ += parameter.elements;
    }
    if (!matrices) vector_elements_ = total_elements_;
  }
}

int64_t ParameterLayout::num_parameters() const {
  int64_t total = 0;
  for (const auto& parameter : parameters_) total += parameter.shape.n * parameter.shape.k;
  return total;
}

}  // namespace hone
