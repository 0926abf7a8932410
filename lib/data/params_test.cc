#include "lib/data/params.h"

#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

// Reads one parameter of each type; the message of Finish, empty when all is well.
std::string ReadAll(std::string_view json) {
  Params params("plugin", json);
  params.Bool("flag", false, "a flag");
  params.Int("count", 3, 1, 9, "a count");
  params.Number("share", 0.5, 0, 1, "a share");
  params.Text("name", "x", "a name");
  params.Choice("mode", "a", {"a", "b"}, "a mode");
  params.TextList("list", {"p"}, "a list");
  return std::string(params.Finish().message());
}

TEST(ParamsTest, ValuesAreReadAndDefaultsFillIn) {
  Params params("plugin", R"({"flag":true,"count":9,"share":1,"name":"y","list":["q","r"]})");
  EXPECT_TRUE(params.Bool("flag", false, ""));
  EXPECT_EQ(params.Int("count", 3, 1, 9, ""), 9);
  EXPECT_EQ(params.Number("share", 0.5, 0, 1, ""), 1);
  EXPECT_EQ(params.Text("name", "x", ""), "y");
  EXPECT_EQ(params.Choice("mode", "b", {"a", "b"}, ""), "b");
  EXPECT_EQ(params.TextList("list", {}, ""), (std::vector<std::string>{"q", "r"}));
  EXPECT_TRUE(params.Finish().ok());
  EXPECT_EQ(ReadAll(""), "");
  EXPECT_EQ(ReadAll(" {} "), "");
}

TEST(ParamsTest, BadValuesAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"flag":"yes"})", R"(plugin: parameter "flag" must be true or false, got "yes")"},
      {R"({"count":0})", R"(plugin: parameter "count" is 0, must be between 1 and 9)"},
      {R"({"count":2.5})", R"(plugin: parameter "count" must be a whole number, got 2.5)"},
      {R"({"count":99999999999999999999})", R"(plugin: parameter "count" must be a whole number, got 1e+20)"},
      {R"({"share":-1})", R"(plugin: parameter "share" is -1, must be between 0 and 1)"},
      {R"({"share":null})", R"(plugin: parameter "share" must be a number, got null)"},
      {R"({"name":1})", R"(plugin: parameter "name" must be a string, got 1)"},
      {R"({"mode":"c"})", R"(plugin: parameter "mode" must be one of a, b, got "c")"},
      {R"({"list":"p"})", R"(plugin: parameter "list" must be an array of strings, got "p")"},
      {R"({"list":[1]})", R"(plugin: parameter "list" must be an array of strings, got 1)"},
      {R"({"list":{}})", R"(plugin: parameter "list" must be an array of strings, got an object)"},
      {R"({"coutn":1})", R"(plugin: parameter "coutn" is unknown; did you mean "count"?)"},
      {R"({"flag":true,"flag":true})", R"(plugin: parameter "flag" is given twice)"},
      {"[]", R"(plugin: the parameters must be a JSON object, as in {"name": value})"},
      {"{", "plugin: the parameters are not valid JSON"},
      {"\xff", "plugin: the parameters are not valid JSON"},
      {"{\"name\":\"\xff\"}", "plugin: the parameters are not valid JSON"},
  };
  for (const auto& [json, want] : cases) EXPECT_EQ(ReadAll(json), want) << json;
}

TEST(ParamsTest, AllProblemsComeAtOnce) {
  EXPECT_EQ(ReadAll(R"({"flag":1,"count":0})"),
            "plugin: parameter \"flag\" must be true or false, got 1\nplugin: parameter \"count\" is 0, must be between 1 and 9");
}

TEST(ParamsTest, DeepNestingIsNoDanger) {
  const std::string deep = "{\"list\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
  EXPECT_EQ(ReadAll(deep), R"(plugin: parameter "list" must be an array of strings, got an array)");
  EXPECT_FALSE(ReadAll(std::string(200'000, '[')).empty());
}

TEST(ParamsTest, RandomDamageNeverCrashes) {
  const std::string good = R"({"flag":true,"count":9,"share":0.25,"name":"y","mode":"a","list":["q","r"]})";
  RandomCursor random{RandomStream(1)};
  for (int i = 0; i < 5000; ++i) {
    std::string bad = good;
    for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
      const size_t at = random.Below(bad.size());
      switch (random.Below(3)) {
        case 0:
          bad[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          bad.insert(at, 1, static_cast<char>(random.Below(256)));
          break;
        default:
          bad.resize(at + 1);
      }
    }
    ReadAll(bad);  // any answer will do
  }
}

TEST(ParamsTest, TheSchemaListsWhatWasAsked) {
  Params params("plugin", "");
  params.Int("count", 3, 1, 9, "how many");
  const auto schema = nlohmann::json::parse(params.Schema());
  EXPECT_EQ(schema["properties"]["count"],
            nlohmann::json::parse(R"({"type":"integer","default":3,"minimum":1,"maximum":9,"description":"how many"})"));
}

}  // namespace
}  // namespace hone
