#include "lib/tokenizer/chat/chat_template.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/tokenizer/chat/chat_format.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2025, 1, 2, 3, 4, 5), absl::UTCTimeZone());

absl::StatusOr<Rendered> Render(std::string_view source, const Json& variables) {
  absl::StatusOr<ChatTemplate> parsed = ChatTemplate::Parse(source, "model/chat_template.jinja");
  if (!parsed.ok()) return parsed.status();
  return parsed->RenderWithSpans(variables, kNow);
}

TEST(ChatTemplateTest, RendersMessagesOfTheSimpleKind) {
  const Json variables = {{"messages", MessagesToJson({{"user", "hi"}, {"assistant", "ho"}})}};
  const auto rendered = Render("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}", variables);
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->text, "<user>hi<assistant>ho");
  EXPECT_TRUE(rendered->assistant_spans.empty());
}

TEST(ChatTemplateTest, SpansOfGenerationBlocksAreGivenInBytesAndInCodePoints) {
  const auto rendered = Render("é{% generation %}日本{% endgeneration %}-{% generation %}x{% endgeneration %}", Json::object());
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->text, "é日本-x");
  const std::vector<std::pair<size_t, size_t>> bytes = {{2, 8}, {9, 10}}, code_points = {{1, 3}, {4, 5}};
  EXPECT_EQ(rendered->assistant_spans, bytes);
  EXPECT_EQ(rendered->assistant_char_spans, code_points);
}

TEST(ChatTemplateTest, SpansOfBlocksThatAreNotWrittenStayInsideTheText) {
  const auto rendered = Render("{% set x %}{% generation %}abcdef{% endgeneration %}{% endset %}ab", Json::object());
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  const std::vector<std::pair<size_t, size_t>> bytes = {{0, 2}}, code_points = {{0, 6}};
  EXPECT_EQ(rendered->assistant_spans, bytes);
  EXPECT_EQ(rendered->assistant_char_spans, code_points);
}

TEST(ChatTemplateTest, AbsentToolsAndDocumentsAreNoneAndThePromptIsOff) {
  const auto rendered = Render("{{ tools }} {{ documents }} {{ add_generation_prompt }} {{ other is defined }}", Json::object());
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->text, "None None False False");
}

TEST(ChatTemplateTest, ReasoningIsCopiedToTheFieldsTemplatesRead) {
  struct Case {
    const char* message;
    const char* expected;
  };
  const Case cases[] = {
      {R"({"role":"a","reasoning":"r"})", R"({"role":"a","reasoning":"r","reasoning_content":"r","thinking":"r"})"},
      {R"({"thinking":"t","reasoning":"r"})", R"({"thinking":"t","reasoning":"r","reasoning_content":"t"})"},
      {R"({"reasoning_content":"c","thinking":"t"})", R"({"reasoning_content":"c","thinking":"t"})"},
      {R"({"reasoning_content":"c"})", R"({"reasoning_content":"c","thinking":"c"})"},
      {R"({"reasoning_content":null,"thinking":"t"})", R"({"reasoning_content":"t","thinking":"t"})"},
      {R"({"content":"x"})", R"({"content":"x"})"},
      {R"("no object")", R"("no object")"},
  };
  for (const Case& c : cases) {
    Json messages = Json::array({Json::parse(c.message)});
    ShareReasoningFields(messages);
    EXPECT_EQ(messages[0].dump(), Json::parse(c.expected).dump()) << c.message;
  }
  const auto rendered = Render("{{ messages[0].thinking }}", Json::parse(R"({"messages":[{"role":"assistant","reasoning":"why"}]})"));
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->text, "why");
}

TEST(ChatTemplateTest, ATemplateThatIsNotWellFormedIsRefusedWithNameAndLine) {
  const auto parsed = ChatTemplate::Parse("a\n{% if x %}\n{% endfor %}", "model/chat_template.jinja");
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), StartsWith("model/chat_template.jinja: line 3: "));
}

TEST(ChatTemplateTest, RaisedExceptionsCarryTheirMessageNameAndLine) {
  const auto rendered = Render("a\n\n{{ raise_exception('roles must alternate') }}", Json::object());
  EXPECT_EQ(rendered.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(rendered.status().message()), "model/chat_template.jinja: line 3: roles must alternate");
}

TEST(ChatTemplateTest, VariablesThatAreNoObjectOrTooDeepAreRefused) {
  EXPECT_EQ(Render("x", Json::array()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Render("x", Json()).status().code(), absl::StatusCode::kInvalidArgument);
  Json deep = "x";
  for (int i = 0; i < 500; ++i) deep = Json::array({deep});
  EXPECT_EQ(Render("x", Json{{"messages", deep}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Render("x", Json{{"b", Json::binary({1, 2})}}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChatTemplateTest, IntegersAbove64BitsKeepTheirDigits) {
  const auto rendered = Render("{{ x }} {{ x|tojson }} {{ y }}", Json::parse(R"({"x":18446744073709551615,"y":-9223372036854775808})"));
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->text, "18446744073709551615 18446744073709551615 -9223372036854775808");
}

// A model folder made for one test.
class ChatFormatTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "chat_format_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void Write(const std::string& name, std::string_view content) { ASSERT_TRUE(WriteFileAtomically(dir_ + "/" + name, content).ok()); }
  std::string RenderLoaded() {
    const auto format = LoadChatFormat(dir_);
    if (!format.ok()) return std::string(format.status().message());
    if (!*format) return "no template";
    Json variables = Json::object();
    (*format)->AddSpecialTokens(variables);
    return (*format)->tmpl.Render(variables, kNow).value_or("render error");
  }
  std::string dir_;
};

TEST_F(ChatFormatTest, AFolderWithoutATemplateHasNoFormat) {
  EXPECT_EQ(RenderLoaded(), "no template");
  Write("tokenizer_config.json", R"({"bos_token": "<s>", "chat_template": null})");
  EXPECT_EQ(RenderLoaded(), "no template");
}

TEST_F(ChatFormatTest, TheJinjaFileWinsOverTheConfiguration) {
  Write("tokenizer_config.json", R"({"chat_template": "config", "bos_token": "<s>"})");
  EXPECT_EQ(RenderLoaded(), "config");
  Write("chat_template.jinja", "file {{ bos_token }}\n");
  EXPECT_EQ(RenderLoaded(), "file <s>");
}

TEST_F(ChatFormatTest, OfAListOfTemplatesTheDefaultIsTaken) {
  Write("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "no"}, {"name": "default", "template": "yes"}]})");
  EXPECT_EQ(RenderLoaded(), "yes");
}

TEST_F(ChatFormatTest, TokensAreStringsOrObjectsAndTheMapFillsTheGaps) {
  Write("tokenizer_config.json",
        R"({"chat_template": "{{ bos_token }}{{ eos_token }}{{ pad_token }}|{{ unk_token is defined }}", "unk_token": null,
                                     "bos_token": {"content": "<b>", "lstrip": false}, "eos_token": "<e>"})");
  Write("special_tokens_map.json", R"({"eos_token": "<other>", "pad_token": {"content": "<p>"}})");
  EXPECT_EQ(RenderLoaded(), "<b><e><p>|False");
  const auto format = LoadChatFormat(dir_);
  ASSERT_TRUE(format.ok() && format->has_value());
  EXPECT_EQ((*format)->bos_token, "<b>");
  EXPECT_EQ((*format)->eos_token, "<e>");
}

TEST_F(ChatFormatTest, BadFilesAreRefusedWithTheirName) {
  for (const char* config : {"{", "[]", R"({"chat_template": 5})", R"({"chat_template": [{"name": "x", "template": "y"}]})",
                             R"({"chat_template": [1]})", R"({"chat_template": "{% if %}"})"}) {
    Write("tokenizer_config.json", config);
    const auto format = LoadChatFormat(dir_);
    EXPECT_EQ(format.status().code(), absl::StatusCode::kInvalidArgument) << config;
    EXPECT_THAT(std::string(format.status().message()), HasSubstr("tokenizer_config.json")) << config;
  }
}

}  // namespace
}  // namespace hone
