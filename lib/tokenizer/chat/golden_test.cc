// Renders the golden cases in tests/testdata/chat_templates, or in the folder that HONE_CHAT_GOLDENS names.

#include <cstdlib>
#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/tokenizer/chat/chat_template.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;

TEST(GoldenChatTemplateTest, EveryCaseRendersExactlyAsRecorded) {
  const char* folder = std::getenv("HONE_CHAT_GOLDENS");
  const std::string root = folder != nullptr ? folder : "tests/testdata/chat_templates";
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2025, 1, 2, 3, 4, 5), absl::UTCTimeZone());
  int rendered_cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".cases.json")) continue;
    const auto content = ReadFile(path);
    ASSERT_TRUE(content.ok()) << content.status();
    const Json golden = Json::parse(*content, nullptr, false);
    ASSERT_TRUE(golden.is_object()) << path;
    const auto source = ReadFile(root + "/" + golden["template"].get<std::string>() + ".jinja");
    ASSERT_TRUE(source.ok()) << source.status();
    const auto parsed = ChatTemplate::Parse(*source, path);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    for (const Json& item : golden["cases"]) {
      Json variables = golden["special_tokens"];
      variables["messages"] = item["messages"];
      variables["tools"] = item["tools"];
      variables["add_generation_prompt"] = item["add_generation_prompt"];
      for (const auto& [name, value] : item["kwargs"].items()) variables[name] = value;
      const std::string what = path + ", case " + item["name"].get<std::string>() + ": " + variables.dump();
      const auto rendered = parsed->RenderWithSpans(variables, now);
      ++rendered_cases;
      if (item.contains("error")) {
        EXPECT_EQ(rendered.status().code(), absl::StatusCode::kInvalidArgument) << what;
        continue;
      }
      ASSERT_TRUE(rendered.ok()) << rendered.status() << "\n" << what;
      EXPECT_EQ(rendered->text, item["text"].get<std::string>()) << what;
      if (item.contains("assistant_char_spans")) {
        EXPECT_EQ(Json(rendered->assistant_char_spans), item["assistant_char_spans"]) << what;
      }
    }
  }
  EXPECT_GE(rendered_cases, 240);
}

}  // namespace
}  // namespace hone
