#include "lib/model/model_files.h"

#include <algorithm>
#include <filesystem>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/checkpoint/huggingface.h"
#include "lib/checkpoint/safetensors.h"
#include "lib/model/weights.h"
#include "lib/tokenizer/bpe_vocabulary.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

constexpr char kEndOfSequence[] = "<|end|>";

absl::StatusOr<std::string> ReadIfThere(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::string();
  return ReadFile(path);
}

// tokenizer_config.json for a tokenizer that came without one.
std::string MakeTokenizerConfig(const std::string& bos, const std::string& eos, const std::string& chat_template) {
  json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
  if (!bos.empty()) config["bos_token"] = bos;
  if (!eos.empty()) {
    config["eos_token"] = eos;
    config["pad_token"] = eos;
  }
  if (!chat_template.empty()) config["chat_template"] = chat_template;
  return config.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

absl::Status ReadGgufTokenizerFiles(const GgufTokenizer& gguf, ModelFiles* files) {
  if (gguf.model != "gpt2") {
    return absl::InvalidArgumentError(
        fmt::format("{}: tokenizer model \"{}\" is not supported in GGUF files; known: gpt2 (byte-level BPE)", files->path, gguf.model));
  }
  BpeVocabulary vocabulary{.tokens = gguf.tokens,
                           .merges = gguf.merges,
                           .pre_tokenizer = gguf.pre,
                           .token_types = gguf.token_types,
                           .bos_id = gguf.bos_id.value_or(-1),
                           .eos_id = gguf.eos_id.value_or(-1),
                           .add_bos = gguf.add_bos.value_or(false)};
  HONE_ASSIGN_OR_RETURN(files->tokenizer_files.tokenizer_json, TokenizerJsonFromBpe(vocabulary));
  auto token = [&](const std::optional<int32_t>& id) { return id.has_value() ? gguf.tokens[*id] : std::string(); };
  files->tokenizer_files.tokenizer_config_json = MakeTokenizerConfig(token(gguf.bos_id), token(gguf.eos_id), gguf.chat_template);
  if (!gguf.chat_template.empty()) {
    HONE_ASSIGN_OR_RETURN(ChatTemplate parsed, ChatTemplate::Parse(gguf.chat_template, files->path));
    files->chat = ChatFormat{.tmpl = std::move(parsed),
                             .bos_token = token(gguf.bos_id),
                             .eos_token = token(gguf.eos_id),
                             .special_tokens = {{"bos_token", token(gguf.bos_id)}, {"eos_token", token(gguf.eos_id)}}};
  }
  return absl::OkStatus();
}

void AddStopTokens(const std::string& generation_config, ModelFiles* files) {
  files->stop_token_ids = files->config.eos_token_ids;
  const json object = json::parse(generation_config.empty() ? "{}" : generation_config, nullptr, false);
  if (!object.is_object() || !object.contains("eos_token_id")) return;
  const json& eos = object["eos_token_id"];
  for (const json& id : eos.is_array() ? eos : json::array({eos})) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= files->config.vocab_size) continue;
    if (std::find(files->stop_token_ids.begin(), files->stop_token_ids.end(), id.get<int32_t>()) == files->stop_token_ids.end()) {
      files->stop_token_ids.push_back(id.get<int32_t>());
    }
  }
}

}  // namespace

absl::StatusOr<ModelFiles> LoadModelFiles(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(OpenedModel opened, OpenModel(path));
  ModelFiles files;
  files.path = path;
  files.tensors = opened.tensors;
  files.config_json = opened.config_json;
  files.generation_config_json = opened.generation_config_json;
  auto config = ParseDecoderConfig(files.config_json);
  if (!config.ok()) return Annotate(config.status(), path);
  files.config = std::move(config).value();
  AddStopTokens(files.generation_config_json, &files);
  if (opened.gguf_tokenizer.has_value()) {
    HONE_RETURN_IF_ERROR(ReadGgufTokenizerFiles(*opened.gguf_tokenizer, &files));
  } else if (opened.kind == ModelKind::kHuggingFace) {
    HONE_ASSIGN_OR_RETURN(files.tokenizer_files.tokenizer_json, ReadIfThere(path + "/tokenizer.json"));
    HONE_ASSIGN_OR_RETURN(files.tokenizer_files.tokenizer_config_json, ReadIfThere(path + "/tokenizer_config.json"));
    HONE_ASSIGN_OR_RETURN(files.tokenizer_files.chat_template, ReadIfThere(path + "/chat_template.jinja"));
    HONE_ASSIGN_OR_RETURN(files.chat, LoadChatFormat(path));
  }
  if (!files.tokenizer_files.tokenizer_json.empty()) {
    HONE_ASSIGN_OR_RETURN(files.tokenizer, Tokenizer::FromJson(files.tokenizer_files.tokenizer_json, path + "/tokenizer.json"));
  }
  return files;
}

absl::Status WriteModel(const std::string& directory, const ParameterLayout& layout, DType arena_dtype, const void* arena, DType stored,
                        const std::string& config_json, const std::string& generation_config_json, const TokenizerFiles& tokenizer,
                        const std::function<absl::Status(const std::string& folder)>& add) {
  const bool bf16 = stored == DType::kBFloat16;
  // config.json says what the folder holds, whatever the model came with.
  json config = json::parse(config_json, nullptr, false);
  if (!config.is_object()) return absl::InvalidArgumentError("config.json: not a JSON object");
  config[config.contains("dtype") && !config.contains("torch_dtype") ? "dtype" : "torch_dtype"] = bf16 ? "bfloat16" : "float32";
  std::vector<TensorSpec> specs;
  for (const Parameter& parameter : layout.parameters()) {
    for (const ParameterPiece& piece : parameter.pieces) {
      specs.push_back({.name = piece.name,
                       .dtype = bf16 ? StoredType::kBF16 : StoredType::kF32,
                       .shape = parameter.matrix ? std::vector<int64_t>{piece.rows, parameter.shape.k} : std::vector<int64_t>{piece.rows}});
    }
  }
  HfDirectoryWriter::Options options;
  options.config_json = config.dump(2) + "\n";
  options.generation_config_json = generation_config_json;
  options.replace = true;
  HONE_ASSIGN_OR_RETURN(auto writer, HfDirectoryWriter::Create(directory, std::move(specs), options));
  std::vector<float> values;
  std::vector<uint16_t> halves;
  for (const Parameter& parameter : layout.parameters()) {
    const int64_t width = parameter.matrix ? parameter.shape.k : 1;
    const int64_t step = std::max<int64_t>(16, (int64_t{1} << 20) / width);  // rows: about 4 MiB at a time
    for (const ParameterPiece& piece : parameter.pieces) {
      for (int64_t row = 0; row < piece.rows; row += step) {
        const int64_t count = std::min(step, piece.rows - row);
        values.resize(count * width);
        ExtractRows(parameter, piece, row, count, arena_dtype, arena, values.data());
        if (bf16) {
          halves.resize(values.size());
          std::transform(values.begin(), values.end(), halves.begin(), FloatToBFloat16);
          HONE_RETURN_IF_ERROR(writer->WriteBFloat16(piece.name, halves, row * width));
        } else {
          HONE_RETURN_IF_ERROR(writer->WriteFloat32(piece.name, values, row * width));
        }
      }
    }
  }
  const std::pair<const char*, const std::string&> files[] = {{"tokenizer.json", tokenizer.tokenizer_json},
                                                              {"tokenizer_config.json", tokenizer.tokenizer_config_json},
                                                              {"chat_template.jinja", tokenizer.chat_template}};
  for (const auto& [name, content] : files) {
    if (!content.empty()) HONE_RETURN_IF_ERROR(writer->WriteTextFile(name, content));
  }
  if (add) HONE_RETURN_IF_ERROR(add(writer->temporary_directory()));
  return writer->Finish();
}

absl::StatusOr<TokenizerFiles> MakeCharacterTokenizer(std::string_view characters) {
  BpeVocabulary vocabulary{
      .tokens = {kEndOfSequence}, .merges = {}, .pre_tokenizer = "gpt-2", .token_types = {3}, .bos_id = -1, .eos_id = 0};
  for (const char character : characters) {
    if ((character < ' ' || character > '~') && character != '\n') {
      return absl::InvalidArgumentError(
          "model.scratch.characters: only printable ASCII characters and the new line can be tokens of a character-level model");
    }
    // The byte-level alphabet writes a space as U+0120, a new line as U+010A and the other printable characters as themselves.
    vocabulary.tokens.push_back(character == ' ' ? "\xc4\xa0" : character == '\n' ? "\xc4\x8a" : std::string(1, character));
    vocabulary.token_types.push_back(1);
  }
  TokenizerFiles files;
  HONE_ASSIGN_OR_RETURN(files.tokenizer_json, TokenizerJsonFromBpe(vocabulary));
  files.tokenizer_config_json = MakeTokenizerConfig("", kEndOfSequence, "");
  return files;
}

}  // namespace hone
