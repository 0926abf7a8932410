#include "lib/checkpoint/gguf_config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "absl/types/span.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/checkpoint/format_error.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;

struct Architecture {
  std::string_view name;  // in general.architecture, and model_type of Hugging Face
  std::string_view class_name;
  bool interleaved_rope;
};
constexpr Architecture kArchitectures[] = {
    {"llama", "LlamaForCausalLM", true},
    {"qwen2", "Qwen2ForCausalLM", false},
    {"qwen3", "Qwen3ForCausalLM", false},
};

// Metadata that changes what the model computes and has no place in the configuration of these architectures.
constexpr std::string_view kRefusedKeys[] = {
    "expert_count",
    "attention.sliding_window",
    "logit_scale",
    "embedding_scale",
    "residual_scale",
    "attention.scale",
    "attention.clamp_kqv",
    "attention.max_alibi_bias",
    "final_logit_softcapping",
    "attn_logit_softcapping",
    "rope.scaling.yarn_log_multiplier",
};

class ConfigReader {
 public:
  explicit ConfigReader(const GgufFile& file) : file_(file) {}

  absl::StatusOr<GgufConfig> Read() {
    HONE_RETURN_IF_ERROR(ReadArchitecture());
    HONE_RETURN_IF_ERROR(RefuseUnmappedKeys());
    HONE_RETURN_IF_ERROR(ReadSizes());
    HONE_RETURN_IF_ERROR(ReadRope());
    ReadTensorFacts();
    HONE_RETURN_IF_ERROR(WriteJson());
    return std::move(config_);
  }

 private:
  std::string Key(std::string_view name) const { return fmt::format("{}.{}", config_.architecture, name); }
  bool Has(std::string_view name) const { return file_.FindValue(Key(name)) != nullptr; }

  absl::Status Fail(std::string_view what) const { return absl::DataLossError(fmt::format("{}: {}", file_.path(), what)); }
  absl::Status Refuse(std::string_view what) const { return absl::UnimplementedError(fmt::format("{}: {}", file_.path(), what)); }

  // A size between 1 and 2^31 - 1; the default stands for an absent key (0: the key is needed).
  absl::Status ReadSize(std::string_view name, int64_t fallback, int64_t* out) const {
    *out = fallback;
    const std::string key = Key(name);
    const GgufValue* value = file_.FindValue(key);
    if (value == nullptr && fallback > 0) return absl::OkStatus();
    if (value != nullptr && std::holds_alternative<GgufArray>(*value)) {  // one number a layer: all must agree
      const std::vector<int64_t>& list = std::get<GgufArray>(*value).integers;
      if (list.empty()) return Fail(fmt::format("metadata {} is not a list of integers", Quoted(key)));
      if (std::any_of(list.begin(), list.end(), [&](int64_t x) { return x != list[0]; })) {
        return Refuse(fmt::format("metadata {} differs between layers", Quoted(key)));
      }
      *out = list[0];
    } else {
      HONE_ASSIGN_OR_RETURN(*out, file_.GetInteger(key));
    }
    if (*out < 1 || *out > std::numeric_limits<int32_t>::max()) return Fail(fmt::format("metadata {} is {}", Quoted(key), *out));
    return absl::OkStatus();
  }

  absl::Status ReadPositive(std::string_view name, double fallback, double* out) const {
    *out = fallback;
    if (!Has(name) && fallback > 0) return absl::OkStatus();
    HONE_ASSIGN_OR_RETURN(*out, file_.GetNumber(Key(name)));
    if (!std::isfinite(*out) || *out <= 0) return Fail(fmt::format("metadata {} is {}", Quoted(Key(name)), *out));
    return absl::OkStatus();
  }

  absl::Status ReadArchitecture() {
    HONE_ASSIGN_OR_RETURN(config_.architecture, file_.GetString("general.architecture"));
    std::vector<std::string_view> known;
    for (const Architecture& architecture : kArchitectures) {
      if (architecture.name == config_.architecture) architecture_ = &architecture;
      known.push_back(architecture.name);
    }
    if (architecture_ == nullptr) {
      return Refuse(fmt::format("architecture {} is not known; known are {}", Quoted(config_.architecture), fmt::join(known, ", ")));
    }
    config_.interleaved_rope = architecture_->interleaved_rope;
    return absl::OkStatus();
  }

  absl::Status RefuseUnmappedKeys() const {
    for (const std::string_view name : kRefusedKeys) {
      if (!Has(name)) continue;
      const absl::StatusOr<double> value = file_.GetNumber(Key(name));
      if (value.ok() && *value == 0) continue;  // switched off
      return Refuse(fmt::format("metadata {} is set, a feature that is not read for {}", Quoted(Key(name)), config_.architecture));
    }
    return absl::OkStatus();
  }

  absl::Status ReadSizes() {
    HONE_RETURN_IF_ERROR(ReadSize("block_count", 0, &config_.num_layers));
    HONE_RETURN_IF_ERROR(ReadSize("embedding_length", 0, &config_.hidden_size));
    HONE_RETURN_IF_ERROR(ReadSize("feed_forward_length", 0, &config_.intermediate_size));
    HONE_RETURN_IF_ERROR(ReadSize("attention.head_count", 0, &config_.num_heads));
    HONE_RETURN_IF_ERROR(ReadSize("attention.head_count_kv", config_.num_heads, &config_.num_kv_heads));
    HONE_RETURN_IF_ERROR(ReadSize("context_length", 0, &max_positions_));
    const int64_t usual_head_dim = std::max<int64_t>(1, config_.hidden_size / config_.num_heads);
    HONE_RETURN_IF_ERROR(ReadSize("attention.key_length", usual_head_dim, &config_.head_dim));
    HONE_RETURN_IF_ERROR(ReadPositive("attention.layer_norm_rms_epsilon", 0, &rms_norm_eps_));
    int64_t value_length = 0, rope_width = 0;
    HONE_RETURN_IF_ERROR(ReadSize("attention.value_length", config_.head_dim, &value_length));
    HONE_RETURN_IF_ERROR(ReadSize("rope.dimension_count", config_.head_dim, &rope_width));
    if (config_.num_heads % config_.num_kv_heads != 0) {
      return Fail(fmt::format("{} heads are not a multiple of {} key/value heads", config_.num_heads, config_.num_kv_heads));
    }
    if (value_length != config_.head_dim || rope_width != config_.head_dim || config_.head_dim % 2 != 0) {
      return Refuse(
          fmt::format("head sizes of key {}, value {} and rotation {} must be equal and even", config_.head_dim, value_length, rope_width));
    }
    const TensorInfo* embedding = file_.Find("token_embd.weight");
    if (embedding == nullptr) return absl::NotFoundError(fmt::format("{}: tensor \"token_embd.weight\" is missing", file_.path()));
    config_.vocab_size = embedding->shape[0];
    return absl::OkStatus();
  }

  absl::Status ReadRope() {
    HONE_RETURN_IF_ERROR(ReadPositive("rope.freq_base", 10000, &rope_theta_));
    std::string type = "none";
    if (Has("rope.scaling.type")) {
      HONE_ASSIGN_OR_RETURN(type, file_.GetString(Key("rope.scaling.type")));
    } else if (Has("rope.scale_linear")) {
      type = "linear";
    }
    if (type == "linear") {
      double factor = 1;
      HONE_RETURN_IF_ERROR(ReadPositive(Has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear", 1, &factor));
      rope_scaling_ = {{"rope_type", "linear"}, {"factor", factor}};
    } else if (type == "yarn") {
      double factor = 1;
      int64_t original = 0;
      HONE_RETURN_IF_ERROR(ReadPositive("rope.scaling.factor", 0, &factor));
      HONE_RETURN_IF_ERROR(ReadSize("rope.scaling.original_context_length", max_positions_, &original));
      rope_scaling_ = {{"rope_type", "yarn"}, {"factor", factor}, {"original_max_position_embeddings", original}};
    } else if (type != "none") {
      return Refuse(fmt::format("rope scaling {} is not read; none, linear and yarn are", Quoted(type)));
    }
    return ReadRopeFactors();
  }

  // Llama 3 files carry no parameters of their rope scaling but the result, one divisor a frequency. The parameters are found again among
  // those in use: the largest divisor is the factor; low 1, high 4; the original length is one of a few.
  absl::Status ReadRopeFactors() {
    const TensorInfo* info = file_.Find("rope_freqs.weight");
    if (info == nullptr) return absl::OkStatus();
    if (!rope_scaling_.is_null()) return Refuse("both rope.scaling and rope_freqs.weight are given");
    const int64_t pairs = config_.head_dim / 2;
    if (info->shape != std::vector<int64_t>{pairs}) {
      return Fail(fmt::format("tensor \"rope_freqs.weight\": shape {}, expected [{}]", ShapeToString(info->shape), pairs));
    }
    std::vector<float> divisors(pairs);
    HONE_RETURN_IF_ERROR(file_.ReadFloat32(info->name, absl::MakeSpan(divisors)));
    const float factor = *std::max_element(divisors.begin(), divisors.end());
    if (std::all_of(divisors.begin(), divisors.end(), [](float d) { return d == 1; })) return absl::OkStatus();
    constexpr double kLow = 1, kHigh = 4;
    for (const int64_t original : {8192, 4096, 2048, 1024, 512, 256, 128, 64, 16384, 32768}) {
      bool matches = true;
      for (int64_t k = 0; k < pairs && matches; ++k) {
        const double wavelength =
            2 * std::numbers::pi * std::pow(rope_theta_, 2.0 * static_cast<double>(k) / static_cast<double>(config_.head_dim));
        const double smooth = std::clamp((static_cast<double>(original) / wavelength - kLow) / (kHigh - kLow), 0.0, 1.0);
        const double expected = 1 / ((1 - smooth) / factor + smooth);
        matches = std::abs(divisors[k] - expected) <= 1e-4 * expected;
      }
      if (!matches) continue;
      rope_scaling_ = {{"rope_type", "llama3"},
                       {"factor", static_cast<double>(factor)},
                       {"low_freq_factor", kLow},
                       {"high_freq_factor", kHigh},
                       {"original_max_position_embeddings", original}};
      return absl::OkStatus();
    }
    return Refuse(
        "tensor \"rope_freqs.weight\" is not the llama3 scaling with factors 1 and 4; take the model's Hugging Face folder instead");
  }

  void ReadTensorFacts() {
    config_.tied = file_.Find("output.weight") == nullptr;
    config_.attention_bias = file_.Find("blk.0.attn_q.bias") != nullptr;
    config_.output_bias = file_.Find("blk.0.attn_output.bias") != nullptr;
    config_.mlp_bias = file_.Find("blk.0.ffn_up.bias") != nullptr;
  }

  // The id under `key`, or null when the file does not name one.
  absl::StatusOr<Json> TokenId(const std::string& key) const {
    if (file_.FindValue(key) == nullptr) return Json(nullptr);
    HONE_ASSIGN_OR_RETURN(const int64_t id, file_.GetInteger(key));
    if (id < 0 || id >= config_.vocab_size) {
      return Fail(fmt::format("metadata {} is {}, outside of the vocabulary of {}", Quoted(key), id, config_.vocab_size));
    }
    return Json(id);
  }

  absl::Status WriteJson() {
    HONE_ASSIGN_OR_RETURN(const Json bos, TokenId("tokenizer.ggml.bos_token_id"));
    HONE_ASSIGN_OR_RETURN(const Json eos, TokenId("tokenizer.ggml.eos_token_id"));
    HONE_ASSIGN_OR_RETURN(const Json eot, TokenId("tokenizer.ggml.eot_token_id"));
    HONE_ASSIGN_OR_RETURN(const Json padding, TokenId("tokenizer.ggml.padding_token_id"));
    Json json;
    json["architectures"] = {architecture_->class_name};
    json["model_type"] = architecture_->name;
    json["hidden_act"] = "silu";
    json["hidden_size"] = config_.hidden_size;
    json["intermediate_size"] = config_.intermediate_size;
    json["num_hidden_layers"] = config_.num_layers;
    json["num_attention_heads"] = config_.num_heads;
    json["num_key_value_heads"] = config_.num_kv_heads;
    json["head_dim"] = config_.head_dim;
    json["vocab_size"] = config_.vocab_size;
    json["max_position_embeddings"] = max_positions_;
    json["rms_norm_eps"] = rms_norm_eps_;
    json["rope_theta"] = rope_theta_;
    json["rope_scaling"] = rope_scaling_;
    json["tie_word_embeddings"] = config_.tied;
    if (config_.architecture == "llama") {
      json["attention_bias"] = config_.attention_bias;
      json["mlp_bias"] = config_.mlp_bias;
    } else {
      json["use_sliding_window"] = false;
      if (config_.architecture == "qwen3") json["attention_bias"] = config_.attention_bias;
    }
    json["attention_dropout"] = 0.0;
    json["bos_token_id"] = bos;
    json["eos_token_id"] = eos;
    json["pad_token_id"] = padding;
    json["torch_dtype"] = "bfloat16";
    config_.config_json = json.dump(2) + "\n";

    Json generation;
    if (!bos.is_null()) generation["bos_token_id"] = bos;
    if (!eos.is_null()) generation["eos_token_id"] = eot.is_null() || eot == eos ? eos : Json::array({eos, eot});
    if (!padding.is_null()) generation["pad_token_id"] = padding;
    config_.generation_config_json = generation.is_null() ? "" : generation.dump(2) + "\n";
    return absl::OkStatus();
  }

  const GgufFile& file_;
  const Architecture* architecture_ = nullptr;
  GgufConfig config_;
  int64_t max_positions_ = 0;
  double rms_norm_eps_ = 0;
  double rope_theta_ = 0;
  Json rope_scaling_;
};

}  // namespace

absl::StatusOr<GgufConfig> ReadGgufConfig(const GgufFile& file) {
  return ConfigReader(file).Read();
}

}  // namespace hone
