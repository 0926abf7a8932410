#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "lib/data/pattern.h"
#include "lib/data/prompt_source.h"

namespace hone {

// How rows of a JSONL file become prompts.
struct JsonlOptions {
  std::string path;

  // Where in a row each thing stands: the name of a top-level field, or a JSON pointer ("/extra/answer").
  std::string prompt_field = "prompt";
  std::string messages_field;  // an array of {role, content}; used instead of prompt_field when not empty
  std::string reference_field = "reference";
  std::string id_field;  // empty: the id is NAME:LINE, the file's name without its folder

  // When not empty: a PCRE2 pattern searched in the reference field; the reference is group 1 of its last match (the whole match when it
  // has no group). GSM8K: "#### ([^\n]+)".
  std::string reference_pattern;
  bool reference_strip_commas = false;  // "1,234" -> "1234", and spaces around it go

  // Text around the prompt; "{prompt}" occurs once. Text with braces is fine: it is substituted in one pass.
  std::string prompt_template = "{prompt}";
  std::string system;  // a system message before the prompt, when not empty
  bool chat = true;    // messages (user turn, after `system`) or, when false, raw text; `system` then stands before it with a blank line

  // Rows are dealt to the two splits by a hash of their prompt, so equal prompts are in the same one. 0: both splits have all rows (the
  // file is one split of its data set already).
  double heldout_fraction = 0;
  Split split = Split::kTrain;

  bool shuffle = true;  // another order every epoch, a function of the seed
  uint64_t seed = 0;
};

// Prompts from a file with one JSON object a line. Empty lines are skipped; a byte-order mark and CRLF are accepted.
//
// Open reads the file once, so a bad row is found before the run starts; then only the offsets of the lines are kept and the file stays
// mapped: it must not be cut while the source lives.
//
// Errors of Open: NotFound; InvalidArgument naming file, line and what is wrong with the first rows that are bad, an unusable pattern or
// template, a file or split without rows.
class JsonlSource : public PromptSource {
 public:
  static absl::StatusOr<std::unique_ptr<JsonlSource>> Open(const JsonlOptions& options);
  ~JsonlSource() override;

  std::optional<int64_t> size() const override;
  absl::StatusOr<Prompt> Get(int64_t index) const override;

 private:
  struct Line {
    uint64_t begin;
    uint32_t number;  // counted from 1
    uint32_t bytes;
  };

  explicit JsonlSource(const JsonlOptions& options);
  absl::Status Prepare();
  absl::Status Scan();
  absl::StatusOr<Prompt> Read(const Line& line) const;

  const JsonlOptions options_;
  std::string before_, after_;              // the template around {prompt}
  std::unique_ptr<const Pattern> pattern_;  // null without reference_pattern
  std::shared_ptr<const MappedFile> file_;
  std::vector<Line> lines_;  // of this split
};

}  // namespace hone
