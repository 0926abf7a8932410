#pragma once
// Text as code points, with the character classes and splitting rules that the published checkers rest on: those of Python's str.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace hone::instruction {

using Text = std::u32string;
using TextView = std::u32string_view;
using TextSet = absl::flat_hash_set<TextView, std::hash<TextView>, std::equal_to<TextView>>;

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

// Classes of the ASCII characters, which are nearly all of most responses.
namespace ascii {
inline constexpr uint8_t kSpace = 1, kAlpha = 2, kDigit = 4, kUpper = 8, kLower = 16, kPunctuation = 32;
inline constexpr std::array<uint8_t, 128> kClass = [] {
  std::array<uint8_t, 128> table{};
  for (int c = 0; c < 128; ++c) {
    if ((c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20)) table[c] |= kSpace;
    if (c >= '0' && c <= '9') table[c] |= kDigit;
    if (c >= 'A' && c <= 'Z') table[c] |= kAlpha | kUpper;
    if (c >= 'a' && c <= 'z') table[c] |= kAlpha | kLower;
    if (c > 0x20 && c < 0x7f && !(table[c] & (kDigit | kAlpha))) table[c] |= kPunctuation;
  }
  return table;
}();
}  // namespace ascii
// The same classes for the other characters.
namespace beyond_ascii {
bool IsSpace(char32_t c);
bool IsAlpha(char32_t c);
bool IsDecimal(char32_t c);
bool IsWordChar(char32_t c);
bool IsUpper(char32_t c);
bool IsLower(char32_t c);
char32_t ToLower(char32_t c);
}  // namespace beyond_ascii

// Unicode white space and the ASCII separators 0x1C to 0x1F.
inline bool IsSpace(char32_t c) {
  return c < 128 ? ascii::kClass[c] & ascii::kSpace : beyond_ascii::IsSpace(c);
}
// A letter.
inline bool IsAlpha(char32_t c) {
  return c < 128 ? ascii::kClass[c] & ascii::kAlpha : beyond_ascii::IsAlpha(c);
}
// A decimal digit of any script.
inline bool IsDecimal(char32_t c) {
  return c < 128 ? ascii::kClass[c] & ascii::kDigit : beyond_ascii::IsDecimal(c);
}
// Letter, number or underscore; combining marks are none.
inline bool IsWordChar(char32_t c) {
  return c < 128 ? (ascii::kClass[c] & (ascii::kAlpha | ascii::kDigit)) || c == '_' : beyond_ascii::IsWordChar(c);
}
inline bool IsUpper(char32_t c) {
  return c < 128 ? ascii::kClass[c] & ascii::kUpper : beyond_ascii::IsUpper(c);
}
inline bool IsLower(char32_t c) {
  return c < 128 ? ascii::kClass[c] & ascii::kLower : beyond_ascii::IsLower(c);
}
// ASCII punctuation.
inline bool IsPunctuation(char32_t c) {
  return c < 128 && (ascii::kClass[c] & ascii::kPunctuation);
}
inline char32_t ToLower(char32_t c) {
  return c >= 128 ? beyond_ascii::ToLower(c) : ascii::kClass[c] & ascii::kUpper ? c + 32 : c;
}

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
// ASCII punctuation and the space at one or both ends: what words are usually stripped of.
TextView TrimMarksLeft(TextView text);
TextView TrimMarksRight(TextView text);
TextView TrimMarks(TextView text);
// The first and the last piece between white space; empty when there is none.
TextView FirstPiece(TextView text);
TextView LastPiece(TextView text);

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
