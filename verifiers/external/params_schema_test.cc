#include "verifiers/external/params_schema.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

TEST(ParamsSchemaTest, HoldsParametersAgainstEachKeyword) {
  struct Case {
    const char *schema, *params;
    const char* problem;  // null: fits
  };
  const Case cases[] = {
      {R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1})", nullptr},
      {R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1.0})", nullptr},
      {R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1.5})", R"(parameter "a" is 1.5, must be of type integer)"},
      {R"({"properties":{"a":{"type":["string","null"]}}})", R"({"a":null})", nullptr},
      {R"({"properties":{"a":{"type":["string","null"]}}})", R"({"a":1})", "must be of type string or null"},
      {R"({"properties":{"alpha":{}}})", R"({"alhpa":1})", R"("alhpa" is unknown; did you mean "alpha"?)"},
      {R"({"properties":{"a":{}},"additionalProperties":true})", R"({"b":1})", nullptr},
      {R"({"properties":{"a":{}},"additionalProperties":{"type":"number"}})", R"({"b":"x"})", "must be of type number"},
      {R"({"properties":{"a":{"properties":{"b":{}}}}})", R"({"a":{"c":1}})", nullptr},
      {R"({"properties":{"a":{"properties":{"b":{}},"additionalProperties":false}}})", R"({"a":{"c":1}})", R"("a.c" is unknown)"},
      {R"({"properties":{"a":{}},"required":["a"]})", "{}", R"(parameter "a" is needed)"},
      {R"({"properties":{"a":{"enum":[1,"x"]}}})", R"({"a":"x"})", nullptr},
      {R"({"properties":{"a":{"enum":[1,"x"]}}})", R"({"a":2})", R"(must be one of 1, "x")"},
      {R"({"properties":{"a":{"const":3}}})", R"({"a":4})", "must be 3"},
      {R"({"properties":{"a":{"minimum":1,"maximum":2}}})", R"({"a":2})", nullptr},
      {R"({"properties":{"a":{"minimum":1,"maximum":2}}})", R"({"a":3})", "must be at most 2"},
      {R"({"properties":{"a":{"exclusiveMinimum":1}}})", R"({"a":1})", "must be above 1"},
      {R"({"properties":{"a":{"exclusiveMaximum":1}}})", R"({"a":1})", "must be below 1"},
      {R"({"properties":{"a":{"multipleOf":0.1}}})", R"({"a":0.3})", nullptr},
      {R"({"properties":{"a":{"multipleOf":0.1}}})", R"({"a":0.35})", "a multiple of 0.1"},
      {R"({"properties":{"a":{"maxLength":2}}})", R"({"a":"äö"})", nullptr},
      {R"({"properties":{"a":{"maxLength":2}}})", R"({"a":"abc"})", "has 3 characters, must have at most 2"},
      {R"({"properties":{"a":{"pattern":"^[a-z]+$"}}})", R"({"a":"abc"})", nullptr},
      {R"({"properties":{"a":{"pattern":"^[a-z]+$"}}})", R"({"a":"A"})", "must match"},
      {R"({"properties":{"a":{"pattern":"(a+)+$"}}})", R"({"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!"})", "must match"},
      {R"({"properties":{"a":{"items":{"type":"string"},"minItems":1,"uniqueItems":true}}})", R"({"a":["x","y"]})", nullptr},
      {R"({"properties":{"a":{"items":{"type":"string"}}}})", R"({"a":["x",1]})", R"("a[1]" is 1)"},
      {R"({"properties":{"a":{"minItems":1}}})", R"({"a":[]})", "has 0 items"},
      {R"({"properties":{"a":{"uniqueItems":true}}})", R"({"a":[1,1]})", "holds an item twice"},
      {R"({"properties":{"a":{"anyOf":[{"type":"string"},{"minimum":5}]}}})", R"({"a":6})", nullptr},
      {R"({"properties":{"a":{"anyOf":[{"type":"string"},{"minimum":5}]}}})", R"({"a":4})", "fits none"},
      {R"({"properties":{"a":{"oneOf":[{"minimum":1},{"minimum":5}]}}})", R"({"a":6})", "fits 2 of the forms"},
      {R"({"properties":{"a":{"allOf":[{"minimum":1},{"maximum":5}]}}})", R"({"a":6})", "at most 5"},
      {R"({"properties":{"a":{"not":{"type":"null"}}}})", R"({"a":null})", "not allowed"},
      {R"({"properties":{"a":false}})", R"({"a":1})", "is not allowed"},
      {R"({"minProperties":1})", "{}", "the parameters has 0 keys"},
      {"", "{}", nullptr},
      {"", R"({"a":1})", "is unknown"},
      {"{}", "", nullptr},
      {"{}", "[1]", "must be a JSON object"},
      {"{}", "{", "not valid JSON"},
      {R"({"properties":{"a":{}}})", R"({"a":1,"a":2})", "given twice"},
  };
  for (const Case& c : cases) {
    ASSERT_TRUE(CheckSchema(c.schema).ok()) << c.schema << ": " << CheckSchema(c.schema);
    const absl::Status status = CheckParams("mine", c.schema, c.params);
    if (c.problem == nullptr) {
      EXPECT_TRUE(status.ok()) << c.schema << " " << c.params << ": " << status;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.schema << " " << c.params;
      EXPECT_THAT(std::string(status.message()), HasSubstr(c.problem)) << c.schema << " " << c.params;
    }
  }
}

TEST(ParamsSchemaTest, AllProblemsComeAtOnce) {
  const absl::Status status = CheckParams("mine", R"({"properties":{"a":{"type":"string"},"b":{"minimum":3}}})", R"({"a":1,"b":2,"c":3})");
  EXPECT_THAT(std::string(status.message()), ::testing::AllOf(HasSubstr("mine: parameter \"a\""), HasSubstr("\nmine: parameter \"b\""),
                                                              HasSubstr("\nmine: parameter \"c\"")));
}

TEST(ParamsSchemaTest, ASchemaThatWouldNotBeCheckedIsRefused) {
  struct Case {
    std::string schema;
    const char* problem;
  };
  const Case cases[] = {
      {R"({"properties":{"a":{"minimun":1}}})", R"(/properties/a/minimun is a keyword that hone does not check; did you mean "minimum"?)"},
      {R"({"$ref":"#/x"})", "$ref is a keyword"},
      {R"({"type":"text"})", "must be a JSON type"},
      {R"({"type":[]})", "must be a JSON type"},
      {R"({"minLength":-1})", "at least 0"},
      {R"({"maximum":"5"})", "must be a number"},
      {R"({"multipleOf":0})", "above 0"},
      {R"({"enum":[]})", "not empty"},
      {R"({"required":"a"})", "a list of strings"},
      {R"({"properties":[]})", "an object of schemas"},
      {R"({"items":[{}]})", "must be a schema"},
      {R"({"pattern":"("})", "/pattern"},
      {R"({"anyOf":[]})", "a list of schemas"},
      {"[", "not valid JSON"},
      {"[]", "must be a JSON object"},
      {std::string(10'000, '['), "nested too deep"},
      {R"({"not":)" + std::string(2'000'000, ' ') + "{}}", "above 1048576 bytes"},
  };
  for (const Case& c : cases) {
    const absl::Status status = CheckSchema(c.schema);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.schema.substr(0, 80);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.problem)) << c.schema.substr(0, 80);
  }
}

}  // namespace
}  // namespace hone
