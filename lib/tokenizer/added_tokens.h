#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

namespace hone {

// A token that is found in the text before anything else is done to it: tokenizer.json's "added_tokens".
struct AddedToken {
  int32_t id = -1;
  std::string content;
  bool special = false;      // left out when decoding with skip_special
  bool single_word = false;  // not between word characters
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space after it
  bool normalized = true;    // looked for in the normalized text, and then in its own normalized form
};

// Finds added tokens in text: the leftmost match, the longest of those, then on from its end.
//
// A trie is walked from each position whose byte begins some token; the cost per position is at most the length of the longest token.
// A match that single_word rejects still uses up its text, as in the reference.
//
// Threads: const methods may overlap.
class AddedTokenMatcher {
 public:
  // Adds a token under the form in which it stands in the text (not empty). The token must outlive the matcher. The last of equal forms
  // wins.
  void Add(std::string_view form, const AddedToken* token);

  bool empty() const { return tokens_.empty(); }

  // Calls part(stretch, token) for the stretches of `text` (valid UTF-8) in order: token is null for plain text, which is never empty. The
  // stretches cover the text without overlap, but for one case that is the reference's own: a token that begins within the white space that
  // an rstrip token has taken is found nevertheless, and what is left of that white space comes again behind it.
  void Split(std::string_view text, absl::FunctionRef<void(std::string_view stretch, const AddedToken* token)> part) const;

 private:
  struct Node {
    const AddedToken* token = nullptr;
    std::vector<std::pair<uint8_t, int32_t>> children;  // by byte, ascending
  };

  int32_t Child(int32_t node, uint8_t byte) const;
  // The longest token at the start of `text` and its length; null when none.
  const AddedToken* LongestMatch(std::string_view text, size_t* length) const;

  std::vector<const AddedToken*> tokens_;
  std::vector<Node> nodes_{1};
  std::array<bool, 256> begins_token_{};
};

}  // namespace hone
