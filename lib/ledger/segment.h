#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

// Append-only files of records.
//
// File: the 8 bytes "HONESEG1", then records, each
//   u32 little-endian  number of bytes of the compressed payload
//   u64 little-endian  XXH3 of those bytes
//   the payload, zstd-compressed
// The last record may be cut short by a crash; everything before it is whole. docs/ledger.md has an example.

struct RecordPlace {
  int64_t segment = 0;
  int64_t offset = 0;  // of the record's length field
};

// Appends records; starts a new file when one passes max_bytes. Opening cuts a torn tail off the last file.
// Threads: one at a time.
class SegmentWriter {
 public:
  static absl::StatusOr<SegmentWriter> Open(std::string folder, int64_t max_bytes = 64 << 20);
  ~SegmentWriter();
  SegmentWriter(SegmentWriter&& other) noexcept;
  SegmentWriter(const SegmentWriter&) = delete;

  absl::StatusOr<RecordPlace> Append(std::string_view payload);
  // Forces what was appended to the disk.
  absl::Status Sync();

 private:
  SegmentWriter(std::string folder, int64_t max_bytes) : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  absl::Status OpenSegment(int64_t number);
  std::string folder_;
  int64_t max_bytes_;
  int64_t segment_ = -1;
  int64_t size_ = 0;
  int fd_ = -1;
};

// The payload at a place. DataLoss names file, offset and what is wrong.
absl::StatusOr<std::string> ReadRecord(const std::string& folder, RecordPlace place);

}  // namespace hone
