#pragma once
// The one wording of errors about a malformed weight file: file, tensor (or field) and byte, then what is wrong.

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// `text` between quotes, safe to print whatever its bytes are, cut after 120 of them.
std::string Quoted(std::string_view text);

// DataLoss: "FILE: tensor "NAME": byte N: WHAT". `byte` counts from the start of the file.
absl::Status CorruptTensor(std::string_view file, std::string_view tensor, uint64_t byte, std::string_view what);

// DataLoss: "FILE: WHERE: byte N: WHAT", for errors outside of tensors ("header", "metadata key "x"").
absl::Status CorruptFile(std::string_view file, std::string_view where, uint64_t byte, std::string_view what);

}  // namespace hone
