#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/status.h"
#include "lib/checkpoint/stored_type.h"

namespace hone {

// What a file says about one tensor. Shape as in PyTorch: the last dimension is contiguous; a matrix is [out, in].
struct TensorInfo {
  std::string name;
  StoredType dtype = StoredType::kF32;
  std::vector<int64_t> shape;
  int64_t num_elements = 0;
  uint64_t num_bytes = 0;  // as stored

  // A row is one run of the last dimension; there are as many as all other dimensions together. A vector is one row.
  int64_t row_elements() const { return shape.empty() ? 1 : shape.back(); }
  int64_t num_rows() const { return row_elements() == 0 ? 0 : num_elements / row_elements(); }
};

// "[576, 1536]"
std::string ShapeToString(absl::Span<const int64_t> shape);

// A set of named tensors that can be read as float32 or bfloat16, whatever they are stored as: a safetensors file, a folder of them, a GGUF
// file. Nothing is held in memory but the mapping; a tensor is widened when it is read.
//
// Threads: const calls may overlap, so a large matrix may be read in row ranges by several threads.
// Errors of the readers: NotFound for an unknown name (the message has the file), InvalidArgument when `out` has the wrong size or the row
//   range leaves the tensor, Unimplemented for a stored type that is not a number to train on (integers, 8-bit floats).
// Trap: the file must not be shortened while it is open; the system then kills the process (SIGBUS).
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  TensorSource(const TensorSource&) = delete;
  TensorSource& operator=(const TensorSource&) = delete;

  // File or folder, for messages.
  const std::string& path() const { return path_; }

  // All tensors, sorted by name.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  // Null when there is none of that name. Lives as long as the source.
  const TensorInfo* Find(std::string_view name) const;

  // The whole tensor. out.size() == num_elements.
  absl::Status ReadFloat32(std::string_view name, absl::Span<float> out) const;
  // Rounded to nearest even; exact copy when stored as bfloat16.
  absl::Status ReadBFloat16(std::string_view name, absl::Span<uint16_t> out) const;

  // Rows [begin, begin + count). out.size() == count * row_elements.
  absl::Status ReadFloat32Rows(std::string_view name, int64_t begin, int64_t count, absl::Span<float> out) const;
  absl::Status ReadBFloat16Rows(std::string_view name, int64_t begin, int64_t count, absl::Span<uint16_t> out) const;

 protected:
  TensorSource() = default;

  // Takes over the tensors, sorts them by name and returns the permutation: position i of tensors() was order[i] of the argument.
  // Names must be unique.
  std::vector<size_t> SetTensors(std::string path, std::vector<TensorInfo> tensors);

  // The stored bytes of one row of tensors()[index]; valid as long as the source. `row` is in range. May be called from many threads.
  virtual const uint8_t* RowBytes(size_t index, int64_t row) const = 0;

  // For sources made of other sources.
  static const uint8_t* RowBytesOf(const TensorSource& source, size_t index, int64_t row) { return source.RowBytes(index, row); }

 private:
  template <class T>
  absl::Status ReadRows(std::string_view name, int64_t begin, int64_t count, absl::Span<T> out) const;
  absl::StatusOr<size_t> IndexOf(std::string_view name) const;

  std::string path_;
  std::vector<TensorInfo> tensors_;
  std::unordered_map<std::string_view, size_t> index_;  // keys point into tensors_
};

}  // namespace hone
