#pragma once
// One record of a SOCK_SEQPACKET socket with its descriptors.

#include <cstddef>

namespace hone::cage {

constexpr int kMaxDescriptors = 20;

// Bytes received, 0 at the end, -1 on an error or when the message or its descriptors were cut. `descriptors` (room for kMaxDescriptors)
// and `count` may be null: what comes is closed. `sender`, when given, takes the sender's process id (the socket needs SO_PASSCRED).
int ReceiveMessage(int socket, void* data, size_t size, int* descriptors, int* count, int* sender = nullptr);
bool SendMessage(int socket, const void* data, size_t size, const int* descriptors = nullptr, int count = 0);

}  // namespace hone::cage
