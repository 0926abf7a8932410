#include "lib/tokenizer/bpe_vocabulary.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/tokenizer/test_support.h"

namespace hone {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// What a GGUF file would hold for a golden tokenizer.
BpeVocabulary VocabularyOf(const std::string& name, const std::string& pre_tokenizer) {
  const json description = json::parse(GoldenTokenizerJson(name).value());
  BpeVocabulary vocabulary;
  vocabulary.pre_tokenizer = pre_tokenizer;
  const auto set = [&](int32_t id, const std::string& token, int32_t type) {
    const auto index = static_cast<size_t>(id);
    if (index >= vocabulary.tokens.size()) {
      vocabulary.tokens.resize(index + 1);
      vocabulary.token_types.resize(index + 1, 1);
    }
    vocabulary.tokens[index] = token;
    vocabulary.token_types[index] = type;
  };
  for (const auto& [token, id] : description["model"]["vocab"].items()) set(id, token, 1);
  for (const auto& token : description["added_tokens"]) set(token["id"], token["content"], token["special"].get<bool>() ? 3 : 4);
  for (const auto& merge : description["model"]["merges"]) {
    vocabulary.merges.push_back(merge.is_string() ? merge.get<std::string>()
                                                  : merge[0].get<std::string>() + " " + merge[1].get<std::string>());
  }
  return vocabulary;
}

TEST(BpeVocabularyTest, MakesATokenizerThatEncodesAsTheOriginalDoes) {
  for (const auto& [name, pre_tokenizer] : {std::pair("smollm2", "smollm"), std::pair("gpt2", "gpt-2"), std::pair("qwen3", "qwen2")}) {
    const auto text = TokenizerJsonFromBpe(VocabularyOf(name, pre_tokenizer));
    ASSERT_TRUE(text.ok()) << text.status();
    const auto tokenizer = Tokenizer::FromJson(*text, "made.json");
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    const auto cases = GoldenTokenizerCases(name);
    ASSERT_TRUE(cases.ok());
    EXPECT_EQ((*tokenizer)->vocab_size(), (*cases)["vocab_size"].get<int32_t>());
    int compared = 0;
    for (const auto& entry : (*cases)["cases"]) {
      if (!entry.contains("text")) continue;
      ++compared;
      const std::vector<int32_t> ids = entry["ids"];
      EXPECT_EQ((*tokenizer)->Encode(entry["text"].get<std::string>()), ids) << name << ": " << entry["text"];
      if (entry.value("roundtrip", false)) {
        EXPECT_EQ((*tokenizer)->Decode(ids), entry["text"].get<std::string>()) << name;
      }
      if (entry.contains("decoded_skip_special")) {
        EXPECT_EQ((*tokenizer)->Decode(ids, /*skip_special=*/true), entry["decoded_skip_special"].get<std::string>())
            << name << ": " << entry["text"];
      }
    }
    EXPECT_GT(compared, 100);
  }
}

// Bytes, then "ab", then three more tokens.
BpeVocabulary Tiny() {
  BpeVocabulary vocabulary{.pre_tokenizer = "llama-bpe"};
  vocabulary.tokens = {"a", "b", "ab", "<bos>", "<tool>", "1", "2", "3", "12", "123"};
  vocabulary.token_types = {1, 1, 1, 3, 4, 1, 1, 1, 1, 1};
  vocabulary.merges = {"a b"};
  vocabulary.bos_id = 3;
  vocabulary.add_bos = true;
  return vocabulary;
}

TEST(BpeVocabularyTest, MarksSpecialTokensAndWritesTheBosTemplate) {
  const auto text = TokenizerJsonFromBpe(Tiny());
  ASSERT_TRUE(text.ok()) << text.status();
  const json parsed = json::parse(*text);
  EXPECT_EQ(parsed["added_tokens"].size(), 2u);
  EXPECT_EQ(parsed["post_processor"]["single"][0]["SpecialToken"]["id"], "<bos>");
  EXPECT_EQ(parsed["post_processor"]["special_tokens"]["<bos>"]["ids"], json::array({3}));
  const auto tokenizer = Tokenizer::FromJson(*text, "made.json");
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_THAT((*tokenizer)->Encode("<bos>ab<tool>"), testing::ElementsAre(3, 2, 4));
  EXPECT_THAT((*tokenizer)->Encode("123"), testing::ElementsAre(9));  // a whole word, which no merge builds
  EXPECT_TRUE((*tokenizer)->IsSpecial(3));
  EXPECT_FALSE((*tokenizer)->IsSpecial(4));
}

TEST(BpeVocabularyTest, RefusesWhatMakesNoTokenizer) {
  const std::vector<std::pair<std::function<void(BpeVocabulary&)>, std::string>> cases = {
      {[](BpeVocabulary& v) { v.pre_tokenizer = "tekken"; }, "\"tekken\" is not supported; known are gpt-2, llama-bpe, qwen2, smollm"},
      {[](BpeVocabulary& v) { v.pre_tokenizer = ""; }, "known are"},
      {[](BpeVocabulary& v) { v.tokens.clear(); }, "no tokens"},
      {[](BpeVocabulary& v) { v.token_types.pop_back(); }, "9 token types do not fit 10 tokens"},
      {[](BpeVocabulary& v) { v.bos_id = 10; }, "bos id 10 must be in [-1, 10)"},
      {[](BpeVocabulary& v) { v.eos_id = -2; }, "eos id -2"},
      {[](BpeVocabulary& v) { v.tokens[2].clear(); }, "token 2 is empty"},
      {[](BpeVocabulary& v) { v.tokens[2] = std::string("\xFF"); }, "token 2 is not UTF-8"},
      {[](BpeVocabulary& v) { v.tokens[2] = std::string("a"); }, "token \"a\" has both id 0 and id 2"},
      {[](BpeVocabulary& v) { v.merges[0] = std::string("ab"); }, "merge 0 is \"ab\""},
      {[](BpeVocabulary& v) { v.merges[0] = std::string("\xC3 a"); }, "merge 0 is not UTF-8"},
  };
  for (const auto& [change, message] : cases) {
    BpeVocabulary vocabulary = Tiny();
    change(vocabulary);
    const auto text = TokenizerJsonFromBpe(vocabulary);
    EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(text.status().message()), HasSubstr(message));
  }
}

}  // namespace
}  // namespace hone
