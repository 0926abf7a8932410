#pragma once

#include <memory>
#include <string>

#include "lib/base/random.h"
#include "lib/model/layout.h"
#include "lib/ops/tensor.h"

namespace hone {

class TensorSource;

// All parameters of a model in one flat arena, in the engine's layout.
//
// dtype kBFloat16 or kFloat32 for forward and backward. Vectors (norms, biases) are read as float32 by the operators, so a bf16 arena keeps
// a widened copy of them: call WidenVectors after writing the arena's bytes by other means than Load.
//
// Threads: const methods from any thread while nobody writes.
class WeightArena {
 public:
  WeightArena(const ops::Context& context, std::shared_ptr<const ParameterLayout> layout, DType dtype);
  // Over memory that exists already: a float32 tensor of total_elements.
  WeightArena(std::shared_ptr<const ParameterLayout> layout, Tensor storage) : layout_(std::move(layout)), storage_(std::move(storage)) {
    HONE_CHECK(storage_.dtype() == DType::kFloat32 && storage_.size() == layout_->total_elements());
  }

  const ParameterLayout& layout() const { return *layout_; }
  std::shared_ptr<const ParameterLayout> shared_layout() const { return layout_; }
  DType dtype() const { return storage_.dtype(); }
  uint8_t* bytes() { return static_cast<uint8_t*>(storage_.raw()); }
  const uint8_t* bytes() const { return static_cast<const uint8_t*>(storage_.raw()); }
  int64_t size_bytes() const { return static_cast<int64_t>(storage_.bytes()); }

  // A matrix for the operators; a vector as float32.
  ops::Weight Matrix(int parameter) const;
  const float* Vector(int parameter) const;  // null for parameter -1
  void WidenVectors(const ops::Context& context);

  // Reads every parameter. NotFound / InvalidArgument name the tensor that is missing or has another shape.
  absl::Status Load(const ops::Context& context, const TensorSource& source);
  // Normal(0, std) matrices, with the projections back into the residual stream scaled by 1/sqrt(2 layers), norm weights 1, biases 0.
  void InitializeRandom(const ops::Context& context, uint64_t seed, double std);

 private:
  std::shared_ptr<const ParameterLayout> layout_;
  Tensor storage_;
  Tensor vectors_;  // float32 copy of the vectors; empty when the arena itself is float32
};

// A float32 arena with the same offsets: master, moments or gradient.
class FloatArena {
 public:
  FloatArena(Device device, const ParameterLayout& layout) : storage_(Tensor::Zeros(device, DType::kFloat32, {layout.total_elements()})) {}
  float* data() { return storage_.data<float>(); }
  const float* data() const { return storage_.data<float>(); }
  int64_t size() const { return storage_.size(); }
  ops::WeightGrad Matrix(const Parameter& parameter) { return {parameter.shape, data() + parameter.offset}; }
  float* Vector(const Parameter& parameter) { return data() + parameter.offset; }
  void Zero();

 private:
  Tensor storage_;
};

// One checkpoint tensor out of an arena as row-major float32 [piece.rows, K]: for writing checkpoints and for tests.
// values: the arena's bytes (dtype as given) at element 0.
void ExtractPiece(const Parameter& parameter, const ParameterPiece& piece, DType dtype, const void* arena, float* out);
// The same for a range of the piece's rows.
void ExtractRows(const Parameter& parameter, const ParameterPiece& piece, int64_t begin, int64_t count, DType dtype, const void* arena,
                 float* out);

}  // namespace hone
