#include "lib/base/atomic_file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "lib/base/file.h"

namespace hone {

absl::StatusOr<std::unique_ptr<AtomicFileWriter>> AtomicFileWriter::Create(const std::string& path, uint64_t size_bytes) {
  const std::string temporary = absl::StrCat(path, ".tmp.", ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, "cannot create", temporary);
  std::unique_ptr<AtomicFileWriter> writer(new AtomicFileWriter(path, temporary, fd));
  if (size_bytes > 0 && ::fallocate(fd, 0, 0, static_cast<off_t>(size_bytes)) != 0) {
    // Not every file system can reserve space; only a real refusal counts.
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) return ErrnoToStatus(errno, "cannot reserve space for", temporary);
  }
  return writer;
}

AtomicFileWriter::~AtomicFileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

absl::Status AtomicFileWriter::WriteAt(uint64_t offset, const void* data, size_t num_bytes) const {
  if (fd_ < 0) return absl::FailedPreconditionError(absl::StrCat(path_, ": written to after it was committed"));
  const char* bytes = static_cast<const char*>(data);
  for (size_t done = 0; done < num_bytes;) {
    const ssize_t put = ::pwrite(fd_, bytes + done, num_bytes - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoToStatus(errno, "cannot write", temporary_);
    done += static_cast<size_t>(put);
  }
  return absl::OkStatus();
}

absl::Status AtomicFileWriter::Commit() {
  if (fd_ < 0) return absl::FailedPreconditionError(absl::StrCat(path_, ": committed twice"));
  if (::fsync(fd_) != 0) return ErrnoToStatus(errno, "cannot sync", temporary_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return ErrnoToStatus(errno, "cannot rename to", path_);
  ::close(fd_);
  fd_ = -1;
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  return SyncDirectory(folder.empty() ? "." : folder);
}

}  // namespace hone
