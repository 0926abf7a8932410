#include "lib/torch/loader.h"

#include <dlfcn.h>

#include <filesystem>

#include "fmt/format.h"

namespace hone {
namespace {

constexpr char kLibrary[] = "libhone_torch.so";
// LibTorch binds to itself before it binds to the process: both hold instances of the same templates of the standard library, some over types
// of protobuf, and the process's come first otherwise. The sanitizers' runtimes must stay first and do not allow it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kLoad = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kLoad = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif
constexpr char kCure[] = "run scripts/setup, then cmake --preset release and scripts/build";

// Whole paths that exist, then the bare name, for which the run path of the executable is searched.
std::vector<std::string> Candidates() {
  std::vector<std::string> candidates;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    for (const auto& path : {program.parent_path() / kLibrary, program.parent_path().parent_path() / "lib" / kLibrary}) {
      if (std::filesystem::exists(path, error)) candidates.push_back(path.string());
    }
  }
  candidates.push_back(kLibrary);
  return candidates;
}

}  // namespace

absl::StatusOr<TorchBackend> TorchBackend::Load() {
#ifdef HONE_WITH_LIBTORCH
  absl::Status first;
  for (const std::string& candidate : Candidates()) {
    absl::StatusOr<TorchBackend> backend = LoadFrom(candidate);
    if (backend.ok()) return backend;
    if (first.ok()) first = backend.status();
  }
  return first;
#else
  return absl::NotFoundError(fmt::format("LibTorch: this build was configured without it (no LibTorch 2.11 or later was found then); {}", kCure));
#endif
}

absl::StatusOr<TorchBackend> TorchBackend::LoadFrom(const std::string& library) {
  void* handle = ::dlopen(library.c_str(), kLoad);
  if (handle == nullptr) {
    const char* reason = ::dlerror();
    return absl::NotFoundError(fmt::format("LibTorch: {}; {}", reason != nullptr ? reason : library, kCure));
  }
  const auto table = reinterpret_cast<const HoneTorchApi* (*)()>(::dlsym(handle, "hone_torch_api"));
  if (table == nullptr) {
    ::dlclose(handle);
    return absl::FailedPreconditionError(fmt::format("LibTorch: {} has no hone_torch_api, so it is not hone's; {}", library, kCure));
  }
  const HoneTorchApi* api = table();
  if (api->abi != HONE_TORCH_ABI) {
    return absl::FailedPreconditionError(fmt::format("LibTorch: {} has interface {}, this program needs {}: they are of two builds; {}",
                                                     library, api->abi, HONE_TORCH_ABI, kCure));
  }
  return TorchBackend(api);
}

absl::Status TorchBackend::Check(int result) const {
  return result == 0 ? absl::OkStatus() : absl::InternalError(fmt::format("LibTorch: {}", api_->last_error()));
}

absl::StatusOr<TorchLinear> TorchLinear::Create(const TorchBackend& backend, ops::WeightShape shape, DType dtype, const float* weight) {
  HoneTorchWeight* made = backend.api().weight_new(shape.n, shape.k, dtype == DType::kBFloat16, weight);
  if (made == nullptr) return backend.Check(1);
  return TorchLinear(backend, made);
}

absl::StatusOr<double> TorchLinear::Run(int64_t m, const float* x, float* y) const {
  double seconds = 0;
  HONE_RETURN_IF_ERROR(backend_.Check(backend_.api().linear(weight_.get(), m, x, y, &seconds)));
  return seconds;
}

TorchStatus GetTorchStatus() {
  TorchStatus status;
  const absl::StatusOr<TorchBackend> backend = TorchBackend::Load();
  status.available = backend.ok();
  if (backend.ok()) {
    status.found = fmt::format("{}, for operator tests and hone bench matmul", backend->version());
    return status;
  }
  // "LibTorch: WHAT; CURE"
  status.found = std::string(backend.status().message());
  status.cure = fmt::format("nothing but operator tests and hone bench matmul needs it: {}", kCure);
  return status;
}

}  // namespace hone
