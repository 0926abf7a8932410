#include "lib/transport/internal/chunk_header.h"

#include "fmt/format.h"
#include "lib/transport/internal/limits.h"

namespace hone::transport_internal {
namespace {

constexpr uint8_t kOffsetTag = 1 << 3 | 0;  // field 1, varint
constexpr uint8_t kDataTag = 2 << 3 | 2;    // field 2, length and bytes

uint8_t* WriteVarint(uint64_t value, uint8_t* out) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<uint8_t>(value | 0x80);
  *out++ = static_cast<uint8_t>(value);
  return out;
}

// Null when the bytes end first or the varint is too long.
const uint8_t* ReadVarint(const uint8_t* in, const uint8_t* end, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && in < end; shift += 7) {
    const uint8_t byte = *in++;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return in;
  }
  return nullptr;
}

}  // namespace

size_t WriteChunkHeader(const ChunkHeader& header, std::array<uint8_t, kMaxChunkHeaderBytes>& out) {
  uint8_t* at = out.data();
  *at++ = kOffsetTag;
  at = WriteVarint(static_cast<uint64_t>(header.offset), at);
  *at++ = kDataTag;
  at = WriteVarint(static_cast<uint64_t>(header.size), at);
  return static_cast<size_t>(at - out.data());
}

absl::StatusOr<size_t> ReadChunkHeader(const uint8_t* data, size_t num_bytes, size_t message_bytes, ChunkHeader& header) {
  const absl::Status bad = absl::DataLossError(fmt::format("weights: a message of {} bytes is no chunk", message_bytes));
  const uint8_t* at = data;
  const uint8_t* const end = data + num_bytes;
  uint64_t offset = 0;
  uint64_t size = 0;
  if (at < end && *at == kOffsetTag) {  // absent when 0
    at = ReadVarint(at + 1, end, offset);
    if (at == nullptr) return bad;
  }
  if (at == end || *at != kDataTag) return bad;
  at = ReadVarint(at + 1, end, size);
  if (at == nullptr || offset > static_cast<uint64_t>(INT64_MAX)) return bad;
  const size_t length = static_cast<size_t>(at - data);
  if (size > static_cast<uint64_t>(kMaxChunkBytes) || length + size != message_bytes) return bad;
  header = {static_cast<int64_t>(offset), static_cast<int64_t>(size)};
  return length;
}

}  // namespace hone::transport_internal
