#include "lib/config/strict_json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

std::string Problems(const std::string& text, const StrictJsonOptions& options = {}) {
  std::string all;
  for (const JsonProblem& problem : ParseStrictJson(text, options).problems) {
    all += fmt::format("{}{}:{}: {}", all.empty() ? "" : "\n", problem.where.line, problem.where.column, problem.text);
  }
  return all;
}

TEST(StrictJsonTest, ReadsWhatNlohmannReads) {
  const std::string kTexts[] = {
      "{}",
      "[]",
      "null",
      " true ",
      R"("a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀")",
      "[0, -0, 1, -1, 0.5, -2.5e-3, 1E+5, 9223372036854775807, -9223372036854775808, 18446744073709551616, 1e308]",
      R"({"a": {"b": [1, {"c": null}], "": "x"}, "z": [[[]]]})",
      "\t{\r\n \"a\" : [ ] }\n",
  };
  for (const std::string& text : kTexts) {
    const JsonDocument document = ParseStrictJson(text);
    EXPECT_TRUE(document.complete);
    ASSERT_EQ(Problems(text), "") << text;
    EXPECT_EQ(nlohmann::json::parse(CanonicalJson(document.root)), nlohmann::json::parse(text)) << text;
  }
}

TEST(StrictJsonTest, RemembersWhereValuesAndKeysStand) {
  const JsonNode root = ParseStrictJson("{\n  \"é\": 1, // x\n\t\"b\": [true,\n false]\n}").root;
  ASSERT_EQ(root.keys.size(), 2u);
  const auto at = [](JsonPosition p) { return fmt::format("{}:{}", p.line, p.column); };
  EXPECT_EQ(at(root.where), "1:1");
  EXPECT_EQ(at(root.keys[0].where), "2:3");
  EXPECT_EQ(at(root.items[0].where), "2:8");
  EXPECT_EQ(at(root.keys[1].where), "3:2");
  EXPECT_EQ(at(root.items[1].items[0].where), "3:8");
  EXPECT_EQ(at(root.items[1].items[1].where), "4:2");
}

TEST(StrictJsonTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text, problems;
  } kCases[] = {
      {"", "1:1: expected a value, found the end of the text"},
      {"  // only a comment", "1:20: expected a value, found the end of the text"},
      {"{", "1:1: this '{' is never closed"},
      {"[1", "1:1: this '[' is never closed"},
      {"[1,", "1:1: this '[' is never closed"},
      {"{\"a\": 1,", "1:1: this '{' is never closed"},
      {"{\"a\"", "1:5: expected ':' after \"a\", found the end of the text"},
      {"{\"a\" 1}", "1:6: expected ':' after \"a\", found \"1\""},
      {"{\"a\": }", "1:7: expected a value, found '}'"},
      {"{\"a\": 1]", "1:8: expected ',' or '}', found ']'"},
      {"{\"a\": 1,}", "1:8: a comma before '}' is not allowed"},
      {"[1, 2, ]", "1:6: a comma before ']' is not allowed"},
      {"[1,, 2]", "1:4: one comma too many"},
      {"[,1]", "1:2: expected a value, found ','"},
      {"{\"a\": 1\n \"b\": 2}", "1:8: a comma is missing here"},
      {"[[1] [2]]", "1:5: a comma is missing here"},
      {"{a: 1, 'b': 2, \"c\" = 3}",
       "1:2: the field name \"a\" stands in double quotes\n1:8: a text stands in double quotes, not in single ones\n"
       "1:20: ':' stands between \"c\" and its value, not '='"},
      {"{\"a\": 1, \"b\": 2,\n \"a\": 3}", "2:2: duplicate field \"a\"; it was given in line 1 already"},
      {"[True, none, NaN, yes]",
       "1:2: \"True\" is no JSON value; did you mean true?\n1:8: \"none\" is no JSON value; did you mean null?\n"
       "1:14: \"NaN\" is no JSON value; numbers are finite; use null for none\n1:19: \"yes\" is no JSON value; a text stands in double "
       "quotes"},
      {"[01, .5, 1., +1, 0x10, 1e, -]",
       "1:2: \"01\" is no JSON number\n1:6: \".5\" is no JSON number\n1:10: \"1.\" is no JSON number\n1:14: \"+1\" is no JSON number\n"
       "1:18: \"0x10\" is no JSON number\n1:24: \"1e\" is no JSON number\n1:28: \"-\" is no JSON number"},
      {"[1e999]", "1:2: 1e999 is outside the range of a double"},
      {"\"abc", "1:1: this text is never closed: a double quote is missing"},
      {"[\"abc\n\"]", "1:2: this text is never closed: a double quote is missing"},
      {R"(["\q"])", "1:3: unknown escape; a backslash itself is written \\\\"},
      {R"(["\u12g4"])", "1:3: \\u needs four hexadecimal digits"},
      {R"(["\ud800x"])", "1:3: half of a surrogate pair"},
      {R"(["\u0000"])", "1:3: a text may not hold the character NUL"},
      {"[\"a\tb\"]", "1:4: byte 0x09 inside a text; write it as \\u0009"},
      {"[\"\xff\"]", "1:3: byte 0xff is not UTF-8"},
      {"[\"\xed\xa0\x80\"]", "1:3: byte 0xed is not UTF-8"},
      {"/* x */ [1] # y", "1:1: comments start with //, not with /*\n1:13: comments start with //, not with #"},
      {"/* x", "1:1: comments start with //, not with /*\n1:1: this comment is never closed"},
      {"{} {}", "1:4: '{' after the end of the value"},
      {"\xEF\xBB\xBF{}", "1:1: the text starts with a byte-order mark; save it as UTF-8 without one"},
      {"\x01", "1:1: expected a value, found byte 0x01"},
      {std::string("\0", 1), "1:1: expected a value, found byte 0x00"},
      {std::string(40, '['), "1:33: nested deeper than 32 levels"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Problems(c.text), c.problems) << c.text;
}

TEST(StrictJsonTest, RefusesCommentsWhereTheyAreNotAllowed) {
  EXPECT_EQ(Problems("1 // one", {.comments = false}), "1:3: comments are not allowed here");
}

TEST(StrictJsonTest, KeepsTheFirstOfTwoEqualKeys) {
  EXPECT_EQ(CanonicalJson(ParseStrictJson(R"({"a":1,"a":2})").root), R"({"a":1})");
}

TEST(StrictJsonTest, StopsAfterManyProblems) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "x,";
  const JsonDocument document = ParseStrictJson(text + "1]");
  EXPECT_EQ(document.problems.size(), 50u);
  EXPECT_FALSE(document.complete);
}

TEST(StrictJsonTest, DepthAndSizeDoNotHurt) {
  EXPECT_FALSE(ParseStrictJson(std::string(1 << 20, '[')).complete);
  std::string wide = "{";
  for (int i = 0; i < 50000; ++i) wide += fmt::format("\"k{}\":{},", i, i);
  wide.back() = '}';
  EXPECT_EQ(ParseStrictJson(wide).root.items.size(), 50000u);
  EXPECT_EQ(ParseStrictJson("[" + std::string(1 << 19, '\n') + "]").problems.size(), 0u);
}

TEST(StrictJsonTest, CanonicalTextDoesNotDependOnOrderAndSpace) {
  EXPECT_EQ(CanonicalJson(ParseStrictJson(R"({"b": [1, 2.50, "x"], "a": {"d": null, "c": true}})").root),
            R"({"a":{"c":true,"d":null},"b":[1,2.50,"x"]})");
}

TEST(StrictJsonTest, QuotesAnyBytes) {
  EXPECT_EQ(JsonQuote("a\"\\\n\x01\x7f\xff é"), "\"a\\\"\\\\\\n\\u0001\\u007f\xEF\xBF\xBD é\"");
  EXPECT_EQ(ParseStrictJson(JsonQuote("a\"\\\n\x01\x7f é")).root.text, "a\"\\\n\x01\x7f é");
}

TEST(StrictJsonTest, NumbersReadBackAsTheSameDouble) {
  RandomCursor random{RandomStream(7)};
  for (int i = 0; i < 2000; ++i) {
    const double x = random.Normal() * std::pow(10.0, static_cast<double>(random.Between(-300, 300)));
    const JsonNode node = ParseStrictJson(JsonNumber(x)).root;
    EXPECT_EQ(node.number, x) << JsonNumber(x);
  }
  for (const double x : {0.0, -0.0, 1e-6, 5e-324, std::numeric_limits<double>::max(), 1e15, 123456789.0, 1e20}) {
    EXPECT_EQ(ParseStrictJson(JsonNumber(x)).root.number, x) << JsonNumber(x);
  }
}

TEST(StrictJsonTest, SurvivesDamagedText) {
  const std::string good = "{ // c\n \"a\": [1, -2.5e3, \"x\\u00e9\\n\", true, null], \"b\": {\"c\": {}}, /* d */ \"é\": 'q' }";
  RandomCursor random{RandomStream(11)};
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (uint64_t edits = 1 + random.Below(4); edits > 0 && !text.empty(); --edits) {
      const size_t at = random.Below(text.size());
      switch (random.Below(4)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.erase(at, 1 + random.Below(4));
          break;
        case 2:
          text.insert(at, 1, "{}[]\",:'\\/#\n*u0-e\xff"[random.Below(18)]);
          break;
        default:
          text.resize(at);
      }
    }
    const JsonDocument document = ParseStrictJson(text);
    EXPECT_TRUE(document.complete || !document.problems.empty()) << text;
    // The promise behind JSON fields: canonical text is good JSON.
    const std::string canonical = CanonicalJson(document.root);
    EXPECT_TRUE(nlohmann::json::accept(canonical)) << canonical << "\nfrom " << text;
    EXPECT_EQ(CanonicalJson(ParseStrictJson(canonical).root), canonical);
    if (document.problems.empty()) {
      EXPECT_TRUE(nlohmann::json::accept(text, true)) << text;
    }
  }
}

}  // namespace
}  // namespace hone
