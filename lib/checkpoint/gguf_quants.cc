#include "lib/checkpoint/gguf_quants.h"

#include "lib/checkpoint/stored_type.h"

namespace hone {
namespace {

float LoadScale(const uint8_t* bytes) {
  return FloatFromFloat16(LoadLittleEndian<uint16_t>(bytes));
}

// Scale and minimum number j (0..7) out of the 12 bytes that hold eight 6-bit pairs: the first four lie in the low six bits of bytes 0..7;
// the last four have their low nibbles in bytes 8..11 and their upper two bits on top of bytes 0..7.
struct ScaleAndMinimum {
  int scale;
  int minimum;
};
ScaleAndMinimum UnpackScale(const uint8_t* packed, int j) {
  if (j < 4) return {packed[j] & 63, packed[j + 4] & 63};
  return {(packed[j + 4] & 15) | ((packed[j - 4] >> 6) << 4), (packed[j + 4] >> 4) | ((packed[j] >> 6) << 4)};
}

}  // namespace

void DequantizeQ4_0(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 18, out += 32) {
    const float d = LoadScale(blocks);
    const uint8_t* q = blocks + 2;
    for (int i = 0; i < 16; ++i) out[i] = d * static_cast<float>((q[i] & 15) - 8);
    for (int i = 0; i < 16; ++i) out[i + 16] = d * static_cast<float>((q[i] >> 4) - 8);
  }
}

void DequantizeQ4_1(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 20, out += 32) {
    const float d = LoadScale(blocks);
    const float m = LoadScale(blocks + 2);
    const uint8_t* q = blocks + 4;
    for (int i = 0; i < 16; ++i) out[i] = d * static_cast<float>(q[i] & 15) + m;
    for (int i = 0; i < 16; ++i) out[i + 16] = d * static_cast<float>(q[i] >> 4) + m;
  }
}

void DequantizeQ5_0(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 22, out += 32) {
    const float d = LoadScale(blocks);
    const uint32_t high = LoadLittleEndian<uint32_t>(blocks + 2);
    const uint8_t* q = blocks + 6;
    for (int i = 0; i < 16; ++i) {
      const int low_bit = static_cast<int>((high >> i) & 1u) << 4;
      const int high_bit = static_cast<int>((high >> (i + 16)) & 1u) << 4;
      out[i] = d * static_cast<float>(((q[i] & 15) | low_bit) - 16);
      out[i + 16] = d * static_cast<float>(((q[i] >> 4) | high_bit) - 16);
    }
  }
}

void DequantizeQ5_1(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 24, out += 32) {
    const float d = LoadScale(blocks);
    const float m = LoadScale(blocks + 2);
    const uint32_t high = LoadLittleEndian<uint32_t>(blocks + 4);
    const uint8_t* q = blocks + 8;
    for (int i = 0; i < 16; ++i) {
      const int low_bit = static_cast<int>((high >> i) & 1u) << 4;
      const int high_bit = static_cast<int>((high >> (i + 16)) & 1u) << 4;
      out[i] = d * static_cast<float>((q[i] & 15) | low_bit) + m;
      out[i + 16] = d * static_cast<float>((q[i] >> 4) | high_bit) + m;
    }
  }
}

void DequantizeQ8_0(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 34, out += 32) {
    const float d = LoadScale(blocks);
    const uint8_t* q = blocks + 2;
    for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(static_cast<int8_t>(q[i]));
  }
}

void DequantizeQ4_K(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 144) {
    const float d = LoadScale(blocks);
    const float dmin = LoadScale(blocks + 2);
    const uint8_t* packed = blocks + 4;
    const uint8_t* q = blocks + 16;
    for (int j = 0; j < 8; ++j, out += 32) {  // each 32 bytes of q hold sub-block j in the low and j + 1 in the high nibbles
      const ScaleAndMinimum pair = UnpackScale(packed, j);
      const float scale = d * static_cast<float>(pair.scale);
      const float minimum = dmin * static_cast<float>(pair.minimum);
      const uint8_t* sub = q + (j / 2) * 32;
      const int shift = (j % 2) * 4;
      for (int i = 0; i < 32; ++i) out[i] = scale * static_cast<float>((sub[i] >> shift) & 15) - minimum;
    }
  }
}

void DequantizeQ5_K(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 176) {
    const float d = LoadScale(blocks);
    const float dmin = LoadScale(blocks + 2);
    const uint8_t* packed = blocks + 4;
    const uint8_t* high = blocks + 16;  // bit j of high[i] is the fifth bit of element i of sub-block j
    const uint8_t* q = blocks + 48;
    for (int j = 0; j < 8; ++j, out += 32) {
      const ScaleAndMinimum pair = UnpackScale(packed, j);
      const float scale = d * static_cast<float>(pair.scale);
      const float minimum = dmin * static_cast<float>(pair.minimum);
      const uint8_t* sub = q + (j / 2) * 32;
      const int shift = (j % 2) * 4;
      for (int i = 0; i < 32; ++i) {
        const int value = ((sub[i] >> shift) & 15) | (((high[i] >> j) & 1) << 4);
        out[i] = scale * static_cast<float>(value) - minimum;
      }
    }
  }
}

void DequantizeQ6_K(const uint8_t* blocks, int64_t num_blocks, float* out) {
  for (int64_t b = 0; b < num_blocks; ++b, blocks += 210) {
    const float d = LoadScale(blocks + 208);
    for (int half = 0; half < 2; ++half) {  // 128 elements each: 64 bytes of low nibbles, 32 of upper bit pairs, 8 scales
      const uint8_t* low = blocks + half * 64;
      const uint8_t* high = blocks + 128 + half * 32;
      const uint8_t* scales = blocks + 192 + half * 8;
      for (int j = 0; j < 4; ++j, out += 32) {
        const uint8_t* sub = low + (j % 2) * 32;
        const int shift = (j / 2) * 4;
        for (int i = 0; i < 32; ++i) {
          const float scale = d * static_cast<float>(static_cast<int8_t>(scales[2 * j + i / 16]));
          const int value = ((sub[i] >> shift) & 15) | (((high[i] >> (2 * j)) & 3) << 4);
          out[i] = scale * static_cast<float>(value - 32);
        }
      }
    }
  }
}

}  // namespace hone
