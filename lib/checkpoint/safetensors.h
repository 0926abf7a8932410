#pragma once
// safetensors files: 8 bytes of little-endian header length, a JSON object {name: {dtype, shape, data_offsets}, "__metadata__": {..}}, then
// the tensors' bytes; data_offsets count from the end of the header.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/file.h"
#include "lib/base/status.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

// A safetensors file, mapped into memory and validated as a whole when it is opened: the header is strict JSON of at most 100 MB, names are
// unique, every type is known, every size is the product of its shape, and the tensors cover the data exactly, without hole or overlap.
class SafetensorsFile : public TensorSource {
 public:
  // NotFound when the file is missing; DataLoss, naming file, tensor and byte, when it is malformed.
  static absl::StatusOr<std::unique_ptr<SafetensorsFile>> Open(const std::string& path);

  // The header's "__metadata__", usually {"format": "pt"}.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  explicit SafetensorsFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  const uint8_t* RowBytes(size_t index, int64_t row) const override;

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, std::string> metadata_;
  std::vector<uint64_t> offsets_;  // of tensors()[i], from the start of the file
};

// What a writer must know of a tensor before the first byte. F32 or BF16.
struct TensorSpec {
  std::string name;
  StoredType dtype = StoredType::kBF16;
  std::vector<int64_t> shape;
};

// Writes a safetensors file tensor by tensor, in any order, under a temporary name; Finish syncs and renames. The layout depends on the
// specs only (larger types first, then by name), so equal weights give equal files.
//
// Threads: writes of different tensors or disjoint rows may overlap each other; Finish alone.
// Errors: InvalidArgument for a duplicate or malformed spec, an unknown name or a wrong size; FailedPrecondition from Finish when a tensor
//   was not written exactly once; what the disk says.
class SafetensorsWriter {
 public:
  static absl::StatusOr<std::unique_ptr<SafetensorsWriter>> Create(const std::string& path, std::vector<TensorSpec> specs,
                                                                   const std::map<std::string, std::string>& metadata = {{"format", "pt"}});
  ~SafetensorsWriter();
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  // Elements [begin, begin + values.size()) of a tensor, rounded to nearest even when it is stored as bfloat16.
  absl::Status WriteFloat32(std::string_view name, absl::Span<const float> values, int64_t begin = 0);
  // The same from bfloat16 bits; widened exactly when the tensor is stored as float32.
  absl::Status WriteBFloat16(std::string_view name, absl::Span<const uint16_t> values, int64_t begin = 0);

  absl::Status Finish();

 private:
  struct Impl;
  explicit SafetensorsWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
