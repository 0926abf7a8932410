#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "lib/base/status.h"
#include "lib/tokenizer/merge_table.h"
#include "lib/tokenizer/string_index.h"

namespace hone {

class JsonField;

// Byte-pair encoding of one word: tokenizer.json's "model".
//
// A word starts as characters (or bytes); of all neighbouring pairs that have a merge, the one of lowest rank (the leftmost of equals) is
// joined, until none is left. Three things keep that fast and none changes the result:
//   - A word that is itself a token, and that the merges do build, is looked up. Whether they do is found out once per token and kept.
//   - Short words join over a small array (quadratic in their length); long ones over a linked list with a heap, n log n.
//   - Where the model works on characters, a word (which may be the whole text) is cut between two characters that no merge ever joins.
//
// Threads: const methods may overlap.
class BpeModel {
 public:
  // Ids are below this; it bounds the memory that a corrupt file can ask for.
  static constexpr int32_t kMaxIds = 1 << 21;

  // words_are_bytes: the words to come are bytes, which the vocabulary writes as characters of byte_level.h.
  // Errors: InvalidArgument naming file and field.
  static absl::StatusOr<std::unique_ptr<BpeModel>> FromJson(const JsonField& field, bool words_are_bytes);

  // Appends the ids of a word (not empty; valid UTF-8 unless words are bytes).
  void Encode(std::string_view word, std::vector<int32_t>* ids) const;

  // One more than the largest id.
  int32_t size() const { return static_cast<int32_t>(tokens_.size()); }
  std::optional<int32_t> IdOf(std::string_view token) const { return token_index_.Find(token); }
  // id in [0, size()). Empty for an id without a token.
  const std::string& TokenOf(int32_t id) const { return tokens_[static_cast<size_t>(id)]; }

 private:
  enum class WholeWord : uint8_t { kNotTried, kBuiltByMerges, kNotBuilt };
  class CharacterEncoder;

  BpeModel() = default;

  absl::Status ReadOptions(const JsonField& field);
  absl::Status ReadVocabulary(const JsonField& field);
  absl::Status ReadMerges(const JsonField& field);
  void PrepareBytes();
  void PrepareFallback();

  void EncodeBytes(std::string_view word, std::vector<int32_t>* ids) const;
  void EncodeCharacters(std::string_view word, std::vector<int32_t>* ids) const;
  // Applies the merges to the symbols of a word and appends the result. whole_word: the token whose text the word is, if any.
  void Merge(std::optional<int32_t> whole_word, std::vector<int32_t>* symbols, std::vector<int32_t>* ids) const;
  bool IsKnownWholeWord(std::optional<int32_t> token) const {
    return token.has_value() && whole_words_[static_cast<size_t>(*token)].load(std::memory_order_relaxed) == WholeWord::kBuiltByMerges;
  }

  // Constant after FromJson.
  std::vector<std::string> tokens_;  // by id
  StringIndex token_index_;
  MergeTable merges_;
  bool ignore_merges_ = false;
  bool byte_fallback_ = false;
  bool fuse_unknown_ = false;
  std::string unknown_token_;
  int32_t unknown_id_ = -1;
  bool words_are_bytes_ = false;
  std::vector<int32_t> byte_symbols_;      // the id of each byte; empty unless words are bytes and each byte has one
  StringIndex byte_word_index_;            // tokens by the bytes they stand for, when byte_symbols_ is there
  std::vector<int32_t> fallback_symbols_;  // the id of <0xNN> for each byte, -1 where there is none; used when byte_fallback_
  // Pairs of code points that some merge joins, when cuts_are_safe_.
  absl::flat_hash_set<uint64_t> joined_;
  bool cuts_are_safe_ = false;

  // Synchronized by itself: what is known about each token. Every thread would find the same.
  std::unique_ptr<std::atomic<WholeWord>[]> whole_words_;
};

}  // namespace hone
