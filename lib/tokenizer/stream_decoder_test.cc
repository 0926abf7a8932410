#include "lib/tokenizer/stream_decoder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/tokenizer/test_support.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::unique_ptr<Tokenizer> WithDecoder(const char* decoder) {
  json description = SmallTokenizerJson();
  description["decoder"] = json::parse(decoder);
  auto tokenizer = Tokenizer::FromJson(description.dump(), "small.json");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return *std::move(tokenizer);
}

std::vector<std::string> Parts(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  StreamDecoder stream(&tokenizer);
  std::vector<std::string> parts;
  for (const int32_t id : ids) parts.push_back(stream.Push(id));
  parts.push_back(stream.Flush());
  return parts;
}

TEST(StreamDecoderTest, HoldsBackOnlyWhatMayStillChange) {
  const auto llama = GoldenTokenizer("tiny_llama3");
  const auto byte = [&](const char* character) { return *llama->TokenToId(character); };
  // F0 9F 98 80 is an emoji; F0 9F then "a" is one bad character.
  EXPECT_THAT(Parts(*llama, {byte("a"), byte("\u00F0"), byte("\u0141"), byte("\u013A"), byte("\u0122"), byte("a")}),
              ElementsAre("a", "", "", "", "\U0001F600", "a", ""));
  EXPECT_THAT(Parts(*llama, {byte("\u00F0"), byte("\u0141"), byte("a")}), ElementsAre("", "", "\uFFFDa", ""));
  EXPECT_THAT(Parts(*llama, {byte("\u00F0"), byte("\u0141")}), ElementsAre("", "", "\uFFFD"));
  EXPECT_THAT(Parts(*llama, {byte("\u0122"), -1, 1 << 30}), ElementsAre("\uFFFD", "", "", ""));

  const auto small = WithDecoder(SmallTokenizerJson()["decoder"].dump().c_str());
  EXPECT_THAT(Parts(*small, {13, 10, 11, 1, 13}), ElementsAre("a", "", "", "\u00E9a", " a", ""));
}

TEST(StreamDecoderTest, IsAsNewAfterFlush) {
  const auto tokenizer = WithDecoder(SmallTokenizerJson()["decoder"].dump().c_str());
  StreamDecoder stream(tokenizer.get());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(stream.Push(13), "a");
    EXPECT_EQ(stream.Push(10), "");
    EXPECT_EQ(stream.Flush(), "\uFFFD");
  }
}

TEST(StreamDecoderTest, GivesTheTextOfDecodeForRandomIdsAndAnyDecoder) {
  std::vector<std::unique_ptr<Tokenizer>> tokenizers;
  for (const char* name : {"tiny_llama3", "tiny_gemma"}) tokenizers.push_back(GoldenTokenizer(name));
  for (
      const char* decoder : {
          "null",
          R"({"type": "ByteLevel"})",
          R"({"type": "Fuse"})",
          R"({"type": "ByteFallback"})",
          R"({"type": "Strip", "content": "a", "start": 1, "stop": 1})",
          R"({"type": "Sequence", "decoders": []})",
          R"({"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "ByteLevel"}]})",
          R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "a", "start": 3, "stop": 0}]})",
          R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "a", "start": 3, "stop": 2}]})",
          R"({"type": "Sequence", "decoders": [{"type": "ByteLevel"}, {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "-"}]})",
          R"({"type": "Sequence", "decoders": [{"type": "Strip", "content": " ", "start": 1, "stop": 0}, {"type": "ByteFallback"}, {"type": "Fuse"}]})",
          R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}, {"type": "ByteLevel"}, {"type": "Fuse"}]})",
      }) {
    tokenizers.push_back(WithDecoder(decoder));
  }
  for (size_t which = 0; which < tokenizers.size(); ++which) {
    const Tokenizer& tokenizer = *tokenizers[which];
    for (uint64_t i = 0; i < 400; ++i) {
      RandomCursor random(RandomStream(which, i));
      const bool skip_special = random.Below(2) == 0;
      std::vector<int32_t> ids(random.Below(20));
      for (int32_t& id : ids) id = static_cast<int32_t>(random.Below(static_cast<uint64_t>(tokenizer.vocab_size()) + 2));
      StreamDecoder stream(&tokenizer, skip_special);
      std::string text;
      for (const int32_t id : ids) {
        const std::string part = stream.Push(id);
        ASSERT_TRUE(IsValidUtf8(part)) << "tokenizer " << which << ", ids " << json(ids);
        text += part;
      }
      text += stream.Flush();
      ASSERT_EQ(text, tokenizer.Decode(ids, skip_special)) << "tokenizer " << which << ", ids " << json(ids);
      ASSERT_TRUE(IsValidUtf8(text));
    }
  }
}

}  // namespace
}  // namespace hone
