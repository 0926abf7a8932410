#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// A regular expression as tokenizer.json holds it (the dialect of Oniguruma with Ruby's syntax), run by PCRE2 with its compiler.
//
// The pattern is translated first, because the two dialects disagree quietly: \s and \h mean other sets, (?m:) another option, {1,3}+ is
// "once or more" and not possessive, general categories follow Unicode 16. A construct that cannot be translated faithfully (set
// operations in a class, absent operators, options in mid-pattern, unknown escapes) is an error and never a near miss.
//
// Threads: const methods may overlap.
class Regex {
 public:
  // Errors: InvalidArgument with the offset and the reason.
  static absl::StatusOr<std::unique_ptr<Regex>> Compile(std::string_view pattern);

  // The pattern in PCRE2's dialect. Errors: InvalidArgument.
  static absl::StatusOr<std::string> TranslateToPcre2(std::string_view pattern);

  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // Finds the first match that starts at or after `from` in `text`, which must be valid UTF-8 (`from` at a character). False when there is
  // none, or when the search passed PCRE2's limits (a pattern with catastrophic backtracking); then the rest counts as unmatched.
  bool Find(std::string_view text, size_t from, size_t* match_begin, size_t* match_end) const;

  // Calls span(begin, end, is_match) for contiguous spans that cover `text`: the matches, and what lies between them. An empty match right
  // after another match is passed over; other empty matches are reported. An empty text has no spans.
  template <class Span>
  void ForEachSpan(std::string_view text, Span&& span) const {
    if (text.empty()) return;
    size_t covered = 0;
    size_t from = 0;
    size_t last_match_end = std::string_view::npos;
    size_t begin, end;
    while (from <= text.size() && Find(text, from, &begin, &end)) {
      if (begin == end && end == last_match_end) {
        from = NextCharacter(text, end);
        continue;
      }
      if (covered != begin) span(covered, begin, false);
      span(begin, end, true);
      covered = from = last_match_end = end;
    }
    if (covered != text.size()) span(covered, text.size(), false);
  }

 private:
  explicit Regex(void* code) : code_(code) {}
  static size_t NextCharacter(std::string_view text, size_t at);

  void* const code_;  // pcre2_code_8*, owned
};

}  // namespace hone
