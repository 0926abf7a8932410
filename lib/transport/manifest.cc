#include "lib/transport/manifest.h"

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace hone {
namespace {

constexpr int64_t kMaxArenaBytes = int64_t{1} << 44;  // 16 TiB: far above any model, far below overflow
constexpr size_t kMaxEntries = 1 << 20;

}  // namespace

absl::Status ValidateManifest(const WeightManifest& m) {
  if (m.version < 0) return absl::InvalidArgumentError(fmt::format("manifest: version {} must be >= 0", m.version));
  if (m.base_version < -1 || m.base_version >= m.version) {
    return absl::InvalidArgumentError(fmt::format("manifest: base version {} must be -1 or in [0, {})", m.base_version, m.version));
  }
  if (m.total_bytes < 0 || m.total_bytes > kMaxArenaBytes) {
    return absl::InvalidArgumentError(fmt::format("manifest: {} bytes are outside [0, {}]", m.total_bytes, kMaxArenaBytes));
  }
  if (m.entries.size() > kMaxEntries) {
    return absl::InvalidArgumentError(fmt::format("manifest: {} entries are above the limit of {}", m.entries.size(), kMaxEntries));
  }
  int64_t end = 0;
  for (const WeightEntry& entry : m.entries) {
    if (entry.name.empty())
      return absl::InvalidArgumentError(fmt::format("manifest: the entry at byte {} has no name", entry.offset_bytes));
    if (entry.bytes < 0 || entry.offset_bytes < end || entry.bytes > m.total_bytes || entry.offset_bytes > m.total_bytes - entry.bytes) {
      return absl::InvalidArgumentError(fmt::format("manifest: entry {} with {} bytes at {} is outside [{}, {})", entry.name, entry.bytes,
                                                    entry.offset_bytes, end, m.total_bytes));
    }
    for (int64_t size : entry.shape) {
      if (size < 0) return absl::InvalidArgumentError(fmt::format("manifest: entry {} has shape {}", entry.name, entry.shape));
    }
    end = entry.offset_bytes + entry.bytes;
  }
  return absl::OkStatus();
}

absl::Status SameForm(const WeightManifest& offered, const WeightManifest& expected) {
  if (offered.layout != expected.layout) {
    return absl::FailedPreconditionError(fmt::format(
        "weights: layout \"{}\" is not \"{}\"; learner and actor must run the same hone and kernels", offered.layout, expected.layout));
  }
  if (offered.dtype != expected.dtype) {
    return absl::FailedPreconditionError(fmt::format("weights: dtype {} is not {}", offered.dtype, expected.dtype));
  }
  if (offered.total_bytes != expected.total_bytes || offered.entries.size() != expected.entries.size()) {
    return absl::FailedPreconditionError(fmt::format("weights: {} bytes in {} entries are not {} bytes in {}; is it the same model?",
                                                     offered.total_bytes, offered.entries.size(), expected.total_bytes,
                                                     expected.entries.size()));
  }
  for (size_t i = 0; i < offered.entries.size(); ++i) {
    const WeightEntry& a = offered.entries[i];
    const WeightEntry& b = expected.entries[i];
    if (a.name != b.name || a.shape != b.shape || a.offset_bytes != b.offset_bytes || a.bytes != b.bytes) {
      return absl::FailedPreconditionError(fmt::format("weights: entry {} is {} {} ({} bytes at {}), not {} {} ({} bytes at {})", i, a.name,
                                                       a.shape, a.bytes, a.offset_bytes, b.name, b.shape, b.bytes, b.offset_bytes));
    }
  }
  return absl::OkStatus();
}

}  // namespace hone
