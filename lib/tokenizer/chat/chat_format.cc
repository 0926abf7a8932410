#include "lib/tokenizer/chat/chat_format.h"

#include "fmt/format.h"
#include "lib/base/file.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;
constexpr uint64_t kMaxFileBytes = uint64_t{64} << 20;

// Nothing when the file is not there.
absl::StatusOr<std::optional<std::string>> ReadIfPresent(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path, kMaxFileBytes);
  if (absl::IsNotFound(content.status())) return std::optional<std::string>();
  if (!content.ok()) return content.status();
  return std::optional<std::string>(*std::move(content));
}

// An empty object when the file is not there.
absl::StatusOr<Json> ReadJsonObject(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(const std::optional<std::string> content, ReadIfPresent(path));
  if (!content) return Json::object();
  Json json = Json::parse(*content, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError(fmt::format("{}: this is no JSON object", path));
  return json;
}

void CollectTokens(const Json& json, std::map<std::string, std::string>& tokens) {
  for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    const auto found = json.find(name);
    if (found == json.end() || tokens.contains(name)) continue;
    if (found->is_string()) tokens[name] = found->get<std::string>();
    if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
      tokens[name] = (*found)["content"].get<std::string>();
  }
}

// The template text of tokenizer_config.json; nothing when it has none.
absl::StatusOr<std::optional<std::string>> TemplateOfConfig(const Json& config, const std::string& path) {
  const auto found = config.find("chat_template");
  if (found == config.end() || found->is_null()) return std::optional<std::string>();
  if (found->is_string()) return std::optional<std::string>(found->get<std::string>());
  if (found->is_array()) {
    for (const Json& entry : *found) {
      if (!entry.is_object() || !entry.contains("name") || !entry.contains("template")) continue;
      if (entry["name"] == "default" && entry["template"].is_string())
        return std::optional<std::string>(entry["template"].get<std::string>());
    }
    return absl::InvalidArgumentError(fmt::format("{}: \"chat_template\" is a list without an entry named \"default\"", path));
  }
  return absl::InvalidArgumentError(fmt::format("{}: \"chat_template\" is neither a string nor a list of templates", path));
}

}  // namespace

void ChatFormat::AddSpecialTokens(nlohmann::ordered_json& variables) const {
  if (!variables.is_object()) return;
  for (const auto& [name, token] : special_tokens) {
    if (!variables.contains(name)) variables[name] = token;
  }
}

absl::StatusOr<std::optional<ChatFormat>> LoadChatFormat(const std::string& dir) {
  const std::string config_path = dir + "/tokenizer_config.json";
  std::string source_name = dir + "/chat_template.jinja";
  HONE_ASSIGN_OR_RETURN(std::optional<std::string> text, ReadIfPresent(source_name));
  HONE_ASSIGN_OR_RETURN(const Json config, ReadJsonObject(config_path));
  if (!text) {
    source_name = config_path;
    HONE_ASSIGN_OR_RETURN(text, TemplateOfConfig(config, config_path));
  }
  if (!text) return std::optional<ChatFormat>();
  HONE_ASSIGN_OR_RETURN(const Json token_map, ReadJsonObject(dir + "/special_tokens_map.json"));
  HONE_ASSIGN_OR_RETURN(ChatTemplate parsed, ChatTemplate::Parse(*text, source_name));
  ChatFormat format{std::move(parsed), "", "", {}};
  CollectTokens(config, format.special_tokens);
  CollectTokens(token_map, format.special_tokens);
  if (format.special_tokens.contains("bos_token")) format.bos_token = format.special_tokens["bos_token"];
  if (format.special_tokens.contains("eos_token")) format.eos_token = format.special_tokens["eos_token"];
  return std::optional<ChatFormat>(std::move(format));
}

}  // namespace hone
