#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/checkpoint/stored_type.h"

namespace hone {
namespace {

class GgufQuantsTest : public testing::TestWithParam<std::pair<const char*, StoredType>> {};

TEST_P(GgufQuantsTest, EqualsTheReferenceBitForBit) {
  const auto [name, type] = GetParam();
  const auto text = ReadFile(std::string("tests/testdata/gguf/") + name + ".txt");
  ASSERT_TRUE(text.ok()) << text.status();
  const StoredTypeTraits& traits = TraitsOf(type);
  std::string all_blocks;
  std::vector<uint32_t> all_expected;
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::vector<std::string> halves = absl::StrSplit(line, ' ');
    ASSERT_EQ(halves.size(), 2u) << line;
    ASSERT_EQ(halves[0].size(), 2u * traits.block_bytes) << line;
    ASSERT_EQ(halves[1].size(), 8u * traits.block_elements) << line;
    all_blocks += absl::HexStringToBytes(halves[0]);
    for (size_t i = 0; i < halves[1].size(); i += 8) {
      all_expected.push_back(static_cast<uint32_t>(std::strtoul(halves[1].substr(i, 8).c_str(), nullptr, 16)));
    }
  }
  ASSERT_GE(all_expected.size(), 768u);
  const std::string shifted = "x" + all_blocks;  // at an odd address
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(shifted.data()) + 1;
  const int64_t count = static_cast<int64_t>(all_expected.size());
  std::vector<float> wide(all_expected.size());
  DecodeFloat32(type, bytes, count, wide.data());
  std::vector<uint16_t> narrow(all_expected.size());
  DecodeBFloat16(type, bytes, count, narrow.data());
  for (size_t i = 0; i < wide.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(wide[i]), all_expected[i]) << name << " element " << i << " is " << wide[i];
    ASSERT_EQ(narrow[i], BFloat16FromFloat(wide[i])) << name << " element " << i;
  }
}

using Case = std::pair<const char*, StoredType>;
INSTANTIATE_TEST_SUITE_P(Types, GgufQuantsTest,
                         testing::Values(Case{"q4_0", StoredType::kQ4_0}, Case{"q4_1", StoredType::kQ4_1}, Case{"q5_0", StoredType::kQ5_0},
                                         Case{"q5_1", StoredType::kQ5_1}, Case{"q8_0", StoredType::kQ8_0}, Case{"q4_k", StoredType::kQ4_K},
                                         Case{"q5_k", StoredType::kQ5_K}, Case{"q6_k", StoredType::kQ6_K}),
                         [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace hone
