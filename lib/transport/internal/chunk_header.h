#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/base/status.h"

namespace hone::transport_internal {

// A hone.weights.v1.FetchResponse by hand: the bytes in front of the data. The message is this header and then `size` bytes of the arena,
// so that sender and receiver touch the data without the protobuf library.
struct ChunkHeader {
  int64_t offset = 0;
  int64_t size = 0;
};

inline constexpr size_t kMaxChunkHeaderBytes = 22;  // two tags, two varints of up to ten bytes
// Writes the header to `out`; returns its length. offset and size must be >= 0.
size_t WriteChunkHeader(const ChunkHeader& header, std::array<uint8_t, kMaxChunkHeaderBytes>& out);

// Reads the header at the beginning of a message of `message_bytes` bytes, of which the first `num_bytes` are at `data` (22 are enough).
// Returns the header's length. The data must fill the rest of the message.
// Errors: DataLoss when it is no such message, or size is above the limit of a chunk.
absl::StatusOr<size_t> ReadChunkHeader(const uint8_t* data, size_t num_bytes, size_t message_bytes, ChunkHeader& header);

}  // namespace hone::transport_internal
