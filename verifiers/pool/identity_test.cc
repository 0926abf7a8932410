#include "verifiers/pool/identity.h"

#include <functional>
#include <set>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(Identity, EveryFieldOfTheInputCounts) {
  const int32_t tokens[] = {1, 2, 3};
  const std::function<void(VerifyRequest&)> changes[] = {
      [](VerifyRequest&) {},
      [](VerifyRequest& r) { r.prompt = "x"; },
      [](VerifyRequest& r) { r.completion = "x"; },
      [](VerifyRequest& r) { r.completion = std::string_view("\0", 1); },
      [](VerifyRequest& r) { r.reference = "x"; },
      [](VerifyRequest& r) { r.row = "x"; },
      [](VerifyRequest& r) { r.answer = ""; },
      [](VerifyRequest& r) { r.answer = "x"; },
      [](VerifyRequest& r) { r.seed = 1; },
      [](VerifyRequest& r) { r.num_tokens_completion = 0; },
      [](VerifyRequest& r) { r.num_tokens_completion = 3; },
      [&](VerifyRequest& r) { r.token_ids = tokens; },
      [](VerifyRequest& r) { r.finish_reason = FinishReason::kStop; },
      [](VerifyRequest& r) { r.finish_reason = FinishReason::kLength; },
      // Bytes cannot move from one field to the next.
      [](VerifyRequest& r) { r.prompt = "ab", r.completion = "c"; },
      [](VerifyRequest& r) { r.prompt = "a", r.completion = "bc"; },
  };
  std::set<std::string> hashes;
  for (const auto& change : changes) {
    VerifyRequest request;
    change(request);
    const std::string hash = InputHash(request);
    EXPECT_EQ(hash.size(), 16u);
    EXPECT_TRUE(hashes.insert(hash).second) << HashToHex(hash);
  }
}

TEST(Identity, WhoAsksAndWhenDoesNotCount) {
  VerifyRequest a{.completion = "7"}, b{.completion = "7"};
  b.id = 9;
  b.group_id = 4;
  b.sample_index = 2;
  b.deadline = absl::UnixEpoch();
  EXPECT_EQ(InputHash(a), InputHash(b));
}

TEST(Identity, ParametersCountByTheirValue) {
  const std::string hash = ConfigHash(R"({"a":1,"b":[true]})");
  EXPECT_EQ(hash, ConfigHash("{ \"b\" : [true],\n \"a\" : 1 }"));
  EXPECT_NE(hash, ConfigHash(R"({"a":2,"b":[true]})"));
  EXPECT_EQ(ConfigHash(""), ConfigHash("{}"));
  EXPECT_NE(ConfigHash("{"), ConfigHash("{}"));  // no JSON at all is something of its own
}

TEST(Identity, WhatAVerifierWasLoadedFromCounts) {
  const std::string hash = ConfigHash("{}");
  EXPECT_EQ(ConfigHashOf(hash, ""), hash);
  const std::string one = ConfigHashOf(hash, "plugin:/a.so sha256:11"), other = ConfigHashOf(hash, "plugin:/a.so sha256:22");
  EXPECT_EQ(one.size(), 16u);
  EXPECT_NE(one, hash);
  EXPECT_NE(one, other);
  EXPECT_EQ(one, ConfigHashOf(hash, "plugin:/a.so sha256:11"));
  EXPECT_NE(one, ConfigHashOf(ConfigHash(R"({"a":1})"), "plugin:/a.so sha256:11"));
}

// Stored in ledgers: a change makes every old verdict look as if its input had changed.
TEST(Identity, HashesStayWhatTheyAre) {
  VerifyRequest request{.prompt = "2+2", .completion = "4", .reference = "4", .seed = 7};
  EXPECT_EQ(HashToHex(InputHash(request)), "c0589643bbf5bb9209b242a1cdbefc8c");
  EXPECT_EQ(HashToHex(ConfigHash(R"({"percent_scales":true})")), "fdd2e7a002aa1b810f0c6088462f31de");
  EXPECT_EQ(HashToHex(CallHash("exact@1", ConfigHash("{}"), InputHash(request))), "1866e0654e7e5e966f4529bdf3d06eba");
}

}  // namespace
}  // namespace hone
