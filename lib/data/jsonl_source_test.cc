#include "lib/data/jsonl_source.h"

#include <cstdlib>
#include <fstream>
#include <set>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

class JsonlSourceTest : public ::testing::Test {
 protected:
  JsonlSourceTest() {
    options_.path = ::testing::TempDir() + "/jsonl_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".jsonl";
    options_.shuffle = false;
  }
  ~JsonlSourceTest() override { std::remove(options_.path.c_str()); }

  absl::StatusOr<std::unique_ptr<JsonlSource>> Open(std::string_view content) {
    std::ofstream(options_.path, std::ios::binary | std::ios::trunc) << content;
    return JsonlSource::Open(options_);
  }
  Prompt First(std::string_view content) {
    auto source = Open(content);
    EXPECT_TRUE(source.ok()) << source.status();
    if (!source.ok()) return {};
    auto prompt = (*source)->Get(0);
    EXPECT_TRUE(prompt.ok()) << prompt.status();
    return prompt.ok() ? *prompt : Prompt{};
  }
  // The message of the error, without the folder.
  std::string Error(std::string_view content) {
    const absl::Status status = Open(content).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << content;
    return absl::StrReplaceAll(status.message(), {{options_.path, "F"}});
  }

  JsonlOptions options_;
};

constexpr const char* kRow = R"({"prompt":"2+2?","reference":"4"})";

TEST_F(JsonlSourceTest, ARowBecomesAPrompt) {
  const Prompt prompt = First(kRow);
  ASSERT_EQ(prompt.messages.size(), 1u);
  EXPECT_EQ(prompt.messages[0].role, "user");
  EXPECT_EQ(prompt.messages[0].content, "2+2?");
  EXPECT_EQ(prompt.reference, "4");
  EXPECT_EQ(prompt.row, kRow);
  EXPECT_EQ(prompt.id, "jsonl_ARowBecomesAPrompt.jsonl:1");
  EXPECT_EQ(prompt.text, "");
}

TEST_F(JsonlSourceTest, FieldsTemplateAndSystemAreMapped) {
  options_.prompt_field = "q";
  options_.reference_field = "/extra/gold";
  options_.id_field = "n";
  options_.prompt_template = "Q: {prompt} {A}\nA:";
  options_.system = "Be brief.";
  const char* row = R"({"q":"say {prompt}","n":17,"extra":{"gold":0.5}})";
  Prompt prompt = First(row);
  ASSERT_EQ(prompt.messages.size(), 2u);
  EXPECT_EQ(prompt.messages[0].content, "Be brief.");
  EXPECT_EQ(prompt.messages[1].content, "Q: say {prompt} {A}\nA:");
  EXPECT_EQ(prompt.reference, "0.5");
  EXPECT_EQ(prompt.id, "17");
  options_.chat = false;
  prompt = First(row);
  EXPECT_TRUE(prompt.messages.empty());
  EXPECT_EQ(prompt.text, "Be brief.\n\nQ: say {prompt} {A}\nA:");
}

TEST_F(JsonlSourceTest, MessagesAreTakenAsTheyAre) {
  options_.messages_field = "messages";
  options_.system = "S";
  const Prompt prompt = First(R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"reference":true})");
  ASSERT_EQ(prompt.messages.size(), 3u);
  EXPECT_EQ(prompt.messages[0].role, "system");
  EXPECT_EQ(prompt.messages[2].content, "b");
  EXPECT_EQ(prompt.reference, "true");
}

TEST_F(JsonlSourceTest, TheReferencePatternTakesTheLastMatch) {
  options_.reference_pattern = "#### ([^\\n]+)";
  options_.reference_strip_commas = true;
  EXPECT_EQ(First(R"({"prompt":"p","reference":"#### 3\nso\n#### 1,234 "})").reference, "1234");
  options_.reference_pattern = "\\d+";
  EXPECT_EQ(First(R"({"prompt":"p","reference":"3 or 12"})").reference, "12");
}

TEST_F(JsonlSourceTest, EmptyLinesMarksAndWindowsEndingsAreAccepted) {
  auto source = Open(std::string("\xEF\xBB\xBF") + kRow + "\r\n\n  \n" + kRow + "\r\n" + kRow);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->size(), 3);
  EXPECT_EQ((*source)->Get(1)->id, "jsonl_EmptyLinesMarksAndWindowsEndingsAreAccepted.jsonl:4");
  EXPECT_EQ((*source)->Get(1)->row, kRow);
}

TEST_F(JsonlSourceTest, BadRowsAreNamedWithFileAndLine) {
  options_.id_field = "id";
  const std::pair<std::string, std::string> cases[] = {
      {"{", "F:1: the line is not valid JSON"},
      {"\n[1]", "F:2: the line is not a JSON object"},
      {"{\"prompt\":\"\xff\"}", "F:1: the line is not valid JSON"},
      {R"({"reference":"4","id":1})", "F:1: field \"prompt\" is missing"},
      {R"({"prompt":null,"reference":"4","id":1})", "F:1: field \"prompt\" is null, must be a string or a number"},
      {R"({"prompt":"p","id":1})", "F:1: field \"reference\" is missing"},
      {R"({"prompt":"p","reference":[4],"id":1})", "F:1: field \"reference\" is array, must be a string or a number"},
      {R"({"prompt":"p","reference":123456789012345678901,"id":1})",
       "F:1: field \"reference\" is a number too large to keep exactly; write it as a string"},
      {R"({"prompt":"p","reference":"4"})", "F:1: field \"id\" is missing"},
      {"", "F: the file has no rows"},
      {"\n \n", "F: the file has no rows"},
      {"{\n{\n{\n{\n{\n{\n{",
       "F:1: the line is not valid JSON\nF:2: the line is not valid JSON\nF:3: the line is not valid JSON\nF:4: the line is not valid "
       "JSON\n"
       "F:5: the line is not valid JSON\nF: 2 more bad rows"},
  };
  for (const auto& [content, want] : cases) EXPECT_EQ(Error(content), want) << content;
}

TEST_F(JsonlSourceTest, BadMessagesAreNamed) {
  options_.messages_field = "m";
  for (const char* value : {"[]", "{}", "\"a\"", R"([{"role":"user"}])", R"([{"role":1,"content":"a"}])", "[1]"}) {
    EXPECT_EQ(Error(std::string(R"({"reference":"4","m":)") + value + "}"),
              "F:1: field \"m\" must be a non-empty array of {\"role\": text, \"content\": text}");
  }
}

TEST_F(JsonlSourceTest, BadOptionsAreRefused) {
  const JsonlOptions good = options_;
  options_.prompt_template = "no place";
  EXPECT_NE(Error(kRow).find("{prompt} exactly once"), std::string::npos);
  options_.prompt_template = "{prompt}{prompt}";
  EXPECT_NE(Error(kRow).find("{prompt} exactly once"), std::string::npos);
  options_ = good;
  options_.reference_pattern = "(";
  EXPECT_EQ(Error(kRow).find("reference_pattern: pattern cannot be used"), 0u);
  options_.reference_pattern = "x";
  EXPECT_EQ(Error(kRow), "F:1: reference_pattern \"x\" does not occur in field \"reference\"");
  options_ = good;
  for (double fraction : {-0.1, 1.0, 0.0 / 0.0}) {
    options_.heldout_fraction = fraction;
    EXPECT_NE(Error(kRow).find("heldout_fraction"), std::string::npos);
  }
  options_.heldout_fraction = 1e-9;
  options_.split = Split::kHeldout;
  EXPECT_NE(Error(kRow).find("the heldout split has none of the 1 rows"), std::string::npos);
  options_ = good;
  options_.reference_field = "/bad~pointer";
  EXPECT_EQ(Error(kRow), "F:1: field \"/bad~pointer\" is missing");
  options_ = good;
  options_.path = "";
  EXPECT_EQ(JsonlSource::Open(options_).status().code(), absl::StatusCode::kInvalidArgument);
  options_.path = good.path + ".missing";
  EXPECT_EQ(JsonlSource::Open(options_).status().code(), absl::StatusCode::kNotFound);
}

std::string Rows(int n) {
  std::string content;
  for (int i = 0; i < n; ++i) content += R"({"prompt":"p)" + std::to_string(i) + R"(","reference":")" + std::to_string(i) + "\"}\n";
  return content;
}

TEST_F(JsonlSourceTest, AnEpochShowsEveryRowOnceAndTheNextInAnotherOrder) {
  options_.shuffle = true;
  options_.seed = 3;
  auto source = Open(Rows(50));
  ASSERT_TRUE(source.ok());
  std::vector<std::string> epochs[2];
  for (int e = 0; e < 2; ++e) {
    for (int64_t i = 0; i < 50; ++i) epochs[e].push_back((*source)->Get(e * 50 + i)->reference);
    EXPECT_EQ(std::set<std::string>(epochs[e].begin(), epochs[e].end()).size(), 50u);
  }
  EXPECT_NE(epochs[0], epochs[1]);
  auto again = JsonlSource::Open(options_);
  EXPECT_EQ((*again)->Get(73)->reference, epochs[1][23]);
  EXPECT_FALSE((*source)->Get(-1).ok());
}

TEST_F(JsonlSourceTest, TheSplitsShareNoPromptEvenWhenRowsRepeat) {
  options_.heldout_fraction = 0.3;
  const std::string rows = Rows(200) + Rows(200);
  std::set<std::string> prompts[2];
  int64_t sizes = 0;
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    options_.split = split;
    auto source = Open(rows);
    ASSERT_TRUE(source.ok()) << source.status();
    sizes += *(*source)->size();
    for (int64_t i = 0; i < *(*source)->size(); ++i) prompts[static_cast<int>(split)].insert((*source)->Get(i)->messages[0].content);
  }
  EXPECT_EQ(sizes, 400);
  EXPECT_NEAR(static_cast<double>(prompts[1].size()), 60, 30);
  for (const std::string& prompt : prompts[1]) EXPECT_FALSE(prompts[0].contains(prompt)) << prompt;
}

TEST_F(JsonlSourceTest, DamagedFilesNeverCrash) {
  options_.reference_pattern = "\\d+";
  options_.messages_field = "m";
  const std::string good = R"({"m":[{"role":"user","content":"a"}],"reference":"#### 1"})"
                           "\n"
                           R"({"m":[{"role":"user","content":"b"}],"reference":"2"})"
                           "\n";
  RandomCursor random{RandomStream(1)};
  for (int i = 0; i < 400; ++i) {  // each writes a file
    std::string bad = good;
    const size_t at = random.Below(bad.size());
    switch (random.Below(3)) {
      case 0:
        bad[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        bad.insert(at, 1, static_cast<char>(random.Below(256)));
        break;
      default:
        bad.resize(at);
    }
    auto source = Open(bad);
    if (source.ok()) {
      EXPECT_TRUE((*source)->Get(1).ok()) << bad;
    }
  }
}

TEST_F(JsonlSourceTest, ReadsGsm8k) {
  const char* folder = std::getenv("HONE_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "HONE_TEST_DATA names no folder with gsm8k/train.jsonl";
  JsonlOptions options;
  options.path = std::string(folder) + "/gsm8k/train.jsonl";
  options.prompt_field = "question";
  options.reference_field = "answer";
  options.reference_pattern = "#### ([^\\n]+)";
  options.reference_strip_commas = true;
  options.shuffle = false;
  auto source = JsonlSource::Open(options);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->size(), 7473);
  EXPECT_EQ((*source)->Get(0)->reference, "72");
  EXPECT_EQ((*source)->Get(0)->messages[0].content.substr(0, 26), "Natalia sold clips to 48 o");
  for (int64_t i = 0; i < 7473; ++i) {
    const Prompt prompt = *(*source)->Get(i);
    EXPECT_EQ(prompt.reference.find_first_not_of("-0123456789."), std::string::npos) << prompt.id << ": " << prompt.reference;
  }
}

}  // namespace
}  // namespace hone
