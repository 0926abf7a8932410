#include "lib/checkpoint/stored_type.h"

#include <algorithm>
#include <limits>

#include "lib/base/check.h"
#include "lib/checkpoint/gguf_quants.h"

namespace hone {
namespace {

// In the order of the enum.
constexpr StoredTypeTraits kTraits[] = {
    {"F64", 1, 8},    {"F32", 1, 4},    {"F16", 1, 2},      {"BF16", 1, 2},     {"F8_E4M3", 1, 1},  {"F8_E5M2", 1, 1},
    {"I64", 1, 8},    {"I32", 1, 4},    {"I16", 1, 2},      {"I8", 1, 1},       {"U64", 1, 8},      {"U32", 1, 4},
    {"U16", 1, 2},    {"U8", 1, 1},     {"BOOL", 1, 1},     {"Q4_0", 32, 18},   {"Q4_1", 32, 20},   {"Q5_0", 32, 22},
    {"Q5_1", 32, 24}, {"Q8_0", 32, 34}, {"Q4_K", 256, 144}, {"Q5_K", 256, 176}, {"Q6_K", 256, 210},
};
static_assert(std::size(kTraits) == static_cast<size_t>(StoredType::kQ6_K) + 1);

}  // namespace

const StoredTypeTraits& TraitsOf(StoredType dtype) {
  return kTraits[static_cast<size_t>(dtype)];
}

std::optional<StoredType> SafetensorsType(std::string_view name) {
  for (size_t i = 0; i <= static_cast<size_t>(StoredType::kBool); ++i) {
    if (kTraits[i].name == name) return static_cast<StoredType>(i);
  }
  return std::nullopt;
}

bool IsDecodable(StoredType dtype) {
  return dtype <= StoredType::kBF16 || dtype >= StoredType::kQ4_0;
}

std::optional<int64_t> CountElements(absl::Span<const int64_t> shape) {
  // A later 0 must not hide an overflow from a reader that multiplies in another order, so zeros count as one here.
  int64_t product = 1;
  bool empty = false;
  for (const int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) empty = true;
    const int64_t factor = std::max<int64_t>(dimension, 1);
    if (product > std::numeric_limits<int64_t>::max() / factor) return std::nullopt;
    product *= factor;
  }
  return empty ? 0 : product;
}

std::optional<uint64_t> StoredBytes(StoredType dtype, int64_t num_elements) {
  const StoredTypeTraits& traits = TraitsOf(dtype);
  if (num_elements < 0 || num_elements % traits.block_elements != 0) return std::nullopt;
  const int64_t blocks = num_elements / traits.block_elements;
  if (blocks > std::numeric_limits<int64_t>::max() / traits.block_bytes) return std::nullopt;
  return static_cast<uint64_t>(blocks * traits.block_bytes);
}

void DecodeFloat32(StoredType dtype, const uint8_t* bytes, int64_t count, float* out) {
  switch (dtype) {
    case StoredType::kF64:
      for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(LoadLittleEndian<double>(bytes + 8 * i));
      return;
    case StoredType::kF32:
      std::memcpy(out, bytes, static_cast<size_t>(count) * 4);
      return;
    case StoredType::kF16:
      for (int64_t i = 0; i < count; ++i) out[i] = FloatFromFloat16(LoadLittleEndian<uint16_t>(bytes + 2 * i));
      return;
    case StoredType::kBF16:
      for (int64_t i = 0; i < count; ++i) out[i] = FloatFromBFloat16(LoadLittleEndian<uint16_t>(bytes + 2 * i));
      return;
    case StoredType::kQ4_0:
      return DequantizeQ4_0(bytes, count / 32, out);
    case StoredType::kQ4_1:
      return DequantizeQ4_1(bytes, count / 32, out);
    case StoredType::kQ5_0:
      return DequantizeQ5_0(bytes, count / 32, out);
    case StoredType::kQ5_1:
      return DequantizeQ5_1(bytes, count / 32, out);
    case StoredType::kQ8_0:
      return DequantizeQ8_0(bytes, count / 32, out);
    case StoredType::kQ4_K:
      return DequantizeQ4_K(bytes, count / 256, out);
    case StoredType::kQ5_K:
      return DequantizeQ5_K(bytes, count / 256, out);
    case StoredType::kQ6_K:
      return DequantizeQ6_K(bytes, count / 256, out);
    default:
      HONE_CHECK(IsDecodable(dtype));
  }
}

void DecodeBFloat16(StoredType dtype, const uint8_t* bytes, int64_t count, uint16_t* out) {
  if (dtype == StoredType::kBF16) {
    std::memcpy(out, bytes, static_cast<size_t>(count) * 2);
    return;
  }
  constexpr int64_t kChunk = 1024;  // whole blocks of every type, and small enough for the first-level cache
  float wide[kChunk];
  const StoredTypeTraits& traits = TraitsOf(dtype);
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    const int64_t length = std::min(kChunk, count - begin);
    DecodeFloat32(dtype, bytes + begin / traits.block_elements * traits.block_bytes, length, wide);
    for (int64_t i = 0; i < length; ++i) out[begin + i] = BFloat16FromFloat(wide[i]);
  }
}

}  // namespace hone
