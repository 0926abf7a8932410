#pragma once

#include <vector>

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// Splits English text into sentences. Only the first may begin with white space; none ends with any.
//
// A '.', '?' or '!' ends a sentence when white space and another word, or punctuation, follow it. A period does not end one after an
// abbreviation, an ellipsis or an initial, unless the next word is capitalised and usually is not; nor after a number when a word in lower
// case follows. Closing quotes and brackets stay with the sentence before them.
//
// Source: the type-based and token-based passes of Kiss and Strunk, "Unsupervised Multilingual Sentence Boundary Detection",
// Computational Linguistics 32(4), 2006, which the published checkers call through NLTK; the knowledge of words is our own (lexicon.h).
// Cost: linear in the text.
std::vector<TextView> SplitSentences(TextView text);

}  // namespace hone::instruction
