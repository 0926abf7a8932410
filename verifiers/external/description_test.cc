#include "verifiers/external/description.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(DescriptionTest, DefaultsAreFilledIn) {
  const auto read = ParseDescription(R"({"name":"mine","of a later version":1})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->description.FullName(), "mine@1");
  EXPECT_EQ(read->description.range_min, 0);
  EXPECT_EQ(read->description.range_max, 1);
  EXPECT_TRUE(read->description.deterministic);
  EXPECT_EQ(read->description.max_batch, 64);
  EXPECT_FALSE(read->bounded);
}

TEST(DescriptionTest, WhatIsWrittenIsReadBack) {
  VerifierDescription d{
      .name = "a-b.c_1", .version = 7, .params_schema = R"({"properties":{"x":{"type":"string"}}})", .range_min = -2, .range_max = 3.5};
  d.parts = {"p", "q"};
  d.deterministic = false;
  d.needs = {"sandbox"};
  d.max_batch = 9;
  d.concurrency = 2;
  const auto read = ParseDescription(DescriptionToJson(d));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(DescriptionToJson(read->description), DescriptionToJson(d));
}

TEST(DescriptionTest, WhatIsWrongIsNamed) {
  struct Case {
    std::string json;
    const char* problem;
  };
  const Case cases[] = {
      {"", "not a JSON object"},
      {"{}", "\"name\" must be a string"},
      {R"({"name":""})", "must be 1 to 100 letters"},
      {R"({"name":"a b"})", "must be 1 to 100 letters"},
      {R"({"name":"a","version":0})", "at least 1"},
      {R"({"name":"a","version":"1"})", "\"version\" must be a whole number"},
      {R"({"name":"a","version":99999999999})", "a whole number"},
      {R"({"name":"a","range":[1,0]})", "finite and not empty"},
      {R"({"name":"a","range":[0]})", "two numbers"},
      {R"({"name":"a","parts":["x","x"]})", "declared twice"},
      {R"({"name":"a","parts":"x"})", "an array of at most 100 strings"},
      {R"({"name":"a","max_batch":0})", "max_batch is 0"},
      {R"({"name":"a","deterministic":1})", "true or false"},
      {R"({"name":"a","params_schema":5})", "a JSON Schema object"},
      {R"({"name":"a","params_schema":{"typo":5}})", "hone does not check"},
      {std::string(100, '['), "nested too deep"},
      {std::string(2 << 20, ' '), "above 1048576 bytes"},
  };
  for (const Case& c : cases) {
    const auto read = ParseDescription(c.json);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << c.json.substr(0, 80);
    EXPECT_THAT(std::string(read.status().message()), ::testing::HasSubstr(c.problem)) << c.json.substr(0, 80);
  }
}

}  // namespace
}  // namespace hone
