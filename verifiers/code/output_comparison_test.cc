#include "verifiers/code/output_comparison.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(OutputComparisonTest, EachModeForgivesWhatItSays) {
  const std::string big(5000, '9');
  const struct {
    OutputMode mode;
    std::string want, got;
    bool same;
  } cases[] = {
      {OutputMode::kExact, "a\n", "a\n", true},
      {OutputMode::kExact, "a\n", "a", false},
      {OutputMode::kLines, "a\nb\n", "a  \r\nb\n\n\n", true},
      {OutputMode::kLines, "a\nb", "a b", false},
      {OutputMode::kLines, "a", " a", false},
      {OutputMode::kLines, "a\n\nb", "a\nb", false},
      {OutputMode::kLines, "", "\n", true},
      {OutputMode::kLines, "9", "", false},
      {OutputMode::kLines, std::string("a\0b", 3), std::string("a\0c", 3), false},
      {OutputMode::kLines, "50000000000000000", "50000000000000001", false},
      {OutputMode::kTokens, "a b\nc", "  a\tb c\n", true},
      {OutputMode::kTokens, "a b", "b a", false},
      {OutputMode::kTokens, "1 1 2", "1 2", false},
      {OutputMode::kTokens, "a", "a a", false},
      {OutputMode::kTokens, "a", "A", false},
      {OutputMode::kCasefold, "Yes\n", "YES", true},
      {OutputMode::kCasefold, "yes", "no", false},
      {OutputMode::kFloats, "0.333333333", "0.33333333333333", true},
      {OutputMode::kFloats, "0.3333", "0.3334", false},
      {OutputMode::kFloats, "3", "3.0000", true},
      {OutputMode::kFloats, "3", "3.0000001", true},
      {OutputMode::kFloats, "0", "1e-7", true},
      {OutputMode::kFloats, "0", "1e-5", false},
      {OutputMode::kFloats, "0", "-0.0", true},
      {OutputMode::kFloats, "1000000", "1000000.5", true},
      {OutputMode::kFloats, "-1", "1", false},
      {OutputMode::kFloats, "-1.5", "1.5", false},
      {OutputMode::kFloats, "50000000000000000", "50000000000000001", false},
      {OutputMode::kFloats, "50000000000000000", "5e16", true},
      {OutputMode::kFloats, big + "8", big + "9", false},
      {OutputMode::kFloats, big + ".0", big + "0.0", false},
      {OutputMode::kFloats, "1e999999999999", "1e999999999998", false},
      {OutputMode::kFloats, "abc 1.0", "abc 1", true},
      {OutputMode::kFloats, "abc", "abd", false},
      {OutputMode::kFloats, "1.0", "nan", false},
      {OutputMode::kFloats, "1.0", "inf", false},
      {OutputMode::kFloats, "1.0", "", false},
      {OutputMode::kFloats, "1.0", "1.0.", false},
      {OutputMode::kFloats, "1.0", "0x1", false},
      {OutputMode::kUnorderedLines, "a\nb\nb\n", "b\na\nb", true},
      {OutputMode::kUnorderedLines, "a\nb\nb\n", "b\na\na", false},
      {OutputMode::kUnorderedLines, "a b", "b a", false},
  };
  for (const auto& one : cases)
    EXPECT_EQ(OutputMatches(one.want, one.got, {.mode = one.mode}), one.same)
        << static_cast<int>(one.mode) << " " << one.want.substr(0, 40) << " | " << one.got.substr(0, 40);
}

TEST(OutputComparisonTest, TolerancesApplyToTheDecimalsAsWritten) {
  const OutputComparison tight{.mode = OutputMode::kFloats, .abs = 1e-9, .rel = 0};
  // Doubles cannot tell these apart.
  EXPECT_FALSE(OutputMatches("12345678901234567890.1", "12345678901234567890.2", tight));
  EXPECT_TRUE(OutputMatches("12345678901234567890.1", "12345678901234567890.1000000001", tight));
  EXPECT_TRUE(OutputMatches("1.0", "0.9999999999", tight));
  EXPECT_FALSE(OutputMatches("1.0", "0.99999999", tight));
  EXPECT_TRUE(OutputMatches("-0.0000000001", "0.0000000001", tight));
  const OutputComparison exact{.mode = OutputMode::kFloats, .abs = 0, .rel = 0};
  EXPECT_TRUE(OutputMatches("1.50", "15e-1", exact));
  EXPECT_FALSE(OutputMatches("1.50", "1.500000000000000000000000000000000000001", exact));
}

TEST(OutputComparisonTest, TenMegabytesAreNothing) {
  const std::string digits(10'000'000, '7');
  EXPECT_TRUE(OutputMatches(digits + ".0", digits, {.mode = OutputMode::kFloats}));
  std::string words;
  for (int i = 0; i < 5'000'000; ++i) words += "1 ";
  EXPECT_TRUE(OutputMatches(words, words, {.mode = OutputMode::kFloats}));
  EXPECT_FALSE(
      OutputMatches(std::string(10'000'000, '\n') + "1", std::string(10'000'000, '\n') + "2", {.mode = OutputMode::kUnorderedLines}));
}

TEST(OutputComparisonTest, ModesHaveNames) {
  EXPECT_EQ(OutputModeFromName("unordered_lines"), OutputMode::kUnorderedLines);
  EXPECT_EQ(OutputModeFromName("set"), std::nullopt);
}

}  // namespace
}  // namespace hone
