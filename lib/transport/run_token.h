#pragma once

#include <string>
#include <string_view>

namespace hone {

// A new secret of a run: 256 random bits of the machine as 64 hex digits. Whoever holds it may lease, submit, fetch and stop.
std::string NewRunToken();

// Whether two secrets are equal, in a time that depends on the length of `offered` only.
bool EqualSecrets(std::string_view expected, std::string_view offered);

}  // namespace hone
