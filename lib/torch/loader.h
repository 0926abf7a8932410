#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/status.h"
#include "lib/ops/matmul.h"
#include "lib/torch/torch_api.h"

namespace hone {

// LibTorch, brought into the process on demand behind a C table (torch_api.h): the oracle of operator tests and another matrix product to
// compare with. No path of training or generation needs it.
//
// libhone_torch.so is opened with RTLD_LOCAL and resolved at once, so that a missing library is an error here and not a crash later, and
// nothing in the process binds to a symbol of LibTorch (scripts/check-symbols holds that against gRPC, protobuf and Abseil). It stays until
// the process ends.
//
// LibTorch's OpenMP threads spin after each operator. Where other threads compute beside it, set OMP_WAIT_POLICY=PASSIVE in the environment
// before the first Load.
//
// Threads: Load from any; the functions of one backend, and of its copies, from one thread at a time.
class TorchBackend {
 public:
  // Looks beside the executable, in ../lib of its folder and on the executable's run path.
  // Errors: NotFound, this build has no LibTorch or the library or one that it needs is missing; FailedPrecondition, it is of another
  // build. Both with the cure.
  static absl::StatusOr<TorchBackend> Load();
  // The same from one file.
  static absl::StatusOr<TorchBackend> LoadFrom(const std::string& library);

  // Of LibTorch, "2.11.0".
  std::string version() const { return api_->version; }
  // The table itself, for the oracles; wrap calls in Check.
  const HoneTorchApi& api() const { return *api_; }
  // Internal with LibTorch's message unless `result` is 0.
  absl::Status Check(int result) const;
  absl::Status SetNumThreads(int threads) const { return Check(api_->set_num_threads(threads)); }

 private:
  explicit TorchBackend(const HoneTorchApi* api) : api_(api) {}
  const HoneTorchApi* api_;
};

// at::linear with one weight.
class TorchLinear {
 public:
  // weight [N, K] float32, copied. dtype kFloat32 or kBFloat16. Errors: Internal with LibTorch's message.
  static absl::StatusOr<TorchLinear> Create(const TorchBackend& backend, ops::WeightShape shape, DType dtype, const float* weight);

  // y [M, N] = x [M, K] W^T, both float32; in bf16, x is rounded before and y after. Returns the seconds of at::linear alone, without the
  // conversions of x and y.
  absl::StatusOr<double> Run(int64_t m, const float* x, float* y) const;

 private:
  TorchLinear(const TorchBackend& backend, HoneTorchWeight* weight) : backend_(backend), weight_(weight, backend.api().weight_free) {}
  TorchBackend backend_;
  std::unique_ptr<HoneTorchWeight, void (*)(HoneTorchWeight*)> weight_;
};

// What `hone doctor` says.
struct TorchStatus {
  bool available = false;
  std::string found;  // what is there, or what is missing
  std::string cure;   // when not available
};
// Loads LibTorch to find out.
TorchStatus GetTorchStatus();

}  // namespace hone
