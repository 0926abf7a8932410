#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// XXH3: fast, for checksums of weights and records and for cache keys; not against an adversary. The two have two names: a text
// literal and a seed would be taken for bytes and their number.
uint64_t Hash64OfBytes(const void* data, size_t bytes, uint64_t seed = 0);
inline uint64_t Hash64(std::string_view text, uint64_t seed = 0) {
  return Hash64OfBytes(text.data(), text.size(), seed);
}

// SHA-256 as 64 lower-case hex digits, for artefacts that leave the machine.
std::string Sha256Hex(std::string_view bytes);
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

}  // namespace hone
