#include "lib/tokenizer/added_tokens.h"

#include <algorithm>

#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

// Where the last character of `text` (valid UTF-8, not empty) begins.
size_t LastCharacter(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

bool HasClass(std::string_view text, size_t at, uint8_t class_bits) {
  uint32_t code_point;
  DecodeValidUtf8(text.data() + at, &code_point);
  return (CodePointClasses()[code_point] & class_bits) != 0;
}

// Where the white space before `end` begins, not before `limit`.
size_t WithoutTrailingWhiteSpace(std::string_view text, size_t end, size_t limit) {
  while (end > limit) {
    const size_t last = LastCharacter(text.substr(0, end));
    if (!HasClass(text, last, kWhiteSpace)) break;
    end = last;
  }
  return end;
}

size_t BehindWhiteSpace(std::string_view text, size_t at) {
  while (at < text.size() && HasClass(text, at, kWhiteSpace)) at += StepUtf8(text.substr(at)).length;
  return at;
}

}  // namespace

void AddedTokenMatcher::Add(std::string_view form, const AddedToken* token) {
  if (form.empty()) return;
  int32_t node = 0;
  for (const char c : form) {
    const auto byte = static_cast<uint8_t>(c);
    int32_t child = Child(node, byte);
    if (child < 0) {
      child = static_cast<int32_t>(nodes_.size());
      nodes_.emplace_back();
      auto& children = nodes_[static_cast<size_t>(node)].children;
      children.insert(std::lower_bound(children.begin(), children.end(), std::make_pair(byte, int32_t{0})), {byte, child});
    }
    node = child;
  }
  nodes_[static_cast<size_t>(node)].token = token;
  begins_token_[static_cast<uint8_t>(form[0])] = true;
  tokens_.push_back(token);
}

int32_t AddedTokenMatcher::Child(int32_t node, uint8_t byte) const {
  const auto& children = nodes_[static_cast<size_t>(node)].children;
  const auto it = std::lower_bound(children.begin(), children.end(), std::make_pair(byte, int32_t{0}));
  return it != children.end() && it->first == byte ? it->second : -1;
}

const AddedToken* AddedTokenMatcher::LongestMatch(std::string_view text, size_t* length) const {
  const AddedToken* longest = nullptr;
  int32_t node = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    node = Child(node, static_cast<uint8_t>(text[i]));
    if (node < 0) break;
    if (nodes_[static_cast<size_t>(node)].token != nullptr) {
      longest = nodes_[static_cast<size_t>(node)].token;
      *length = i + 1;
    }
  }
  return longest;
}

void AddedTokenMatcher::Split(std::string_view text, absl::FunctionRef<void(std::string_view, const AddedToken*)> part) const {
  size_t done = 0;                // behind the last token, with the white space it took
  size_t behind_white_space = 0;  // where the last run of white space that an rstrip token took ends
  size_t at = 0;
  while (at < text.size()) {
    if (!begins_token_[static_cast<uint8_t>(text[at])]) {
      ++at;
      continue;
    }
    size_t length = 0;
    const AddedToken* token = LongestMatch(text.substr(at), &length);
    if (token == nullptr) {
      ++at;
      continue;
    }
    size_t begin = at;
    size_t end = at + length;
    at = end;
    if (token->single_word) {
      const bool word_before = begin > 0 && HasClass(text, LastCharacter(text.substr(0, begin)), kWordCharacter);
      const bool word_after = end < text.size() && HasClass(text, end, kWordCharacter);
      if (word_before || word_after) continue;
    }
    if (token->lstrip) begin = std::max(WithoutTrailingWhiteSpace(text, begin, done), done);
    if (token->rstrip) end = behind_white_space = end < behind_white_space ? behind_white_space : BehindWhiteSpace(text, end);
    if (done < begin) part(text.substr(done, begin - done), nullptr);
    part(text.substr(begin, end - std::min(begin, end)), token);
    done = end;
  }
  if (done < text.size()) part(text.substr(done), nullptr);
}

}  // namespace hone
