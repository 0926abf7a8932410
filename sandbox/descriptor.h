#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "lib/base/status.h"

namespace hone {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Descriptor() { Close(); }

  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  void Close();

 private:
  int number_ = -1;
};

// A file in memory with this content that nobody can change any more. Close-on-exec; `name` is seen by whoever holds it.
absl::StatusOr<Descriptor> SealedFile(const char* name, std::string_view content);
// The same file with a position of its own, read-only.
absl::StatusOr<Descriptor> Reopen(const Descriptor& file);
// A pipe, close-on-exec; reading never blocks.
absl::Status MakePipe(Descriptor* read_end, Descriptor* write_end);
// The first `max_bytes` of a file.
std::string ReadAll(int descriptor, size_t max_bytes);

}  // namespace hone
