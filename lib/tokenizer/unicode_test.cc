#include "lib/tokenizer/unicode.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/tokenizer/byte_level.h"

namespace hone {
namespace {

constexpr const char* kR = "\uFFFD";

TEST(UnicodeTest, PutsOneReplacementForEachMaximalInvalidSubpart) {
  const std::string r = kR;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"abc", "abc"},
      {"a\xFF"
       "b",
       "a" + r + "b"},
      {"\x80\x80", r + r},
      {"\xC3", r},
      {"\xC3(", r + "("},
      {"\xE2\x82", r},
      {"\xE2\x82(", r + "("},
      {"\xF0\x9F\x98", r},
      {"\xF0\x9F\x98\xF0\x9F\x98\x80", r + "\U0001F600"},
      {"\xC0\xAF", r + r},
      {"\xE0\x80\x80", r + r + r},
      {"\xED\xA0\x80", r + r + r},
      {"\xF4\x90\x80\x80", r + r + r + r},
      {"\xF5\x80", r + r},
  };
  for (const auto& [bytes, expected] : cases) {
    std::string out;
    AppendLossyUtf8(bytes, &out);
    EXPECT_EQ(out, expected) << testing::PrintToString(bytes);
    EXPECT_EQ(IsValidUtf8(bytes), bytes == expected) << testing::PrintToString(bytes);
  }
}

TEST(UnicodeTest, HoldsBackACharacterThatIsCutOff) {
  for (const auto& [bytes, held] :
       std::vector<std::pair<std::string, size_t>>{{"a", 0}, {"a\xC3", 1}, {"\xE2\x82", 2}, {"\xF0\x9F\x98", 3}, {"\xFF", 0}}) {
    std::string out;
    EXPECT_EQ(AppendCompleteUtf8(bytes, &out), held) << testing::PrintToString(bytes);
    EXPECT_TRUE(IsValidUtf8(out));
  }
}

TEST(UnicodeTest, EncodesWhatItDecodes) {
  for (uint32_t c = 0; c < 0x110000; c += c < 0x900 ? 1 : 251) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    AppendUtf8(c, &text);
    uint32_t decoded = 0;
    EXPECT_EQ(DecodeValidUtf8(text.data(), &decoded), static_cast<int>(text.size()));
    EXPECT_EQ(decoded, c);
    const Utf8Step step = StepUtf8(text);
    EXPECT_TRUE(step.valid);
    EXPECT_EQ(step.code_point, c);
    EXPECT_EQ(step.length, text.size());
  }
}

TEST(UnicodeTest, ClassifiesCodePoints) {
  const uint8_t* classes = CodePointClasses();
  const std::vector<std::pair<uint32_t, int>> cases = {
      {'a', kLetter | kLowerLike | kWordCharacter},
      {'A', kLetter | kUpperLike | kWordCharacter},
      {0x65E5, kLetter | kUpperLike | kLowerLike | kWordCharacter},
      {0x301, kUpperLike | kLowerLike | kWordCharacter},
      {'7', kNumber | kNumeric | kWordCharacter},
      {0xBD, kNumber | kNumeric},
      {0x11DE0, kNumeric},                                            // a digit of Unicode 17
      {0x1E5D0, kLetter | kUpperLike | kLowerLike | kWordCharacter},  // a letter of Unicode 16
      {'_', kWordCharacter},
      {0x24B6, kWordCharacter},
      {'-', 0},
      {' ', kWhiteSpace},
      {0x85, kWhiteSpace},
      {0x180E, 0},
      {0x10FFFF, 0},
  };
  for (const auto& [code_point, bits] : cases) EXPECT_EQ(classes[code_point], bits) << std::hex << code_point;
}

TEST(UnicodeTest, NormalizesToEachForm) {
  EXPECT_EQ(NormalizeUnicode("e\u0301\u212B", NormalizationForm::kNfc), "\u00E9\u00C5");
  EXPECT_EQ(NormalizeUnicode("\u00E9", NormalizationForm::kNfd), "e\u0301");
  EXPECT_EQ(NormalizeUnicode("\uFB01", NormalizationForm::kNfkc), "fi");
  EXPECT_EQ(NormalizeUnicode("\uFB01\u00E9", NormalizationForm::kNfkd), "fie\u0301");
  EXPECT_EQ(NormalizeUnicode("\u1112\u1161\u11AB", NormalizationForm::kNfc), "\uD55C");
  EXPECT_EQ(NormalizeUnicode(std::string("a\0\u0958", 5), NormalizationForm::kNfc),
            std::string("a\0\u0915\u093C", 8));  // excluded from composition
  EXPECT_EQ(NormalizeUnicode("", NormalizationForm::kNfc), "");
}

TEST(ByteLevelTest, WritesEachByteAsACharacterAndBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  std::string characters, back;
  AppendByteCharacters(bytes, &characters);
  EXPECT_TRUE(IsValidUtf8(characters));
  EXPECT_TRUE(AppendBytesOfCharacters(characters, &back));
  EXPECT_EQ(back, bytes);
  EXPECT_EQ(CharacterOfByte(' '), "\u0120");
  EXPECT_EQ(CharacterOfByte('\n'), "\u010A");
  EXPECT_EQ(CharacterOfByte(0xAD), "\u0143");
  EXPECT_FALSE(AppendBytesOfCharacters("a b", &back));
  EXPECT_FALSE(AppendBytesOfCharacters("\u0144", &back));
  EXPECT_EQ(back, bytes);
}

}  // namespace
}  // namespace hone
