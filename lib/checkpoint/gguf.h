#pragma once
// GGUF files, versions 2 and 3, little-endian: "GGUF", version, counts, typed key-value metadata, tensor descriptions, aligned data.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/status.h"
#include "lib/checkpoint/tensor_source.h"

namespace hone {

struct GgufArray;

// A metadata value. Signed integers become int64, unsigned ones uint64, float32 and float64 double, and a float32 keeps the shortest
// decimal that names it: 1e-05 stays 1e-05.
using GgufValue = std::variant<bool, int64_t, uint64_t, double, std::string, GgufArray>;

// A metadata array; of the four lists only the one of its element type is filled (bool is stored as integer, uint64 must fit int64).
struct GgufArray {
  std::vector<int64_t> integers;
  std::vector<double> floats;
  std::vector<std::string> strings;
  std::vector<GgufArray> arrays;
};

// A GGUF file, mapped and validated as a whole when it is opened: every count, length and offset lies in the file before it is used, keys
// and tensor names are unique, offsets are aligned, tensors do not overlap, all types are known. Tensors keep GGUF's names; shapes are
// reversed into PyTorch's order (last dimension contiguous). See GgufModel for Hugging Face names.
class GgufFile : public TensorSource {
 public:
  // NotFound when the file is missing; DataLoss, naming file, tensor or key, and byte, when it is malformed; Unimplemented for a version,
  // byte order or quantisation this reader does not know (the message lists those it knows).
  static absl::StatusOr<std::unique_ptr<GgufFile>> Open(const std::string& path);

  uint32_t version() const { return version_; }

  // Null when the key is absent.
  const GgufValue* FindValue(std::string_view key) const;

  // The value of a key as the type asked for. NotFound when absent, InvalidArgument when of another type or out of range.
  absl::StatusOr<int64_t> GetInteger(std::string_view key) const;
  absl::StatusOr<double> GetNumber(std::string_view key) const;  // an integer counts as a number
  absl::StatusOr<bool> GetBool(std::string_view key) const;
  absl::StatusOr<std::string> GetString(std::string_view key) const;
  // Borrowed from the file object.
  absl::StatusOr<const GgufArray*> GetArray(std::string_view key) const;

  const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }

 private:
  friend class GgufModel;  // reads rows in another order
  explicit GgufFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  const uint8_t* RowBytes(size_t index, int64_t row) const override;
  absl::StatusOr<const GgufValue*> Get(std::string_view key) const;

  std::shared_ptr<const MappedFile> file_;
  uint32_t version_ = 0;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::vector<uint64_t> offsets_;  // of tensors()[i], from the start of the file
};

}  // namespace hone
