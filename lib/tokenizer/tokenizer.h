#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/status.h"
#include "lib/tokenizer/added_tokens.h"
#include "lib/tokenizer/bpe.h"
#include "lib/tokenizer/decoder.h"
#include "lib/tokenizer/normalizer.h"
#include "lib/tokenizer/pre_tokenizer.h"

namespace hone {

// Text to token ids and back, by a Hugging Face tokenizer.json with a BPE model.
//
// Encoding: added tokens are cut out of the text; what lies between is normalized, looked through for added tokens again (those with
// `normalized`), split into words, and each word encoded by the model. Decoding is the file's decoder over the tokens of the ids.
//
// The results are those of the reference implementation (tokenizers 0.23, no truncation, no padding), with three rules where that has none:
//   - Text that is not UTF-8 is read with one U+FFFD for each maximal invalid subpart.
//   - Ids outside the vocabulary, and ids without a token, are passed over when decoding.
//   - An added token that is not in the model's vocabulary has the id that the file gives it.
// `truncation`, `padding` and `post_processor` are not read: beginning-of-text tokens are the business of the chat template.
//
// Threads: immutable; const methods may overlap.
class Tokenizer {
 public:
  // path: a tokenizer.json.
  // Errors: those of ReadFile; InvalidArgument naming file and field, also for components that are not supported.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> FromFile(const std::string& path);
  // json: the text of a tokenizer.json. name_for_errors: what error messages call it.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> FromJson(std::string_view json, std::string_view name_for_errors);

  // The ids of a text of any bytes. Added tokens written in the text are recognised; nothing is put before or after.
  std::vector<int32_t> Encode(std::string_view text) const;

  // The text of ids; valid UTF-8. skip_special: leave out the special added tokens.
  std::string Decode(absl::Span<const int32_t> ids, bool skip_special = false) const;

  // One more than the largest id, added tokens included. There may be ids below it without a token.
  int32_t vocab_size() const { return vocab_size_; }
  // The id of a token as the vocabulary spells it (byte-level tokens in characters of byte_level.h).
  std::optional<int32_t> TokenToId(std::string_view token) const;
  // Its inverse; empty for an id without a token.
  std::string IdToToken(int32_t id) const;
  // True for the added tokens that are marked special.
  bool IsSpecial(int32_t id) const;

  // Decodes one id after another; see stream_decoder.h.
  const TokenDecoder& decoder() const { return decoder_; }
  // What the decoder gets for an id; nullopt when it is passed over. The view lives as long as the tokenizer.
  std::optional<std::string_view> TokenForDecoding(int32_t id, bool skip_special) const;

 private:
  Tokenizer() = default;

  absl::Status ReadAddedTokens(const JsonField& field);

  // By id: an added token, its form for the decoder, and whether skip_special leaves it out.
  struct Added {
    AddedToken token;
    std::string decoder_form;
    bool skipped = false;
  };

  std::unique_ptr<Normalizer> normalizer_;  // null: none
  PreTokenizer pre_tokenizer_;
  std::unique_ptr<BpeModel> model_;
  TokenDecoder decoder_;
  std::unordered_map<int32_t, std::unique_ptr<Added>> added_;
  std::unordered_map<std::string, int32_t> added_ids_;
  AddedTokenMatcher raw_matcher_;         // added tokens without `normalized`
  AddedTokenMatcher normalized_matcher_;  // those with it
  int32_t vocab_size_ = 0;
};

}  // namespace hone
