#pragma once
// Which language a text is written in, by the statistics of its scripts and of its most frequent words.

#include <string>
#include <string_view>

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

enum class Script {
  kLatin,
  kCyrillic,
  kArabic,
  kDevanagari,
  kHan,
  kKana,
  kHangul,
  kGreek,
  kHebrew,
  kThai,
  kBengali,
  kTamil,
  kTelugu,
  kKannada,
  kGujarati,
  kGurmukhi,
  kMalayalam,
  kOther,
  kNone
};
// kNone: no letter. kOther: of a script that no known language uses.
Script ScriptOf(char32_t c);

// The language that most of the text is in: first the script with the most letters, then, where several languages share it, the one that
// its words, special letters and spelling make most likely. Empty for a text without letters, or of a script that no known language uses.
// Cost: linear in the text; at most the first 10,000 characters are weighed.
// Source: naive Bayes over runs of one to three characters, as Shuyo's language-detection (2010) does it, here with lists of words.
std::string DetectLanguage(TextView text);

// ISO 639-1, also with a region ("zh-cn").
bool IsKnownLanguage(std::string_view language);
// "ar, bg, ..."
std::string KnownLanguages();

// Letters of `text` that are in `language`, and all letters. Judged line by line: of a script that several languages share, a line of 20
// letters or more counts when the language is the one detected in it, a shorter line when it is the one detected in the whole text.
struct LetterCount {
  int64_t in_language = 0, all = 0;
};
LetterCount CountLetters(TextView text, std::string_view language);

}  // namespace hone::instruction
