#include "lib/transport/weight_fetcher.h"

#include <algorithm>
#include <cstring>

#include "fmt/format.h"
#include "lib/transport/manifest.h"

namespace hone {
namespace {

// Copied, then hashed while still in the second-level cache.
constexpr int64_t kBlockBytes = 64 << 10;

// Takes the bytes of an arena in order, copies those of the entries [first, last) to their place and checks each entry when it is whole.
class EntrySink {
 public:
  EntrySink(const WeightManifest& manifest, absl::Span<uint8_t> buffer, size_t first, size_t last, RunningChecksum& checksum,
            std::vector<size_t>& damaged)
      : manifest_(manifest), buffer_(buffer), entry_(first), last_(last), checksum_(checksum), damaged_(damaged) {
    next_ = manifest.entries[first].offset_bytes;
    end_ = manifest.entries[last - 1].offset_bytes + manifest.entries[last - 1].bytes;
    checksum_.Reset();
    FinishWholeEntries();
  }

  int64_t next() const { return next_; }
  int64_t end() const { return end_; }

  absl::Status Take(int64_t offset, absl::Span<const uint8_t> chunk) {
    const int64_t size = static_cast<int64_t>(chunk.size());
    if (offset != next_ || size > end_ - next_) {
      return absl::DataLossError(fmt::format("weights: got {} bytes at {} where bytes [{}, {}) were due", size, offset, next_, end_));
    }
    for (int64_t taken = 0; taken < size;) {
      const WeightEntry& entry = manifest_.entries[entry_];
      int64_t step;
      if (next_ < entry.offset_bytes) {  // padding
        step = std::min(size - taken, entry.offset_bytes - next_);
      } else {
        step = std::min({size - taken, entry.offset_bytes + entry.bytes - next_, kBlockBytes});
        std::memcpy(buffer_.data() + next_, chunk.data() + taken, static_cast<size_t>(step));
        checksum_.Add(buffer_.data() + next_, static_cast<size_t>(step));
      }
      taken += step;
      next_ += step;
      FinishWholeEntries();
    }
    return absl::OkStatus();
  }

 private:
  void FinishWholeEntries() {
    while (entry_ < last_ && next_ == manifest_.entries[entry_].offset_bytes + manifest_.entries[entry_].bytes) {
      if (checksum_.Get() != manifest_.entries[entry_].checksum) damaged_.push_back(entry_);
      checksum_.Reset();
      ++entry_;
    }
  }

  const WeightManifest& manifest_;
  const absl::Span<uint8_t> buffer_;
  size_t entry_;  // that `next_` is in or before
  const size_t last_;
  RunningChecksum& checksum_;
  std::vector<size_t>& damaged_;
  int64_t next_ = 0;
  int64_t end_ = 0;
};

}  // namespace

WeightFetcher::WeightFetcher(WeightService& service, WeightManifest expected, Options options)
    : service_(service), expected_(std::move(expected)), options_(options) {}

absl::Status WeightFetcher::FetchEntries(const WeightManifest& manifest, absl::Span<uint8_t> buffer, size_t first, size_t last,
                                         absl::Time deadline, std::vector<size_t>& damaged) {
  EntrySink sink(manifest, buffer, first, last, checksum_, damaged);
  int fruitless = 0;
  while (sink.next() < sink.end()) {
    const int64_t begin = sink.next();
    const absl::Status status =
        service_.Fetch(manifest.version, begin, sink.end() - begin, deadline,
                       [&sink](int64_t offset, absl::Span<const uint8_t> chunk) { return sink.Take(offset, chunk); });
    stats_.bytes += sink.next() - begin;
    if (status.ok() && sink.next() == sink.end()) break;
    if (!status.ok() && !absl::IsUnavailable(status)) return status;
    ++stats_.interrupted_calls;
    fruitless = sink.next() > begin ? 0 : fruitless + 1;
    if (fruitless < options_.max_attempts) continue;
    if (!status.ok()) return status;
    return absl::DataLossError(fmt::format("weights: version {} ends at byte {} of {}", manifest.version, sink.next(), sink.end()));
  }
  return absl::OkStatus();
}

absl::Status WeightFetcher::Fetch(const WeightManifest& manifest, absl::Span<uint8_t> buffer, absl::Time deadline) {
  HONE_RETURN_IF_ERROR(ValidateManifest(manifest));
  if (manifest.base_version != -1) {
    return absl::FailedPreconditionError(
        fmt::format("weights: version {} is a difference to {}; ask for a full copy", manifest.version, manifest.base_version));
  }
  HONE_RETURN_IF_ERROR(SameForm(manifest, expected_));
  if (static_cast<int64_t>(buffer.size()) != manifest.total_bytes) {
    return absl::InvalidArgumentError(fmt::format("weights: the buffer has {} bytes, the arena {}", buffer.size(), manifest.total_bytes));
  }
  if (!manifest.entries.empty()) {
    std::vector<size_t> damaged;
    HONE_RETURN_IF_ERROR(FetchEntries(manifest, buffer, 0, manifest.entries.size(), deadline, damaged));
    stats_.damaged_entries += static_cast<int64_t>(damaged.size());
    for (size_t index : damaged) {
      const WeightEntry& entry = manifest.entries[index];
      std::vector<size_t> still_damaged(1, index);
      for (int attempt = 1; !still_damaged.empty(); ++attempt) {
        if (attempt >= options_.max_attempts) {
          return absl::DataLossError(fmt::format(
              "weights: entry {} of version {} has a wrong checksum (not {:016x}) after {} attempts; the old weights stay in use. If it "
              "goes on, the memory or the link of one of the machines is damaged",
              entry.name, manifest.version, entry.checksum, attempt));
        }
        still_damaged.clear();
        HONE_RETURN_IF_ERROR(FetchEntries(manifest, buffer, index, index + 1, deadline, still_damaged));
        stats_.damaged_entries += static_cast<int64_t>(still_damaged.size());
      }
    }
  }
  ++stats_.versions;
  return absl::OkStatus();
}

}  // namespace hone
