#include "lib/ledger/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"

namespace hone {
namespace {

constexpr char kMagic[] = "HONESEG1";
constexpr int64_t kMagicBytes = 8;
constexpr int64_t kHeaderBytes = 12;
constexpr uint32_t kMaxCompressedBytes = 256u << 20;
constexpr uint64_t kMaxPayloadBytes = uint64_t{1} << 30;

std::string SegmentPath(const std::string& folder, int64_t number) {
  return fmt::format("{}/{:06}.seg", folder, number);
}

absl::Status WriteAll(int fd, const char* data, size_t bytes, const std::string& path) {
  while (bytes > 0) {
    const ssize_t put = ::write(fd, data, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoToStatus(errno, "cannot write", path);
    data += put;
    bytes -= put;
  }
  return absl::OkStatus();
}

// Reads a record's header and payload with pread; false at a clean or torn end.
absl::StatusOr<bool> ReadAt(int fd, int64_t size, int64_t offset, const std::string& path, std::string* compressed) {
  char header[kHeaderBytes];
  if (offset + kHeaderBytes > size || ::pread(fd, header, kHeaderBytes, offset) != kHeaderBytes) return false;
  uint32_t bytes;
  uint64_t checksum;
  std::memcpy(&bytes, header, 4);
  std::memcpy(&checksum, header + 4, 8);
  if (bytes > kMaxCompressedBytes || offset + kHeaderBytes + bytes > size) return false;
  compressed->resize(bytes);
  if (::pread(fd, compressed->data(), bytes, offset + kHeaderBytes) != static_cast<ssize_t>(bytes)) return false;
  if (Hash64(*compressed) != checksum) {
    return absl::DataLossError(fmt::format("{}: the record at byte {} does not match its checksum", path, offset));
  }
  return true;
}

}  // namespace

absl::StatusOr<SegmentWriter> SegmentWriter::Open(std::string folder, int64_t max_bytes) {
  HONE_RETURN_IF_ERROR(MakeDirectories(folder));
  SegmentWriter writer(std::move(folder), max_bytes);
  int64_t last = 0;
  std::error_code error;
  while (std::filesystem::exists(SegmentPath(writer.folder_, last + 1), error)) ++last;
  HONE_RETURN_IF_ERROR(writer.OpenSegment(last));
  return writer;
}

SegmentWriter::~SegmentWriter() {
  if (fd_ >= 0) ::close(fd_);
}
SegmentWriter::SegmentWriter(SegmentWriter&& other) noexcept
    : folder_(std::move(other.folder_)), max_bytes_(other.max_bytes_), segment_(other.segment_), size_(other.size_), fd_(other.fd_) {
  other.fd_ = -1;
}

absl::Status SegmentWriter::OpenSegment(int64_t number) {
  if (fd_ >= 0) ::close(fd_);
  const std::string path = SegmentPath(folder_, number);
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) return ErrnoToStatus(errno, "cannot open", path);
  struct stat info;
  if (::fstat(fd_, &info) != 0) return ErrnoToStatus(errno, "cannot stat", path);
  segment_ = number;
  size_ = kMagicBytes;
  if (info.st_size < kMagicBytes) {
    if (::ftruncate(fd_, 0) != 0) return ErrnoToStatus(errno, "cannot truncate", path);
    HONE_RETURN_IF_ERROR(WriteAll(fd_, kMagic, kMagicBytes, path));
    return SyncDirectory(folder_);
  }
  char magic[kMagicBytes];
  if (::pread(fd_, magic, kMagicBytes, 0) != kMagicBytes || std::memcmp(magic, kMagic, kMagicBytes) != 0) {
    return absl::DataLossError(fmt::format("{}: is not a ledger segment (wrong first 8 bytes)", path));
  }
  // Find the end of the last whole record; what follows was torn by a crash and was never acknowledged.
  std::string compressed;
  for (;;) {
    auto whole = ReadAt(fd_, info.st_size, size_, path, &compressed);
    // A wrong checksum at the very end is a torn write; before other records it is damage, and cutting would lose what follows.
    const bool at_end = size_ + kHeaderBytes + static_cast<int64_t>(compressed.size()) >= info.st_size;
    if (!whole.ok() && !at_end) return whole.status();
    if (!whole.ok() || !*whole) break;
    size_ += kHeaderBytes + static_cast<int64_t>(compressed.size());
  }
  if (::ftruncate(fd_, size_) != 0) return ErrnoToStatus(errno, "cannot truncate", path);
  if (::lseek(fd_, size_, SEEK_SET) < 0) return ErrnoToStatus(errno, "cannot seek", path);
  return absl::OkStatus();
}

absl::StatusOr<RecordPlace> SegmentWriter::Append(std::string_view payload) {
  if (size_ >= max_bytes_) {
    HONE_RETURN_IF_ERROR(Sync());
    HONE_RETURN_IF_ERROR(OpenSegment(segment_ + 1));
  }
  std::string record(kHeaderBytes + ZSTD_compressBound(payload.size()), '\0');
  const size_t bytes = ZSTD_compress(record.data() + kHeaderBytes, record.size() - kHeaderBytes, payload.data(), payload.size(), 1);
  if (ZSTD_isError(bytes)) return absl::InternalError(fmt::format("zstd: {}", ZSTD_getErrorName(bytes)));
  record.resize(kHeaderBytes + bytes);
  const uint32_t length = static_cast<uint32_t>(bytes);
  const uint64_t checksum = Hash64OfBytes(record.data() + kHeaderBytes, bytes);
  std::memcpy(record.data(), &length, 4);
  std::memcpy(record.data() + 4, &checksum, 8);
  const RecordPlace place{segment_, size_};
  const absl::Status written = WriteAll(fd_, record.data(), record.size(), SegmentPath(folder_, segment_));
  if (!written.ok()) {
    // Leave no half record before the next one.
    if (::ftruncate(fd_, size_) == 0) ::lseek(fd_, size_, SEEK_SET);
    return written;
  }
  size_ += static_cast<int64_t>(record.size());
  return place;
}

absl::Status SegmentWriter::Sync() {
  if (::fdatasync(fd_) != 0) return ErrnoToStatus(errno, "cannot sync", SegmentPath(folder_, segment_));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadRecord(const std::string& folder, RecordPlace place) {
  const std::string path = SegmentPath(folder, place.segment);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, "cannot open", path);
  struct stat info {};
  ::fstat(fd, &info);
  std::string compressed;
  auto whole = ReadAt(fd, info.st_size, place.offset, path, &compressed);
  ::close(fd);
  HONE_RETURN_IF_ERROR(whole.status());
  if (!*whole)
    return absl::DataLossError(fmt::format("{}: there is no whole record at byte {} (the file has {})", path, place.offset, info.st_size));
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kMaxPayloadBytes) {
    return absl::DataLossError(fmt::format("{}: the record at byte {} is not a zstd frame of known size", path, place.offset));
  }
  std::string payload(size, '\0');
  const size_t got = ZSTD_decompress(payload.data(), payload.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(got) || got != size)
    return absl::DataLossError(fmt::format("{}: the record at byte {} does not decompress", path, place.offset));
  return payload;
}

}  // namespace hone
