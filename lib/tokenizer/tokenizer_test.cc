#include "lib/tokenizer/tokenizer.h"

#include <functional>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/tokenizer/test_support.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::unique_ptr<Tokenizer> Small(const std::function<void(json&)>& change = [](json&) {}) {
  json description = SmallTokenizerJson();
  change(description);
  auto tokenizer = Tokenizer::FromJson(description.dump(), "small.json");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return tokenizer.ok() ? *std::move(tokenizer) : nullptr;
}

TEST(TokenizerTest, EncodesByRankWithFallbackAndUnknown) {
  const auto tokenizer = Small();
  struct Case {
    std::string text;
    std::vector<int32_t> ids;
  };
  const std::vector<Case> cases = {
      {"", {}},
      {"abc", {7}},
      {"bcab", {6, 5}},
      {" abc", {4, 7}},  // "a b" comes before " a"
      {" ac", {8, 3}},
      {"aaaaaaa", {14, 9, 1}},
      {"\u00E8", {0}},               // <0xA8> is missing: the unknown token
      {"\u00E8\u00E8a", {0, 0, 1}},  // not fused
      {"e\u0301", {15}},             // normalized first
      {"a~b", {1, 4, 2}},
      {"_a", {13}},
  };
  for (const Case& c : cases) EXPECT_EQ(tokenizer->Encode(c.text), c.ids) << testing::PrintToString(c.text);
}

TEST(TokenizerTest, FusesOrDropsUnknownCharacters) {
  const auto fusing = Small([](json& j) { j["model"]["fuse_unk"] = true; });
  EXPECT_THAT(fusing->Encode("a\u00E8\u00E8b"), ElementsAre(1, 0, 2));
  const auto dropping = Small([](json& j) { j["model"]["unk_token"] = nullptr; });
  EXPECT_THAT(dropping->Encode("a\u00E8b"), ElementsAre(5));  // the neighbours then join
  const auto bytes = Small([](json& j) { j["model"]["vocab"].erase("\u00E9"); });
  EXPECT_THAT(bytes->Encode("a\u00E9b"), ElementsAre(1, 10, 11, 2));
}

TEST(TokenizerTest, TakesWholeWordsWhereMergesAreIgnored) {
  const auto change = [](bool ignore) {
    return [ignore](json& j) {
      j["model"]["ignore_merges"] = ignore;
      j["model"]["vocab"]["cb"] = 30;  // no merge builds it
    };
  };
  EXPECT_THAT(Small(change(true))->Encode("cb"), ElementsAre(30));
  EXPECT_THAT(Small(change(false))->Encode("cb"), ElementsAre(3, 2));
}

TEST(TokenizerTest, RecognisesAddedTokensByTheirFlags) {
  const auto tokenizer = Small();
  struct Case {
    std::string text;
    std::vector<int32_t> ids;
  };
  const std::vector<Case> cases = {
      {"a<s>b", {1, 20, 2}},
      {"a  <left>  b", {1, 21, 4, 4, 2}},   // takes the space before it
      {"a  <right>  b", {1, 4, 4, 22, 2}},  // takes the space after it
      {"<right>  <left>b", {22, 21, 2}},
      {"cab", {23}},
      {"acab", {1, 3, 5}},  // not a word of its own
      {"cab-", {23, 0}},
      {"~cab~", {4, 23, 4}},  // found in the normalized text
      {"<s", {0, 0}},
  };
  for (const Case& c : cases) EXPECT_EQ(tokenizer->Encode(c.text), c.ids) << c.text;
}

TEST(TokenizerTest, ReadsInvalidUtf8AsReplacementCharacters) {
  const auto tokenizer = GoldenTokenizer("tiny_llama3");
  for (const auto& [bytes, text] :
       std::vector<std::pair<std::string, std::string>>{{"a\xFF", "a\uFFFD"},
                                                        {"\xF0\x9F\x98", "\uFFFD"},
                                                        {"\xE2\x82<|end_of_text|>\x80", "\uFFFD<|end_of_text|>\uFFFD"},
                                                        {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"}}) {
    EXPECT_EQ(tokenizer->Encode(bytes), tokenizer->Encode(text)) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(tokenizer->Decode(tokenizer->Encode(std::string("a\0b", 3))), std::string("a\0b", 3));
}

TEST(TokenizerTest, MapsBetweenTokensAndIds) {
  const auto tokenizer = Small();
  EXPECT_EQ(tokenizer->vocab_size(), 24);
  EXPECT_EQ(tokenizer->TokenToId("abc"), 7);
  EXPECT_EQ(tokenizer->TokenToId("<s>"), 20);
  EXPECT_EQ(tokenizer->TokenToId("nope"), std::nullopt);
  EXPECT_EQ(tokenizer->TokenToId(""), std::nullopt);
  EXPECT_EQ(tokenizer->IdToToken(7), "abc");
  EXPECT_EQ(tokenizer->IdToToken(23), "cab");
  for (const int32_t id : {-1, 17, 24, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(tokenizer->IdToToken(id), "") << id;
    EXPECT_FALSE(tokenizer->IsSpecial(id)) << id;
  }
  EXPECT_TRUE(tokenizer->IsSpecial(20));
  EXPECT_FALSE(tokenizer->IsSpecial(22));
  EXPECT_FALSE(tokenizer->IsSpecial(7));
}

TEST(TokenizerTest, DecodesAndPassesOverIdsWithoutAToken) {
  const auto tokenizer = Small();
  EXPECT_EQ(tokenizer->Decode({13, 20, 7}), "a<s>abc");  // "_a" gives " a", whose space Strip takes
  EXPECT_EQ(tokenizer->Decode({13, 20, 7}, /*skip_special=*/true), "aabc");
  EXPECT_EQ(tokenizer->Decode({-5, 7, 17, 1000000, 1}), "abca");
  EXPECT_EQ(tokenizer->Decode({1, 10, 11, 10, 1}), "a\uFFFD\uFFFD\uFFFDa");  // the run C3 A9 C3 as a whole is not UTF-8
  EXPECT_EQ(tokenizer->Decode({10, 11}), "\u00E9");
  EXPECT_EQ(tokenizer->Decode({}), "");
  EXPECT_EQ(Small([](json& j) { j["decoder"] = nullptr; })->Decode({1, 2}), "a b");
}

TEST(TokenizerTest, NamesFileAndFieldOfAMalformedDescription) {
  struct Case {
    std::function<void(json&)> change;
    std::string message;
  };
  const std::vector<Case> cases = {
      {[](json& j) { j = json::array(); }, "the whole: must be an object, not array"},
      {[](json& j) { j["version"] = "2.0"; }, "version: \"2.0\" is not supported"},
      {[](json& j) { j.erase("model"); }, "model: is missing"},
      {[](json& j) { j["model"] = "BPE"; }, "model: must be an object"},
      {[](json& j) { j["model"]["type"] = "Unigram"; }, "model: type \"Unigram\" is not supported; known are BPE"},
      {[](json& j) { j["model"]["dropout"] = 0.1; }, "model.dropout"},
      {[](json& j) { j["model"]["dropout"] = "x"; }, "model.dropout"},
      {[](json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }, "model.end_of_word_suffix: \"</w>\" is not supported"},
      {[](json& j) { j["model"]["continuing_subword_prefix"] = 1; }, "model.continuing_subword_prefix: must be a string"},
      {[](json& j) { j["model"]["unk_token"] = "nope"; }, "model.unk_token: \"nope\" is not in the vocabulary"},
      {[](json& j) { j["model"]["byte_fallback"] = "yes"; }, "model.byte_fallback: must be true or false"},
      {[](json& j) { j["model"]["vocab"] = json::array(); }, "model.vocab: must be an object, not array"},
      {[](json& j) { j["model"]["vocab"] = json::object(); }, "model.vocab: must not be empty"},
      {[](json& j) { j["model"]["vocab"]["x"] = -1; }, "model.vocab: the id of \"x\" is -1"},
      {[](json& j) { j["model"]["vocab"]["x"] = 4000000000u; },
       "the id of \"x\" is 4000000000, but must be a whole number in [0, 2097152)"},
      {[](json& j) { j["model"]["vocab"]["x"] = 1.5; }, "the id of \"x\" is 1.5"},
      {[](json& j) { j["model"]["vocab"]["x"] = 7; }, "id 7 belongs both to"},
      {[](json& j) { j["model"].erase("merges"); }, "model.merges: must be an array, not null"},
      {[](json& j) { j["model"]["merges"][1] = "a"; }, "model.merges[1]: \"a\" must be two tokens"},
      {[](json& j) { j["model"]["merges"][1] = "a b c"; }, "model.merges[1]"},
      {[](json& j) { j["model"]["merges"][1] = json::array({"a"}); }, "model.merges[1]: must be a pair"},
      {[](json& j) {
         j["model"]["merges"][1] = json::array({"a", 3});
       },
       "model.merges[1][1]: must be a string"},
      {[](json& j) { j["model"]["merges"][1] = "b a"; }, "model.merges[1]: \"ba\" is not in the vocabulary"},
      {[](json& j) { j["model"]["merges"][1] = 5; }, "model.merges[1]: must be a string"},
      {[](json& j) { j["added_tokens"] = 5; }, "added_tokens: must be an array"},
      {[](json& j) { j["added_tokens"][1] = 5; }, "added_tokens[1]: must be an object"},
      {[](json& j) { j["added_tokens"][1].erase("id"); }, "added_tokens[1].id: must be a whole number, not null"},
      {[](json& j) { j["added_tokens"][1]["id"] = 1 << 30; }, "added_tokens[1].id: 1073741824 must be in [0, 2097151]"},
      {[](json& j) { j["added_tokens"][1]["id"] = 18446744073709551615u; }, "added_tokens[1].id"},
      {[](json& j) { j["added_tokens"][1]["id"] = 20; }, "added_tokens[1].id: 20 belongs both to \"<s>\" and to \"<left>\""},
      {[](json& j) { j["added_tokens"][1]["id"] = 3; }, "added_tokens[1].id: 3 belongs both to \"c\""},
      {[](json& j) { j["added_tokens"][1]["content"] = "<s>"; }, "added_tokens[1].id: \"<s>\" has both id 20 and id 21"},
      {[](json& j) { j["added_tokens"][1]["content"] = "a"; }, "\"a\" has id 21 here, but 1 in the vocabulary"},
      {[](json& j) { j["added_tokens"][1]["content"] = nullptr; }, "added_tokens[1].content: must be a string"},
      {[](json& j) { j["added_tokens"][1]["lstrip"] = 1; }, "added_tokens[1].lstrip"},
      {[](json& j) {
         j["normalizer"] = {{"type", "BertNormalizer"}};
       },
       "normalizer: type \"BertNormalizer\" is not supported; known are NFC"},
      {[](json& j) {
         j["pre_tokenizer"] = {{"type", "Whitespace"}};
       },
       "pre_tokenizer: type \"Whitespace\" is not supported"},
      {[](json& j) {
         j["decoder"] = {{"type", "WordPiece"}};
       },
       "decoder: type \"WordPiece\" is not supported; known are ByteFallback"},
      {[](json& j) { j["decoder"]["decoders"][3]["content"] = "ab"; }, "decoder.decoders[3].content: \"ab\" must be one character"},
      {[](json& j) { j["decoder"]["decoders"][3]["start"] = -1; }, "decoder.decoders[3].start: -1 must be in"},
      {[](json& j) {
         j["decoder"]["decoders"][2] = {{"type", "ByteFallback"}};
       },
       "two ByteFallback steps"},
  };
  for (const Case& c : cases) {
    json description = SmallTokenizerJson();
    c.change(description);
    const auto tokenizer = Tokenizer::FromJson(description.dump(), "small.json");
    EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument) << c.message;
    EXPECT_THAT(std::string(tokenizer.status().message()), StartsWith("small.json: "));
    EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr(c.message));
  }
}

TEST(TokenizerTest, RefusesWhatIsNotJson) {
  for (const std::string text : {"", "{", "{\"a\": \xFF}", "[1,", "nul", "{\"model\": {\"vocab\": {\"\\ud800\": 1}}}"}) {
    const auto tokenizer = Tokenizer::FromJson(text, "broken.json");
    EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(tokenizer.status().message()), StartsWith("broken.json: not JSON")) << text;
  }
  EXPECT_FALSE(Tokenizer::FromJson(std::string(1000000, '['), "deep.json").ok());
  EXPECT_EQ(Tokenizer::FromFile("tests/testdata/tokenizers/nowhere.json").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Tokenizer::FromFile("tests/testdata/tokenizers/tiny_llama3/tokenizer.json").ok());
}

TEST(TokenizerTest, EncodesLongWordsInLittleTime) {
  // 200,000 characters without a place to cut: a quadratic loop would take minutes.
  for (const char* name : {"tiny_llama3", "tiny_gemma"}) {
    const auto tokenizer = GoldenTokenizer(name);
    for (const char* unit : {"a", " ", "ab", "<", "\u65E5", "\n"}) {
      std::string text;
      while (text.size() < 200000) text += unit;
      EXPECT_EQ(tokenizer->Decode(tokenizer->Encode(text)), text) << name << ", " << testing::PrintToString(unit);
    }
  }
}

TEST(TokenizerTest, GivesAllThreadsTheSameIds) {
  const auto tokenizer = GoldenTokenizer("tiny_llama3");
  const auto fresh = GoldenTokenizer("tiny_llama3");
  std::vector<std::vector<int32_t>> expected;
  for (uint64_t i = 0; i < 200; ++i) expected.push_back(fresh->Encode(DifficultText(5, i)));
  std::vector<int> differences(4);
  std::vector<std::thread> threads;
  for (int& count : differences) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < 200; ++i) count += tokenizer->Encode(DifficultText(5, i)) != expected[i];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(differences, testing::Each(0));
}

}  // namespace
}  // namespace hone
