#pragma once
// Lists of English words, separated by spaces.

#include <cstddef>

namespace hone::instruction {

extern const char* const kCommonWords;
extern const char* const kCapitalisedWords;
extern const char* const kStopWords;
extern const char* const kVerbsBeforeDeterminer;
extern const char* const kVerbs;
extern const char* const kNoParticiples;

struct SyllableList {
  int count;
  const char* words;
};
extern const SyllableList kSyllables[];
extern const size_t kNumSyllableLists;

}  // namespace hone::instruction
