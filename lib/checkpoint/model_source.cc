#include "lib/checkpoint/model_source.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "lib/checkpoint/gguf.h"
#include "lib/checkpoint/huggingface.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<OpenedModel> OpenGguf(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const GgufFile> file, GgufFile::Open(path));
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const GgufModel> model, GgufModel::Create(file));
  OpenedModel opened;
  opened.kind = ModelKind::kGguf;
  opened.path = path;
  opened.config_json = model->config_json();
  opened.generation_config_json = model->generation_config_json();
  opened.tensors = std::move(model);
  absl::StatusOr<GgufTokenizer> tokenizer = ReadGgufTokenizer(*file);
  if (tokenizer.ok()) {
    opened.gguf_tokenizer = *std::move(tokenizer);
  } else if (!absl::IsNotFound(tokenizer.status())) {
    return tokenizer.status();
  }
  return opened;
}

absl::StatusOr<OpenedModel> OpenDirectory(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const HfDirectory> directory, HfDirectory::Open(path));
  OpenedModel opened;
  opened.kind = ModelKind::kHuggingFace;
  opened.path = path;
  opened.config_json = directory->config_json();
  opened.generation_config_json = directory->generation_config_json();
  opened.tensors = std::move(directory);
  return opened;
}

}  // namespace

absl::StatusOr<OpenedModel> OpenModel(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return OpenDirectory(path);
  if (fs::is_regular_file(status)) {
    if (fs::path(path).extension() == ".safetensors") {
      return absl::InvalidArgumentError(fmt::format("{}: is a weight file without its config.json; give the folder that holds both", path));
    }
    return OpenGguf(path);
  }
  return absl::NotFoundError(
      fmt::format("{}: no such model; looked for a Hugging Face folder (config.json with model.safetensors or "
                  "model.safetensors.index.json) or a .gguf file of that name; scripts/setup fetches SmolLM2-135M-Instruct",
                  path));
}

}  // namespace hone
