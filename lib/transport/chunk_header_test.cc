#include "lib/transport/internal/chunk_header.h"

#include <cstring>

#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "lib/transport/internal/limits.h"

namespace hone::transport_internal {
namespace {

TEST(ChunkHeader, ComesBackAsItWasWritten) {
  for (int64_t offset : {int64_t{0}, int64_t{1}, int64_t{127}, int64_t{128}, int64_t{270000000}, INT64_MAX}) {
    for (int64_t size : {int64_t{0}, int64_t{1}, kChunkBytes, kMaxChunkBytes}) {
      std::array<uint8_t, kMaxChunkHeaderBytes> bytes;
      const size_t length = WriteChunkHeader({offset, size}, bytes);
      ChunkHeader header;
      absl::StatusOr<size_t> read = ReadChunkHeader(bytes.data(), length, length + static_cast<size_t>(size), header);
      ASSERT_TRUE(read.ok()) << offset << " " << size << " " << read.status();
      EXPECT_EQ(*read, length);
      EXPECT_EQ(header.offset, offset);
      EXPECT_EQ(header.size, size);
    }
  }
}

TEST(ChunkHeader, MatchesTheProtobufWireFormat) {
  std::array<uint8_t, kMaxChunkHeaderBytes> bytes;
  const size_t length = WriteChunkHeader({300, 5}, bytes);
  const uint8_t expected[] = {0x08, 0xac, 0x02, 0x12, 0x05};  // offset: 300, data of 5 bytes
  ASSERT_EQ(length, sizeof(expected));
  EXPECT_EQ(std::memcmp(bytes.data(), expected, length), 0);
  const uint8_t without_offset[] = {0x12, 0x01};  // protobuf leaves out a zero
  ChunkHeader header;
  EXPECT_TRUE(ReadChunkHeader(without_offset, 2, 3, header).ok());
  EXPECT_EQ(header.offset, 0);
  EXPECT_EQ(header.size, 1);
}

TEST(ChunkHeader, RefusesBrokenOnes) {
  struct Case {
    std::vector<uint8_t> bytes;
    size_t message_bytes;
  };
  const Case cases[] = {
      {{}, 0},                                                                               // empty
      {{0x08}, 1},                                                                           // offset missing
      {{0x08, 0x80}, 2},                                                                     // varint cut off
      {{0x08, 0x01}, 2},                                                                     // no data
      {{0x1a, 0x00}, 2},                                                                     // another field
      {{0x12, 0x05}, 6},                                                                     // data shorter than said
      {{0x12, 0x05}, 8},                                                                     // data longer than said
      {{0x12, 0x80, 0x80, 0x80, 0x80, 0x08}, 6},                                             // 2 GiB
      {{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x12, 0x00}, 13},  // offset -1
      {{0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 12},        // varint of 11 bytes
      {{0x12, 0xfa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 5},               // length + size wraps around
  };
  for (const Case& c : cases) {
    ChunkHeader header;
    EXPECT_EQ(ReadChunkHeader(c.bytes.data(), c.bytes.size(), c.message_bytes, header).status().code(), absl::StatusCode::kDataLoss)
        << c.bytes.size() << " bytes of " << c.message_bytes;
  }
}

TEST(ChunkHeader, SurvivesRandomBytes) {
  RandomCursor random{RandomStream(3)};
  int read_ok = 0;
  for (int i = 0; i < 100000; ++i) {
    uint8_t bytes[kMaxChunkHeaderBytes];
    const size_t count = random.Below(kMaxChunkHeaderBytes + 1);
    for (size_t k = 0; k < count; ++k)
      bytes[k] = random.Below(3) == 0 ? (random.Below(2) ? 0x12 : 0x08) : static_cast<uint8_t>(random.Below(256));
    ChunkHeader header;
    absl::StatusOr<size_t> length = ReadChunkHeader(bytes, count, count + random.Below(3), header);
    if (!length.ok()) continue;
    ++read_ok;
    ASSERT_LE(*length, count);
    ASSERT_GE(header.offset, 0);
    ASSERT_LE(header.size, kMaxChunkBytes);
  }
  EXPECT_GT(read_ok, 0);
}

}  // namespace
}  // namespace hone::transport_internal
