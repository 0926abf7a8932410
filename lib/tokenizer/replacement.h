#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/status.h"
#include "lib/tokenizer/regex.h"

namespace hone {

class JsonField;

// What a pattern of tokenizer.json means, {"String": ...} or {"Regex": ...}: the spans of a text that match.
// Threads: const methods may overlap.
class TextPattern {
 public:
  // Errors: InvalidArgument naming file and field; an empty String is one.
  static absl::StatusOr<TextPattern> FromJson(const JsonField& field);

  // The pattern's text when it is a regular expression, else empty.
  const std::string& regex_text() const { return regex_text_; }

  // As Regex::ForEachSpan.
  template <class Span>
  void ForEachSpan(std::string_view text, Span&& span) const {
    if (regex_ != nullptr) return regex_->ForEachSpan(text, span);
    size_t covered = 0;
    for (size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, covered)) {
      if (covered != at) span(covered, at, false);
      covered = at + literal_.size();
      span(at, covered, true);
    }
    if (covered != text.size()) span(covered, text.size(), false);
  }

 private:
  std::string literal_;  // used when regex_ is null
  std::string regex_text_;
  std::unique_ptr<Regex> regex_;
};

// Puts `content` in the place of each match of a pattern: the Replace of normalizers and decoders.
struct Replacement {
  TextPattern pattern;
  std::string content;

  static absl::StatusOr<Replacement> FromJson(const JsonField& field);
  std::string Apply(std::string_view text) const;
};

}  // namespace hone
