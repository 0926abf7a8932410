// Damaged descriptions and arbitrary input: whatever comes, the answer is a tokenizer or an error, and never a crash.

#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/tokenizer/stream_decoder.h"
#include "lib/tokenizer/test_support.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

using nlohmann::json;

std::string RandomBytes(RandomCursor& random, size_t max_size) {
  std::string bytes(random.Below(max_size + 1), '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random.Below(4) == 0 ? random.Below(256) : "ab c_<s>\xC3\xA9\xE2\x96"[random.Below(13)]);
  return bytes;
}

void Use(const Tokenizer& tokenizer, RandomCursor& random) {
  const std::string text = RandomBytes(random, 60);
  const std::vector<int32_t> ids = tokenizer.Encode(text);
  for (const int32_t id : ids) {
    ASSERT_GE(id, 0);
    ASSERT_LT(id, tokenizer.vocab_size());
  }
  EXPECT_TRUE(IsValidUtf8(tokenizer.Decode(ids)));
  std::vector<int32_t> any_ids(random.Below(10));
  for (int32_t& id : any_ids) id = static_cast<int32_t>(random.Below(40)) - 5;
  StreamDecoder stream(&tokenizer);
  std::string streamed;
  for (const int32_t id : any_ids) streamed += stream.Push(id);
  EXPECT_EQ(streamed + stream.Flush(), tokenizer.Decode(any_ids)) << json(any_ids);
}

TEST(TokenizerFuzzTest, SurvivesDamagedBytes) {
  const std::string whole = SmallTokenizerJson().dump();
  int loaded = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    RandomCursor random(RandomStream(1, i));
    std::string text = whole;
    for (uint64_t edits = 1 + random.Below(3); edits > 0 && !text.empty(); --edits) {
      const size_t at = random.Below(text.size());
      switch (random.Below(5)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.insert(at, 1, "{}[]\",:0-\\e\xFF"[random.Below(12)]);
          break;
        case 2:
          text.erase(at, 1 + random.Below(8));
          break;
        case 3:
          if (random.Below(4) == 0) text.resize(at);
          break;
        default:
          text.insert(at, text.substr(random.Below(text.size()), random.Below(30)));
      }
    }
    const auto tokenizer = Tokenizer::FromJson(text, "fuzz.json");
    if (!tokenizer.ok()) continue;
    ++loaded;
    Use(**tokenizer, random);
  }
  EXPECT_GT(loaded, 100);
}

// A random place in a description, and something else put there.
void ReplaceSomething(json& value, RandomCursor& random) {
  if (value.is_structured() && !value.empty() && random.Below(6) != 0) {
    auto it = value.begin();
    std::advance(it, static_cast<ptrdiff_t>(random.Below(value.size())));
    return ReplaceSomething(*it, random);
  }
  static const std::vector<json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            -1,
                                            1e300,
                                            18446744073709551615u,
                                            "",
                                            "a",
                                            " ",
                                            "\xC3\xA9",
                                            "[",
                                            "(a*)*b",
                                            "\\s",
                                            json::array(),
                                            json::object(),
                                            json::array({json::array()}),
                                            {{"type", "Sequence"}},
                                            {{"Regex", "(?=a)|b*"}},
                                            {{"Regex", "\\K"}}};
  value = kValues[random.Below(kValues.size())];
}

TEST(TokenizerFuzzTest, SurvivesValuesOfOtherTypes) {
  int loaded = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    RandomCursor random(RandomStream(2, i));
    json description = SmallTokenizerJson();
    if (random.Below(2) == 0) description["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
    if (random.Below(2) == 0) description["decoder"] = {{"type", "ByteLevel"}};
    for (uint64_t edits = 1 + random.Below(2); edits > 0; --edits) ReplaceSomething(description, random);
    const auto tokenizer = Tokenizer::FromJson(description.dump(), "fuzz.json");
    if (!tokenizer.ok()) continue;
    ++loaded;
    Use(**tokenizer, random);
  }
  EXPECT_GT(loaded, 100);
}

TEST(TokenizerFuzzTest, DecodesToValidTextWhateverItEncoded) {
  for (const char* name : {"tiny_llama3", "tiny_o200k", "tiny_gemma"}) {
    const auto tokenizer = GoldenTokenizer(name);
    for (uint64_t i = 0; i < 1000; ++i) {
      RandomCursor random(RandomStream(3, i));
      const std::string bytes = random.Below(2) ? RandomBytes(random, 80) : DifficultText(4, i);
      const std::string decoded = tokenizer->Decode(tokenizer->Encode(bytes));
      ASSERT_TRUE(IsValidUtf8(decoded)) << name << ", " << testing::PrintToString(bytes);
    }
  }
}

}  // namespace
}  // namespace hone
