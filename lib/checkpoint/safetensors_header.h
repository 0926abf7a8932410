#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

// One tensor of a safetensors header, offsets from the end of the header.
struct SafetensorsEntry {
  TensorInfo info;
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t header_byte = 0;  // near its entry in the header, from the start of the file
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the header's order
  std::map<std::string, std::string> metadata;
};

// Parses the header's JSON, strictly: no unknown or repeated field, no repeated tensor, known types, whole numbers that fit, and
// end - begin == the size of type and shape. Whether the ranges fit the file and each other is the caller's check. Never recursive.
// Errors: DataLoss, naming `path`, tensor and byte; `first_byte` is where `json` starts in the file.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view path, std::string_view json, uint64_t first_byte);

}  // namespace hone
