#pragma once

#include <cstddef>

namespace hone::instruction {

// Frequent words of a language that shares its script with others, in lower case and UTF-8, separated by spaces.
struct LanguageWords {
  const char* language;  // ISO 639-1
  const char* words;
};
extern const LanguageWords kLanguageWords[];
extern const size_t kNumLanguageWords;

}  // namespace hone::instruction
