#include "lib/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace hone {
namespace {

// Closes a descriptor when it leaves scope.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

absl::Status ErrnoToStatus(int error_number, std::string_view operation, const std::string& path) {
  const std::string message =
      absl::StrCat(path, ": ", absl::string_view(operation.data(), operation.size()), ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat(message, "; free some disk space or choose another folder (run.dir)"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::StrCat(message, "; check the owner and mode of the file and its folder"));
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(absl::StrCat(message, "; raise the limit of open files (ulimit -n)"));
    default:
      return absl::InternalError(message);
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoToStatus(errno, "cannot open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, "cannot stat", path);
  if (S_ISDIR(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder, expected a file"));
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoToStatus(errno, "cannot read", path);
    if (got == 0) return content;
    if (content.size() + got > max_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": larger than the limit of ", max_bytes, " bytes"));
    }
    content.append(buffer, got);
  }
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view content) {
  const std::string temporary = absl::StrCat(path, ".tmp.", ::getpid());
  absl::Status status;
  {
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd.get() < 0) return ErrnoToStatus(errno, "cannot create", temporary);
    for (size_t done = 0; done < content.size() && status.ok();) {
      const ssize_t put = ::write(fd.get(), content.data() + done, content.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        status = ErrnoToStatus(errno, "cannot write", temporary);
      } else {
        done += put;
      }
    }
    if (status.ok() && ::fsync(fd.get()) != 0) status = ErrnoToStatus(errno, "cannot sync", temporary);
  }
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) status = ErrnoToStatus(errno, "cannot rename to", path);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return SyncDirectory(folder.empty() ? "." : folder);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoToStatus(error.value(), "cannot make the folder", path);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoToStatus(errno, "cannot open the folder", path);
  if (::fsync(fd.get()) != 0) return ErrnoToStatus(errno, "cannot sync the folder", path);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> FreeDiskBytes(const std::string& path) {
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) != 0) return ErrnoToStatus(errno, "cannot ask for the free space", path);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoToStatus(errno, "cannot open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, "cannot stat", path);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  const uint64_t size = info.st_size;
  const uint8_t* data = nullptr;
  if (size > 0) {
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED) return ErrnoToStatus(errno, "cannot map into memory", path);
    data = static_cast<const uint8_t*>(mapped);
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, data, size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

}  // namespace hone
