#include "lib/data/pattern.h"

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

// Group `group` of the match; "-" without a match, "!" when the budget is spent.
std::string Find(std::string_view pattern, std::string_view text, Pattern::Which which = Pattern::Which::kFirst, int group = 0,
                 int64_t budget = Pattern::Options().budget) {
  auto compiled = Pattern::Compile(pattern, {.budget = budget});
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  if (!compiled.ok()) return "?";
  auto found = (*compiled)->Find(text, which);
  if (!found.ok()) return found.status().code() == absl::StatusCode::kResourceExhausted ? "!" : "?";
  if (!found->has_value() || !(**found)[group].has_value()) return "-";
  return std::string(*(**found)[group]);
}

TEST(PatternTest, FindsTheFirstAndTheLastMatch) {
  constexpr auto kLast = Pattern::Which::kLast;
  EXPECT_EQ(Find("\\d+", "a 12 b 345"), "12");
  EXPECT_EQ(Find("\\d+", "a 12 b 345", kLast), "345");
  EXPECT_EQ(Find("\\d+", "none", kLast), "-");
  EXPECT_EQ(Find("(\\d)(x)?", "1 2", kLast, 1), "2");
  EXPECT_EQ(Find("(\\d)(x)?", "1 2", kLast, 2), "-");
  EXPECT_EQ(Find("aa", "aaa", kLast), "aa");
  EXPECT_EQ(Find("", "", kLast), "");
  EXPECT_EQ(Find("", "\xC3\xA9\xE2\x82\xAC", kLast), "");
  EXPECT_EQ(Find("a*", "baac", kLast), "");
  EXPECT_EQ(Find("x", std::string_view()), "-");
  EXPECT_EQ(Find("b", std::string_view("a\0b", 3)), "b");
}

TEST(PatternTest, BytesThatAreNotUtf8AreSeenAsAControlCharacter) {
  EXPECT_EQ(Find("7", "\xff\xfe 7 \xc3"), "7");
  EXPECT_EQ(Find("^\\x1A{2}$", "\xff\xff"), "\xff\xff");
  EXPECT_EQ(Find("^\\x1A{3}$", "\xed\xa0\x80"), "\xed\xa0\x80");          // a surrogate
  EXPECT_EQ(Find("^\\x1A{2}$", "\xc0\x80"), "\xc0\x80");                  // an overlong NUL
  EXPECT_EQ(Find("^\\x1A{4}$", "\xf4\x90\x80\x80"), "\xf4\x90\x80\x80");  // beyond U+10FFFF
  EXPECT_EQ(Find("^.$", "\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(Find("7",
                 "7\xff"
                 "7",
                 Pattern::Which::kLast),
            "7");
}

TEST(PatternTest, NoPatternOnNoTextRunsForEver) {
  constexpr int64_t kBudget = 3'000'000;  // enough for a linear search of this text, and quick to spend
  const std::string many_a(1'000'000, 'a');
  // The last literal of each pattern is in the text, or PCRE2 would see at once that nothing can match.
  EXPECT_EQ(Find("^(a+)+$", many_a + "b", Pattern::Which::kFirst, 0, kBudget), "!");
  EXPECT_EQ(Find("(a|a)*c", many_a + "bc", Pattern::Which::kFirst, 0, kBudget), "!");
  EXPECT_EQ(Find("a[^x]*+x[yz]", many_a + "xw", Pattern::Which::kFirst, 0, kBudget), "!");  // quadratic: every start runs to the end
  EXPECT_EQ(Find("(a?){30}a{30}b", many_a + "cb", Pattern::Which::kFirst, 0, kBudget), "!");
  EXPECT_EQ(Find("(?:(?R)?a)+b", std::string(1000, 'a') + "cb", Pattern::Which::kFirst, 0, kBudget), "!");
  EXPECT_EQ(Find("", many_a + many_a + many_a + many_a, Pattern::Which::kLast), "!");  // a match at every position: 4 million searches
  EXPECT_EQ(Find("a", many_a, Pattern::Which::kLast), "a");                            // 1 million searches are within the budget
}

TEST(PatternTest, LinearPatternsManageLongTexts) {
  EXPECT_EQ(Find("b", std::string(5'000'000, 'a') + "b"), "b");
  EXPECT_EQ(Find("#### ([^\\n]+)", std::string(5'000'000, ' ') + "#### 7", Pattern::Which::kLast, 1), "7");
}

TEST(PatternTest, UnusablePatternsAreRefused) {
  const std::pair<std::string, const char*> cases[] = {
      {"(", "missing closing parenthesis (at byte 1)"}, {"a{2,1}", "out of order"}, {"\\C", "\\C"},   {"[", "missing terminating ]"},
      {std::string(70'000, 'a'), "too long"},           {"\xff", "UTF-8"},          {"(?P<", "name"}, {"*", "quantifier"},
  };
  for (const auto& [pattern, part] : cases) {
    const absl::Status status = Pattern::Compile(pattern, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << pattern;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
}

TEST(PatternTest, RandomPatternsNeverCrash) {
  constexpr std::string_view kBytes = "ab.*+?()[]{}|^$\\1,2dwK=!<>:R\xC3\xA9\xff";
  RandomCursor random{RandomStream(1)};
  int num_good = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string pattern(1 + random.Below(12), 'a'), text(random.Below(20), 'a');
    for (char& c : pattern) c = kBytes[random.Below(kBytes.size())];
    for (char& c : text) c = kBytes[random.Below(kBytes.size())];
    auto compiled = Pattern::Compile(pattern, {.budget = 10'000});
    if (!compiled.ok()) continue;
    ++num_good;
    (void)(*compiled)->Find(text, Pattern::Which::kLast);
  }
  EXPECT_GT(num_good, 100);
}

}  // namespace
}  // namespace hone
