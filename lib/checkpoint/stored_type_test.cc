#include "lib/checkpoint/stored_type.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(StoredTypeTest, RoundsToNearestEvenInBFloat16) {
  const struct {
    uint32_t bits;
    uint16_t expected;
  } cases[] = {
      {0x3f800000, 0x3f80},                                              // 1
      {0x3f808000, 0x3f80},                                              // halfway, even below
      {0x3f818000, 0x3f82},                                              // halfway, even above
      {0x3f808001, 0x3f81},                                              // just above halfway
      {0x3f80ffff, 0x3f81}, {0x80000000, 0x8000}, {0x7f7fffff, 0x7f80},  // overflows to infinity
      {0x7f800000, 0x7f80}, {0xff800000, 0xff80}, {0x7f800001, 0x7fc0},  // NaN stays NaN
      {0x00000001, 0x0000}, {0x00018000, 0x0002},
  };
  for (const auto& c : cases) EXPECT_EQ(BFloat16FromFloat(std::bit_cast<float>(c.bits)), c.expected) << std::hex << c.bits;
}

TEST(StoredTypeTest, WidensEveryFloat16Exactly) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>(bits >> 10) & 31;
    const int mantissa = static_cast<int>(bits & 1023);
    const float value = FloatFromFloat16(static_cast<uint16_t>(bits));
    if (exponent == 31) {
      EXPECT_TRUE(mantissa == 0 ? std::isinf(value) : std::isnan(value)) << bits;
      continue;
    }
    const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    ASSERT_EQ(value, static_cast<float>(bits >= 0x8000 ? -magnitude : magnitude)) << bits;
    ASSERT_EQ(std::signbit(value), bits >= 0x8000) << bits;
  }
}

TEST(StoredTypeTest, CountsElementsWithoutOverflow) {
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(CountElements({}), 1);
  EXPECT_EQ(CountElements({3, 4}), 12);
  EXPECT_EQ(CountElements({3, 0}), 0);
  EXPECT_EQ(CountElements({kHuge}), kHuge);
  EXPECT_EQ(CountElements({kHuge, 2}), std::nullopt);
  EXPECT_EQ(CountElements({0, kHuge, 2}), std::nullopt) << "a zero does not hide the overflow";
  EXPECT_EQ(CountElements({-1}), std::nullopt);
  EXPECT_EQ(StoredBytes(StoredType::kF32, kHuge), std::nullopt);
  EXPECT_EQ(StoredBytes(StoredType::kQ4_K, 512), 288u);
  EXPECT_EQ(StoredBytes(StoredType::kQ4_K, 500), std::nullopt);
}

TEST(StoredTypeTest, CopiesStoredBFloat16BitForBit) {
  const std::vector<uint16_t> bits = {0x0000, 0x8000, 0x3f81, 0x7f80, 0x7f81, 0x0001};  // with a signalling NaN and a subnormal number
  std::vector<uint16_t> out(bits.size());
  DecodeBFloat16(StoredType::kBF16, reinterpret_cast<const uint8_t*>(bits.data()), static_cast<int64_t>(bits.size()), out.data());
  EXPECT_EQ(out, bits);
}

TEST(StoredTypeTest, ReadsFromUnalignedBytes) {
  uint8_t bytes[9] = {0xaa, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0};
  float out[2];
  DecodeFloat32(StoredType::kF32, bytes + 1, 2, out);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -2.0f);
}

}  // namespace
}  // namespace hone
