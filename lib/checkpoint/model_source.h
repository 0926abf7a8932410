#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/base/status.h"
#include "lib/checkpoint/gguf_model.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

enum class ModelKind { kHuggingFace, kGguf };

// A model on disk, whatever its format: tensors under Hugging Face names and the text of config.json.
struct OpenedModel {
  ModelKind kind = ModelKind::kHuggingFace;
  std::string path;
  std::shared_ptr<const TensorSource> tensors;
  std::string config_json;
  std::string generation_config_json;           // empty when there is none
  std::optional<GgufTokenizer> gguf_tokenizer;  // of a GGUF file that has one; a Hugging Face folder holds its own tokenizer files
};

// Opens a Hugging Face folder or a .gguf file, told apart by what is there, not by name.
// Errors: NotFound for a missing path (what was looked for, and how to get a model); otherwise as HfDirectory, GgufFile and GgufModel.
absl::StatusOr<OpenedModel> OpenModel(const std::string& path);

}  // namespace hone
