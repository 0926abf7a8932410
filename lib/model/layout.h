#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/model/config.h"
#include "lib/ops/matmul.h"

namespace hone {

// A tensor of the checkpoint as part of an engine parameter: rows [row_begin, row_begin + rows) of a matrix, or that range of a vector.
struct ParameterPiece {
  std::string name;  // checkpoint name, "model.layers.0.self_attn.q_proj.weight"
  int64_t row_begin = 0;
  int64_t rows = 0;
};

// One parameter of the engine: a matrix in the engine's layout (ops/matmul.h) or a plain vector (shape.k = 1).
struct Parameter {
  std::string name;  // "layers.0.qkv"
  bool matrix = false;
  ops::WeightShape shape;
  int64_t offset = 0;    // elements from the start of the arena, a multiple of 32
  int64_t elements = 0;  // with padding, a multiple of 32
  std::vector<ParameterPiece> pieces;
};

// Where each parameter lies in the flat arena: the same element offsets for weights (bf16 or float32), master, moments and gradient.
// All vectors come first, [0, vector_elements), then the matrices, so that an arena has one part of each kind.
// q, k and v are one matrix, and so are gate and up.
class ParameterLayout {
 public:
  explicit ParameterLayout(const DecoderConfig& config);

  struct Layer {
    int input_norm, qkv, o, post_norm, gate_up, down;
    int qkv_bias = -1, o_bias = -1, gate_up_bias = -1, down_bias = -1, q_norm = -1, k_norm = -1;
  };

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Parameter& operator[](int index) const { return parameters_[index]; }
  const Layer& layer(int64_t i) const { return layers_[i]; }
  int embedding() const { return embedding_; }
  int final_norm() const { return final_norm_; }
  int head() const { return head_; }  // the embedding when tied
  int64_t vector_elements() const { return vector_elements_; }
  int64_t total_elements() const { return total_elements_; }
  // Numbers without padding: what people call the size of the model.
  int64_t num_parameters() const;

 private:
  int Add(std::string name, bool matrix, ops::WeightShape shape, std::vector<ParameterPiece> pieces);

  std::vector<Parameter> parameters_;
  std::vector<Layer> layers_;
  int embedding_, final_norm_, head_;
  int64_t vector_elements_ = 0;
  int64_t total_elements_ = 0;
};

}  // namespace hone
