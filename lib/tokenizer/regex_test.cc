#include "lib/tokenizer/regex.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Matches(const char* pattern, std::string_view text) {
  const auto regex = Regex::Compile(pattern);
  EXPECT_TRUE(regex.ok()) << regex.status();
  std::vector<std::string> matches;
  if (!regex.ok()) return matches;
  (*regex)->ForEachSpan(text, [&](size_t begin, size_t end, bool is_match) {
    if (is_match) matches.emplace_back(text.substr(begin, end - begin));
  });
  return matches;
}

TEST(RegexTest, MeansWhatTheDialectOfTokenizerFilesMeans) {
  struct Case {
    const char* pattern;
    std::string text;
    std::vector<std::string> matches;
  };
  const std::vector<Case> cases = {
      {"\\s+", "a\u0085b\u180Ec\u3000", {"\u0085", "\u3000"}},
      {"[^\\s]+", "a\u0085b\u180Ec", {"a", "b\u180Ec"}},
      {"\\h+", "xyzBEEF09 ", {"BEEF09"}},
      {"\\w+", "a\u0301_\u0661-b", {"a\u0301_\u0661", "b"}},
      {"\\W+", "a--b", {"--"}},
      {"a{2}+", "aaaaa", {"aaaa"}},  // once or more, not possessive
      {"(?:ab|c){1,2}+x", "ababcx", {"ababcx"}},
      {"a{,2}b", "aaab", {"aab"}},
      {"a++b", "aab", {"aab"}},
      {"(?m:a.b)", "a\nb", {"a\nb"}},
      {"a.b", "a\nb", {}},
      {"^b$", "a\nb\nc", {"b"}},
      {"(?i)abc", "xABC", {"ABC"}},
      {"(?i:s)", "\u017F", {"\u017F"}},
      {"\\p{Lu}+|\\P{^Nd}", "Ab1", {"A", "1"}},
      {"\\p{L}+", "\U0001E5D0\u1C89", {"\U0001E5D0\u1C89"}},  // letters since Unicode 15 and 16
      {"[\\p{Han}]+", "a\u65E5\u672Cb", {"\u65E5\u672C"}},
      {"\\u65E5", "\u65E5", {"\u65E5"}},
      {"\\v", "\v\n", {"\v"}},
      {"{", "a{b", {"{"}},
      {"[a\\-\\]]+", "-a]b", {"-a]"}},
      {"x*", "axb", {"", "x", ""}},
  };
  for (const Case& c : cases) EXPECT_EQ(Matches(c.pattern, c.text), c.matches) << c.pattern << " on " << testing::PrintToString(c.text);
}

TEST(RegexTest, RefusesWhatItCannotTranslateFaithfully) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[a&&b]", "&&"},
      {"[a[b]]", "class in a class"},
      {"[\\W]", "in a class"},
      {"(?~a)", "kind of group"},
      {"a(?i)b", "mid-pattern"},
      {"\\Qa\\E", "\\Q"},
      {"\\C", "\\C"},
      {"(*UTF)", "(*"},
      {"\\p", "{Name}"},
      {"\\p{}", "property name"},
      {"\\p{Nope}", "Nope"},
      {"[]", "empty class"},
      {"[a", "without ']'"},
      {"\\", "lone backslash"},
      {"(a", "missing"},
      {"a)", "unmatched"},
      {"\\u12", "four hex"},
      {std::string("\xFF"), "UTF-8"},
      {"[\xC3]", "UTF-8"},
      {"a{3}?", "{n}?"},
      {"*", "offset"},
  };
  for (const auto& [pattern, reason] : cases) {
    const auto regex = Regex::Compile(pattern);
    EXPECT_EQ(regex.status().code(), absl::StatusCode::kInvalidArgument) << pattern;
    EXPECT_THAT(std::string(regex.status().message()), HasSubstr(reason)) << pattern;
  }
}

TEST(RegexTest, SurvivesCatastrophicBacktracking) {
  const std::string text = std::string(200, 'a') + "b";
  EXPECT_THAT(Matches("(a|a)*c", text), ElementsAre());
}

}  // namespace
}  // namespace hone
