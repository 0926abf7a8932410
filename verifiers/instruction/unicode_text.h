#pragma once
// Text as code points, with the character classes and splitting rules that the published checkers rest on: those of Python's str.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hone::instruction {

using Text = std::u32string;
using TextView = std::u32string_view;

// A set of ASCII characters with a quick test.
class AsciiSet {
 public:
  constexpr explicit AsciiSet(std::string_view characters) {
    for (const char c : characters) bits_[c >> 6] |= uint64_t{1} << (c & 63);
  }
  constexpr bool Has(char32_t c) const { return c < 128 && (bits_[c >> 6] >> (c & 63) & 1); }

 private:
  uint64_t bits_[2] = {};
};

// Every byte that is not part of valid UTF-8 becomes U+FFFD.
Text Decode(std::string_view utf8);
std::string Encode(TextView text);

bool IsSpace(char32_t c);     // Unicode white space and the ASCII separators 0x1C to 0x1F
bool IsAlpha(char32_t c);     // a letter
bool IsDecimal(char32_t c);   // a decimal digit of any script
bool IsWordChar(char32_t c);  // letter, number or underscore; combining marks are none
bool IsUpper(char32_t c);
bool IsLower(char32_t c);
bool IsPunctuation(char32_t c);  // ASCII punctuation
char32_t ToLower(char32_t c);

Text Lower(TextView text);
// There is a cased character, and none of the other case.
bool IsAllUpper(TextView text);
bool IsAllLower(TextView text);

// Pieces between runs of white space, none of them empty.
std::vector<TextView> SplitWords(TextView text);
// Pieces between occurrences of the separator: one more than there are separators.
std::vector<TextView> Split(TextView text, TextView separator);
// Maximal runs of word characters.
std::vector<TextView> WordRuns(TextView text);

TextView Trim(TextView text);  // white space at both ends
// Characters of `set` at one or both ends.
TextView TrimLeft(TextView text, TextView set);
TextView TrimRight(TextView text, TextView set);
TextView TrimBoth(TextView text, TextView set);
// ASCII punctuation and the space: what words are usually stripped of.
inline constexpr TextView kPunctuationAndSpace = U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ";

Text WithoutPunctuation(TextView text);
Text WithoutChar(TextView text, char32_t c);
// Compatibility decomposition, ASCII characters only: "São" becomes "Sao".
Text ToAscii(TextView text);

// Number of occurrences that do not overlap.
int64_t CountOccurrences(TextView text, TextView part);
inline bool Contains(TextView text, TextView part) {
  return text.find(part) != TextView::npos;
}
// Occurs with no word character right before or after it; the sides count only where `word` itself begins or ends with a word character.
bool ContainsWholeWord(TextView text, TextView word);

}  // namespace hone::instruction
