#include "verifiers/registry.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/bubblewrap.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {

TEST(VerifierRegistryTest, KnowsItsVerifiersInOrder) {
  EXPECT_EQ(KnownVerifiers(), (std::vector<std::string>{"code", "exact", "format", "instruction", "language", "length", "math", "numeric",
                                                        "puzzle", "regex", "repetition", "tool_use"}));
}

TEST(VerifierRegistryTest, AnUnknownNameGetsTheNearestKnownOne) {
  const absl::Status status = CreateVerifier("numreic", "", TestHost()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "unknown verifier \"numreic\"; did you mean \"numeric\"?");
}

TEST(VerifierRegistryTest, EverySchemaIsAnObjectThatRefusesOtherKeys) {
  for (const std::string& name : KnownVerifiers()) {
    auto verifier = CreateVerifier(name, name == "regex" ? R"({"pattern":"a"})" : "", TestHost());
    if (name == "code" && !BubblewrapWorks()) continue;  // refused, as it should be
    ASSERT_TRUE(verifier.ok()) << verifier.status();
    const auto schema = nlohmann::json::parse((*verifier)->Describe().params_schema, nullptr, false);
    ASSERT_TRUE(schema.is_object()) << name;
    EXPECT_EQ(schema["additionalProperties"], false) << name;
    for (const auto& [key, property] : schema["properties"].items())
      EXPECT_FALSE(property["description"].get<std::string>().empty()) << name << "." << key;
  }
}

}  // namespace
}  // namespace hone
