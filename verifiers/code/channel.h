#pragma once

#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// Frames of bytes on a stream socket whose other end an untrusted program holds: four bytes of length, little-endian, then the content.
//
// A call blocks until the other end is shut down or closed, which whoever runs the program sees to at its time limit.
// Errors: DataLoss for an end in the middle of a frame or before one; InvalidArgument for a length above the limit.
// Threads: one thread.
class FrameChannel {
 public:
  // Borrows the descriptor. It has to be blocking.
  FrameChannel(int descriptor, size_t max_frame_bytes) : descriptor_(descriptor), max_frame_bytes_(max_frame_bytes) {}

  absl::Status Send(std::string_view content);
  absl::StatusOr<std::string> Receive();
  // Whether bytes have come that nobody asked for.
  bool HasUnread() const;

 private:
  absl::Status ReadExactly(char* to, size_t bytes);

  const int descriptor_;
  const size_t max_frame_bytes_;
};

}  // namespace hone
