#include "lib/model/config.h"

#include <cmath>
#include <functional>
#include <map>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/model/rope_config.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

// Reads fields of config.json with their limits; the first problem is kept.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  bool Has(const char* name) const { return object_.contains(name) && !object_[name].is_null(); }
  int64_t Integer(const char* name, int64_t fallback, int64_t low, int64_t high) {
    if (!Has(name)) {
      if (fallback < low) Fail(fmt::format("field {} is missing", name));
      return fallback;
    }
    const json& value = object_[name];
    if (!value.is_number_integer() || value.get<int64_t>() < low || value.get<int64_t>() > high) {
      Fail(fmt::format("field {} must be an integer from {} to {}, got {}", name, low, high, value.dump().substr(0, 60)));
      return low;
    }
    return value.get<int64_t>();
  }
  double Number(const char* name, double fallback) {
    if (!Has(name)) return fallback;
    if (!object_[name].is_number() || !std::isfinite(object_[name].get<double>())) {
      Fail(fmt::format("field {} must be a finite number", name));
      return fallback;
    }
    return object_[name].get<double>();
  }
  bool Flag(const char* name, bool fallback) {
    if (!Has(name)) return fallback;
    if (!object_[name].is_boolean()) {
      Fail(fmt::format("field {} must be true or false", name));
      return fallback;
    }
    return object_[name].get<bool>();
  }
  std::string Text(const char* name, const std::string& fallback) {
    return Has(name) && object_[name].is_string() ? object_[name].get<std::string>() : fallback;
  }
  // A token id or a list of them.
  std::vector<int32_t> Ids(const char* name) {
    std::vector<int32_t> ids;
    if (!Has(name)) return ids;
    const json list = object_[name].is_array() ? object_[name] : json::array({object_[name]});
    for (const json& id : list) {
      if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() > INT32_MAX) {
        Fail(fmt::format("field {} must be a token id or a list of token ids", name));
        return {};
      }
      ids.push_back(id.get<int32_t>());
    }
    return ids;
  }
  const json& Raw(const char* name) const {
    static const json kNull;
    return Has(name) ? object_[name] : kNull;
  }
  void Fail(const std::string& problem) {
    if (status_.ok()) status_ = absl::InvalidArgumentError("config.json: " + problem);
  }
  const absl::Status& status() const { return status_; }

 private:
  const json& object_;
  absl::Status status_;
};

// Sliding windows: an explicit layer_types list wins over the family's rule, `slides(layer)`.
void ReadWindows(Fields& fields, DecoderConfig& config, const std::function<bool(int64_t)>& slides) {
  const int64_t window = fields.Has("sliding_window") ? fields.Integer("sliding_window", 0, 1, int64_t{1} << 40) : 0;
  config.windows.assign(config.num_layers, 0);
  const json& types = fields.Raw("layer_types");
  if (types.is_array() && static_cast<int64_t>(types.size()) != config.num_layers) {
    fields.Fail(fmt::format("field layer_types has {} entries for {} layers", types.size(), config.num_layers));
    return;
  }
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const bool sliding = types.is_array() ? types[layer] == "sliding_attention" : slides(layer);
    if (sliding) config.windows[layer] = window;
  }
}

void ReadLlama(Fields& fields, DecoderConfig& config) {
  const bool bias = fields.Flag("attention_bias", false);
  config.qkv_bias = config.o_bias = bias;
  config.mlp_bias = fields.Flag("mlp_bias", false);
  ReadWindows(fields, config, [](int64_t) { return false; });
}

void ReadMistral(Fields& fields, DecoderConfig& config) {
  const bool sliding = fields.Has("sliding_window");
  ReadWindows(fields, config, [sliding](int64_t) { return sliding; });
}

void ReadQwen2(Fields& fields, DecoderConfig& config) {
  config.qkv_bias = true;
  const bool use = fields.Flag("use_sliding_window", false);
  const int64_t from = fields.Integer("max_window_layers", 28, 0, 1 << 20);
  ReadWindows(fields, config, [use, from](int64_t layer) { return use && layer >= from; });
}

void ReadQwen3(Fields& fields, DecoderConfig& config) {
  ReadQwen2(fields, config);
  config.qkv_bias = config.o_bias = fields.Flag("attention_bias", false);
  config.qk_norm = true;
}

// A family whose decoder is Llama's but for flags. Families with other blocks get a file and a class of their own.
const std::map<std::string, void (*)(Fields&, DecoderConfig&)>& Families() {
  static const auto* const families = new std::map<std::string, void (*)(Fields&, DecoderConfig&)>{
      {"llama", &ReadLlama}, {"mistral", &ReadMistral}, {"qwen2", &ReadQwen2}, {"qwen3", &ReadQwen3}};
  return *families;
}

}  // namespace

std::vector<std::string> KnownArchitectures() {
  std::vector<std::string> names;
  for (const auto& [name, read] : Families()) names.push_back(name);
  return names;
}

absl::StatusOr<DecoderConfig> ParseDecoderConfig(std::string_view config_json) {
  const json object = json::parse(config_json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::InvalidArgumentError("config.json: not a JSON object");
  Fields fields(object);
  DecoderConfig config;
  config.model_type = fields.Text("model_type", "");
  const auto family = Families().find(config.model_type);
  if (family == Families().end()) {
    return absl::InvalidArgumentError(
        fmt::format("config.json: architecture \"{}\" is not known; known: {}", config.model_type, fmt::join(KnownArchitectures(), ", ")));
  }
  config.vocab_size = fields.Integer("vocab_size", 0, 1, 1 << 24);
  config.hidden_size = fields.Integer("hidden_size", 0, 1, 1 << 17);
  config.intermediate_size = fields.Integer("intermediate_size", 0, 1, 1 << 20);
  config.num_layers = fields.Integer("num_hidden_layers", 0, 1, 1024);
  config.num_heads = fields.Integer("num_attention_heads", 0, 1, 1024);
  config.num_kv_heads = fields.Integer("num_key_value_heads", config.num_heads, 1, 1024);
  config.head_dim = fields.Integer("head_dim", config.num_heads > 0 ? config.hidden_size / config.num_heads : 0, 1, 1024);
  config.max_positions = fields.Integer("max_position_embeddings", 2048, 1, int64_t{1} << 26);
  config.rms_norm_eps = static_cast<float>(fields.Number("rms_norm_eps", 1e-6));
  config.tie_embeddings = fields.Flag("tie_word_embeddings", false);
  config.eos_token_ids = fields.Ids("eos_token_id");
  if (const auto bos = fields.Ids("bos_token_id"); !bos.empty()) config.bos_token_id = bos[0];
  config.stored_dtype = fields.Text("dtype", fields.Text("torch_dtype", "bfloat16"));
  if (const std::string act = fields.Text("hidden_act", "silu"); act != "silu") {
    fields.Fail(fmt::format("field hidden_act must be \"silu\" for {}, got \"{}\"", config.model_type, act));
  }
  if (config.head_dim % 2 != 0) fields.Fail(fmt::format("field head_dim must be even, got {}", config.head_dim));
  if (config.num_heads % config.num_kv_heads != 0) {
    fields.Fail(fmt::format("num_attention_heads {} must be a multiple of num_key_value_heads {}", config.num_heads, config.num_kv_heads));
  }
  if (config.rms_norm_eps < 0) fields.Fail("field rms_norm_eps must not be negative");
  HONE_RETURN_IF_ERROR(fields.status());
  family->second(fields, config);
  const double theta = fields.Number("rope_theta", 10000);
  HONE_RETURN_IF_ERROR(fields.status());
  const json& rope = fields.Has("rope_parameters") ? fields.Raw("rope_parameters") : fields.Raw("rope_scaling");
  HONE_ASSIGN_OR_RETURN(auto frequencies, MakeRopeFrequencies(rope, theta, config.head_dim, config.max_positions));
  config.rope_inv_freq = std::move(frequencies.inv_freq);
  config.rope_attention_factor = frequencies.attention_factor;
  return config;
}

std::string MakeLlamaConfigJson(const DecoderConfig& config, double rope_theta) {
  const json object = {{"architectures", {"LlamaForCausalLM"}},
                       {"model_type", "llama"},
                       {"vocab_size", config.vocab_size},
                       {"hidden_size", config.hidden_size},
                       {"intermediate_size", config.intermediate_size},
                       {"num_hidden_layers", config.num_layers},
                       {"num_attention_heads", config.num_heads},
                       {"num_key_value_heads", config.num_kv_heads},
                       {"head_dim", config.head_dim},
                       {"max_position_embeddings", config.max_positions},
                       {"rms_norm_eps", config.rms_norm_eps},
                       {"rope_theta", rope_theta},
                       {"tie_word_embeddings", config.tie_embeddings},
                       {"hidden_act", "silu"},
                       {"attention_bias", false},
                       {"mlp_bias", false},
                       {"bos_token_id", config.bos_token_id >= 0 ? json(config.bos_token_id) : json(nullptr)},
                       {"eos_token_id", config.eos_token_ids.size() == 1 ? json(config.eos_token_ids[0]) : json(config.eos_token_ids)},
                       {"torch_dtype", "bfloat16"}};
  return object.dump(2) + "\n";
}

}  // namespace hone
