#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "lib/checkpoint/gguf.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

// The tokenizer inside a GGUF file, as stored; lib/tokenizer makes a tokenizer.json of it.
struct GgufTokenizer {
  std::string model;                 // tokenizer.ggml.model: "gpt2" is byte-level BPE
  std::string pre;                   // tokenizer.ggml.pre: "smollm", "qwen2", "llama-bpe", ...; empty when absent
  std::vector<std::string> tokens;   // by id, in the byte-level alphabet for BPE
  std::vector<int32_t> token_types;  // by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty when absent
  std::vector<float> scores;         // by id; empty when absent
  std::vector<std::string> merges;   // "left right", best first
  std::optional<int32_t> bos_id, eos_id, eot_id, unknown_id, padding_id;
  std::optional<bool> add_bos, add_eos, add_space_prefix;
  std::string chat_template;  // Jinja; empty when absent
};

// Errors: NotFound when the file has no tokenizer; DataLoss when lists disagree in length or an id is outside of the vocabulary.
absl::StatusOr<GgufTokenizer> ReadGgufTokenizer(const GgufFile& file);

// A GGUF model seen as a Hugging Face one: tensors under Hugging Face names, and a config.json made from the metadata.
//
// Architectures: "llama" (LlamaForCausalLM), "qwen2", "qwen3". The converter that makes "llama" files reorders the rows of the query and
// key projections (and their biases) so that the two channels a rotation pairs are neighbours: row 2i + s of a head was row s * D/2 + i, D
// the head size. Reading undoes it row by row. qwen2 and qwen3 files keep the order.
//
// The model is checked as a whole when it is opened: every tensor of every layer is there in the shape the config says, and no tensor and
// no metadata that would change the computation is left out.
class GgufModel : public TensorSource {
 public:
  // Unimplemented for another architecture (the message lists the known ones) or for a feature of it that has no place in config.json;
  // DataLoss or NotFound when metadata or tensors are missing or contradict each other.
  static absl::StatusOr<std::unique_ptr<GgufModel>> Create(std::shared_ptr<const GgufFile> file);

  const std::string& config_json() const { return config_json_; }
  // Beginning, end and padding ids; all end tokens (end of text, end of turn) as a list when they differ.
  const std::string& generation_config_json() const { return generation_config_json_; }
  const GgufFile& file() const { return *file_; }

 private:
  // Where tensors()[i] comes from.
  struct Place {
    size_t source = 0;         // index in the file's tensors
    int64_t head_rows = 0;     // rows of a head when they must be put back in order, else 0
    std::vector<uint8_t> own;  // a reordered bias; else empty
  };

  explicit GgufModel(std::shared_ptr<const GgufFile> file) : file_(std::move(file)) {}
  const uint8_t* RowBytes(size_t index, int64_t row) const override;
  absl::Status MapTensors();

  std::shared_ptr<const GgufFile> file_;
  std::vector<Place> places_;
  std::string config_json_;
  std::string generation_config_json_;
};

}  // namespace hone
