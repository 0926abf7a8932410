#pragma once
// The decoder: one forward for prefill, decode and training, out of the operators of lib/ops. What a token's row goes through is the same
// sequence of operators on every path, and each operator is row invariant, so the log-probability that the learner recomputes equals
// the actor's bit for bit.

#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "lib/model/config.h"
#include "lib/model/layout.h"
#include "lib/model/weights.h"
#include "lib/model/workspace.h"
#include "lib/ops/attention.h"

namespace hone {

// Key/value cache of all layers: num_blocks blocks of block_tokens tokens each.
class KvPool {
 public:
  KvPool(const ops::Context& context, const DecoderConfig& config, DType dtype, int64_t block_tokens, int64_t num_blocks);

  // Bytes that one block takes over all layers.
  static int64_t BlockBytes(const DecoderConfig& config, DType dtype, int64_t block_tokens);

  DType dtype() const { return dtype_; }
  int64_t block_tokens() const { return block_tokens_; }
  int64_t num_blocks() const { return num_blocks_; }
  void* layer(int64_t i) { return layers_[i].raw(); }
  // Copies the first `tokens` tokens of a block in every layer.
  void CopyBlock(const ops::Context& context, const ops::AttentionShape& shape, int32_t from, int32_t to, int64_t tokens);

 private:
  DType dtype_;
  int64_t block_tokens_, num_blocks_;
  std::vector<Tensor> layers_;
};

// A step of prefill and decode. positions[i] belongs to tokens[i]; sequences partition the rows; logits are wanted for logit_rows.
struct CachedBatch {
  absl::Span<const int32_t> tokens;
  absl::Span<const int32_t> positions;
  absl::Span<const ops::CachedSequence> sequences;
  absl::Span<const int32_t> logit_rows;
};

// A packed batch for training: trees of prompt and completions (ops::Segment); head_rows are the rows whose final hidden state is wanted, a
// row may stand there several times.
struct PackedBatch {
  absl::Span<const int32_t> tokens;
  absl::Span<const int32_t> positions;
  absl::Span<const ops::Segment> segments;
  absl::Span<const int32_t> head_rows;
};

// What TrainForward keeps for TrainBackward; lives in the workspace given to it.
struct TrainState {
  struct Layer {
    float *input, *rstd1, *qkv_raw, *qkv, *q_rstd, *k_rstd, *attention, *lse, *middle, *rstd2, *gate_up;
  };
  std::vector<Layer> layers;
  float* output = nullptr;      // [M, C] residual stream after the last layer
  float* head_input = nullptr;  // [R, C] its head rows before the last norm
  float* head_rstd = nullptr;   // [R]
  float* hidden = nullptr;      // [R, C] normalised: what the head takes
};

// Threads: const; calls may overlap when their contexts, workspaces and pools differ.
class Decoder {
 public:
  // max_context: positions the rotary table covers; at most config.max_positions.
  static absl::StatusOr<std::unique_ptr<Decoder>> Create(DecoderConfig config, int64_t max_context);

  const DecoderConfig& config() const { return config_; }
  const std::shared_ptr<const ParameterLayout>& layout() const { return layout_; }
  int64_t max_context() const { return rope_.positions; }
  ops::AttentionShape attention(int64_t layer) const;

  // Workspace that ForwardCached takes for `rows` rows and `logit_rows` rows of logits.
  int64_t CachedFloats(int64_t rows, int64_t logit_rows) const;
  // Appends the rows to the cache and returns logits [logit_rows, V], which live in the workspace (not reset here).
  // InvalidArgument when a token or position is out of range.
  absl::StatusOr<float*> ForwardCached(const ops::Context& context, const WeightArena& weights, const CachedBatch& batch, KvPool& pool,
                                       Workspace& workspace) const;

  // Workspace for a packed batch; keep = false when no backward follows. Kept state and scratch of forward and backward together.
  int64_t TrainFloats(int64_t rows, int64_t head_rows, bool keep) const;
  absl::Status TrainForward(const ops::Context& context, const WeightArena& weights, const PackedBatch& batch, bool keep,
                            Workspace& workspace, TrainState* state) const;
  // grads += gradient for d(loss)/d(hidden) = dhidden [R, C] (overwritten). state from TrainForward with keep, same batch and workspace.
  void TrainBackward(const ops::Context& context, const WeightArena& weights, const PackedBatch& batch, const TrainState& state,
                     float* dhidden, Workspace& workspace, FloatArena& grads) const;

  // logits [m, V] from hidden [m, C], and the gradient of the same: dhidden is overwritten, the head's gradient added to.
  void Head(const ops::Context& context, const WeightArena& weights, int64_t m, const float* hidden, float* logits) const;
  void HeadGrad(const ops::Context& context, const WeightArena& weights, int64_t m, const float* hidden, const float* dlogits,
                float* dhidden, FloatArena& grads) const;

 private:
  Decoder(DecoderConfig config, int64_t max_context);
  absl::Status CheckTokens(absl::Span<const int32_t> tokens, absl::Span<const int32_t> positions) const;
  // qkv [M, ..] from the residual stream x: norm, projection, q/k norm, rotation. Null pointers: not kept.
  void ProjectQkv(const ops::Context& context, const WeightArena& weights, int64_t layer, absl::Span<const int32_t> positions,
                  const float* x, float* normed, float* rstd, float* qkv, float* qkv_raw, float* q_rstd, float* k_rstd) const;
  // x += attention W_o.
  void AddAttention(const ops::Context& context, const WeightArena& weights, int64_t layer, int64_t m, const float* attention,
                    float* x) const;
  // x += feed-forward(x).
  void AddFeedForward(const ops::Context& context, const WeightArena& weights, int64_t layer, int64_t m, float* x, float* normed,
                      float* rstd, float* gate_up, float* activation) const;

  DecoderConfig config_;
  std::shared_ptr<const ParameterLayout> layout_;
  ops::RopeTable rope_;
};

}  // namespace hone
