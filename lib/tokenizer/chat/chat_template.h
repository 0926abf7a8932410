#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace hone {

namespace jinja {
struct Template;
}

// One turn of a conversation in its simplest form; tool calls, reasoning and parts of content need the JSON form.
struct Message {
  std::string role;
  std::string content;
};

// [{"role": ..., "content": ...}, ...]
nlohmann::ordered_json MessagesToJson(const std::vector<Message>& messages);

// A rendered conversation.
struct Rendered {
  std::string text;
  // What the template's {% generation %} blocks wrote, [begin, end) in bytes of `text`, in order: where a loss mask is 1. Empty for a
  // template without such blocks. A block inside a macro or a set block is counted from where the text stands when it is rendered, as in
  // `transformers`; its span is cut at the end of the text.
  std::vector<std::pair<size_t, size_t>> assistant_spans;
  // The same in code points, not cut.
  std::vector<std::pair<size_t, size_t>> assistant_char_spans;
};

// Writes the reasoning of each message where any template looks for it: of "reasoning_content", "thinking" and "reasoning" the first that
// is present and not null is put into "reasoning_content", and into "thinking" when that is absent. Render does this to "messages".
// messages: a list; entries that are no objects stay as they are.
void ShareReasoningFields(nlohmann::ordered_json& messages);

// A chat template: a Jinja program that turns a list of messages into the text a model was trained on.
//
// The language is that of Jinja 3.1 as `transformers` sets it up: trim_blocks and lstrip_blocks, break and continue, the tag `generation`,
// undefined values print as nothing and are false, `tojson` without HTML escapes, raise_exception, strftime_now, namespace, dict, range. It
// runs in a sandbox: nothing can be changed but a namespace, nothing is read but the variables, and steps, memory and nesting are limited
// (lib/tokenizer/chat/budget.h). Left out: several files (extends, include, import), autoescape, recursive loops, cycler, joiner, lipsum,
// the filters that make HTML, integers above 64 bits.
//
// Threads: immutable; all methods may be called from any thread. Cheap to copy.
class ChatTemplate {
 public:
  // name_for_errors: a file or model name that every error message starts with.
  // Errors: InvalidArgument "NAME: line N: ..." when the template is not well formed.
  static absl::StatusOr<ChatTemplate> Parse(std::string_view template_text, std::string_view name_for_errors);

  // variables: an object. "messages" (a list) is what most templates need; "tools" and "documents" are null and "add_generation_prompt" is
  //   false when absent; the rest ("bos_token", "eos_token", "enable_thinking", ...) is undefined when absent.
  // now: what strftime_now shows, in UTC.
  // Errors: InvalidArgument "NAME: line N: ..." when the template raises an exception, with its message, or does what Python would not;
  //   ResourceExhausted when it passes a limit.
  absl::StatusOr<std::string> Render(const nlohmann::ordered_json& variables, absl::Time now) const;
  absl::StatusOr<Rendered> RenderWithSpans(const nlohmann::ordered_json& variables, absl::Time now) const;

 private:
  ChatTemplate(std::string name, std::shared_ptr<const jinja::Template> parsed) : name_(std::move(name)), parsed_(std::move(parsed)) {}

  std::string name_;
  std::shared_ptr<const jinja::Template> parsed_;
};

}  // namespace hone
