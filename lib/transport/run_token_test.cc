#include "lib/transport/run_token.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(RunToken, IsLongAndNew) {
  const std::string token = NewRunToken();
  EXPECT_EQ(token.size(), 64u);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos) << token;
  EXPECT_NE(token, NewRunToken());
}

TEST(RunToken, OnlyTheSameSecretIsEqual) {
  EXPECT_TRUE(EqualSecrets("abc", "abc"));
  for (const char* offered : {"", "a", "ab", "abd", "bbc", "abcabc", "abca", "ABC"}) EXPECT_FALSE(EqualSecrets("abc", offered)) << offered;
  EXPECT_FALSE(EqualSecrets("", ""));  // no secret opens nothing
  EXPECT_FALSE(EqualSecrets("", "x"));
}

}  // namespace
}  // namespace hone
