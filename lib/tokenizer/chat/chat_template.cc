#include "lib/tokenizer/chat/chat_template.h"

#include "lib/tokenizer/chat/interpreter.h"
#include "lib/tokenizer/chat/json_value.h"
#include "lib/tokenizer/chat/parser.h"
#include "lib/tokenizer/chat/text.h"
#include "nlohmann/json.hpp"

namespace hone {

nlohmann::ordered_json MessagesToJson(const std::vector<Message>& messages) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Message& message : messages) {
    nlohmann::ordered_json entry;
    entry["role"] = message.role;
    entry["content"] = message.content;
    list.push_back(std::move(entry));
  }
  return list;
}

namespace {

using Spans = std::vector<std::pair<size_t, size_t>>;

// Ranges of code points to ranges of bytes, both cut at the end of the text. The ranges' beginnings never go back.
Spans ToByteSpans(std::string_view text, const Spans& spans) {
  size_t begin_byte = 0, code_point = 0;
  const auto advance = [&](size_t& byte, size_t count) {
    for (; count > 0 && byte < text.size(); --count) jinja::DecodeUtf8(text, byte);
  };
  Spans result;
  for (const auto& [begin, end] : spans) {
    advance(begin_byte, begin - code_point);
    code_point = begin;
    size_t end_byte = begin_byte;
    advance(end_byte, end - begin);
    result.emplace_back(begin_byte, end_byte);
  }
  return result;
}

}  // namespace

void ShareReasoningFields(nlohmann::ordered_json& messages) {
  if (!messages.is_array()) return;
  for (auto& message : messages) {
    if (!message.is_object()) continue;
    for (const char* field : {"reasoning_content", "thinking", "reasoning"}) {
      const auto found = message.find(field);
      if (found == message.end() || found->is_null()) continue;
      const nlohmann::ordered_json reasoning = *found;
      message["reasoning_content"] = reasoning;
      if (!message.contains("thinking")) message["thinking"] = reasoning;
      break;
    }
  }
}

absl::StatusOr<ChatTemplate> ChatTemplate::Parse(std::string_view template_text, std::string_view name_for_errors) {
  absl::StatusOr<std::shared_ptr<const jinja::Template>> parsed = jinja::ParseTemplate(template_text);
  if (!parsed.ok()) return Annotate(parsed.status(), name_for_errors);
  return ChatTemplate(std::string(name_for_errors), *std::move(parsed));
}

absl::StatusOr<std::string> ChatTemplate::Render(const nlohmann::ordered_json& variables, absl::Time now) const {
  HONE_ASSIGN_OR_RETURN(Rendered rendered, RenderWithSpans(variables, now));
  return std::move(rendered.text);
}

absl::StatusOr<Rendered> ChatTemplate::RenderWithSpans(const nlohmann::ordered_json& variables, absl::Time now) const {
  if (!variables.is_object()) return absl::InvalidArgumentError(fmt::format("{}: the variables are no JSON object", name_));
  nlohmann::ordered_json complete = variables;
  for (const char* name : {"tools", "documents"}) {
    if (!complete.contains(name)) complete[name] = nullptr;
  }
  if (!complete.contains("add_generation_prompt")) complete["add_generation_prompt"] = false;
  if (complete.contains("messages")) ShareReasoningFields(complete["messages"]);
  const absl::StatusOr<jinja::Value> value = jinja::FromJson(complete);
  if (!value.ok()) return Annotate(value.status(), name_);
  absl::StatusOr<jinja::Rendering> rendering = jinja::Interpreter(*parsed_, *value, jinja::Limits(), now).Run();
  if (!rendering.ok()) return Annotate(rendering.status(), name_);
  Spans bytes = ToByteSpans(rendering->text, rendering->spans);
  return Rendered{std::move(rendering->text), std::move(bytes), std::move(rendering->spans)};
}

}  // namespace hone
