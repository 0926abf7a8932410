#include "lib/checkpoint/safetensors.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "fmt/format.h"
#include "lib/base/atomic_file_writer.h"
#include "lib/checkpoint/format_error.h"
#include "lib/checkpoint/safetensors_header.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMostHeaderBytes = 100'000'000;

// The tensors must cover the data exactly; `data_begin` and `file_bytes` count from the start of the file.
absl::Status CheckCoverage(const std::string& path, const std::vector<SafetensorsEntry>& entries, uint64_t data_begin,
                           uint64_t file_bytes) {
  const uint64_t data_bytes = file_bytes - data_begin;
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return std::pair(entries[a].begin, entries[a].end) < std::pair(entries[b].begin, entries[b].end); });
  uint64_t covered = 0;
  std::string_view previous;
  for (const size_t i : order) {
    const SafetensorsEntry& entry = entries[i];
    if (entry.end > data_bytes) {
      return CorruptTensor(
          path, entry.info.name, entry.header_byte,
          fmt::format("ends at byte {} of the data, but the file has only {} of them; was it cut off?", entry.end, data_bytes));
    }
    if (entry.begin < covered) {
      return CorruptTensor(path, entry.info.name, data_begin + entry.begin,
                           fmt::format("overlaps tensor {}, which ends at byte {}", Quoted(previous), data_begin + covered));
    }
    if (entry.begin > covered) {
      return CorruptTensor(path, entry.info.name, data_begin + covered,
                           fmt::format("{} bytes before it belong to no tensor", entry.begin - covered));
    }
    covered = entry.end;
    previous = entry.info.name;
  }
  if (covered != data_bytes) {
    return CorruptFile(path, "end", data_begin + covered, fmt::format("{} bytes belong to no tensor", data_bytes - covered));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SafetensorsFile>> SafetensorsFile::Open(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  if (file->size() < kLengthBytes) {
    return CorruptFile(path, "header", file->size(), fmt::format("the file ends within the {} bytes of the header length", kLengthBytes));
  }
  const uint64_t header_bytes = LoadLittleEndian<uint64_t>(file->data());
  if (header_bytes > kMostHeaderBytes) {
    return CorruptFile(path, "header", 0, fmt::format("header length {} is above the limit of {} bytes", header_bytes, kMostHeaderBytes));
  }
  if (header_bytes > file->size() - kLengthBytes) {
    return CorruptFile(path, "header", 0,
                       fmt::format("header length {} leaves the file of {} bytes; was it cut off?", header_bytes, file->size()));
  }
  const std::string_view json(reinterpret_cast<const char*>(file->data()) + kLengthBytes, header_bytes);
  HONE_ASSIGN_OR_RETURN(SafetensorsHeader header, ParseSafetensorsHeader(path, json, kLengthBytes));
  const uint64_t data_begin = kLengthBytes + header_bytes;
  HONE_RETURN_IF_ERROR(CheckCoverage(path, header.entries, data_begin, file->size()));

  std::unique_ptr<SafetensorsFile> result(new SafetensorsFile(std::move(file)));
  result->metadata_ = std::move(header.metadata);
  std::vector<TensorInfo> infos;
  infos.reserve(header.entries.size());
  for (SafetensorsEntry& entry : header.entries) infos.push_back(std::move(entry.info));
  for (const size_t i : result->SetTensors(path, std::move(infos))) result->offsets_.push_back(data_begin + header.entries[i].begin);
  return result;
}

const uint8_t* SafetensorsFile::RowBytes(size_t index, int64_t row) const {
  const TensorInfo& info = tensors()[index];
  const uint64_t row_bytes = static_cast<uint64_t>(info.row_elements()) * static_cast<uint64_t>(TraitsOf(info.dtype).block_bytes);
  return file_->data() + offsets_[index] + static_cast<uint64_t>(row) * row_bytes;
}

struct SafetensorsWriter::Impl {
  struct Slot {
    StoredType dtype = StoredType::kBF16;
    int64_t num_elements = 0;
    uint64_t offset = 0;  // in the file
    std::atomic<int64_t> written{0};
  };

  std::string path;
  std::unordered_map<std::string, Slot> slots;
  std::unique_ptr<AtomicFileWriter> file;

  // The slot of `name` after checking that elements [begin, begin + count) are its own.
  absl::StatusOr<Slot*> Claim(std::string_view name, int64_t begin, size_t count) {
    const auto found = slots.find(std::string(name));
    if (found == slots.end()) return absl::InvalidArgumentError(fmt::format("{}: tensor {} was not announced", path, Quoted(name)));
    Slot& slot = found->second;
    if (begin < 0 || begin > slot.num_elements || count > static_cast<uint64_t>(slot.num_elements - begin)) {
      return absl::InvalidArgumentError(
          fmt::format("{}: tensor {}: elements {} + {} leave its {}", path, Quoted(name), begin, count, slot.num_elements));
    }
    return &slot;
  }

  // Writes `count` elements of `Out`, converted a piece at a time by convert(index).
  template <class Out, class Convert>
  absl::Status WriteConverted(Slot* slot, int64_t begin, size_t count, Convert convert) {
    constexpr size_t kPiece = 1 << 16;
    std::vector<Out> piece(std::min(count, kPiece));
    for (size_t done = 0; done < count; done += kPiece) {
      const size_t length = std::min(kPiece, count - done);
      for (size_t i = 0; i < length; ++i) piece[i] = convert(done + i);
      HONE_RETURN_IF_ERROR(
          file->WriteAt(slot->offset + (static_cast<uint64_t>(begin) + done) * sizeof(Out), piece.data(), length * sizeof(Out)));
    }
    return absl::OkStatus();
  }
};

SafetensorsWriter::SafetensorsWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SafetensorsWriter::~SafetensorsWriter() = default;

absl::StatusOr<std::unique_ptr<SafetensorsWriter>> SafetensorsWriter::Create(const std::string& path, std::vector<TensorSpec> specs,
                                                                             const std::map<std::string, std::string>& metadata) {
  std::sort(specs.begin(), specs.end(), [](const TensorSpec& a, const TensorSpec& b) {
    const int64_t a_bytes = TraitsOf(a.dtype).block_bytes, b_bytes = TraitsOf(b.dtype).block_bytes;
    return a_bytes != b_bytes ? a_bytes > b_bytes : a.name < b.name;
  });
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorSpec& spec : specs) {
    const auto fail = [&](std::string_view what) {
      return absl::InvalidArgumentError(fmt::format("{}: tensor {}: {}", path, Quoted(spec.name), what));
    };
    if (spec.dtype != StoredType::kF32 && spec.dtype != StoredType::kBF16) {
      return fail(fmt::format("cannot be written as {}; F32 and BF16 can", TraitsOf(spec.dtype).name));
    }
    if (spec.name.empty() || spec.name == "__metadata__") return fail("is not a name for a tensor");
    const std::optional<int64_t> count = CountElements(spec.shape);
    const std::optional<uint64_t> bytes = count.has_value() ? StoredBytes(spec.dtype, *count) : std::nullopt;
    if (!bytes.has_value() || *bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - offset) {
      return fail(fmt::format("shape {} is not one that can be stored", ShapeToString(spec.shape)));
    }
    const auto [slot, inserted] = impl->slots.try_emplace(spec.name);
    if (!inserted) return fail("is announced twice");
    slot->second.dtype = spec.dtype;
    slot->second.num_elements = *count;
    slot->second.offset = offset;
    header[spec.name] = {{"dtype", TraitsOf(spec.dtype).name}, {"shape", spec.shape}, {"data_offsets", {offset, offset + *bytes}}};
    offset += *bytes;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError(fmt::format("{}: a tensor's name or the metadata is not valid UTF-8", path));
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // the data then starts at a multiple of 8
  if (text.size() > kMostHeaderBytes) {
    return absl::InvalidArgumentError(fmt::format("{}: header of {} bytes is above the limit of {}", path, text.size(), kMostHeaderBytes));
  }
  const uint64_t data_begin = kLengthBytes + text.size();
  for (auto& [name, slot] : impl->slots) slot.offset += data_begin;
  HONE_ASSIGN_OR_RETURN(impl->file, AtomicFileWriter::Create(path, data_begin + offset));
  const uint64_t length = text.size();
  HONE_RETURN_IF_ERROR(impl->file->WriteAt(0, &length, sizeof(length)));
  HONE_RETURN_IF_ERROR(impl->file->WriteAt(kLengthBytes, text.data(), text.size()));
  return std::unique_ptr<SafetensorsWriter>(new SafetensorsWriter(std::move(impl)));
}

absl::Status SafetensorsWriter::WriteFloat32(std::string_view name, absl::Span<const float> values, int64_t begin) {
  HONE_ASSIGN_OR_RETURN(Impl::Slot * slot, impl_->Claim(name, begin, values.size()));
  if (slot->dtype == StoredType::kF32) {
    HONE_RETURN_IF_ERROR(impl_->file->WriteAt(slot->offset + static_cast<uint64_t>(begin) * 4, values.data(), values.size() * 4));
  } else {
    HONE_RETURN_IF_ERROR(
        impl_->WriteConverted<uint16_t>(slot, begin, values.size(), [&](size_t i) { return BFloat16FromFloat(values[i]); }));
  }
  slot->written.fetch_add(static_cast<int64_t>(values.size()));
  return absl::OkStatus();
}

absl::Status SafetensorsWriter::WriteBFloat16(std::string_view name, absl::Span<const uint16_t> values, int64_t begin) {
  HONE_ASSIGN_OR_RETURN(Impl::Slot * slot, impl_->Claim(name, begin, values.size()));
  if (slot->dtype == StoredType::kBF16) {
    HONE_RETURN_IF_ERROR(impl_->file->WriteAt(slot->offset + static_cast<uint64_t>(begin) * 2, values.data(), values.size() * 2));
  } else {
    HONE_RETURN_IF_ERROR(impl_->WriteConverted<float>(slot, begin, values.size(), [&](size_t i) { return FloatFromBFloat16(values[i]); }));
  }
  slot->written.fetch_add(static_cast<int64_t>(values.size()));
  return absl::OkStatus();
}

absl::Status SafetensorsWriter::Finish() {
  for (const auto& [name, slot] : impl_->slots) {
    if (slot.written.load() != slot.num_elements) {
      return absl::FailedPreconditionError(
          fmt::format("{}: tensor {}: {} of {} elements were written", impl_->path, Quoted(name), slot.written.load(), slot.num_elements));
    }
  }
  return impl_->file->Commit();
}

}  // namespace hone
