#include "lib/model/weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "fmt/format.h"
#include "lib/base/mutex.h"
#include "lib/checkpoint/tensor_source.h"
#include "lib/ops/elementwise.h"

namespace hone {
namespace {

// Rows converted at a time: a few MiB of float32 for any matrix.
int64_t RowsPerChunk(int64_t k) {
  return std::max<int64_t>(16, (int64_t{1} << 20) / std::max<int64_t>(k, 1) / 16 * 16);
}

void StoreVector(DType dtype, int64_t offset, const std::vector<float>& values, void* arena) {
  if (dtype == DType::kFloat32) {
    std::memcpy(static_cast<float*>(arena) + offset, values.data(), values.size() * sizeof(float));
    return;
  }
  uint16_t* out = static_cast<uint16_t*>(arena) + offset;
  for (size_t i = 0; i < values.size(); ++i) out[i] = FloatToBFloat16(values[i]);
}

uint8_t* At(void* arena, DType dtype, int64_t element) {
  return static_cast<uint8_t*>(arena) + element * SizeOf(dtype);
}

}  // namespace

WeightArena::WeightArena(const ops::Context& context, std::shared_ptr<const ParameterLayout> layout, DType dtype)
    : layout_(std::move(layout)), storage_(Tensor::Zeros(context.device, dtype, {layout_->total_elements()})) {
  if (dtype == DType::kBFloat16) vectors_ = Tensor::Zeros(context.device, DType::kFloat32, {layout_->vector_elements()});
}

ops::Weight WeightArena::Matrix(int parameter) const {
  const Parameter& p = (*layout_)[parameter];
  return {p.shape, dtype(), bytes() + p.offset * SizeOf(dtype())};
}

const float* WeightArena::Vector(int parameter) const {
  if (parameter < 0) return nullptr;
  const Tensor& from = dtype() == DType::kFloat32 ? storage_ : vectors_;
  return from.data<float>() + (*layout_)[parameter].offset;
}

void WeightArena::WidenVectors(const ops::Context& context) {
  if (dtype() == DType::kBFloat16) {
    ops::FromBFloat16(context, layout_->vector_elements(), storage_.data<uint16_t>(), vectors_.data<float>());
  }
}

absl::Status WeightArena::Load(const ops::Context& context, const TensorSource& source) {
  struct Chunk {
    const Parameter* parameter;
    int64_t begin, count;  // rows of the fused matrix
  };
  std::vector<Chunk> chunks;
  for (const Parameter& parameter : layout_->parameters()) {
    for (const ParameterPiece& piece : parameter.pieces) {
      const TensorInfo* info = source.Find(piece.name);
      if (info == nullptr) return absl::NotFoundError(fmt::format("{}: tensor {} is missing", source.path(), piece.name));
      const std::vector<int64_t> want =
          parameter.matrix ? std::vector<int64_t>{piece.rows, parameter.shape.k} : std::vector<int64_t>{piece.rows};
      if (info->shape != want) {
        return absl::InvalidArgumentError(fmt::format("{}: tensor {} has shape {}, config.json asks for {}", source.path(), piece.name,
                                                      ShapeToString(info->shape), ShapeToString(want)));
      }
    }
    if (!parameter.matrix) {
      std::vector<float> values(parameter.shape.n);
      for (const ParameterPiece& piece : parameter.pieces) {
        HONE_RETURN_IF_ERROR(source.ReadFloat32(piece.name, absl::MakeSpan(values).subspan(piece.row_begin, piece.rows)));
      }
      StoreVector(dtype(), parameter.offset, values, bytes());
      continue;
    }
    const int64_t step = RowsPerChunk(parameter.shape.k);
    for (int64_t row = 0; row < parameter.shape.n; row += step) {
      chunks.push_back({&parameter, row, std::min(step, parameter.shape.n - row)});
    }
  }
  Mutex mu;
  absl::Status status;
  context.pool->ParallelFor(static_cast<int64_t>(chunks.size()), [&](int64_t i) {
    const Chunk& chunk = chunks[i];
    const Parameter& parameter = *chunk.parameter;
    const int64_t k = parameter.shape.k;
    std::vector<float> rows(chunk.count * k);
    absl::Status read;
    for (const ParameterPiece& piece : parameter.pieces) {
      const int64_t begin = std::max(chunk.begin, piece.row_begin);
      const int64_t end = std::min(chunk.begin + chunk.count, piece.row_begin + piece.rows);
      if (begin >= end) continue;
      read.Update(source.ReadFloat32Rows(piece.name, begin - piece.row_begin, end - begin,
                                         absl::MakeSpan(rows).subspan((begin - chunk.begin) * k, (end - begin) * k)));
    }
    ops::PackRows(parameter.shape, dtype(), chunk.begin, chunk.count, rows.data(), At(bytes(), dtype(), parameter.offset));
    if (!read.ok()) {
      MutexLock lock(mu);
      status.Update(read);
    }
  });
  WidenVectors(context);
  return status;
}

void WeightArena::InitializeRandom(const ops::Context& context, uint64_t seed, double std) {
  int64_t num_layers = 0;
  for (const Parameter& parameter : layout_->parameters()) num_layers += parameter.name.ends_with(".qkv");
  for (size_t index = 0; index < layout_->parameters().size(); ++index) {
    const Parameter& parameter = layout_->parameters()[index];
    if (!parameter.matrix) {
      const bool is_norm = parameter.name.ends_with("norm");
      StoreVector(dtype(), parameter.offset, std::vector<float>(parameter.shape.n, is_norm ? 1.0f : 0.0f), bytes());
      continue;
    }
    const bool into_residual = parameter.name.ends_with(".o") || parameter.name.ends_with(".down");
    const double scale = into_residual ? std / std::sqrt(2.0 * static_cast<double>(num_layers)) : std;
    const RandomStream random(seed, index);
    std::vector<float> rows(parameter.shape.n * parameter.shape.k);
    context.pool->ParallelFor(parameter.shape.n, [&](int64_t n) {
      for (int64_t k = 0; k < parameter.shape.k; ++k) {
        rows[n * parameter.shape.k + k] = static_cast<float>(scale * random.Normal(n * parameter.shape.k + k));
      }
    });
    ops::PackRows(parameter.shape, dtype(), 0, parameter.shape.n, rows.data(), At(bytes(), dtype(), parameter.offset));
  }
  WidenVectors(context);
}

void FloatArena::Zero() {
  std::memset(storage_.raw(), 0, storage_.bytes());
}

void ExtractRows(const Parameter& parameter, const ParameterPiece& piece, int64_t begin, int64_t count, DType dtype, const void* arena,
                 float* out) {
  const uint8_t* at = static_cast<const uint8_t*>(arena) + parameter.offset * SizeOf(dtype);
  if (parameter.matrix) {
    ops::UnpackRows({parameter.shape, dtype, at}, piece.row_begin + begin, count, out);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t from = piece.row_begin + begin + i;
    if (dtype == DType::kFloat32) {
      out[i] = reinterpret_cast<const float*>(at)[from];
    } else {
      out[i] = BFloat16ToFloat(reinterpret_cast<const uint16_t*>(at)[from]);
    }
  }
}

void ExtractPiece(const Parameter& parameter, const ParameterPiece& piece, DType dtype, const void* arena, float* out) {
  ExtractRows(parameter, piece, 0, piece.rows, dtype, arena, out);
}

}  // namespace hone
