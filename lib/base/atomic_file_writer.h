#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "lib/base/status.h"

namespace hone {

// Writes a large file in pieces under a temporary name beside it; Commit syncs and renames, so a reader sees the whole file or none.
// The destructor removes what was not committed.
//
// Threads: WriteAt calls of disjoint ranges may overlap each other.
// Errors: ResourceExhausted when the disk is full, with the cure.
class AtomicFileWriter {
 public:
  // Makes the temporary file and asks the disk for `size_bytes`, so that a full disk is known before the first byte.
  static absl::StatusOr<std::unique_ptr<AtomicFileWriter>> Create(const std::string& path, uint64_t size_bytes);
  ~AtomicFileWriter();
  AtomicFileWriter(const AtomicFileWriter&) = delete;
  AtomicFileWriter& operator=(const AtomicFileWriter&) = delete;

  absl::Status WriteAt(uint64_t offset, const void* data, size_t num_bytes) const;

  // Syncs, closes, renames to the final name and syncs the folder. Call it once, last.
  absl::Status Commit();

 private:
  AtomicFileWriter(std::string path, std::string temporary, int fd) : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  std::string path_;
  std::string temporary_;
  int fd_;
};

}  // namespace hone
