#include "lib/checkpoint/tensor_source.h"

#include <algorithm>
#include <numeric>
#include <type_traits>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/base/check.h"
#include "lib/checkpoint/format_error.h"

namespace hone {

std::string ShapeToString(absl::Span<const int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

std::vector<size_t> TensorSource::SetTensors(std::string path, std::vector<TensorInfo> tensors) {
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return tensors[a].name < tensors[b].name; });
  path_ = std::move(path);
  tensors_.clear();
  tensors_.reserve(tensors.size());
  for (const size_t i : order) tensors_.push_back(std::move(tensors[i]));
  index_.clear();
  index_.reserve(tensors_.size());
  for (size_t i = 0; i < tensors_.size(); ++i) HONE_CHECK(index_.emplace(tensors_[i].name, i).second);
  return order;
}

const TensorInfo* TensorSource::Find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

absl::StatusOr<size_t> TensorSource::IndexOf(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return absl::NotFoundError(fmt::format("{}: no tensor {} among {}", path_, Quoted(name), tensors_.size()));
  return found->second;
}

template <class T>
absl::Status TensorSource::ReadRows(std::string_view name, int64_t begin, int64_t count, absl::Span<T> out) const {
  HONE_ASSIGN_OR_RETURN(const size_t index, IndexOf(name));
  const TensorInfo& info = tensors_[index];
  if (!IsDecodable(info.dtype)) {
    return absl::UnimplementedError(fmt::format("{}: tensor {}: stored as {}, which is not a type weights can be read from", path_,
                                                Quoted(name), TraitsOf(info.dtype).name));
  }
  const int64_t num_rows = info.num_rows();
  const int64_t row_elements = info.row_elements();
  if (begin < 0 || count < 0 || begin > num_rows || count > num_rows - begin) {
    return absl::InvalidArgumentError(
        fmt::format("{}: tensor {}: rows {} + {} leave its {} rows", path_, Quoted(name), begin, count, num_rows));
  }
  if (out.size() != static_cast<size_t>(count) * static_cast<size_t>(row_elements)) {
    return absl::InvalidArgumentError(fmt::format("{}: tensor {} of shape {}: {} rows of {} elements do not fit a buffer of {}", path_,
                                                  Quoted(name), ShapeToString(info.shape), count, row_elements, out.size()));
  }
  T* next = out.data();
  for (int64_t row = begin; row < begin + count; ++row, next += row_elements) {
    if constexpr (std::is_same_v<T, float>) {
      DecodeFloat32(info.dtype, RowBytes(index, row), row_elements, next);
    } else {
      DecodeBFloat16(info.dtype, RowBytes(index, row), row_elements, next);
    }
  }
  return absl::OkStatus();
}

absl::Status TensorSource::ReadFloat32(std::string_view name, absl::Span<float> out) const {
  const TensorInfo* info = Find(name);
  return ReadRows<float>(name, 0, info == nullptr ? 0 : info->num_rows(), out);
}

absl::Status TensorSource::ReadBFloat16(std::string_view name, absl::Span<uint16_t> out) const {
  const TensorInfo* info = Find(name);
  return ReadRows<uint16_t>(name, 0, info == nullptr ? 0 : info->num_rows(), out);
}

absl::Status TensorSource::ReadFloat32Rows(std::string_view name, int64_t begin, int64_t count, absl::Span<float> out) const {
  return ReadRows<float>(name, begin, count, out);
}

absl::Status TensorSource::ReadBFloat16Rows(std::string_view name, int64_t begin, int64_t count, absl::Span<uint16_t> out) const {
  return ReadRows<uint16_t>(name, begin, count, out);
}

}  // namespace hone
