#include "learner/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"

namespace hone {
namespace {

struct Header {
  char magic[8];
  int64_t step, adam_step, elements;
  uint64_t layout;
};
constexpr char kMagic[] = "HONETRN1";

uint64_t LayoutHash(const ParameterLayout& layout) {
  std::string text;
  for (const Parameter& p : layout.parameters()) text += fmt::format("{}:{}x{}@{};", p.name, p.shape.n, p.shape.k, p.offset);
  return Hash64(text);
}

absl::Status WriteAll(int fd, const void* data, size_t bytes, const std::string& path) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = ::write(fd, at, std::min<size_t>(bytes, 64 << 20));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoToStatus(errno, "cannot write", path);
    at += put;
    bytes -= put;
  }
  return absl::OkStatus();
}

absl::Status WriteState(const std::string& path, const Decoder& decoder, PolicyUpdater& updater, int64_t step) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, "cannot create", path);
  Header header{{}, step, updater.adam_step(), updater.master().size(), LayoutHash(*decoder.layout())};
  std::memcpy(header.magic, kMagic, 8);
  absl::Status status = WriteAll(fd, &header, sizeof(header), path);
  uint64_t sums[3];
  const float* arrays[3] = {updater.master().data(), updater.moment1().data(), updater.moment2().data()};
  for (int i = 0; i < 3 && status.ok(); ++i) {
    const size_t bytes = header.elements * sizeof(float);
    sums[i] = Hash64OfBytes(arrays[i], bytes);
    status = WriteAll(fd, arrays[i], bytes, path);
  }
  if (status.ok()) status = WriteAll(fd, sums, sizeof(sums), path);
  if (status.ok() && ::fsync(fd) != 0) status = ErrnoToStatus(errno, "cannot sync", path);
  ::close(fd);
  return status;
}

}  // namespace

absl::Status WriteCheckpoint(const std::string& folder, const Decoder& decoder, PolicyUpdater& updater, const ModelFiles& files,
                             int64_t step) {
  const DType stored = files.config.stored_dtype == "float32" ? DType::kFloat32 : DType::kBFloat16;
  return WriteModel(folder, *decoder.layout(), DType::kFloat32, updater.master().data(), stored, files.config_json,
                    files.generation_config_json, files.tokenizer_files, [&](const std::string& temporary) -> absl::Status {
                      HONE_RETURN_IF_ERROR(MakeDirectories(temporary + "/trainer"));
                      HONE_RETURN_IF_ERROR(WriteState(temporary + "/trainer/state.bin", decoder, updater, step));
                      return SyncDirectory(temporary + "/trainer");
                    });
}

absl::StatusOr<TrainerState> ReadCheckpoint(const std::string& folder, const Decoder& decoder, PolicyUpdater& updater) {
  const std::string path = folder + "/trainer/state.bin";
  HONE_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  Header header;
  if (file->size() < sizeof(header)) return absl::DataLossError(fmt::format("{}: cut short at {} bytes", path, file->size()));
  std::memcpy(&header, file->data(), sizeof(header));
  if (std::memcmp(header.magic, kMagic, 8) != 0)
    return absl::DataLossError(fmt::format("{}: is not a trainer state (wrong first 8 bytes)", path));
  if (header.elements != updater.master().size() || header.layout != LayoutHash(*decoder.layout())) {
    return absl::DataLossError(
        fmt::format("{}: belongs to another model ({} elements, this one has {})", path, header.elements, updater.master().size()));
  }
  const uint64_t bytes = static_cast<uint64_t>(header.elements) * sizeof(float);
  if (file->size() != sizeof(header) + 3 * bytes + 24) {
    return absl::DataLossError(fmt::format("{}: has {} bytes, {} expected", path, file->size(), sizeof(header) + 3 * bytes + 24));
  }
  uint64_t sums[3];
  std::memcpy(sums, file->data() + sizeof(header) + 3 * bytes, sizeof(sums));
  float* arrays[3] = {updater.master().data(), updater.moment1().data(), updater.moment2().data()};
  const char* names[3] = {"master weights", "first moments", "second moments"};
  for (int i = 0; i < 3; ++i) {
    std::memcpy(arrays[i], file->data() + sizeof(header) + i * bytes, bytes);
    if (Hash64OfBytes(arrays[i], bytes) != sums[i])
      return absl::DataLossError(fmt::format("{}: the {} do not match their checksum", path, names[i]));
  }
  updater.set_adam_step(header.adam_step);
  updater.RefreshWeights();
  return TrainerState{.step = header.step, .adam_step = header.adam_step};
}

void CheckpointWriter::Start(std::function<absl::Status()> write) {
  Wait().IgnoreError();
  thread_ = std::thread([this, write = std::move(write)] { result_ = write(); });
}

absl::Status CheckpointWriter::Wait() {
  if (thread_.joinable()) thread_.join();
  return std::exchange(result_, absl::OkStatus());
}

void PruneCheckpoints(const std::string& folder, std::vector<int64_t> steps, int64_t keep, int64_t best) {
  std::sort(steps.begin(), steps.end());
  for (int64_t i = 0; i + keep < static_cast<int64_t>(steps.size()); ++i) {
    if (steps[i] == best) continue;
    std::error_code error;
    std::filesystem::remove_all(fmt::format("{}/step-{}", folder, steps[i]), error);
    if (error) HONE_LOG_WARN("{}/step-{}: cannot be removed: {}", folder, steps[i], error.message());
  }
}

}  // namespace hone
