#pragma once
// Arrays and where they live. Shape legend used by all operators:
//   M rows (tokens), K input channels, N output channels, H heads, G key/value heads, D head size, V vocabulary, F feed-forward width.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/check.h"
#include "lib/base/thread_pool.h"

namespace hone {

enum class DType : uint8_t { kFloat32, kBFloat16, kInt32 };
inline size_t SizeOf(DType dtype) {
  return dtype == DType::kBFloat16 ? 2 : 4;
}
const char* Name(DType dtype);

enum class DeviceType : uint8_t { kCpu, kCuda };
struct Device {
  DeviceType type = DeviceType::kCpu;
  int index = 0;
  bool operator==(const Device&) const = default;
};

namespace ops {

// Instruction sets that have kernels, weakest first. All results of one run use one of them: sums are ordered per instruction set, so two
// machines agree bit for bit only when they use the same.
enum class Isa : uint8_t { kAvx2, kAvx512, kAvx512Bf16 };
const char* Name(Isa isa);
// The best one this machine has (HONE_ISA=avx2|avx512|avx512_bf16 in the environment lowers it, for tests).
Isa BestIsa();

// What every operator runs on. Cheap to copy; the pool must outlive it.
// Threads: one operator at a time per context.
struct Context {
  Device device;
  ThreadPool* pool = nullptr;
  Isa isa = Isa::kAvx2;
};

}  // namespace ops

// A contiguous row-major array on a device: owned (Empty) or borrowed (Borrow: the memory must outlive it).
// Move-only; Rows and Borrow give views without ownership.
class Tensor {
 public:
  Tensor() = default;
  // Uninitialised memory, aligned to 64 bytes. Shapes are in elements.
  static Tensor Empty(Device device, DType dtype, std::vector<int64_t> shape);
  static Tensor Zeros(Device device, DType dtype, std::vector<int64_t> shape);
  static Tensor Borrow(Device device, DType dtype, std::vector<int64_t> shape, void* data);

  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t dim(int i) const { return shape_[i]; }
  int64_t size() const { return size_; }
  size_t bytes() const { return size_ * SizeOf(dtype_); }
  DType dtype() const { return dtype_; }
  Device device() const { return device_; }
  bool empty() const { return data_ == nullptr; }

  // The elements on the device (on a GPU not for the host to read). T must match the dtype: float, uint16_t (bf16) or int32_t.
  template <class T>
  T* data() {
    return static_cast<T*>(Raw(sizeof(T)));
  }
  template <class T>
  const T* data() const {
    return static_cast<const T*>(Raw(sizeof(T)));
  }
  void* raw() { return data_; }
  const void* raw() const { return data_; }

  // Rows [begin, begin + count) of the first dimension, as a view.
  Tensor Rows(int64_t begin, int64_t count) const;
  // The same memory under another shape of equal size, as a view.
  Tensor Reshaped(std::vector<int64_t> shape) const;

 private:
  void* Raw(size_t element) const {
    HONE_CHECK_EQ(element, SizeOf(dtype_));
    return data_;
  }
  std::vector<int64_t> shape_;
  int64_t size_ = 0;
  DType dtype_ = DType::kFloat32;
  Device device_;
  void* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

// bf16 is the upper half of a float32; rounding is to nearest, ties to even; NaN stays NaN.
inline float BFloat16ToFloat(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  __builtin_memcpy(&value, &wide, 4);
  return value;
}
inline uint16_t FloatToBFloat16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace hone
