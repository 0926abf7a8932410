#pragma once
// The parts of a constraint: the response it looks at, the parameters it is made from, and the function that it becomes.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "lib/data/pattern.h"
#include "verifiers/instruction/claim.h"
#include "verifiers/instruction/tokens.h"
#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// A response, with the views that several checkers ask for made once, when first asked for.
//
// Threads: one thread.
class Response {
 public:
  explicit Response(Text text) : text_(std::move(text)) {}
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;

  const Text& text() const { return text_; }
  const std::string& utf8() const;
  const Text& lower() const;
  const std::vector<TextView>& words() const;      // split at white space
  const std::vector<TextView>& sentences() const;  // SplitSentences
  const std::vector<TextView>& tokens() const;     // as the Penn Treebank cuts them

 private:
  const Text text_;
  mutable std::optional<std::string> utf8_;
  mutable std::optional<Text> lower_;
  mutable std::optional<std::vector<TextView>> words_, sentences_;
  mutable std::optional<Tokens> tokens_;
};

// What a checker found. `why` says it in words, with the figure it rests on; for people.
struct Finding {
  bool follows = false;
  std::string why;
};
Finding Follows(bool follows, std::string why);
// "found 7 words, wanted at least 10"
Finding Counted(bool follows, int64_t found, std::string_view what, std::string_view wanted);

// A constraint with its parameters. The error is ResourceExhausted, from a search pattern that exceeds its budget of work.
//
// Threads: const; calls may overlap.
using Checker = std::function<absl::StatusOr<Finding>(const Response&)>;

// "at least" or "less than" a number: the two comparisons of the published constraints.
struct Limit {
  bool at_least = true;
  int64_t number = 0;
  bool Holds(int64_t count) const { return at_least ? count >= number : count < number; }
  std::string Wanted() const;
};

// A word or phrase that a constraint looks for, in either case. The published checkers take it for a regular expression, and so does this:
// text without the signs of one is searched for as it stands, other text becomes a Pattern.
class Needle {
 public:
  // whole_word: no word character right before or after it.
  static absl::StatusOr<Needle> Make(TextView text, bool whole_word);

  // Number of places that do not overlap, counted up to `most`.
  absl::StatusOr<int64_t> Count(const Response& response, int64_t most) const;
  absl::StatusOr<bool> IsIn(const Response& response) const;

 private:
  bool whole_word_ = false;
  Text literal_;  // in lower case; unused with a pattern
  std::shared_ptr<const Pattern> pattern_;
};

// The parameters of one constraint: an object of the row's `kwargs`, where a null is the same as no entry.
//
// Getters return the value, or a harmless one when the parameter is missing or bad; problems are collected and come out of Finish, together
// with every key that no getter asked for.
class Kwargs {
 public:
  // json: a JSON object or null.
  explicit Kwargs(std::string_view json);
  ~Kwargs();
  Kwargs(const Kwargs&) = delete;
  Kwargs& operator=(const Kwargs&) = delete;

  // A whole number, written as 3 or 3.0, from min up.
  int64_t Int(std::string_view name, int64_t min = 0);
  double Number(std::string_view name);
  // Not empty.
  Text String(std::string_view name);
  // As String, trimmed.
  Text Word(std::string_view name);
  // A list of strings that is not empty; one string stands for a list of one.
  std::vector<Text> Words(std::string_view name);
  // The parameters `relation` ("at least", "less than") and `number`.
  Limit RelationTo(std::string_view relation, std::string_view number);
  Needle Search(std::string_view name, bool whole_word = false);
  Needle Search(TextView text, bool whole_word = false);

  // What a response that follows the constraint is like. Only what holds for every such response may be claimed: a task whose instructions
  // claim what cannot be is refused.
  void Claims(std::string what, int64_t min, int64_t max = Claim::kNoLimit);
  void Claims(std::string what, const Limit& limit);
  void Claims(std::string what, Claim::Kind kind, TextView text);
  // `text` occurs in it, in either case: claims its commas, dots and exclamation marks.
  void ClaimsText(TextView text);
  const std::vector<Claim>& claims() const;

  void Problem(std::string message);
  // InvalidArgument with every problem, separated by "; ".
  absl::Status Finish() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone::instruction
