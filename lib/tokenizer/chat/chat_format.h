#pragma once

#include <map>
#include <optional>
#include <string>

#include "lib/tokenizer/chat/chat_template.h"

namespace hone {

// How a model folder wants conversations written.
struct ChatFormat {
  ChatTemplate tmpl;
  std::string bos_token;  // empty when the folder names none
  std::string eos_token;
  // All named tokens of the folder ("bos_token", "eos_token", "pad_token", ...), which templates read as variables.
  std::map<std::string, std::string> special_tokens;

  // Adds the special tokens to a template's variables; names that are there already stay.
  void AddSpecialTokens(nlohmann::ordered_json& variables) const;
};

// Reads a model folder. The template is the file chat_template.jinja, else "chat_template" of tokenizer_config.json (a string, or a list of
// {"name", "template"} of which "default" is taken). Tokens are strings or {"content": ...}, from tokenizer_config.json, else from
// special_tokens_map.json.
// Returns nothing when the folder has no template.
// Errors: InvalidArgument for a template or JSON file that is not well formed, with the file's name; those of reading a file.
absl::StatusOr<std::optional<ChatFormat>> LoadChatFormat(const std::string& dir);

}  // namespace hone
