#pragma once

#include <vector>

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// Words and punctuation of an English text as the Penn Treebank cuts them, sentence by sentence: "don't" is "do" and "n't", punctuation
// stands alone, a period only at the end of a sentence, and double quotes become `` and ''.
//
// Source: the rules of NLTK's word_tokenize, which the published checkers call.
class Tokens {
 public:
  explicit Tokens(TextView text);
  Tokens(Tokens&&) = default;

  const std::vector<TextView>& words() const { return words_; }

 private:
  void PadSentence(TextView sentence);
  void Pad(TextView token);

  std::vector<char32_t> buffer_;  // the text with a space around each piece; words_ points into it
  std::vector<TextView> words_;
};

}  // namespace hone::instruction
