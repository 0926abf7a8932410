// Every case of the golden files: encoding, decoding both ways, and decoding as a stream.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/tokenizer/stream_decoder.h"
#include "lib/tokenizer/test_support.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

std::string TextOf(const nlohmann::json& entry) {
  if (entry.contains("text")) return entry["text"];
  const std::string unit = entry["text_rule"]["unit"];
  std::string text;
  size_t chars = entry["text_rule"]["chars"];
  size_t at = 0;
  for (; chars > 0; --chars) {
    const size_t begin = at % unit.size();
    const size_t length = StepUtf8(std::string_view(unit).substr(begin)).length;
    text += unit.substr(begin, length);
    at += length;
  }
  return text;
}

std::string StreamedText(const Tokenizer& tokenizer, const std::vector<int32_t>& ids, bool skip_special) {
  StreamDecoder stream(&tokenizer, skip_special);
  std::string text;
  for (const int32_t id : ids) {
    const std::string part = stream.Push(id);
    EXPECT_TRUE(IsValidUtf8(part)) << "after id " << id;
    text += part;
  }
  return text + stream.Flush();
}

void ExpectText(const Tokenizer& tokenizer, const std::vector<int32_t>& ids, bool skip_special, const std::string& expected) {
  EXPECT_EQ(tokenizer.Decode(ids, skip_special), expected) << "ids " << nlohmann::json(ids) << ", skip_special " << skip_special;
  EXPECT_EQ(StreamedText(tokenizer, ids, skip_special), expected)
      << "streamed ids " << nlohmann::json(ids) << ", skip_special " << skip_special;
}

class GoldenTokenizerTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTokenizerTest, EncodesAndDecodesAllCases) {
  const auto json = GoldenTokenizerJson(GetParam());
  ASSERT_TRUE(json.ok()) << json.status();
  const auto tokenizer = Tokenizer::FromJson(*json, GetParam());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  const auto cases = GoldenTokenizerCases(GetParam());
  ASSERT_TRUE(cases.ok()) << cases.status();

  EXPECT_EQ((*tokenizer)->vocab_size(), (*cases)["vocab_size"].get<int32_t>());
  ASSERT_GT((*cases)["cases"].size(), 100u);
  for (const auto& entry : (*cases)["cases"]) {
    const std::string text = TextOf(entry);
    const std::vector<int32_t> ids = entry["ids"];
    EXPECT_EQ((*tokenizer)->Encode(text), ids) << "category " << entry["cat"] << ", text " << testing::PrintToString(text.substr(0, 300));
    const std::string decoded = entry.value("roundtrip", false) ? text : entry["decoded"].get<std::string>();
    ExpectText(**tokenizer, ids, /*skip_special=*/false, decoded);
    ExpectText(**tokenizer, ids, /*skip_special=*/true, entry.value("decoded_skip_special", decoded));
  }
  ASSERT_GT((*cases)["decode_cases"].size(), 10u);
  for (const auto& entry : (*cases)["decode_cases"]) {
    const std::vector<int32_t> ids = entry["ids"];
    ExpectText(**tokenizer, ids, /*skip_special=*/false, entry["decoded"]);
    ExpectText(**tokenizer, ids, /*skip_special=*/true, entry["decoded_skip_special"]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTokenizerTest,
                         testing::Values("smollm2", "gpt2", "qwen3", "deepseek", "mistral_sp", "tiny_llama3", "tiny_o200k", "tiny_gemma"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace hone
