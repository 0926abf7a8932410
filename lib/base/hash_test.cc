#include "lib/base/hash.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(HashTest, Sha256GivesTheValuesOfFips180) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashTest, Hash64SeesEveryByteAndTheSeed) {
  EXPECT_NE(Hash64("abc"), Hash64("abd"));
  EXPECT_NE(Hash64("abc"), Hash64("abc", 1));
  EXPECT_EQ(Hash64("abc"), Hash64(std::string("abc")));
}

TEST(HashTest, AMissingFileIsNotFound) {
  EXPECT_EQ(Sha256HexOfFile("/nonexistent/file").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace hone
