#pragma once
// What is kept of the texts in an answer from outside.

#include <cstddef>

namespace hone {

inline constexpr size_t kExternalTextBytes = 4 << 10;  // of a reason, an explanation, the name of a part
inline constexpr size_t kExternalEvidenceBytes = 64 << 10;

}  // namespace hone
