#include "lib/checkpoint/gguf_model.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "lib/checkpoint/format_error.h"
#include "lib/checkpoint/gguf_config.h"

namespace hone {
namespace {

// A tensor the model needs, under both names.
struct Wanted {
  std::string gguf;
  std::string huggingface;
  std::vector<int64_t> shape;
  int64_t head_rows = 0;  // of a head, when its rows are in the order of neighbouring pairs
};

std::vector<Wanted> WantedTensors(const GgufConfig& config) {
  const int64_t hidden = config.hidden_size, inner = config.intermediate_size;
  const int64_t q_rows = config.num_heads * config.head_dim, kv_rows = config.num_kv_heads * config.head_dim;
  const int64_t head_rows = config.interleaved_rope ? config.head_dim : 0;
  std::vector<Wanted> wanted = {{"token_embd.weight", "model.embed_tokens.weight", {config.vocab_size, hidden}},
                                {"output_norm.weight", "model.norm.weight", {hidden}}};
  if (!config.tied) wanted.push_back({"output.weight", "lm_head.weight", {config.vocab_size, hidden}});
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const auto add = [&](std::string_view gguf, std::string_view huggingface, std::vector<int64_t> shape, int64_t rows = 0) {
      wanted.push_back(
          {fmt::format("blk.{}.{}", layer, gguf), fmt::format("model.layers.{}.{}", layer, huggingface), std::move(shape), rows});
    };
    add("attn_norm.weight", "input_layernorm.weight", {hidden});
    add("attn_q.weight", "self_attn.q_proj.weight", {q_rows, hidden}, head_rows);
    add("attn_k.weight", "self_attn.k_proj.weight", {kv_rows, hidden}, head_rows);
    add("attn_v.weight", "self_attn.v_proj.weight", {kv_rows, hidden});
    add("attn_output.weight", "self_attn.o_proj.weight", {hidden, q_rows});
    if (config.attention_bias) {
      add("attn_q.bias", "self_attn.q_proj.bias", {q_rows}, head_rows);
      add("attn_k.bias", "self_attn.k_proj.bias", {kv_rows}, head_rows);
      add("attn_v.bias", "self_attn.v_proj.bias", {kv_rows});
    }
    if (config.output_bias) add("attn_output.bias", "self_attn.o_proj.bias", {hidden});
    if (config.architecture == "qwen3") {
      add("attn_q_norm.weight", "self_attn.q_norm.weight", {config.head_dim});
      add("attn_k_norm.weight", "self_attn.k_norm.weight", {config.head_dim});
    }
    add("ffn_norm.weight", "post_attention_layernorm.weight", {hidden});
    add("ffn_gate.weight", "mlp.gate_proj.weight", {inner, hidden});
    add("ffn_up.weight", "mlp.up_proj.weight", {inner, hidden});
    add("ffn_down.weight", "mlp.down_proj.weight", {hidden, inner});
    if (config.mlp_bias) {
      add("ffn_gate.bias", "mlp.gate_proj.bias", {inner});
      add("ffn_up.bias", "mlp.up_proj.bias", {inner});
      add("ffn_down.bias", "mlp.down_proj.bias", {hidden});
    }
  }
  return wanted;
}

// Where row `row` of the Hugging Face order lies in the order of neighbouring pairs: s * D/2 + i of a head is at 2i + s.
int64_t InterleavedRow(int64_t row, int64_t head_rows) {
  const int64_t half = head_rows / 2;
  const int64_t within = row % head_rows;
  return row - within + 2 * (within % half) + within / half;
}

absl::Status ReadOptionalId(const GgufFile& file, std::string_view key, size_t num_tokens, std::optional<int32_t>* out) {
  if (file.FindValue(key) == nullptr) return absl::OkStatus();
  HONE_ASSIGN_OR_RETURN(const int64_t id, file.GetInteger(key));
  if (id < 0 || static_cast<uint64_t>(id) >= num_tokens) {
    return absl::DataLossError(fmt::format("{}: metadata {} is {}, outside of the {} tokens", file.path(), Quoted(key), id, num_tokens));
  }
  *out = static_cast<int32_t>(id);
  return absl::OkStatus();
}

absl::Status ReadOptionalBool(const GgufFile& file, std::string_view key, std::optional<bool>* out) {
  if (file.FindValue(key) == nullptr) return absl::OkStatus();
  HONE_ASSIGN_OR_RETURN(*out, file.GetBool(key));
  return absl::OkStatus();
}

absl::Status ReadOptionalString(const GgufFile& file, std::string_view key, std::string* out) {
  if (file.FindValue(key) == nullptr) return absl::OkStatus();
  HONE_ASSIGN_OR_RETURN(*out, file.GetString(key));
  return absl::OkStatus();
}

absl::Status CheckLength(const GgufFile& file, std::string_view key, size_t length, size_t num_tokens) {
  if (length == num_tokens) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}: metadata {} has {} elements of its type for {} tokens", file.path(), Quoted(key), length, num_tokens));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GgufModel>> GgufModel::Create(std::shared_ptr<const GgufFile> file) {
  std::unique_ptr<GgufModel> model(new GgufModel(std::move(file)));
  HONE_RETURN_IF_ERROR(model->MapTensors());
  return model;
}

absl::Status GgufModel::MapTensors() {
  const GgufFile& file = *file_;
  HONE_ASSIGN_OR_RETURN(GgufConfig config, ReadGgufConfig(file));
  if (config.num_layers > static_cast<int64_t>(file.tensors().size())) {
    return absl::DataLossError(fmt::format("{}: {} layers for {} tensors", file.path(), config.num_layers, file.tensors().size()));
  }
  std::unordered_set<std::string_view> used = {"rope_freqs.weight"};  // became part of config.json
  std::vector<TensorInfo> infos;
  std::vector<Place> places;
  const std::vector<Wanted> all_wanted = WantedTensors(config);
  for (const Wanted& wanted : all_wanted) {
    const TensorInfo* info = file.Find(wanted.gguf);
    if (info == nullptr) return absl::NotFoundError(fmt::format("{}: tensor {} is missing", file.path(), Quoted(wanted.gguf)));
    Place place;
    place.source = static_cast<size_t>(info - file.tensors().data());
    if (info->shape != wanted.shape) {
      return CorruptTensor(file.path(), wanted.gguf, file.offsets_[place.source],
                           fmt::format("shape {}, expected {} from the metadata", ShapeToString(info->shape), ShapeToString(wanted.shape)));
    }
    if (!IsDecodable(info->dtype)) {
      return CorruptTensor(file.path(), wanted.gguf, file.offsets_[place.source],
                           fmt::format("stored as {}, which is not a type of weights", TraitsOf(info->dtype).name));
    }
    used.insert(info->name);
    place.head_rows = wanted.head_rows;
    if (place.head_rows > 0 && info->shape.size() == 1) {  // a bias: its "rows" are elements, too small to be found one by one
      const int64_t bytes = TraitsOf(info->dtype).block_bytes;
      if (TraitsOf(info->dtype).block_elements != 1) {
        return absl::UnimplementedError(
            fmt::format("{}: tensor {}: a bias stored as {}", file.path(), Quoted(wanted.gguf), TraitsOf(info->dtype).name));
      }
      place.own.resize(info->num_bytes);
      for (int64_t i = 0; i < info->num_elements; ++i) {
        std::memcpy(place.own.data() + i * bytes, file.RowBytes(place.source, 0) + InterleavedRow(i, place.head_rows) * bytes, bytes);
      }
    }
    infos.push_back(*info);
    infos.back().name = wanted.huggingface;
    places.push_back(std::move(place));
  }
  for (const TensorInfo& info : file.tensors()) {
    if (!used.contains(info.name)) {
      return absl::UnimplementedError(fmt::format("{}: tensor {} has no place in a {} model; leaving it out would change the model",
                                                  file.path(), Quoted(info.name), config.architecture));
    }
  }
  for (const size_t i : SetTensors(file.path(), std::move(infos))) places_.push_back(std::move(places[i]));
  config_json_ = std::move(config.config_json);
  generation_config_json_ = std::move(config.generation_config_json);
  return absl::OkStatus();
}

const uint8_t* GgufModel::RowBytes(size_t index, int64_t row) const {
  const Place& place = places_[index];
  if (!place.own.empty()) return place.own.data();
  return file_->RowBytes(place.source, place.head_rows == 0 ? row : InterleavedRow(row, place.head_rows));
}

absl::StatusOr<GgufTokenizer> ReadGgufTokenizer(const GgufFile& file) {
  GgufTokenizer tokenizer;
  HONE_ASSIGN_OR_RETURN(tokenizer.model, file.GetString("tokenizer.ggml.model"));
  HONE_RETURN_IF_ERROR(ReadOptionalString(file, "tokenizer.ggml.pre", &tokenizer.pre));
  HONE_RETURN_IF_ERROR(ReadOptionalString(file, "tokenizer.chat_template", &tokenizer.chat_template));
  HONE_ASSIGN_OR_RETURN(const GgufArray* tokens, file.GetArray("tokenizer.ggml.tokens"));
  tokenizer.tokens = tokens->strings;
  const size_t num_tokens = tokenizer.tokens.size();
  if (num_tokens == 0 || num_tokens > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return absl::DataLossError(fmt::format("{}: metadata \"tokenizer.ggml.tokens\" holds {} strings", file.path(), num_tokens));
  }
  if (constexpr std::string_view kKey = "tokenizer.ggml.token_type"; file.FindValue(kKey) != nullptr) {
    HONE_ASSIGN_OR_RETURN(const GgufArray* types, file.GetArray(kKey));
    HONE_RETURN_IF_ERROR(CheckLength(file, kKey, types->integers.size(), num_tokens));
    for (const int64_t type : types->integers) {
      if (type < 0 || type > 255)
        return absl::DataLossError(fmt::format("{}: metadata {} holds a type {}", file.path(), Quoted(kKey), type));
      tokenizer.token_types.push_back(static_cast<int32_t>(type));
    }
  }
  if (constexpr std::string_view kKey = "tokenizer.ggml.scores"; file.FindValue(kKey) != nullptr) {
    HONE_ASSIGN_OR_RETURN(const GgufArray* scores, file.GetArray(kKey));
    HONE_RETURN_IF_ERROR(CheckLength(file, kKey, scores->floats.size(), num_tokens));
    for (const double score : scores->floats) tokenizer.scores.push_back(static_cast<float>(score));
  }
  if (constexpr std::string_view kKey = "tokenizer.ggml.merges"; file.FindValue(kKey) != nullptr) {
    HONE_ASSIGN_OR_RETURN(const GgufArray* merges, file.GetArray(kKey));
    tokenizer.merges = merges->strings;
  }
  HONE_RETURN_IF_ERROR(ReadOptionalId(file, "tokenizer.ggml.bos_token_id", num_tokens, &tokenizer.bos_id));
  HONE_RETURN_IF_ERROR(ReadOptionalId(file, "tokenizer.ggml.eos_token_id", num_tokens, &tokenizer.eos_id));
  HONE_RETURN_IF_ERROR(ReadOptionalId(file, "tokenizer.ggml.eot_token_id", num_tokens, &tokenizer.eot_id));
  HONE_RETURN_IF_ERROR(ReadOptionalId(file, "tokenizer.ggml.unknown_token_id", num_tokens, &tokenizer.unknown_id));
  HONE_RETURN_IF_ERROR(ReadOptionalId(file, "tokenizer.ggml.padding_token_id", num_tokens, &tokenizer.padding_id));
  HONE_RETURN_IF_ERROR(ReadOptionalBool(file, "tokenizer.ggml.add_bos_token", &tokenizer.add_bos));
  HONE_RETURN_IF_ERROR(ReadOptionalBool(file, "tokenizer.ggml.add_eos_token", &tokenizer.add_eos));
  HONE_RETURN_IF_ERROR(ReadOptionalBool(file, "tokenizer.ggml.add_space_prefix", &tokenizer.add_space_prefix));
  return tokenizer;
}

}  // namespace hone
