#pragma once

#include <cstdint>
#include <string>

#include "lib/tokenizer/tokenizer.h"

namespace hone {

// Decodes a growing sequence: one id in, the text that is final now out. The parts joined, with Flush's, are what Tokenizer::Decode gives
// for all ids; each part is valid UTF-8. Text that later ids may still change waits (see TokenDecoder).
//
// Threads: one caller; many may stand on one tokenizer, which must outlive them.
class StreamDecoder {
 public:
  // skip_special: leave out special tokens.
  explicit StreamDecoder(const Tokenizer* tokenizer, bool skip_special = false) : tokenizer_(tokenizer), skip_special_(skip_special) {}

  // Ids outside the vocabulary are passed over.
  std::string Push(int32_t id) {
    std::string text;
    if (const auto token = tokenizer_->TokenForDecoding(id, skip_special_)) tokenizer_->decoder().Push(*token, &state_, &text);
    return text;
  }

  // What was waiting; an unfinished character becomes U+FFFD. The decoder is then as new.
  std::string Flush() {
    std::string text;
    tokenizer_->decoder().Flush(&state_, &text);
    return text;
  }

 private:
  const Tokenizer* const tokenizer_;
  const bool skip_special_;
  TokenDecoder::State state_;
};

}  // namespace hone
