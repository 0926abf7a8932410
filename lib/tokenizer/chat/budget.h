#pragma once

#include <cstddef>
#include <cstdint>

#include "fmt/format.h"
#include "lib/base/status.h"

namespace hone::jinja {

// What one rendering may use, so that no template hangs the process or eats its memory.
struct Limits {
  int64_t max_steps = 50'000'000;              // nodes evaluated plus items handled
  int64_t max_bytes = int64_t{1} << 30;        // bytes of all strings and items made, freed or not
  int64_t max_text_bytes = int64_t{64} << 20;  // one string, and the rendered text
};

// Counts what a rendering uses. Errors: ResourceExhausted with the limit.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits), steps_left_(limits.max_steps), bytes_left_(limits.max_bytes) {}

  absl::Status Steps(int64_t count) {
    steps_left_ -= count;
    if (steps_left_ >= 0) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("the template takes more than {} steps", limits_.max_steps));
  }
  // Before a string of this size is made.
  absl::Status Text(size_t bytes) {
    HONE_RETURN_IF_ERROR(CheckSize(bytes));
    return Bytes(static_cast<int64_t>(bytes));
  }
  // While a string grows.
  absl::Status CheckSize(size_t bytes) const {
    if (bytes <= static_cast<size_t>(limits_.max_text_bytes)) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("a text of {} bytes is longer than the limit of {}", bytes, limits_.max_text_bytes));
  }
  // Before a list of this many items is made.
  absl::Status Items(size_t count) {
    if (count > static_cast<size_t>(limits_.max_bytes) / kItemBytes) return Bytes(limits_.max_bytes + 1);
    HONE_RETURN_IF_ERROR(Steps(static_cast<int64_t>(count)));
    return Bytes(static_cast<int64_t>(count * kItemBytes));
  }

 private:
  static constexpr size_t kItemBytes = 48;

  absl::Status Bytes(int64_t count) {
    bytes_left_ -= count < limits_.max_bytes + 1 ? count : limits_.max_bytes + 1;
    if (bytes_left_ >= 0) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("the template makes more than {} bytes of values", limits_.max_bytes));
  }

  const Limits limits_;
  int64_t steps_left_;
  int64_t bytes_left_;
};

// How deep values, expressions and calls may nest.
inline constexpr int kMaxDepth = 200;

}  // namespace hone::jinja
