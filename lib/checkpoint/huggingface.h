#pragma once
// Hugging Face model folders: config.json, weights in model.safetensors or in shards listed by model.safetensors.index.json, tokenizer
// files.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/checkpoint/safetensors.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

// A model folder opened for reading: all its tensors under one roof.
//
// With an index, the tensors are those it lists, each in the shard it names; a shard's name is a plain file name, so nothing outside the
// folder is read. model.safetensors wins over an index.
class HfDirectory : public TensorSource {
 public:
  // NotFound when the folder, config.json or the weights are missing (the message says what was looked for); DataLoss, naming file, tensor
  // and byte, when a file is malformed or a listed tensor is not in its shard.
  static absl::StatusOr<std::unique_ptr<HfDirectory>> Open(const std::string& directory);

  // The text of config.json, checked to be a JSON object.
  const std::string& config_json() const { return config_json_; }
  // The text of generation_config.json, checked likewise; empty when there is none.
  const std::string& generation_config_json() const { return generation_config_json_; }

 private:
  HfDirectory() = default;
  const uint8_t* RowBytes(size_t index, int64_t row) const override;
  absl::Status OpenSingle(const std::string& directory, const std::string& path);
  absl::Status OpenIndexed(const std::string& directory, const std::string& index_path);

  std::string config_json_;
  std::string generation_config_json_;
  std::vector<std::unique_ptr<SafetensorsFile>> shards_;
  std::vector<std::pair<size_t, size_t>> places_;  // of tensors()[i]: shard, index in it
};

// Writes a model folder: everything goes to `<directory>.tmp`, and Finish syncs and renames it, so `directory` is whole or absent.
// The destructor removes an unfinished `.tmp`; a stale one from a killed process is removed by the next Create.
//
// Threads: as SafetensorsWriter.
class HfDirectoryWriter {
 public:
  struct Options {
    std::string config_json;
    std::string generation_config_json;  // none when empty
    // Folder whose tokenizer files (tokenizer.json, tokenizer_config.json, chat_template.jinja, ...) are copied; none when empty.
    std::string tokenizer_directory;
    std::map<std::string, std::string> metadata = {{"format", "pt"}};
    // Whether a folder of that name is replaced when all is written; otherwise it is an error before anything is written.
    bool replace = false;
  };

  // AlreadyExists when the folder is there and may not be replaced; otherwise as SafetensorsWriter::Create.
  static absl::StatusOr<std::unique_ptr<HfDirectoryWriter>> Create(const std::string& directory, std::vector<TensorSpec> specs,
                                                                   const Options& options);
  ~HfDirectoryWriter();
  HfDirectoryWriter(const HfDirectoryWriter&) = delete;
  HfDirectoryWriter& operator=(const HfDirectoryWriter&) = delete;

  // Where further files and folders may be put before Finish.
  const std::string& temporary_directory() const { return temporary_; }

  absl::Status WriteFloat32(std::string_view name, absl::Span<const float> values, int64_t begin = 0) {
    return weights_->WriteFloat32(name, values, begin);
  }
  absl::Status WriteBFloat16(std::string_view name, absl::Span<const uint16_t> values, int64_t begin = 0) {
    return weights_->WriteBFloat16(name, values, begin);
  }

  // Adds or replaces a small text file, for example a tokenizer.json made from a GGUF file. `name` is a plain file name.
  absl::Status WriteTextFile(const std::string& name, std::string_view content);

  // FailedPrecondition when a tensor is missing; then nothing has changed under the final name.
  absl::Status Finish();

 private:
  HfDirectoryWriter(std::string directory, bool replace);
  std::string directory_;
  std::string temporary_;
  bool replace_;
  bool finished_ = false;
  std::unique_ptr<SafetensorsWriter> weights_;
};

// Copies the tokenizer files that exist in `from` to `to`; returns how many.
absl::StatusOr<int> CopyTokenizerFiles(const std::string& from, const std::string& to);

}  // namespace hone
