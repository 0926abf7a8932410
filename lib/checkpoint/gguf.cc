#include "lib/checkpoint/gguf.h"

#include <limits>

#include "fmt/format.h"
#include "lib/checkpoint/format_error.h"
#include "lib/checkpoint/gguf_parser.h"

namespace hone {

absl::StatusOr<std::unique_ptr<GgufFile>> GgufFile::Open(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  HONE_ASSIGN_OR_RETURN(GgufContents contents, ParseGguf(path, absl::Span<const uint8_t>(file->data(), file->size())));
  std::unique_ptr<GgufFile> result(new GgufFile(std::move(file)));
  result->version_ = contents.version;
  result->metadata_ = std::move(contents.metadata);
  for (const size_t i : result->SetTensors(path, std::move(contents.tensors))) result->offsets_.push_back(contents.offsets[i]);
  return result;
}

const uint8_t* GgufFile::RowBytes(size_t index, int64_t row) const {
  const TensorInfo& info = tensors()[index];
  const StoredTypeTraits& traits = TraitsOf(info.dtype);
  return file_->data() + offsets_[index] + row * (info.row_elements() / traits.block_elements * traits.block_bytes);
}

const GgufValue* GgufFile::FindValue(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

absl::StatusOr<const GgufValue*> GgufFile::Get(std::string_view key) const {
  const GgufValue* value = FindValue(key);
  if (value == nullptr) return absl::NotFoundError(fmt::format("{}: metadata {} is missing", path(), Quoted(key)));
  return value;
}

absl::StatusOr<int64_t> GgufFile::GetInteger(std::string_view key) const {
  HONE_ASSIGN_OR_RETURN(const GgufValue* value, Get(key));
  if (const int64_t* number = std::get_if<int64_t>(value)) return *number;
  const uint64_t* number = std::get_if<uint64_t>(value);
  if (number != nullptr && *number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return static_cast<int64_t>(*number);
  return absl::InvalidArgumentError(fmt::format("{}: metadata {} is not an integer", path(), Quoted(key)));
}

absl::StatusOr<double> GgufFile::GetNumber(std::string_view key) const {
  HONE_ASSIGN_OR_RETURN(const GgufValue* value, Get(key));
  if (const double* number = std::get_if<double>(value)) return *number;
  if (const int64_t* number = std::get_if<int64_t>(value)) return static_cast<double>(*number);
  if (const uint64_t* number = std::get_if<uint64_t>(value)) return static_cast<double>(*number);
  return absl::InvalidArgumentError(fmt::format("{}: metadata {} is not a number", path(), Quoted(key)));
}

absl::StatusOr<bool> GgufFile::GetBool(std::string_view key) const {
  HONE_ASSIGN_OR_RETURN(const GgufValue* value, Get(key));
  if (const bool* flag = std::get_if<bool>(value)) return *flag;
  return absl::InvalidArgumentError(fmt::format("{}: metadata {} is not a boolean", path(), Quoted(key)));
}

absl::StatusOr<std::string> GgufFile::GetString(std::string_view key) const {
  HONE_ASSIGN_OR_RETURN(const GgufValue* value, Get(key));
  if (const std::string* text = std::get_if<std::string>(value)) return *text;
  return absl::InvalidArgumentError(fmt::format("{}: metadata {} is not a string", path(), Quoted(key)));
}

absl::StatusOr<const GgufArray*> GgufFile::GetArray(std::string_view key) const {
  HONE_ASSIGN_OR_RETURN(const GgufValue* value, Get(key));
  if (const GgufArray* array = std::get_if<GgufArray>(value)) return array;
  return absl::InvalidArgumentError(fmt::format("{}: metadata {} is not an array", path(), Quoted(key)));
}

}  // namespace hone
