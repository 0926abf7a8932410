#pragma once
// What the checkers know about English words and about symbols. Words are given in lower case.

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// One of the 179 English stop words that NLTK lists.
bool IsStopWord(TextView word);
// Written with a period that does not end a sentence; without its last period.
bool IsAbbreviation(TextView word);
// Often the first word of a sentence, and capitalised nowhere else.
bool IsSentenceStarter(TextView word);
// A word of the general vocabulary, as opposed to a name.
bool IsCommonWord(TextView word);
// A common word that is hardly ever capitalised inside a sentence.
bool IsLowerCaseWord(TextView word);

// Number of syllables: groups of vowels, less a silent e at the end, with a list of the frequent words for which that is wrong.
// 0 for a word with a digit or without any character that counts.
int CountSyllables(TextView word);

// A single code point that is an emoji by itself.
bool IsEmoji(char32_t c);

// The text begins with a verb. `first` and `second` are its first words as written; `second` may be empty.
bool BeginsWithVerb(TextView first, TextView second);

}  // namespace hone::instruction
