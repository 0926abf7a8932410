#pragma once
// Element types of stored tensors: their names, their sizes, and how their bytes become float32 or bfloat16.
// All stored numbers are little-endian, as are the machines the project runs on.

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "absl/types/span.h"

namespace hone {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

// The types of safetensors, then the block-quantised types of GGUF that can be widened.
enum class StoredType : uint8_t {
  kF64,
  kF32,
  kF16,
  kBF16,
  kF8E4M3,
  kF8E5M2,
  kI64,
  kI32,
  kI16,
  kI8,
  kU64,
  kU32,
  kU16,
  kU8,
  kBool,
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ8_0,
  kQ4_K,
  kQ5_K,
  kQ6_K,
};

// The name used in files and messages ("BF16", "Q4_K"), and the storage unit: `block_elements` elements take `block_bytes` bytes.
// Plain types have blocks of one element.
struct StoredTypeTraits {
  std::string_view name;
  int64_t block_elements;
  int64_t block_bytes;
};
const StoredTypeTraits& TraitsOf(StoredType dtype);

// The safetensors type of that name ("F32", "BF16", ...); nullopt when unknown. GGUF's block types are not safetensors types.
std::optional<StoredType> SafetensorsType(std::string_view name);

// Whether Decode* can widen it: floating types of 16 bits and more, and the quantised ones.
bool IsDecodable(StoredType dtype);

// Number of elements; nullopt when it (or a dimension) leaves int64 or a dimension is negative. An empty shape is one scalar.
std::optional<int64_t> CountElements(absl::Span<const int64_t> shape);

// Stored size of `num_elements`; nullopt when they are not whole blocks or the size leaves int64.
std::optional<uint64_t> StoredBytes(StoredType dtype, int64_t num_elements);

// Widens `count` stored elements (whole blocks). `bytes` need not be aligned. Values are exact for F16, BF16 and F32; quantised values are
// the float32 that ggml's reference formula gives, operation by operation. The type must be IsDecodable.
void DecodeFloat32(StoredType dtype, const uint8_t* bytes, int64_t count, float* out);

// The same, rounded to nearest even in bfloat16; stored BF16 is copied bit for bit.
void DecodeBFloat16(StoredType dtype, const uint8_t* bytes, int64_t count, uint16_t* out);

inline float FloatFromBFloat16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// Round to nearest even; a NaN stays a (quiet) NaN.
inline uint16_t BFloat16FromFloat(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t quiet = (bits >> 16) | 0x40u;
  return static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

// Exact, subnormal numbers included.
inline float FloatFromFloat16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  uint32_t out;
  if (magnitude >= 0x7c00u) {
    out = 0x7f800000u | ((magnitude & 0x3ffu) << 13);  // infinity or NaN
  } else if (magnitude >= 0x400u) {
    out = (magnitude << 13) + (112u << 23);  // exponent bias 15 -> 127
  } else {
    out = std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 0x1p-24f);
  }
  return std::bit_cast<float>(sign | out);
}

// Little-endian load from any address.
template <class T>
inline T LoadLittleEndian(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

}  // namespace hone
