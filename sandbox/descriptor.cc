#include "sandbox/descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fmt/format.h"
#include "lib/base/file.h"

namespace hone {

void Descriptor::Close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

absl::StatusOr<Descriptor> SealedFile(const char* name, std::string_view content) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid()) return ErrnoToStatus(errno, "make a file in memory", name);
  for (size_t done = 0; done < content.size();) {
    const ssize_t written = ::write(file.get(), content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoToStatus(errno, "write a file in memory", name);
    done += static_cast<size_t>(written);
  }
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return ErrnoToStatus(errno, "seal a file in memory", name);
  }
  return file;
}

absl::StatusOr<Descriptor> Reopen(const Descriptor& file) {
  const std::string path = fmt::format("/proc/self/fd/{}", file.get());
  Descriptor again(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!again.valid()) return ErrnoToStatus(errno, "open again", path);
  return again;
}

absl::Status MakePipe(Descriptor* read_end, Descriptor* write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "make", "a pipe");
  *read_end = Descriptor(ends[0]);
  *write_end = Descriptor(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return absl::OkStatus();
}

std::string ReadAll(int descriptor, size_t max_bytes) {
  std::string content;
  char buffer[65536];
  while (content.size() < max_bytes) {
    const ssize_t got =
        ::pread(descriptor, buffer, std::min(sizeof(buffer), max_bytes - content.size()), static_cast<off_t>(content.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    content.append(buffer, static_cast<size_t>(got));
  }
  return content;
}

}  // namespace hone
