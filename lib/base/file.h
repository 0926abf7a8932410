#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// The whole file. NotFound, or InvalidArgument when it is larger than max_bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes = uint64_t{1} << 32);

// Writes to a temporary name beside `path`, syncs, renames and syncs the folder: a reader sees the old content or the new, never a part.
// ResourceExhausted when the disk is full, with the cure.
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

// Turns the error number of a failed system call on `path` into a status whose message says what was tried and what mends it.
absl::Status ErrnoToStatus(int error_number, std::string_view operation, const std::string& path);

// Makes the folder and its parents; fine when it is there.
absl::Status MakeDirectories(const std::string& path);

// Syncs a folder's entries to the disk, after a rename in it.
absl::Status SyncDirectory(const std::string& path);

// Free bytes for an ordinary user on the disk that holds `path` (an existing file or folder).
absl::StatusOr<uint64_t> FreeDiskBytes(const std::string& path);

// A file mapped read-only into memory; unmapped by the destructor. The bytes stay valid as long as the object lives.
class MappedFile {
 public:
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const uint8_t* data() const { return data_; }
  uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, const uint8_t* data, uint64_t size) : path_(std::move(path)), data_(data), size_(size) {}
  std::string path_;
  const uint8_t* data_;
  uint64_t size_;
};

}  // namespace hone
