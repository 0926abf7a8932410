#include "lib/tokenizer/word_scanner.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/tokenizer/regex.h"
#include "lib/tokenizer/test_support.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

std::vector<std::string> Scan(const WordScanner& scanner, std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t length = scanner.MatchLength(text);
    EXPECT_GT(length, 0u);
    EXPECT_LE(length, text.size());
    if (length == 0 || length > text.size()) break;
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

struct NamedPattern {
  const char* name;
  std::string_view pattern;
};

class WordScannerTest : public testing::TestWithParam<NamedPattern> {};

TEST_P(WordScannerTest, AgreesWithTheRegularExpressionOnDifficultText) {
  const WordScanner* scanner = WordScanner::ForPattern(GetParam().pattern);
  ASSERT_NE(scanner, nullptr);
  const auto regex = Regex::Compile(GetParam().pattern);
  ASSERT_TRUE(regex.ok()) << regex.status();
  for (uint64_t i = 0; i < 4000; ++i) {
    const std::string text = DifficultText(/*seed=*/11, i);
    std::vector<std::string> expected;
    (*regex)->ForEachSpan(text, [&](size_t begin, size_t end, bool is_match) {
      EXPECT_TRUE(is_match) << "the pattern leaves a gap in " << testing::PrintToString(text);
      expected.push_back(text.substr(begin, end - begin));
    });
    ASSERT_EQ(Scan(*scanner, text), expected) << "text " << i << ": " << testing::PrintToString(text);
  }
}

TEST_P(WordScannerTest, AgreesOnEachCodePointBetweenLetters) {
  const WordScanner* scanner = WordScanner::ForPattern(GetParam().pattern);
  const auto regex = Regex::Compile(GetParam().pattern);
  ASSERT_TRUE(regex.ok()) << regex.status();
  std::string text;
  for (uint32_t c = 0; c < 0x30000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    text += c % 3 == 0 ? "a" : c % 3 == 1 ? "B " : "1";
    AppendUtf8(c, &text);
  }
  size_t at = 0;
  (*regex)->ForEachSpan(text, [&](size_t begin, size_t end, bool) {
    if (HasFailure()) return;
    const size_t length = scanner->MatchLength(std::string_view(text).substr(at));
    ASSERT_EQ(begin, at);
    ASSERT_EQ(at + length, end) << "at " << testing::PrintToString(text.substr(begin, end - begin + 8));
    at = end;
  });
}

INSTANTIATE_TEST_SUITE_P(All, WordScannerTest,
                         testing::Values(NamedPattern{"Gpt2", kGpt2Pattern}, NamedPattern{"Gpt2Factored", kGpt2FactoredPattern},
                                         NamedPattern{"Qwen2", kQwen2Pattern}, NamedPattern{"Llama3", kLlama3Pattern},
                                         NamedPattern{"O200k", kO200kPattern}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(WordScannerSplits, AreThoseOfTheWellKnownTokenizers) {
  struct Case {
    std::string_view pattern;
    const char* text;
    std::vector<std::string> words;
  };
  const std::vector<Case> cases = {
      {kGpt2Pattern, "Hello  world's 12345!\n", {"Hello", " ", " world", "'s", " 12345", "!", "\n"}},
      {kQwen2Pattern, "Hello  World'S 123\n\n x", {"Hello", " ", " World", "'S", " ", "1", "2", "3", "\n\n", " x"}},
      {kLlama3Pattern, "12345 (x)\r\n", {"123", "45", " (", "x", ")\r\n"}},
      {kO200kPattern, "camelCaseHTTPServer's a/b//\n", {"camel", "Case", "HTTPServer's", " a", "/b", "//\n"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Scan(*WordScanner::ForPattern(c.pattern), c.text), c.words) << c.text;
  }
}

TEST(WordScannerForPattern, KnowsNoOtherPattern) {
  EXPECT_EQ(WordScanner::ForPattern("\\s+"), nullptr);
  EXPECT_EQ(WordScanner::ForPattern(""), nullptr);
}

}  // namespace
}  // namespace hone
