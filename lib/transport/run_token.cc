#include "lib/transport/run_token.h"

#include <cstdint>
#include <random>

#include "fmt/format.h"

namespace hone {

std::string NewRunToken() {
  std::random_device device;
  std::string token;
  for (int i = 0; i < 8; ++i) token += fmt::format("{:08x}", static_cast<uint32_t>(device()));
  return token;
}

bool EqualSecrets(std::string_view expected, std::string_view offered) {
  if (expected.empty()) return false;
  volatile uint8_t difference = expected.size() == offered.size() ? 0 : 1;
  for (size_t i = 0; i < offered.size(); ++i) {
    difference =
        static_cast<uint8_t>(difference | (static_cast<uint8_t>(expected[i % expected.size()]) ^ static_cast<uint8_t>(offered[i])));
  }
  return difference == 0;
}

}  // namespace hone
