#include "lib/ops/tensor.h"

#include <cstring>
#include <limits>
#include <utility>

#include "lib/base/memory.h"

namespace hone {
namespace {

int64_t CountElements(const std::vector<int64_t>& shape) {
  int64_t size = 1;
  for (int64_t dim : shape) {
    HONE_CHECK_GE(dim, 0);
    HONE_CHECK(!__builtin_mul_overflow(size, dim, &size));
  }
  HONE_CHECK_LE(size, std::numeric_limits<int64_t>::max() / 8);
  return size;
}

}  // namespace

const char* Name(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "float32";
    case DType::kBFloat16:
      return "bfloat16";
    case DType::kInt32:
      return "int32";
  }
  return "unknown";
}

Tensor Tensor::Empty(Device device, DType dtype, std::vector<int64_t> shape) {
  HONE_CHECK(device.type == DeviceType::kCpu);
  Tensor tensor = Borrow(device, dtype, std::move(shape), nullptr);
  tensor.owner_ = AllocateMemory(tensor.bytes());
  tensor.data_ = tensor.owner_.get();
  return tensor;
}

Tensor Tensor::Zeros(Device device, DType dtype, std::vector<int64_t> shape) {
  Tensor tensor = Empty(device, dtype, std::move(shape));
  std::memset(tensor.data_, 0, tensor.bytes());
  return tensor;
}

Tensor Tensor::Borrow(Device device, DType dtype, std::vector<int64_t> shape, void* data) {
  Tensor tensor;
  tensor.size_ = CountElements(shape);
  tensor.shape_ = std::move(shape);
  tensor.dtype_ = dtype;
  tensor.device_ = device;
  tensor.data_ = data;
  return tensor;
}

Tensor Tensor::Rows(int64_t begin, int64_t count) const {
  HONE_CHECK(!shape_.empty());
  HONE_CHECK_GE(begin, 0);
  HONE_CHECK_GE(count, 0);
  HONE_CHECK_LE(begin, shape_[0] - count);
  std::vector<int64_t> shape = shape_;
  const int64_t row = shape_[0] == 0 ? 0 : size_ / shape_[0];
  shape[0] = count;
  return Borrow(device_, dtype_, std::move(shape), static_cast<char*>(data_) + begin * row * static_cast<int64_t>(SizeOf(dtype_)));
}

Tensor Tensor::Reshaped(std::vector<int64_t> shape) const {
  Tensor tensor = Borrow(device_, dtype_, std::move(shape), data_);
  HONE_CHECK_EQ(tensor.size_, size_);
  return tensor;
}

}  // namespace hone
