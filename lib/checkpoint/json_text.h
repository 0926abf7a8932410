#pragma once

#include <string_view>

#include "lib/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace hone {

// A file's JSON as a value, strictly: repeated keys and nesting deeper than 64 are refused, nothing is thrown.
// Errors: DataLoss, naming `path` and byte. `text` is the whole file.
absl::StatusOr<nlohmann::json> ParseJsonFile(std::string_view path, std::string_view text);

}  // namespace hone
