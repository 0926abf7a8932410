#include "verifiers/code/channel.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "fmt/format.h"

namespace hone {

absl::Status FrameChannel::Send(std::string_view content) {
  std::string frame;
  frame.reserve(4 + content.size());
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(content.size() >> shift & 0xff);
  frame += content;
  for (size_t sent = 0; sent < frame.size();) {
    const ssize_t n = send(descriptor_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return absl::DataLossError("the program is gone");
    sent += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

absl::Status FrameChannel::ReadExactly(char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = recv(descriptor_, to, bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return absl::DataLossError("the program is gone");
    to += n;
    bytes -= static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FrameChannel::Receive() {
  std::array<char, 4> head;
  HONE_RETURN_IF_ERROR(ReadExactly(head.data(), head.size()));
  size_t bytes = 0;
  for (int i = 3; i >= 0; --i) bytes = bytes << 8 | static_cast<unsigned char>(head[i]);
  if (bytes > max_frame_bytes_)
    return absl::InvalidArgumentError(fmt::format("a frame of {} bytes, at most {} are allowed", bytes, max_frame_bytes_));
  // Memory grows with what has really come.
  std::string content;
  while (content.size() < bytes) {
    const size_t at = content.size();
    content.resize(std::min(bytes, at + (size_t{1} << 16)));
    HONE_RETURN_IF_ERROR(ReadExactly(content.data() + at, content.size() - at));
  }
  return content;
}

bool FrameChannel::HasUnread() const {
  char byte;
  return recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace hone
