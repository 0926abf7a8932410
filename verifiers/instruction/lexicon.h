#pragma once
// What the checkers know about English words and about symbols. Words are given in lower case.

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// One of the 179 English stop words that NLTK lists.
bool IsStopWord(TextView word);
// A word of the general vocabulary, as opposed to a name.
bool IsCommonWord(TextView word);

// What the splitting of sentences asks about a word, in one look-up.
struct WordFacts {
  bool abbreviation = false;  // written with a period that does not end a sentence; the word is without its last period
  bool starter = false;       // often the first word of a sentence, and capitalised nowhere else
  bool common = false;        // IsCommonWord
  bool lower_case = false;    // a common word that is hardly ever capitalised inside a sentence
};
WordFacts FactsOf(TextView word);

// Number of syllables: groups of vowels, less a silent e at the end, with a list of the frequent words for which that is wrong.
// 0 for a word with a digit or without any character that counts.
int CountSyllables(TextView word);

// A single code point that is an emoji by itself.
bool IsEmoji(char32_t c);

// The text begins with a verb. `first` and `second` are its first words as written; `second` may be empty.
bool BeginsWithVerb(TextView first, TextView second);

}  // namespace hone::instruction
