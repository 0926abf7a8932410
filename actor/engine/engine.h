#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "actor/engine/kv_blocks.h"
#include "lib/base/random.h"
#include "lib/base/status.h"
#include "lib/model/decoder.h"
#include "lib/ops/softmax.h"
#include "lib/rollout/trajectory.h"
#include "lib/tokenizer/stream_decoder.h"
#include "lib/tokenizer/tokenizer.h"

namespace hone {

struct EngineOptions {
  int64_t max_batch = 128;             // sequences decoded together
  int64_t prefill_chunk_tokens = 512;  // prompt tokens processed per step beside them
  int64_t kv_block_tokens = 32;
  int64_t kv_budget_bytes = int64_t{1} << 30;
  uint64_t seed = 0;  // of the run: sample (group, sample) draws from RandomStream(seed, group, sample)
};

// One prompt and the samples wanted of it.
struct GenerateRequest {
  int64_t group = 0;
  std::vector<int32_t> prompt;   // not empty
  std::vector<int32_t> samples;  // indices, part of each sample's randomness
  SamplingSettings sampling;
};

struct Completion {
  int64_t group = 0;
  int32_t sample = 0;
  std::vector<int32_t> tokens;
  std::vector<float> logprobs, processed_logprobs, entropies;
  std::vector<VersionSpan> versions;
  FinishReason finish_reason = FinishReason::kStop;
  std::string text;  // without stop token and stop string; empty without a tokenizer
};

struct EngineStats {
  int64_t steps = 0;
  int64_t decoded_tokens = 0;
  int64_t prefilled_tokens = 0;
  double busy_seconds = 0;
};

// Generates completions by continuous batching: at every step all running sequences decode one token, new prompts are prefilled in chunks
// beside them, and finished sequences leave.
//
// A prompt is prefilled once; its samples share the full blocks of its cache and get a copy of the last, partial one. A sample joins only
// when blocks for its whole length are free, so generation never runs out of memory half way: what does not fit waits.
//
// The tokens of a sample are a function of (weights, prompt, sampling settings, seed, group, sample): not of what else is in the batch.
//
// Threads: one. SetWeights may be called between steps only.
class Engine {
 public:
  // decoder:   must outlive the engine.
  // tokenizer: the same; may be null: then no text and no stop strings.
  // dtype:     of the weights that will be set, and of the cache.
  Engine(const ops::Context& context, const Decoder& decoder, const Tokenizer* tokenizer, DType dtype, EngineOptions options);

  // From the next step on, tokens come from these weights. Caches are kept: tokens after a change attend to keys of the older version, and
  // the spans of a completion tell which token came from which.
  void SetWeights(std::shared_ptr<const WeightArena> weights, int64_t version);
  int64_t version() const { return version_; }

  // InvalidArgument when the prompt is empty, has a token outside the vocabulary, or leaves no room in the context;
  // ResourceExhausted when one sample needs more cache than there is.
  absl::Status Add(GenerateRequest request);
  // Drops what is left of a group; its unfinished samples give no completion.
  void Cancel(int64_t group);

  // One step; returns the completions that ended in it. Needs weights. Does nothing when idle.
  absl::StatusOr<std::vector<Completion>> Step();

  bool idle() const { return prompts_.empty() && running_.empty(); }
  // Samples waiting or running.
  int64_t num_samples() const;
  const EngineStats& stats() const { return stats_; }

 private:
  // A prompt being prefilled, or prefilled with samples that still wait for room.
  struct Prompt {
    GenerateRequest request;
    std::vector<int32_t> blocks;
    int64_t done = 0;           // tokens in the cache
    std::vector<float> logits;  // of the last token, once prefilled
    size_t next_sample = 0;
    bool admitted = false;  // blocks are taken
  };
  struct Sequence {
    int64_t group;
    int32_t sample;
    SamplingSettings sampling;
    RandomStream random;
    int64_t prompt_tokens;
    std::vector<int32_t> blocks;
    int64_t reserved_blocks;  // still to be taken as it grows
    Completion completion;
    std::unique_ptr<StreamDecoder> stream;
    bool finished = false;
  };

  int64_t BlocksFor(int64_t tokens) const { return (tokens + options_.kv_block_tokens - 1) / options_.kv_block_tokens; }
  int64_t MaxTokens(const GenerateRequest& request) const;
  int64_t FreshBlocksPerSample(const Prompt& prompt) const;
  // Starts samples of prefilled prompts while there is room.
  void Join();
  void StartSample(Prompt& prompt);
  void Accept(Sequence& sequence, const ops::Sample& sample);
  void Finish(Sequence& sequence, FinishReason reason);
  void ReleaseBlocks(std::vector<int32_t>& blocks);
  static float UniformAt(const Sequence& sequence);

  const ops::Context context_;
  const Decoder& decoder_;
  const Tokenizer* const tokenizer_;
  const EngineOptions options_;
  KvPool pool_;
  KvBlocks blocks_;
  int64_t reserved_ = 0;  // blocks promised to running sequences
  Workspace workspace_;
  std::shared_ptr<const WeightArena> weights_;
  int64_t version_ = -1;
  std::deque<Prompt> prompts_;
  std::vector<Sequence> running_;
  EngineStats stats_;
};

}  // namespace hone
