#include "actor/engine/engine.h"

#include <algorithm>
#include <chrono>

#include "fmt/format.h"
#include "lib/base/random.h"

namespace hone {
namespace {

// Prompts that may end their prefill in one step: each needs a row of logits.
constexpr int64_t kMaxPrefillsPerStep = 32;

int64_t BlocksWithin(const Decoder& decoder, DType dtype, const EngineOptions& options) {
  return std::max<int64_t>(1, options.kv_budget_bytes / KvPool::BlockBytes(decoder.config(), dtype, options.kv_block_tokens));
}

}  // namespace

Engine::Engine(const ops::Context& context, const Decoder& decoder, const Tokenizer* tokenizer, DType dtype, EngineOptions options)
    : context_(context),
      decoder_(decoder),
      tokenizer_(tokenizer),
      options_(options),
      pool_(context, decoder.config(), dtype, options.kv_block_tokens, BlocksWithin(decoder, dtype, options)),
      blocks_(pool_.num_blocks()),
      workspace_(context.device,
                 decoder.CachedFloats(options.max_batch + options.prefill_chunk_tokens, options.max_batch + kMaxPrefillsPerStep)) {}

void Engine::SetWeights(std::shared_ptr<const WeightArena> weights, int64_t version) {
  HONE_CHECK(weights->dtype() == pool_.dtype());
  weights_ = std::move(weights);
  version_ = version;
}

int64_t Engine::MaxTokens(const GenerateRequest& request) const {
  const int64_t prompt = static_cast<int64_t>(request.prompt.size());
  return std::min(prompt + request.sampling.max_new_tokens, decoder_.max_context());
}

int64_t Engine::FreshBlocksPerSample(const Prompt& prompt) const {
  const int64_t shared = static_cast<int64_t>(prompt.request.prompt.size()) / options_.kv_block_tokens;  // full blocks
  return BlocksFor(MaxTokens(prompt.request)) - shared;
}

absl::Status Engine::Add(GenerateRequest request) {
  const int64_t prompt = static_cast<int64_t>(request.prompt.size());
  if (prompt == 0) return absl::InvalidArgumentError(fmt::format("group {}: the prompt is empty", request.group));
  if (prompt >= decoder_.max_context()) {
    return absl::InvalidArgumentError(
        fmt::format("group {}: the prompt has {} tokens, the context holds {}; shorten it or raise model.max_context", request.group,
                    prompt, decoder_.max_context()));
  }
  for (int32_t token : request.prompt) {
    if (token < 0 || token >= decoder_.config().vocab_size) {
      return absl::InvalidArgumentError(
          fmt::format("group {}: prompt token {} is outside the vocabulary [0, {})", request.group, token, decoder_.config().vocab_size));
    }
  }
  if (request.sampling.max_new_tokens < 1) {
    return absl::InvalidArgumentError(
        fmt::format("group {}: max_new_tokens {} must be at least 1", request.group, request.sampling.max_new_tokens));
  }
  Prompt entry;
  entry.request = std::move(request);
  // The prompt's own blocks and one sample's fresh ones.
  const int64_t needed = BlocksFor(prompt) + FreshBlocksPerSample(entry);
  if (needed > pool_.num_blocks()) {
    return absl::ResourceExhaustedError(fmt::format(
        "group {}: one sample of up to {} tokens needs {} cache blocks of {} tokens, the budget holds {}; raise actors.kv_budget_mb or "
        "lower rollout.max_new_tokens",
        entry.request.group, MaxTokens(entry.request), needed, options_.kv_block_tokens, pool_.num_blocks()));
  }
  if (!entry.request.samples.empty()) prompts_.push_back(std::move(entry));
  return absl::OkStatus();
}

void Engine::ReleaseBlocks(std::vector<int32_t>& blocks) {
  for (int32_t block : blocks) blocks_.Release(block);
  blocks.clear();
}

void Engine::Cancel(int64_t group) {
  std::erase_if(prompts_, [&](Prompt& prompt) {
    if (prompt.request.group != group) return false;
    ReleaseBlocks(prompt.blocks);
    return true;
  });
  std::erase_if(running_, [&](Sequence& sequence) {
    if (sequence.group != group) return false;
    ReleaseBlocks(sequence.blocks);
    reserved_ -= sequence.reserved_blocks;
    return true;
  });
}

int64_t Engine::num_samples() const {
  int64_t total = static_cast<int64_t>(running_.size());
  for (const Prompt& prompt : prompts_) total += static_cast<int64_t>(prompt.request.samples.size() - prompt.next_sample);
  return total;
}

float Engine::UniformAt(const Sequence& sequence) {
  const uint64_t position = sequence.completion.tokens.size();
  return static_cast<float>(sequence.random.Bits(position) >> 40) * 0x1.0p-24f;  // below 1 in float32
}

void Engine::Finish(Sequence& sequence, FinishReason reason) {
  sequence.finished = true;
  sequence.completion.finish_reason = reason;
  if (sequence.stream != nullptr && reason != FinishReason::kStop) sequence.completion.text += sequence.stream->Flush();
}

void Engine::Accept(Sequence& sequence, const ops::Sample& sample) {
  Completion& completion = sequence.completion;
  completion.tokens.push_back(sample.token);
  completion.logprobs.push_back(sample.logprob);
  completion.processed_logprobs.push_back(sample.processed_logprob);
  completion.entropies.push_back(sample.entropy);
  if (completion.versions.empty() || completion.versions.back().policy_version != version_) {
    completion.versions.push_back({static_cast<int32_t>(completion.tokens.size()) - 1, version_});
  }
  ++stats_.decoded_tokens;
  const auto& stops = sequence.sampling.stop_token_ids;
  if (!sequence.sampling.ignore_eos && std::find(stops.begin(), stops.end(), sample.token) != stops.end()) {
    if (sequence.stream != nullptr) completion.text += sequence.stream->Flush();
    return Finish(sequence, FinishReason::kStop);
  }
  if (sequence.stream != nullptr) {
    const size_t before = completion.text.size();
    completion.text += sequence.stream->Push(sample.token);
    for (const std::string& stop : sequence.sampling.stop) {
      if (stop.empty()) continue;
      // The stop string may have begun in the text of earlier tokens.
      const size_t from = before >= stop.size() ? before - stop.size() + 1 : 0;
      const size_t found = completion.text.find(stop, from);
      if (found == std::string::npos) continue;
      completion.text.resize(found);
      return Finish(sequence, FinishReason::kStop);
    }
  }
  const int64_t total = sequence.prompt_tokens + static_cast<int64_t>(completion.tokens.size());
  if (static_cast<int32_t>(completion.tokens.size()) >= sequence.sampling.max_new_tokens || total >= decoder_.max_context()) {
    Finish(sequence, FinishReason::kLength);
  }
}

void Engine::StartSample(Prompt& prompt) {
  const GenerateRequest& request = prompt.request;
  const int32_t index = request.samples[prompt.next_sample++];
  const int64_t tokens = static_cast<int64_t>(request.prompt.size());
  const int64_t shared = tokens / options_.kv_block_tokens, partial = tokens % options_.kv_block_tokens;
  Sequence sequence{.group = request.group,
                    .sample = index,
                    .sampling = request.sampling,
                    .random = RandomStream(options_.seed, static_cast<uint64_t>(request.group), static_cast<uint64_t>(index)),
                    .prompt_tokens = tokens,
                    .blocks = {prompt.blocks.begin(), prompt.blocks.begin() + shared},
                    .reserved_blocks = FreshBlocksPerSample(prompt),
                    .completion = {},
                    .stream = tokenizer_ != nullptr ? std::make_unique<StreamDecoder>(tokenizer_) : nullptr};
  for (int32_t block : sequence.blocks) blocks_.Share(block);
  reserved_ += sequence.reserved_blocks;
  if (partial > 0) {
    const int32_t copy = blocks_.Take();
    pool_.CopyBlock(context_, decoder_.attention(0), prompt.blocks[shared], copy, partial);
    sequence.blocks.push_back(copy);
    --sequence.reserved_blocks;
    --reserved_;
  }
  sequence.completion.group = request.group;
  sequence.completion.sample = index;
  const ops::SampleParams params{.temperature = request.sampling.temperature,
                                 .top_k = request.sampling.top_k,
                                 .top_p = request.sampling.top_p,
                                 .min_p = request.sampling.min_p};
  const float uniform = UniformAt(sequence);
  ops::Sample first;
  ops::SampleRows(context_, 1, decoder_.config().vocab_size, prompt.logits.data(), decoder_.config().vocab_size, {&params, 1},
                  {&uniform, 1}, &first);
  Accept(sequence, first);
  running_.push_back(std::move(sequence));
}

void Engine::Join() {
  for (Prompt& prompt : prompts_) {
    while (!prompt.logits.empty() && prompt.next_sample < prompt.request.samples.size() &&
           static_cast<int64_t>(running_.size()) < options_.max_batch && blocks_.num_free() - reserved_ >= FreshBlocksPerSample(prompt)) {
      StartSample(prompt);
    }
  }
  std::erase_if(prompts_, [&](Prompt& prompt) {
    if (prompt.next_sample < prompt.request.samples.size()) return false;
    ReleaseBlocks(prompt.blocks);
    return true;
  });
}

absl::StatusOr<std::vector<Completion>> Engine::Step() {
  HONE_CHECK(weights_ != nullptr);
  if (idle()) return std::vector<Completion>();
  const auto start = std::chrono::steady_clock::now();
  std::vector<int32_t> tokens, positions, logit_rows;
  std::vector<ops::CachedSequence> sequences;

  // One token of every running sequence.
  for (Sequence& sequence : running_) {
    const int64_t position = sequence.prompt_tokens + static_cast<int64_t>(sequence.completion.tokens.size()) - 1;
    if (position / options_.kv_block_tokens >= static_cast<int64_t>(sequence.blocks.size())) {
      sequence.blocks.push_back(blocks_.Take());
      --sequence.reserved_blocks;
      --reserved_;
    }
    const int64_t row = static_cast<int64_t>(tokens.size());
    tokens.push_back(sequence.completion.tokens.back());
    positions.push_back(static_cast<int32_t>(position));
    logit_rows.push_back(static_cast<int32_t>(row));
    sequences.push_back({row, 1, position, sequence.blocks});
  }
  const size_t num_decoding = running_.size();

  // Chunks of prompts, oldest first.
  int64_t room = options_.prefill_chunk_tokens;
  std::vector<Prompt*> ending;
  for (Prompt& prompt : prompts_) {
    const int64_t total = static_cast<int64_t>(prompt.request.prompt.size());
    if (prompt.done == total) continue;
    if (room == 0 || static_cast<int64_t>(ending.size()) == kMaxPrefillsPerStep) break;
    if (!prompt.admitted) {
      // Room for the prompt and for one sample at least, else it would hold blocks that nobody can use.
      if (blocks_.num_free() - reserved_ < BlocksFor(total) + FreshBlocksPerSample(prompt)) break;
      for (int64_t i = 0; i < BlocksFor(total); ++i) prompt.blocks.push_back(blocks_.Take());
      prompt.admitted = true;
    }
    const int64_t count = std::min(room, total - prompt.done);
    const int64_t row = static_cast<int64_t>(tokens.size());
    for (int64_t i = 0; i < count; ++i) {
      tokens.push_back(prompt.request.prompt[prompt.done + i]);
      positions.push_back(static_cast<int32_t>(prompt.done + i));
    }
    sequences.push_back({row, count, prompt.done, prompt.blocks});
    prompt.done += count;
    room -= count;
    stats_.prefilled_tokens += count;
    if (prompt.done == total) {
      logit_rows.push_back(static_cast<int32_t>(row + count - 1));
      ending.push_back(&prompt);
    }
  }

  workspace_.Reset();
  HONE_ASSIGN_OR_RETURN(const float* logits,
                        decoder_.ForwardCached(context_, *weights_,
                                               {.tokens = tokens, .positions = positions, .sequences = sequences, .logit_rows = logit_rows},
                                               pool_, workspace_));
  const int64_t v = decoder_.config().vocab_size;
  if (num_decoding > 0) {
    std::vector<ops::SampleParams> params;
    std::vector<float> uniform;
    for (const Sequence& sequence : running_) {
      params.push_back({.temperature = sequence.sampling.temperature,
                        .top_k = sequence.sampling.top_k,
                        .top_p = sequence.sampling.top_p,
                        .min_p = sequence.sampling.min_p});
      uniform.push_back(UniformAt(sequence));
    }
    std::vector<ops::Sample> samples(num_decoding);
    ops::SampleRows(context_, static_cast<int64_t>(num_decoding), v, logits, v, params, uniform, samples.data());
    for (size_t i = 0; i < num_decoding; ++i) Accept(running_[i], samples[i]);
  }
  for (size_t i = 0; i < ending.size(); ++i) {
    const float* row = logits + static_cast<int64_t>(num_decoding + i) * v;
    ending[i]->logits.assign(row, row + v);
  }

  std::vector<Completion> finished;
  auto collect = [&] {
    std::erase_if(running_, [&](Sequence& sequence) {
      if (!sequence.finished) return false;
      ReleaseBlocks(sequence.blocks);
      reserved_ -= sequence.reserved_blocks;
      finished.push_back(std::move(sequence.completion));
      return true;
    });
  };
  collect();
  Join();
  collect();  // a sample may end with its first token
  ++stats_.steps;
  stats_.busy_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return finished;
}

}  // namespace hone
