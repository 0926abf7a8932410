#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "lib/checkpoint/model_source.h"
#include "lib/model/config.h"
#include "lib/model/layout.h"
#include "lib/tokenizer/chat/chat_format.h"
#include "lib/tokenizer/tokenizer.h"

namespace hone {

// The small files that go with a model's weights, as text, so that a checkpoint can carry them on.
struct TokenizerFiles {
  std::string tokenizer_json;         // empty: the model has no tokenizer
  std::string tokenizer_config_json;  // empty: none
  std::string chat_template;          // empty: none, or inside tokenizer_config_json
};

// A model on disk and everything read from it but the weights themselves.
struct ModelFiles {
  std::string path;
  std::string config_json;
  std::string generation_config_json;  // empty: none
  DecoderConfig config;
  std::shared_ptr<const TensorSource> tensors;
  TokenizerFiles tokenizer_files;
  std::shared_ptr<const Tokenizer> tokenizer;  // null without tokenizer.json
  std::optional<ChatFormat> chat;              // without a template: none
  std::vector<int32_t> stop_token_ids;         // end-of-sequence ids of config and generation config
};

// Opens a Hugging Face folder or a GGUF file. A folder without a tokenizer is fine: then ids are all there is.
// Errors: those of OpenModel, ParseDecoderConfig, Tokenizer and LoadChatFormat, with the path.
absl::StatusOr<ModelFiles> LoadModelFiles(const std::string& path);

// Writes a Hugging Face folder: every tensor of the layout from an arena (float32 master or forward weights) as `stored` (bf16 or float32),
// with config and tokenizer files. Whole or absent under its final name. `add` may put further files into the temporary folder first.
absl::Status WriteModel(const std::string& directory, const ParameterLayout& layout, DType arena_dtype, const void* arena, DType stored,
                        const std::string& config_json, const std::string& generation_config_json, const TokenizerFiles& tokenizer,
                        const std::function<absl::Status(const std::string& folder)>& add = {});

// A character-level tokenizer for models made from nothing: token 0 is the end of sequence, then the characters in the order given.
absl::StatusOr<TokenizerFiles> MakeCharacterTokenizer(std::string_view characters);

}  // namespace hone
