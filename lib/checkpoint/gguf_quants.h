#pragma once
// Widening of GGUF's block-quantised types.
//
// A block holds 32 (Q*_0, Q*_1) or 256 (Q*_K) elements: one or two float16 scales, then small integers. With d the scale, m the minimum:
//   Q4_0, Q5_0, Q8_0   d * (q - offset)          offset 8, 16, 0
//   Q4_1, Q5_1         d * q + m
//   Q4_K, Q5_K         (d * s) * q - (dmin * t)  s, t: 6-bit scale and minimum of each 32 elements
//   Q6_K               (d * s) * (q - 32)        s: int8 scale of each 16 elements
// Each operation is rounded to float32 on its own (no fused multiply-add), which makes the values equal to the reference's bit for bit.
//
// Shapes: `blocks` holds num_blocks blocks without padding, at any alignment; out [num_blocks * 32 or 256].
// Source: the block layouts of ggml, as published with the PyPI package gguf 0.19.0.

#include <cstdint>

namespace hone {

void DequantizeQ4_0(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ4_1(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ5_0(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ5_1(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ8_0(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ4_K(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ5_K(const uint8_t* blocks, int64_t num_blocks, float* out);
void DequantizeQ6_K(const uint8_t* blocks, int64_t num_blocks, float* out);

}  // namespace hone
