#pragma once

#include <cstdint>

#include "lib/ops/tensor.h"

namespace hone {

// A block of memory handed out in pieces and taken back all at once, so that a step allocates nothing. Pieces are aligned to 64 bytes.
// A request beyond the capacity is a planning mistake and aborts: sizes come from the *Floats functions of the decoder.
// Threads: one at a time.
class Workspace {
 public:
  Workspace(Device device, int64_t capacity_floats) : memory_(Tensor::Empty(device, DType::kFloat32, {RoundUp(capacity_floats)})) {}

  static int64_t RoundUp(int64_t floats) { return (floats + 15) / 16 * 16; }

  float* Floats(int64_t count) {
    const int64_t begin = used_;
    used_ += RoundUp(count);
    HONE_CHECK_LE(used_, memory_.size());
    if (used_ > high_water_) high_water_ = used_;
    return memory_.data<float>() + begin;
  }
  int64_t used() const { return used_; }
  int64_t high_water() const { return high_water_; }
  int64_t capacity() const { return memory_.size(); }
  // Gives back everything taken after used() was `mark`.
  void Reset(int64_t mark = 0) { used_ = mark; }

 private:
  Tensor memory_;
  int64_t used_ = 0;
  int64_t high_water_ = 0;
};

}  // namespace hone
