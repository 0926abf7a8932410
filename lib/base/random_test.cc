#include "lib/base/random.h"

#include <cmath>
#include <set>

#include "gtest/gtest.h"

namespace hone {
namespace {

// Known answers published with the Random123 library for philox4x32-10.
TEST(RandomTest, PhiloxGivesThePublishedVectors) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}), (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, AStreamIsAFunctionOfItsNameAndThePosition) {
  RandomStream a(7, 1, 2), same(7, 1, 2);
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(a.Bits(i), same.Bits(i));
    seen.insert(a.Bits(i));
    seen.insert(RandomStream(8, 1, 2).Bits(i));
    seen.insert(RandomStream(7, 2, 1).Bits(i));
  }
  EXPECT_EQ(seen.size(), 300u);
}

TEST(RandomTest, DrawsHaveTheMomentsOfTheirLaw) {
  RandomStream stream(3);
  const int n = 20000;
  double sum = 0, normal = 0, normal2 = 0;
  for (int i = 0; i < n; ++i) {
    const double u = stream.Uniform(i);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    const float open = stream.OpenUniform(i);
    ASSERT_GT(open, 0.0f);
    ASSERT_LT(open, 1.0f);
    ASSERT_LT(stream.Below(i, 7), 7u);
    sum += u;
    normal += stream.Normal(i);
    normal2 += stream.Normal(i) * stream.Normal(i);
  }
  EXPECT_NEAR(sum / n, 0.5, 0.01);  // five standard errors
  EXPECT_NEAR(normal / n, 0.0, 0.04);
  EXPECT_NEAR(normal2 / n, 1.0, 0.05);
}

}  // namespace
}  // namespace hone
