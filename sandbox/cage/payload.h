#pragma once

#include <cstddef>
#include <cstdint>

#include "sandbox/cage/protocol.h"

namespace hone::cage {

// A run's arguments, environment and files, read in place from the runner's memory file (format: protocol.h). No heap.
class Payload {
 public:
  // False when the file cannot be mapped or is cut short.
  bool Open(int descriptor);
  void Close();

  char** arguments() { return arguments_; }
  char** environment() { return environment_; }
  uint32_t files() const { return files_; }
  // Writes all files into `folder`, a fresh tmpfs of the right size that becomes read-only. False with errno.
  bool WriteFiles(const char* folder) const;

 private:
  const char* begin_ = nullptr;
  const char* file_begin_ = nullptr;
  const char* end_ = nullptr;
  uint32_t files_ = 0;
  char* arguments_[kMaxStrings + 1];
  char* environment_[kMaxStrings + 1];
};

}  // namespace hone::cage
