#include "lib/transport/address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(Address, IsReadAndWrittenBack) {
  struct Case {
    std::string text;
    bool is_unix;
    bool is_local;
    int port;
  };
  const Case cases[] = {
      {"unix:/run/hone.sock", true, true, 0},
      {"unix:relative.sock", true, true, 0},
      {"localhost:0", false, true, 0},
      {"127.0.0.1:65535", false, true, 65535},
      {"[::1]:80", false, true, 80},
      {"0.0.0.0:50051", false, false, 50051},
      {"[::]:1", false, false, 1},
      {"learner.example:7", false, false, 7},
  };
  for (const Case& c : cases) {
    absl::StatusOr<Address> address = ParseAddress(c.text);
    ASSERT_TRUE(address.ok()) << c.text << ": " << address.status();
    EXPECT_EQ(address->is_unix(), c.is_unix) << c.text;
    EXPECT_EQ(address->is_local(), c.is_local) << c.text;
    EXPECT_EQ(address->port, c.port) << c.text;
    EXPECT_EQ(address->ToString(), c.text);
  }
}

TEST(Address, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string(), std::string("unix:"), std::string("/tmp/x"), std::string(":80"), std::string("host"), std::string("host:"),
        std::string("host:65536"), std::string("host:-1"), std::string("host:+1"), std::string("host:99999999999999"),
        std::string("host: 1"), std::string("::1:80"), std::string("a/b:1"), std::string("unix:a\0b", 8)}) {
    EXPECT_EQ(ParseAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Address, NamesTheCureForALongSocketPath) {
  EXPECT_TRUE(ParseAddress("unix:/" + std::string(106, 'a')).ok());
  const absl::Status status = ParseAddress("unix:/" + std::string(107, 'a')).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("108 bytes"), testing::HasSubstr("shorter folder or HOST:PORT")));
}

}  // namespace
}  // namespace hone
