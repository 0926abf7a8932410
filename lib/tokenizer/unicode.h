#pragma once
// UTF-8 and the character classes that tokenizers split on.
//
// Classes follow Unicode 16, as the reference tokenizers do: the tables of libutf8proc and PCRE2 (Unicode 14 or 15)
// plus the code points assigned since.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

// Class bits of a code point.
enum CodePointClass : uint8_t {
  kLetter = 1,          // \p{L}
  kNumber = 2,          // \p{N}
  kWhiteSpace = 4,      // \s: the property White_Space
  kUpperLike = 8,       // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
  kLowerLike = 16,      // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
  kWordCharacter = 32,  // \w: alphabetic, mark, decimal digit, connector punctuation or joiner
  kNumeric = 64,        // \p{N} as of Unicode 17, which the Digits pre-tokenizer uses
};

// The class bits of every code point, built on first use; indexed by code point below 0x110000.
const uint8_t* CodePointClasses();

// A range of code points that got their general category after Unicode 14.
struct CategoryRange {
  uint32_t first;
  uint32_t last;    // included
  int8_t category;  // a utf8proc_category_t
};
// All of them, in ascending order.
const std::vector<CategoryRange>& CategoriesSinceUnicode14();
// Two letters, for example "Lu".
std::string_view CategoryName(int8_t category);

// One step through bytes that may or may not be UTF-8.
struct Utf8Step {
  uint8_t length = 0;  // bytes of the character, or of the maximal invalid subpart; at least 1
  bool valid = false;
  bool cut_off = false;     // not valid only because the text ends: more bytes could complete it
  uint32_t code_point = 0;  // when valid
};
// bytes must not be empty.
Utf8Step StepUtf8(std::string_view bytes);

bool IsValidUtf8(std::string_view bytes);

// Appends `bytes` to `out` with one U+FFFD for each maximal invalid subpart (Unicode, "substitution of maximal subparts").
void AppendLossyUtf8(std::string_view bytes, std::string* out);

// The same without the cut-off character at the end of `bytes`, if there is one. Returns how many bytes that character has there (0 to 3).
size_t AppendCompleteUtf8(std::string_view bytes, std::string* out);

// Appends the UTF-8 form of a code point below 0x110000 that is no surrogate.
void AppendUtf8(uint32_t code_point, std::string* out);

// Decodes the character at p; the text must be valid UTF-8 and p < its end. Returns its length.
inline int DecodeValidUtf8(const char* p, uint32_t* code_point) {
  const auto* u = reinterpret_cast<const uint8_t*>(p);
  if (u[0] < 0x80) {
    *code_point = u[0];
    return 1;
  }
  if (u[0] < 0xE0) {
    *code_point = (uint32_t{u[0]} & 0x1F) << 6 | (u[1] & 0x3Fu);
    return 2;
  }
  if (u[0] < 0xF0) {
    *code_point = (uint32_t{u[0]} & 0x0F) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
    return 3;
  }
  *code_point = (uint32_t{u[0]} & 0x07) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
  return 4;
}

enum class NormalizationForm { kNfc, kNfd, kNfkc, kNfkd };

// The normal form of valid UTF-8.
std::string NormalizeUnicode(std::string_view text, NormalizationForm form);

}  // namespace hone
