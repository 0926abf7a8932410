#include "lib/tokenizer/pre_tokenizer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/normalizer.h"

namespace hone {
namespace {

using testing::HasSubstr;

absl::StatusOr<PreTokenizer> Make(const std::string& json) {
  const nlohmann::json parsed = nlohmann::json::parse(json);
  const std::string file = "test.json";
  return PreTokenizer::FromJson(JsonField(&parsed, &file, "pre_tokenizer"));
}

std::vector<std::string> Words(const std::string& json, std::string_view text) {
  const auto pre_tokenizer = Make(json);
  EXPECT_TRUE(pre_tokenizer.ok()) << pre_tokenizer.status();
  std::vector<std::string> words;
  if (pre_tokenizer.ok()) pre_tokenizer->Split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

std::string Split(const char* pattern, const char* behavior, bool invert) {
  return nlohmann::json({{"type", "Split"}, {"pattern", nlohmann::json::parse(pattern)}, {"behavior", behavior}, {"invert", invert}})
      .dump();
}

TEST(PreTokenizerTest, SplitsByEachBehavior) {
  struct Case {
    const char* behavior;
    bool invert;
    std::vector<std::string> words;
  };
  const std::vector<Case> cases = {
      {"Removed", false, {"the", "final", "countdown"}},
      {"Isolated", false, {"-", "the", "-", "final", "-", "-", "countdown"}},
      {"MergedWithPrevious", false, {"-", "the-", "final-", "-", "countdown"}},
      {"MergedWithNext", false, {"-the", "-final", "-", "-countdown"}},
      {"Contiguous", false, {"-", "the", "-", "final", "--", "countdown"}},
      {"Removed", true, {"-", "-", "-", "-"}},
      {"Isolated", true, {"-", "the", "-", "final", "-", "-", "countdown"}},
      {"Contiguous", true, {"-", "the", "-", "final", "--", "countdown"}},
      {"MergedWithPrevious", true, {"-the", "-final", "-", "-countdown"}},
      {"MergedWithNext", true, {"-", "the-", "final-", "-", "countdown"}},
  };
  for (const Case& c : cases) {
    for (const char* pattern : {R"({"String": "-"})", R"({"Regex": "-"})"}) {
      EXPECT_EQ(Words(Split(pattern, c.behavior, c.invert), "-the-final--countdown"), c.words) << c.behavior << ", invert " << c.invert;
    }
  }
}

TEST(PreTokenizerTest, CutsOutDigits) {
  EXPECT_THAT(Words(R"({"type": "Digits", "individual_digits": true})", "a12\u00BDb"), testing::ElementsAre("a", "1", "2", "\u00BD", "b"));
  EXPECT_THAT(Words(R"({"type": "Digits", "individual_digits": false})", "12a345"), testing::ElementsAre("12", "a", "345"));
  EXPECT_THAT(Words(R"({"type": "Digits"})", ""), testing::ElementsAre());
}

TEST(PreTokenizerTest, LeavesBytesToTheModelOnlyWhereByteLevelIsLast) {
  const std::string bytes = R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": false})";
  EXPECT_TRUE(Make(bytes)->ends_in_bytes());
  EXPECT_THAT(Words(bytes, "a b"), testing::ElementsAre("a b"));
  const std::string first = R"({"type": "Sequence", "pretokenizers": [)" + bytes + R"(, {"type": "Digits", "individual_digits": true}]})";
  EXPECT_FALSE(Make(first)->ends_in_bytes());
  EXPECT_THAT(Words(first, "a 1b"), testing::ElementsAre("a\u0120", "1", "b"));
  EXPECT_FALSE(Make("null")->ends_in_bytes());
  EXPECT_THAT(Words("null", "a b"), testing::ElementsAre("a b"));
}

TEST(PreTokenizerTest, AddsAPrefixSpaceWhereThereIsNone) {
  const std::string json = R"({"type": "ByteLevel", "add_prefix_space": true, "use_regex": true})";
  EXPECT_THAT(Words(json, "a b"), testing::ElementsAre(" a", " b"));
  EXPECT_THAT(Words(json, " a"), testing::ElementsAre(" a"));
  EXPECT_THAT(Words(json, ""), testing::ElementsAre());
}

TEST(PreTokenizerTest, NamesTheFieldOfAnError) {
  std::string deep = R"({"type": "Digits"})";
  for (int i = 0; i < 40; ++i) deep = R"({"type": "Sequence", "pretokenizers": [)" + deep + "]}";
  std::string wide = R"({"type": "Sequence", "pretokenizers": [{"type": "Digits"})";
  for (int i = 0; i < 100; ++i) wide += R"(, {"type": "Digits"})";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"7", "test.json: pre_tokenizer: must be an object, not number"},
      {"{}", "pre_tokenizer.type: must be a string, not null"},
      {R"({"type": "Punctuation"})", "\"Punctuation\" is not supported; known are ByteLevel, Digits, Sequence, Split"},
      {R"({"type": "Digits", "individual_digits": 1})", "pre_tokenizer.individual_digits: must be true or false"},
      {R"({"type": "Sequence"})", "pre_tokenizer.pretokenizers: must be an array"},
      {R"({"type": "Sequence", "pretokenizers": [{"type": "X"}]})", "pre_tokenizer.pretokenizers[0]: type \"X\""},
      {Split(R"({"Regex": "("})", "Isolated", false), "pre_tokenizer.pattern.Regex: regular expression"},
      {Split(R"({"String": ""})", "Isolated", false), "pre_tokenizer.pattern.String: must not be empty"},
      {Split(R"({"Glob": "*"})", "Isolated", false), "pre_tokenizer.pattern: must be"},
      {Split(R"("x")", "Isolated", false), "pre_tokenizer.pattern: must be an object"},
      {Split(R"({"String": "x"})", "Removes", false), "pre_tokenizer.behavior: \"Removes\" is unknown; known are Removed"},
      {deep, "nest deeper than 16"},
      {wide + "]}", "101 steps"},
  };
  for (const auto& [json, message] : cases) {
    const auto made = Make(json);
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << json;
    EXPECT_THAT(std::string(made.status().message()), HasSubstr(message)) << json;
  }
}

TEST(NormalizerTest, RewritesTextAndNamesErrors) {
  const auto make = [](const std::string& json) {
    const nlohmann::json parsed = nlohmann::json::parse(json);
    const std::string file = "test.json";
    return Normalizer::FromJson(JsonField(&parsed, &file, "normalizer"));
  };
  const std::vector<std::pair<std::string, std::string>> good = {
      {R"({"type": "NFC"})", "\u00E9  a"},
      {R"({"type": "NFD"})", "e\u0301  a"},
      {R"({"type": "Prepend", "prepend": "_"})", "_e\u0301  a"},
      {R"({"type": "Replace", "pattern": {"String": " "}, "content": "$0"})", "e\u0301$0$0a"},
      {R"({"type": "Replace", "pattern": {"Regex": " +"}, "content": ""})", "e\u0301a"},
      {R"({"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": " "}, {"type": "Replace", "pattern": {"String": " "}, "content": "_"}]})",
       "_e\u0301__a"},
  };
  for (const auto& [json, expected] : good) {
    const auto normalizer = make(json);
    ASSERT_TRUE(normalizer.ok()) << normalizer.status();
    EXPECT_EQ((*normalizer)->Normalize("e\u0301  a"), expected) << json;
    EXPECT_EQ((*normalizer)->Normalize(""), "") << json;
  }
  for (const char* nothing : {"null", R"({"type": "Sequence", "normalizers": []})"}) EXPECT_EQ(*make(nothing), nullptr);
  const std::vector<std::pair<std::string, std::string>> bad = {
      {R"({"type": "Lowercase"})", "known are NFC, NFD"},
      {R"({"type": "Prepend"})", "normalizer.prepend: must be a string"},
      {R"({"type": "Replace", "pattern": {"String": "a"}})", "normalizer.content"},
      {R"({"type": "Sequence", "normalizers": [null]})", "normalizer.normalizers[0]"},
      {"[]", "must be an object, not array"},
  };
  for (const auto& [json, message] : bad) EXPECT_THAT(std::string(make(json).status().message()), HasSubstr(message)) << json;
}

}  // namespace
}  // namespace hone
