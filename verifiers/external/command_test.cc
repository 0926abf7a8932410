#include "verifiers/external/command.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CommandTest, WordsAndVariablesAreSplit) {
  struct Case {
    const char* text;
    std::vector<std::string> environment, arguments;
  };
  const Case cases[] = {
      {"/bin/sh", {}, {"/bin/sh"}},
      {"  /bin/sh  -c   'a b'  ", {}, {"/bin/sh", "-c", "a b"}},
      {"A=1 B_2='x y' /bin/sh A=3", {"A=1", "B_2=x y"}, {"/bin/sh", "A=3"}},
      {R"(/bin/sh "a \" b" c\ d '\' "")", {}, {"/bin/sh", "a \" b", "c d", "\\", ""}},
      {"/bin/sh a\"b\"'c'", {}, {"/bin/sh", "abc"}},
      {"/bin/sh $HOME *", {}, {"/bin/sh", "$HOME", "*"}},
  };
  for (const Case& c : cases) {
    const auto command = ParseCommand(c.text);
    ASSERT_TRUE(command.ok()) << c.text << ": " << command.status();
    EXPECT_EQ(command->environment, c.environment) << c.text;
    EXPECT_EQ(command->arguments, c.arguments) << c.text;
    EXPECT_EQ(command->sha256.size(), 64u);
  }
  EXPECT_EQ(ParseCommand("sh -c true")->program.substr(0, 1), "/");
}

TEST(CommandTest, WhatCannotBeRunIsRefused) {
  for (const char* text : {"", "A=1", "/bin/sh 'open", "/bin"}) {
    EXPECT_EQ(ParseCommand(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseCommand(std::string_view("/bin/sh\0x", 9)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseCommand("/no/such/file").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace hone
