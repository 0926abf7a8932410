#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/status.h"
#include "lib/checkpoint/gguf.h"

namespace hone {

// Everything a GGUF file says before its data.
struct GgufContents {
  uint32_t version = 0;
  std::map<std::string, GgufValue, std::less<>> metadata;
  std::vector<TensorInfo> tensors;  // in the file's order
  std::vector<uint64_t> offsets;    // of tensors[i], from the start of the file; the whole tensor lies in it
};

// Parses and validates the file's bytes. Memory is bounded by a small multiple of the bytes actually present: a count is believed only when
// the rest of the file could hold that many. Errors as GgufFile::Open.
absl::StatusOr<GgufContents> ParseGguf(std::string_view path, absl::Span<const uint8_t> bytes);

}  // namespace hone
