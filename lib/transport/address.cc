#include "lib/transport/address.h"

#include <cstddef>

#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace hone {
namespace {

constexpr size_t kMaxSocketPathBytes = 107;  // sockaddr_un::sun_path without its final zero

}  // namespace

bool Address::is_local() const {
  return is_unix() || host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

std::string Address::ToString() const {
  if (is_unix()) return fmt::format("unix:{}", unix_path);
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

absl::StatusOr<Address> ParseAddress(const std::string& text) {
  Address address;
  if (text.find('\0') != std::string::npos) return absl::InvalidArgumentError("address: holds a zero byte");
  if (text.rfind("unix:", 0) == 0) {
    address.unix_path = text.substr(5);
    if (address.unix_path.empty()) return absl::InvalidArgumentError(fmt::format("address \"{}\": no path after unix:", text));
    if (address.unix_path.size() > kMaxSocketPathBytes) {
      return absl::InvalidArgumentError(
          fmt::format("address \"{}\": the socket path has {} bytes, the system takes {}; use a shorter folder or HOST:PORT", text,
                      address.unix_path.size(), kMaxSocketPathBytes));
    }
    return address;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return absl::InvalidArgumentError(fmt::format("address \"{}\": must be unix:PATH or HOST:PORT", text));
  }
  address.host = text.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos || address.host.find('/') != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format("address \"{}\": must be unix:PATH, HOST:PORT or [IPV6]:PORT", text));
  }
  const std::string port = text.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != std::string::npos || !absl::SimpleAtoi(port, &address.port) || address.port > 65535) {
    return absl::InvalidArgumentError(fmt::format("address \"{}\": port \"{}\" must be 0 (any free one) to 65535", text, port));
  }
  return address;
}

}  // namespace hone
