#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// A PCRE2 pattern that can be run on any bytes and always comes back.
//
// Neither pattern nor text is trusted: a backtracking matcher can need exponential time, and PCRE2's own match limit starts afresh at
// every position of the text. So the matcher reports before every item of the pattern (an automatic callout), and each report is charged
// to one budget for the whole search: 1, plus the bytes moved since the report before. The budget depends on pattern and text only, so
// the outcome is the same on every machine. The text is taken as UTF-8; a byte that is
// none is seen as the control character SUB (U+001A).
//
// Threads: const; calls may overlap.
class Pattern {
 public:
  struct Options {
    bool ignore_case = false;
    bool multiline = false;       // ^ and $ match at line ends
    bool dot_all = false;         // . matches a line end
    int64_t budget = 50'000'000;  // about half a second
  };
  enum class Which { kFirst, kLast };
  // Groups of a match, 0 the whole; nullopt for a group that took no part. They point into the text.
  using Groups = std::vector<std::optional<std::string_view>>;

  // InvalidArgument with PCRE2's message and the offset in the pattern.
  static absl::StatusOr<std::unique_ptr<const Pattern>> Compile(std::string_view pattern, const Options& options);
  ~Pattern();

  int num_groups() const { return num_groups_; }

  // The groups of the first or last match (matches do not overlap), nullopt without one. ResourceExhausted when the budget is spent.
  absl::StatusOr<std::optional<Groups>> Find(std::string_view text, Which which) const;

 private:
  Pattern() = default;
  void* code_ = nullptr;     // pcre2_code
  void* context_ = nullptr;  // pcre2_match_context without callout: the limits
  int num_groups_ = 0;
  int64_t budget_ = 0;
};

}  // namespace hone
