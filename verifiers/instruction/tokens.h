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
  // `text` must outlive the tokens.
  explicit Tokens(TextView text);
  explicit Tokens(const std::vector<TextView>& sentences);
  Tokens(Tokens&&) = default;

  const std::vector<TextView>& words() const { return words_; }

 private:
  void CutSentence(TextView sentence);
  // A piece between marks and white space: a word, less what is split off its end.
  void AddPiece(TextView piece);

  std::vector<TextView> words_;  // into the text, but for quotes
};

}  // namespace hone::instruction
