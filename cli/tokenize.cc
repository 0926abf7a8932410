#include <filesystem>

#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "lib/tokenizer/chat/chat_format.h"
#include "lib/tokenizer/tokenizer.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::ordered_json;

absl::StatusOr<ordered_json> Answer(const Tokenizer& tokenizer, const std::optional<ChatFormat>& chat, const ordered_json& input) {
  if (input.contains("messages")) {
    if (!chat.has_value()) return absl::InvalidArgumentError("this folder has no chat template");
    ordered_json variables = input;
    chat->AddSpecialTokens(variables);
    HONE_ASSIGN_OR_RETURN(const std::string text, chat->tmpl.Render(variables, absl::Now()));
    return ordered_json{{"text", text}, {"ids", tokenizer.Encode(text)}};
  }
  if (input.contains("text")) {
    if (!input["text"].is_string()) return absl::InvalidArgumentError("\"text\" must be a string");
    return ordered_json{{"ids", tokenizer.Encode(input["text"].get<std::string>())}};
  }
  if (input.contains("ids")) {
    HONE_ASSIGN_OR_RETURN(const auto ids, ReadTokens(input["ids"], tokenizer.vocab_size()));
    return ordered_json{{"text", tokenizer.Decode(ids)}};
  }
  return absl::InvalidArgumentError("the object needs one of \"text\", \"ids\", \"messages\"");
}

int Tokenize(const std::string& folder) {
  auto tokenizer = Tokenizer::FromFile(folder + "/tokenizer.json");
  if (!tokenizer.ok()) return Report(tokenizer.status());
  auto chat = LoadChatFormat(folder);
  if (!chat.ok()) return Report(chat.status());
  return AnswerLines([&](const ordered_json& input) { return Answer(**tokenizer, *chat, input); });
}

}  // namespace

void AddTokenize(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("tokenize",
                                     "Text to token ids and back, one JSON object a line:\n"
                                     "  {\"text\":..} -> {\"ids\":[..]}   {\"ids\":[..]} -> {\"text\":..}\n"
                                     "  {\"messages\":[..],\"tools\":[..],\"add_generation_prompt\":true} -> {\"text\":..,\"ids\":[..]}");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "Folder with tokenizer.json")->required();
  command->callback([=, &exit_code] { exit_code = Tokenize(*folder); });
}

}  // namespace hone
