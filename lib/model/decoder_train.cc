// The packed forward that keeps what the backward needs, and the backward, written by hand: each operator's gradient in reverse order.
// Kept per token and layer: the residual stream twice, q/k/v after rotation, the attention's output and the gate and up projections; norms
// and activations are computed again.

#include <cstring>

#include "lib/model/decoder.h"
#include "lib/ops/bias.h"
#include "lib/ops/elementwise.h"
#include "lib/ops/matmul.h"

namespace hone {

int64_t Decoder::TrainFloats(int64_t rows, int64_t head_rows, bool keep) const {
  const auto up = &Workspace::RoundUp;
  const int64_t c = config_.hidden_size, f = config_.intermediate_size, width = config_.qkv_width(),
                a = config_.num_heads * config_.head_dim;
  int64_t layer = 2 * up(rows * c) + 2 * up(rows) + up(rows * width) + up(rows * a) + up(rows * config_.num_heads) + up(rows * 2 * f);
  if (config_.qk_norm) layer += up(rows * width) + up(rows * config_.num_heads) + up(rows * config_.num_kv_heads);
  const int64_t head = 2 * up(head_rows * c) + up(head_rows);
  const int64_t forward = up(rows * c) + up(rows * f);  // normed, activation
  if (!keep) return layer + up(rows * c) + head + forward;
  // Backward: dx, normed, dnormed, dqkv, dattention, activation, dactivation.
  const int64_t backward = 3 * up(rows * c) + up(rows * width) + up(rows * a) + 2 * up(rows * f);
  return config_.num_layers * layer + up(rows * c) + head + std::max(forward, backward);
}

absl::Status Decoder::TrainForward(const ops::Context& context, const WeightArena& weights, const PackedBatch& batch, bool keep,
                                   Workspace& workspace, TrainState* state) const {
  HONE_RETURN_IF_ERROR(CheckTokens(batch.tokens, batch.positions));
  const int64_t m = static_cast<int64_t>(batch.tokens.size()), r = static_cast<int64_t>(batch.head_rows.size());
  const int64_t c = config_.hidden_size, f = config_.intermediate_size, width = config_.qkv_width(),
                a = config_.num_heads * config_.head_dim;
  auto take_layer = [&] {
    TrainState::Layer layer{};
    layer.input = workspace.Floats(m * c);
    layer.rstd1 = workspace.Floats(m);
    layer.qkv = workspace.Floats(m * width);
    if (config_.qk_norm) {
      layer.qkv_raw = workspace.Floats(m * width);
      layer.q_rstd = workspace.Floats(m * config_.num_heads);
      layer.k_rstd = workspace.Floats(m * config_.num_kv_heads);
    }
    layer.attention = workspace.Floats(m * a);
    layer.lse = workspace.Floats(m * config_.num_heads);
    layer.middle = workspace.Floats(m * c);
    layer.rstd2 = workspace.Floats(m);
    layer.gate_up = workspace.Floats(m * 2 * f);
    return layer;
  };
  state->layers.clear();
  for (int64_t i = 0; i < (keep ? config_.num_layers : 1); ++i) state->layers.push_back(take_layer());
  state->output = workspace.Floats(m * c);
  state->head_input = workspace.Floats(r * c);
  state->head_rstd = workspace.Floats(r);
  state->hidden = workspace.Floats(r * c);
  const int64_t scratch = workspace.used();
  float* normed = workspace.Floats(m * c);
  float* activation = workspace.Floats(m * f);

  ops::Embed(context, batch.tokens, weights.Matrix(layout_->embedding()), state->layers[0].input, c);
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    const TrainState::Layer& layer = state->layers[keep ? i : 0];
    ProjectQkv(context, weights, i, batch.positions, layer.input, normed, layer.rstd1, layer.qkv, layer.qkv_raw, layer.q_rstd,
               layer.k_rstd);
    ops::TreeAttention(context, attention(i), batch.segments, layer.qkv, width, weights.dtype(), layer.attention, a, layer.lse);
    std::memcpy(layer.middle, layer.input, m * c * sizeof(float));
    AddAttention(context, weights, i, m, layer.attention, layer.middle);
    float* next = i + 1 == config_.num_layers ? state->output : state->layers[keep ? i + 1 : 0].input;
    std::memcpy(next, layer.middle, m * c * sizeof(float));
    AddFeedForward(context, weights, i, m, next, normed, layer.rstd2, layer.gate_up, activation);
  }
  ops::GatherRows(context, batch.head_rows, c, state->output, c, state->head_input, c);
  ops::RmsNorm(context, r, c, state->head_input, c, weights.Vector(layout_->final_norm()), config_.rms_norm_eps, state->hidden, c,
               state->head_rstd);
  workspace.Reset(scratch);
  return absl::OkStatus();
}

void Decoder::TrainBackward(const ops::Context& context, const WeightArena& weights, const PackedBatch& batch, const TrainState& state,
                            float* dhidden, Workspace& workspace, FloatArena& grads) const {
  const int64_t m = static_cast<int64_t>(batch.tokens.size()), r = static_cast<int64_t>(batch.head_rows.size());
  const int64_t c = config_.hidden_size, f = config_.intermediate_size, width = config_.qkv_width(), d = config_.head_dim;
  const int64_t a = config_.num_heads * d;
  const DType compute = weights.dtype();
  const int64_t scratch = workspace.used();
  float* dx = workspace.Floats(m * c);
  float* normed = workspace.Floats(m * c);
  float* dnormed = workspace.Floats(m * c);
  float* dqkv = workspace.Floats(m * width);
  float* dattention = workspace.Floats(m * a);
  float* activation = workspace.Floats(m * f);
  float* dactivation = workspace.Floats(m * f);
  auto grad_vector = [&](int parameter) { return grads.Vector((*layout_)[parameter]); };
  auto grad_matrix = [&](int parameter) { return grads.Matrix((*layout_)[parameter]); };

  ops::RmsNormGrad(context, r, c, state.head_input, c, weights.Vector(layout_->final_norm()), state.head_rstd, dhidden, c, dhidden, c,
                   /*accumulate_dx=*/false, grad_vector(layout_->final_norm()));
  std::memset(dx, 0, m * c * sizeof(float));
  ops::ScatterAddRows(context, batch.head_rows, c, dhidden, c, dx, c);

  for (int64_t i = config_.num_layers - 1; i >= 0; --i) {
    const auto& ids = layout_->layer(i);
    const TrainState::Layer& layer = state.layers[i];
    // Feed-forward: output = middle + act(norm(middle) W_gate_up) W_down.
    ops::LinearInputGrad(context, m, dx, c, weights.Matrix(ids.down), dactivation, f, false);
    ops::SwiGlu(context, m, f, layer.gate_up, activation);
    ops::LinearWeightGrad(context, m, activation, f, dx, c, grad_matrix(ids.down), compute, true);
    if (ids.down_bias >= 0) ops::BiasGrad(context, m, c, dx, c, grad_vector(ids.down_bias));
    float* dgate_up = layer.gate_up;  // no longer needed after this: its gradient takes its place
    ops::SwiGluGrad(context, m, f, layer.gate_up, dactivation, dgate_up);
    if (ids.gate_up_bias >= 0) ops::BiasGrad(context, m, 2 * f, dgate_up, 2 * f, grad_vector(ids.gate_up_bias));
    ops::RmsNorm(context, m, c, layer.middle, c, weights.Vector(ids.post_norm), config_.rms_norm_eps, normed, c, nullptr);
    ops::LinearWeightGrad(context, m, normed, c, dgate_up, 2 * f, grad_matrix(ids.gate_up), compute, true);
    ops::LinearInputGrad(context, m, dgate_up, 2 * f, weights.Matrix(ids.gate_up), dnormed, c, false);
    ops::RmsNormGrad(context, m, c, layer.middle, c, weights.Vector(ids.post_norm), layer.rstd2, dnormed, c, dx, c, true,
                     grad_vector(ids.post_norm));
    // Attention: middle = input + attention(norm(input) W_qkv) W_o.
    ops::LinearInputGrad(context, m, dx, c, weights.Matrix(ids.o), dattention, a, false);
    ops::LinearWeightGrad(context, m, layer.attention, a, dx, c, grad_matrix(ids.o), compute, true);
    if (ids.o_bias >= 0) ops::BiasGrad(context, m, c, dx, c, grad_vector(ids.o_bias));
    ops::TreeAttentionGrad(context, attention(i), batch.segments, layer.qkv, width, compute, layer.attention, a, layer.lse, dattention, a,
                           dqkv, width);
    ops::Rope(context, attention(i), rope_, batch.positions, dqkv, width, /*inverse=*/true);
    if (config_.qk_norm) {
      for (int64_t head = 0; head < config_.num_heads + config_.num_kv_heads; ++head) {
        const bool is_query = head < config_.num_heads;
        const int parameter = is_query ? ids.q_norm : ids.k_norm;
        const float* rstd = is_query ? layer.q_rstd + head * m : layer.k_rstd + (head - config_.num_heads) * m;
        float* dhead = dqkv + head * d;
        ops::RmsNormGrad(context, m, d, layer.qkv_raw + head * d, width, weights.Vector(parameter), rstd, dhead, width, dhead, width, false,
                         grad_vector(parameter));
      }
    }
    if (ids.qkv_bias >= 0) ops::BiasGrad(context, m, width, dqkv, width, grad_vector(ids.qkv_bias));
    ops::RmsNorm(context, m, c, layer.input, c, weights.Vector(ids.input_norm), config_.rms_norm_eps, normed, c, nullptr);
    ops::LinearWeightGrad(context, m, normed, c, dqkv, width, grad_matrix(ids.qkv), compute, true);
    ops::LinearInputGrad(context, m, dqkv, width, weights.Matrix(ids.qkv), dnormed, c, false);
    ops::RmsNormGrad(context, m, c, layer.input, c, weights.Vector(ids.input_norm), layer.rstd1, dnormed, c, dx, c, true,
                     grad_vector(ids.input_norm));
  }
  ops::EmbedGrad(context, batch.tokens, dx, c, grad_matrix(layout_->embedding()));
  workspace.Reset(scratch);
}

}  // namespace hone
