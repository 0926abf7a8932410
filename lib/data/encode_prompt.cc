#include "lib/data/encode_prompt.h"

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace hone {

absl::StatusOr<std::vector<int32_t>> EncodePrompt(const ModelFiles& files, const Prompt& prompt, bool use_chat) {
  if (files.tokenizer == nullptr)
    return absl::InvalidArgumentError(fmt::format("{}: has no tokenizer.json, so text cannot be encoded", files.path));
  if (prompt.messages.empty() && !use_chat) return files.tokenizer->Encode(prompt.text);
  if (!use_chat) {
    std::string text;
    for (const ChatMessage& message : prompt.messages) text += (text.empty() ? "" : "\n\n") + message.content;
    return files.tokenizer->Encode(text);
  }
  if (!files.chat.has_value()) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: has no chat template (chat_template.jinja or chat_template in tokenizer_config.json); set model.chat to false", files.path));
  }
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  for (const ChatMessage& message : prompt.messages) messages.push_back({{"role", message.role}, {"content", message.content}});
  if (prompt.messages.empty()) messages.push_back({{"role", "user"}, {"content", prompt.text}});
  nlohmann::ordered_json variables = {{"messages", std::move(messages)}, {"add_generation_prompt", true}};
  files.chat->AddSpecialTokens(variables);
  HONE_ASSIGN_OR_RETURN(const std::string text, files.chat->tmpl.Render(variables, absl::Now()));
  return files.tokenizer->Encode(text);
}

}  // namespace hone
