#include "sandbox/cage/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hone::cage {
namespace {

union ControlBuffer {
  cmsghdr header;  // for its alignment
  char bytes[CMSG_SPACE(sizeof(int) * kMaxDescriptors) + CMSG_SPACE(sizeof(ucred))];
};

}  // namespace

int ReceiveMessage(int socket, void* data, size_t size, int* descriptors, int* count, int* sender) {
  iovec part{data, size};
  ControlBuffer buffer;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = buffer.bytes;
  message.msg_controllen = sizeof(buffer.bytes);
  ssize_t received;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -1;
  int found = 0, all[kMaxDescriptors];
  for (cmsghdr* part_header = CMSG_FIRSTHDR(&message); part_header != nullptr; part_header = CMSG_NXTHDR(&message, part_header)) {
    if (part_header->cmsg_level != SOL_SOCKET) continue;
    if (part_header->cmsg_type == SCM_RIGHTS) {
      found = static_cast<int>((part_header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      memcpy(all, CMSG_DATA(part_header), found * sizeof(int));
    } else if (part_header->cmsg_type == SCM_CREDENTIALS && sender != nullptr) {
      ucred credentials;
      memcpy(&credentials, CMSG_DATA(part_header), sizeof(credentials));
      *sender = credentials.pid;
    }
  }
  const bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (cut || descriptors == nullptr) {
    for (int i = 0; i < found; ++i) close(all[i]);
    found = 0;
  } else {
    memcpy(descriptors, all, found * sizeof(int));
  }
  if (count != nullptr) *count = found;
  return cut ? -1 : static_cast<int>(received);
}

bool SendMessage(int socket, const void* data, size_t size, const int* descriptors, int count) {
  iovec part{const_cast<void*>(data), size};
  ControlBuffer buffer{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = buffer.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(size);
}

}  // namespace hone::cage
