#pragma once

#include <string>

#include "lib/base/status.h"

namespace hone {

// Where a server listens: "unix:PATH" or "HOST:PORT".
struct Address {
  std::string unix_path;  // not empty: a Unix socket
  std::string host;
  int port = 0;

  bool is_unix() const { return !unix_path.empty(); }
  // Whether what is sent stays on this machine: a Unix socket, localhost, 127.0.0.0/8 or ::1.
  bool is_local() const;
  // "unix:PATH" or "HOST:PORT"; an IPv6 host in brackets.
  std::string ToString() const;
};

// Errors: InvalidArgument, with the cure: neither form, port outside [0, 65535], or a socket path above the 107 bytes that the system
// takes.
absl::StatusOr<Address> ParseAddress(const std::string& text);

}  // namespace hone
