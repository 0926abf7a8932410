#include "lib/model/decoder.h"

#include <cmath>
#include <cstring>

#include "fmt/format.h"
#include "lib/ops/bias.h"
#include "lib/ops/elementwise.h"
#include "lib/ops/matmul.h"

namespace hone {

KvPool::KvPool(const ops::Context& context, const DecoderConfig& config, DType dtype, int64_t block_tokens, int64_t num_blocks)
    : dtype_(dtype), block_tokens_(block_tokens), num_blocks_(num_blocks) {
  const int64_t elements = 2 * config.num_kv_heads * config.head_dim * block_tokens;
  for (int64_t i = 0; i < config.num_layers; ++i) layers_.push_back(Tensor::Zeros(context.device, dtype, {num_blocks, elements}));
}

int64_t KvPool::BlockBytes(const DecoderConfig& config, DType dtype, int64_t block_tokens) {
  return config.num_layers * 2 * config.num_kv_heads * config.head_dim * block_tokens * static_cast<int64_t>(SizeOf(dtype));
}

void KvPool::CopyBlock(const ops::Context& context, const ops::AttentionShape& shape, int32_t from, int32_t to, int64_t tokens) {
  for (Tensor& layer : layers_) ops::CopyKvBlock(context, shape, dtype_, layer.raw(), block_tokens_, from, to, tokens);
}

absl::StatusOr<std::unique_ptr<Decoder>> Decoder::Create(DecoderConfig config, int64_t max_context) {
  if (max_context < 1 || max_context > config.max_positions) {
    return absl::InvalidArgumentError(
        fmt::format("model.max_context {} must be from 1 to the model's max_position_embeddings {}", max_context, config.max_positions));
  }
  return std::unique_ptr<Decoder>(new Decoder(std::move(config), max_context));
}

Decoder::Decoder(DecoderConfig config, int64_t max_context)
    : config_(std::move(config)),
      layout_(std::make_shared<ParameterLayout>(config_)),
      rope_(ops::MakeRopeTable(config_.rope_inv_freq, config_.rope_attention_factor, max_context)) {}

ops::AttentionShape Decoder::attention(int64_t layer) const {
  return {.heads = config_.num_heads,
          .kv_heads = config_.num_kv_heads,
          .head_dim = config_.head_dim,
          .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(config_.head_dim))),
          .window = config_.windows[layer]};
}

absl::Status Decoder::CheckTokens(absl::Span<const int32_t> tokens, absl::Span<const int32_t> positions) const {
  HONE_CHECK_EQ(tokens.size(), positions.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || tokens[i] >= config_.vocab_size) {
      return absl::InvalidArgumentError(
          fmt::format("token {} at place {} is outside the vocabulary [0, {})", tokens[i], i, config_.vocab_size));
    }
    if (positions[i] < 0 || positions[i] >= rope_.positions) {
      return absl::InvalidArgumentError(
          fmt::format("position {} is outside the context of {} tokens; raise model.max_context", positions[i], rope_.positions));
    }
  }
  return absl::OkStatus();
}

void Decoder::ProjectQkv(const ops::Context& context, const WeightArena& weights, int64_t layer, absl::Span<const int32_t> positions,
                         const float* x, float* normed, float* rstd, float* qkv, float* qkv_raw, float* q_rstd, float* k_rstd) const {
  const auto& ids = layout_->layer(layer);
  const int64_t m = static_cast<int64_t>(positions.size()), c = config_.hidden_size, width = config_.qkv_width(), d = config_.head_dim;
  ops::RmsNorm(context, m, c, x, c, weights.Vector(ids.input_norm), config_.rms_norm_eps, normed, c, rstd);
  ops::Linear(context, m, normed, c, weights.Matrix(ids.qkv), weights.Vector(ids.qkv_bias), qkv, width, /*accumulate=*/false);
  if (config_.qk_norm) {
    if (qkv_raw != nullptr) std::memcpy(qkv_raw, qkv, m * width * sizeof(float));
    for (int64_t head = 0; head < config_.num_heads + config_.num_kv_heads; ++head) {
      const bool is_query = head < config_.num_heads;
      float* kept = is_query ? q_rstd : k_rstd;
      if (kept != nullptr) kept += (is_query ? head : head - config_.num_heads) * m;
      float* rows = qkv + head * d;
      ops::RmsNorm(context, m, d, rows, width, weights.Vector(is_query ? ids.q_norm : ids.k_norm), config_.rms_norm_eps, rows, width, kept);
    }
  }
  ops::Rope(context, attention(layer), rope_, positions, qkv, width, /*inverse=*/false);
}

void Decoder::AddAttention(const ops::Context& context, const WeightArena& weights, int64_t layer, int64_t m, const float* attention,
                           float* x) const {
  const auto& ids = layout_->layer(layer);
  const int64_t c = config_.hidden_size;
  if (ids.o_bias >= 0) ops::AddBias(context, m, c, weights.Vector(ids.o_bias), x, c);
  ops::Linear(context, m, attention, config_.num_heads * config_.head_dim, weights.Matrix(ids.o), nullptr, x, c, /*accumulate=*/true);
}

void Decoder::AddFeedForward(const ops::Context& context, const WeightArena& weights, int64_t layer, int64_t m, float* x, float* normed,
                             float* rstd, float* gate_up, float* activation) const {
  const auto& ids = layout_->layer(layer);
  const int64_t c = config_.hidden_size, f = config_.intermediate_size;
  ops::RmsNorm(context, m, c, x, c, weights.Vector(ids.post_norm), config_.rms_norm_eps, normed, c, rstd);
  ops::Linear(context, m, normed, c, weights.Matrix(ids.gate_up), weights.Vector(ids.gate_up_bias), gate_up, 2 * f, /*accumulate=*/false);
  ops::SwiGlu(context, m, f, gate_up, activation);
  if (ids.down_bias >= 0) ops::AddBias(context, m, c, weights.Vector(ids.down_bias), x, c);
  ops::Linear(context, m, activation, f, weights.Matrix(ids.down), nullptr, x, c, /*accumulate=*/true);
}

int64_t Decoder::CachedFloats(int64_t rows, int64_t logit_rows) const {
  const auto up = &Workspace::RoundUp;
  const int64_t c = config_.hidden_size, f = config_.intermediate_size;
  return 2 * up(rows * c) + up(rows * config_.qkv_width()) + up(rows * config_.num_heads * config_.head_dim) + up(rows * 2 * f) +
         up(rows * f) + up(logit_rows * c) + up(logit_rows * config_.vocab_size);
}

absl::StatusOr<float*> Decoder::ForwardCached(const ops::Context& context, const WeightArena& weights, const CachedBatch& batch,
                                              KvPool& pool, Workspace& workspace) const {
  HONE_RETURN_IF_ERROR(CheckTokens(batch.tokens, batch.positions));
  const int64_t m = static_cast<int64_t>(batch.tokens.size()), r = static_cast<int64_t>(batch.logit_rows.size());
  const int64_t c = config_.hidden_size, f = config_.intermediate_size, width = config_.qkv_width(),
                a = config_.num_heads * config_.head_dim;
  float* x = workspace.Floats(m * c);
  float* normed = workspace.Floats(m * c);
  float* qkv = workspace.Floats(m * width);
  float* attention_out = workspace.Floats(m * a);
  float* gate_up = workspace.Floats(m * 2 * f);
  float* activation = workspace.Floats(m * f);
  ops::Embed(context, batch.tokens, weights.Matrix(layout_->embedding()), x, c);
  for (int64_t layer = 0; layer < config_.num_layers; ++layer) {
    ProjectQkv(context, weights, layer, batch.positions, x, normed, nullptr, qkv, nullptr, nullptr, nullptr);
    ops::CachedAttention(context, attention(layer), batch.sequences, qkv, width, pool.dtype(), pool.layer(layer), pool.block_tokens(),
                         attention_out, a);
    AddAttention(context, weights, layer, m, attention_out, x);
    AddFeedForward(context, weights, layer, m, x, normed, nullptr, gate_up, activation);
  }
  float* hidden = workspace.Floats(r * c);
  float* logits = workspace.Floats(r * config_.vocab_size);
  if (r == 0) return logits;
  ops::GatherRows(context, batch.logit_rows, c, x, c, hidden, c);
  ops::RmsNorm(context, r, c, hidden, c, weights.Vector(layout_->final_norm()), config_.rms_norm_eps, hidden, c, nullptr);
  Head(context, weights, r, hidden, logits);
  return logits;
}

void Decoder::Head(const ops::Context& context, const WeightArena& weights, int64_t m, const float* hidden, float* logits) const {
  ops::Linear(context, m, hidden, config_.hidden_size, weights.Matrix(layout_->head()), nullptr, logits, config_.vocab_size, false);
}

void Decoder::HeadGrad(const ops::Context& context, const WeightArena& weights, int64_t m, const float* hidden, const float* dlogits,
                       float* dhidden, FloatArena& grads) const {
  const int64_t c = config_.hidden_size, v = config_.vocab_size;
  ops::LinearInputGrad(context, m, dlogits, v, weights.Matrix(layout_->head()), dhidden, c, /*accumulate=*/false);
  ops::LinearWeightGrad(context, m, hidden, c, dlogits, v, grads.Matrix((*layout_)[layout_->head()]), weights.dtype(), /*accumulate=*/true);
}

}  // namespace hone
