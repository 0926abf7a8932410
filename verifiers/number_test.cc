#include "verifiers/number.h"

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

bool LastIs(std::string_view text, std::string_view want) {
  const auto got = LastNumber(text), number = WholeNumber(want);
  return number.has_value() && got.has_value() && Equal(*got, *number, false);
}

TEST(NumberTest, TheLastNumberOfATextIsRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"Tom has 3 + 4 = 7 apples.", "7"},
      {"The answer is 7.", "7"},
      {"7", "7"},
      {"**7**", "7"},
      {"$7.00", "7"},
      {"7 apples", "7"},
      {"1,234", "1234"},
      {"-5", "-5"},
      {"3/4", "0.75"},
      {"7.", "7"},
      {"x=7%", "7"},
      {"(7)", "7"},
      {"\\boxed{7}", "7"},
      {"$7$", "7"},
      {"007", "7"},
      {"7.50", "7.5"},
      {".5", "0.5"},
      {"0.50", ".5"},
      {"+5", "5"},
      {"x = -5", "-5"},
      {"-$5", "-5"},
      {"$-5", "-5"},
      {"\xE2\x88\x92"
       "5",
       "-5"},
      {"-\xE2\x82\xAC"
       "5",
       "-5"},
      {"7\xE2\x82\xAC", "7"},
      {"3-5", "5"},
      {"10 - 5", "5"},
      {"(3)-5", "5"},
      {"pre-5", "5"},
      {"--5", "5"},
      {"1,234,567.89 in all", "1234567.89"},
      {"3,4", "4"},
      {"1,23", "23"},
      {"0,123", "123"},
      {"12,345", "12345"},
      {"1234,567", "567"},
      {"3, 4, 5", "5"},
      {"1,2,3,4", "4"},
      {"1,2.5", "2.5"},
      {"1,234.5", "1234.5"},
      {"1.234,50", "50"},
      {"9.11 or 9.9", "9.9"},
      {"1.5e3", "1500"},
      {"1e-2", "0.01"},
      {"7e", "7"},
      {"7E5x", "7"},
      {"48/2 = 24", "24"},
      {"3/4/2024", "2024"},
      {"24/6", "4"},
      {"7/week", "7"},
      {"6/8", "3/4"},
      {"-3/4", "-.75"},
      {"3 / 4", "4"},
      {"1 1/2", ".5"},
      {"7 (H2O)", "7"},
      {"7 m^2", "7"},
      {"7 x_1", "7"},
      {"7 x_{12}", "7"},
      {"7 v1.2", "7"},
      {"7 at 1.2.3", "7"},
      {"7 is not 3/0", "7"},
      {"7 x 10^3", "7"},
      {"7apples", "7"},
      {"Answer: 7\n\n", "7"},
      {"7:30", "30"},
      {"7...", "7"},
      {"...7", "7"},
      {"-0", "0"},
      {"0.0", "0"},
      {"9007199254740993", "9007199254740993"},
      {"answer:-7", "-7"},
      {"7;8", "8"},
      {"1/2,3/4", "3/4"},
      {"1,1/2", ".5"},
      {"\xff"
       "7\xff",
       "7"},
      {"7,", "7"},
      {"7, and", "7"},
      {"five 7 six", "7"},
      {"<answer>7</answer>", "7"},
  };
  for (const auto& [text, want] : cases) EXPECT_TRUE(LastIs(text, want)) << "\"" << text << "\" should be " << want;
}

TEST(NumberTest, TextsWithoutANumberHaveNone) {
  for (const char* text :
       {"", "none", "H2O", "1.2.3", "x^2", "10^3", "5/0", ".", "-", ",", "/", "e5", "seven", "\xEF\xBC\x97", "a_1", "^{2}"}) {
    EXPECT_FALSE(LastNumber(text).has_value()) << text;
  }
}

TEST(NumberTest, WhatIsWrittenDecidesAndNotWhatADoubleCanHold) {
  const std::pair<const char*, const char*> different[] = {
      {"9.11", "9.9"},
      {"9007199254740993", "9007199254740992"},
      {"0.1", "0.10000000000000001"},
      {"7", "-7"},
      {"3/4", "4"},
      {"1/3", "0.3333333333333333"},
      {"72", "720"},
      {"1e400", "1e401"},
      {"1e-400", "0"},
      {"1.0", "1.1"},
      {"100", "1"},
  };
  for (const auto& [a, b] : different) EXPECT_FALSE(LastIs(a, b)) << a << " against " << b;
  const std::pair<const char*, const char*> equal[] = {{"72.0", "72"},   {"1e2", "100"}, {"0.250", "1/4"}, {"2/6", "1/3"},
                                                       {"-1/2", "-0.5"}, {"0/5", "0"},   {"100", "1e2"}};
  for (const auto& [a, b] : equal) EXPECT_TRUE(LastIs(a, b)) << a << " against " << b;
  const std::string huge(100'000, '7');
  EXPECT_TRUE(LastIs(huge, huge + ".0"));
  EXPECT_FALSE(LastIs(huge, huge + "7"));
  EXPECT_FALSE(LastIs(huge, "7/9"));
}

TEST(NumberTest, PercentScalesOnlyWhenAsked) {
  const auto seven = WholeNumber("7%"), part = WholeNumber("0.07"), bare = WholeNumber("7");
  EXPECT_TRUE(Equal(*seven, *bare, false));
  EXPECT_FALSE(Equal(*seven, *bare, true));
  EXPECT_TRUE(Equal(*seven, *part, true));
  EXPECT_TRUE(Equal(*WholeNumber("7 \\%"), *part, true));
  EXPECT_TRUE(Equal(*WholeNumber("0%"), *WholeNumber("0"), true));
}

TEST(NumberTest, AWholeNumberStandsAlone) {
  for (const char* text : {"7", " 7 ", "-7", "+7", "$7.00", "7%", "7 $", "1,234", "3/4", "7.",
                           "\xE2\x88\x92"
                           "7",
                           "-$7"}) {
    EXPECT_TRUE(WholeNumber(text).has_value()) << text;
  }
  for (const char* text : {"", "seven", "7 apples", "x=7", "3 4", "1,2", "1 1/2", "7..", "--7", "7^2", "#### 7", "(7)"}) {
    EXPECT_FALSE(WholeNumber(text).has_value()) << text;
  }
}

// Against arithmetic on integers: a/b = c/d when a*d = c*b.
TEST(NumberTest, FractionsAgreeWithIntegerArithmetic) {
  RandomCursor random{RandomStream(1)};
  for (int i = 0; i < 2000; ++i) {
    const int64_t a = random.Between(-30, 30), b = random.Between(1, 30), c = random.Between(-30, 30), d = random.Between(1, 30);
    const std::string left = std::to_string(a) + "/" + std::to_string(b), right = std::to_string(c) + "/" + std::to_string(d);
    EXPECT_EQ(LastIs(left, right), a * d == c * b) << left << " against " << right;
  }
}

TEST(NumberTest, RandomBytesNeverCrash) {
  constexpr std::string_view kBytes = "0123456789.,/-+eE%$^_{}() \\\xE2\x88\x92\xff\n=x";
  RandomCursor random{RandomStream(2)};
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random.Below(24), ' ');
    for (char& c : text) c = kBytes[random.Below(kBytes.size())];
    const auto number = LastNumber(text);
    if (number.has_value()) {
      EXPECT_TRUE(Equal(*number, *number, true)) << text;
    }
    if (const auto whole = WholeNumber(text); whole.has_value()) {
      EXPECT_TRUE(number.has_value() && Equal(*whole, *number, true)) << text;
    }
  }
}

}  // namespace
}  // namespace hone
