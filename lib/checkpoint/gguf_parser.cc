#include "lib/checkpoint/gguf_parser.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "lib/checkpoint/format_error.h"
#include "lib/checkpoint/stored_type.h"

namespace hone {
namespace {

// Types of metadata values, as numbered in the file.
enum class ValueType : uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64 };
constexpr uint32_t kNumValueTypes = 13;

// The least bytes a value of each type takes: an empty string is its length, an empty array its element type and count.
constexpr uint64_t kLeastValueBytes[kNumValueTypes] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

constexpr uint64_t kMostKeyBytes = 65535;
constexpr uint64_t kMostTensorNameBytes = 256;
constexpr uint64_t kMostDimensions = 4;
constexpr int kMostArrayLevels = 4;
constexpr uint64_t kLeastKeyValueBytes = 8 + 4 + 1;        // key length, type, smallest value
constexpr uint64_t kLeastTensorBytes = 8 + 4 + 8 + 4 + 8;  // name length, number of dimensions, one dimension, type, offset
constexpr std::string_view kKnownTypes = "F32, F16, BF16, F64, I8, I16, I32, I64, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K";

std::optional<StoredType> TensorType(uint32_t type) {
  switch (type) {
    case 0:
      return StoredType::kF32;
    case 1:
      return StoredType::kF16;
    case 2:
      return StoredType::kQ4_0;
    case 3:
      return StoredType::kQ4_1;
    case 6:
      return StoredType::kQ5_0;
    case 7:
      return StoredType::kQ5_1;
    case 8:
      return StoredType::kQ8_0;
    case 12:
      return StoredType::kQ4_K;
    case 13:
      return StoredType::kQ5_K;
    case 14:
      return StoredType::kQ6_K;
    case 24:
      return StoredType::kI8;
    case 25:
      return StoredType::kI16;
    case 26:
      return StoredType::kI32;
    case 27:
      return StoredType::kI64;
    case 28:
      return StoredType::kF64;
    case 30:
      return StoredType::kBF16;
    default:
      return std::nullopt;
  }
}

// Names of types that exist but are not read, so that the message can say more than a number.
std::string_view UnreadTypeName(uint32_t type) {
  switch (type) {
    case 9:
      return "Q8_1";
    case 10:
      return "Q2_K";
    case 11:
      return "Q3_K";
    case 15:
      return "Q8_K";
    case 16:
      return "IQ2_XXS";
    case 17:
      return "IQ2_XS";
    case 18:
      return "IQ3_XXS";
    case 19:
      return "IQ1_S";
    case 20:
      return "IQ4_NL";
    case 21:
      return "IQ3_S";
    case 22:
      return "IQ2_S";
    case 23:
      return "IQ4_XS";
    case 29:
      return "IQ1_M";
    case 34:
      return "TQ1_0";
    case 35:
      return "TQ2_0";
    case 39:
      return "MXFP4";
    default:
      return "";
  }
}

class Parser {
 public:
  Parser(std::string_view path, absl::Span<const uint8_t> bytes) : path_(path), bytes_(bytes) {}

  absl::StatusOr<GgufContents> Parse() {
    HONE_RETURN_IF_ERROR(ParseHeader());
    HONE_RETURN_IF_ERROR(ParseMetadata());
    HONE_RETURN_IF_ERROR(ParseTensors());
    HONE_RETURN_IF_ERROR(PlaceTensors());
    return std::move(contents_);
  }

 private:
  uint64_t Remaining() const { return bytes_.size() - at_; }

  absl::Status Fail(std::string_view what) const { return FailAt(at_, what); }
  absl::Status FailAt(uint64_t byte, std::string_view what) const { return CorruptFile(path_, where_, byte, what); }

  template <class T>
  absl::StatusOr<T> Read() {
    if (Remaining() < sizeof(T))
      return Fail(fmt::format("the file ends here, {} more bytes are needed; was it cut off?", sizeof(T) - Remaining()));
    const T value = LoadLittleEndian<T>(bytes_.data() + at_);
    at_ += sizeof(T);
    return value;
  }

  absl::StatusOr<std::string> ReadString(std::string_view what, uint64_t most_bytes) {
    const uint64_t start = at_;
    HONE_ASSIGN_OR_RETURN(const uint64_t length, Read<uint64_t>());
    if (length > most_bytes) return FailAt(start, fmt::format("{} of {} bytes is above the limit of {}", what, length, most_bytes));
    if (length > Remaining()) {
      return FailAt(start, fmt::format("{} of {} bytes leaves the file, which has {} more; was it cut off?", what, length, Remaining()));
    }
    std::string text(reinterpret_cast<const char*>(bytes_.data()) + at_, length);
    at_ += length;
    return text;
  }

  absl::Status ParseHeader() {
    where_ = "header";
    if (bytes_.size() < 4 || std::string_view(reinterpret_cast<const char*>(bytes_.data()), 4) != "GGUF") {
      return Fail("does not start with \"GGUF\": not a GGUF file");
    }
    at_ = 4;
    HONE_ASSIGN_OR_RETURN(contents_.version, Read<uint32_t>());
    if (contents_.version == 0x02000000u || contents_.version == 0x03000000u) {
      return absl::UnimplementedError(fmt::format("{}: header: byte 4: is big-endian; only little-endian GGUF files are read", path_));
    }
    if (contents_.version != 2 && contents_.version != 3) {
      return absl::UnimplementedError(
          fmt::format("{}: header: byte 4: GGUF version {}; versions 2 and 3 are read", path_, contents_.version));
    }
    HONE_ASSIGN_OR_RETURN(num_tensors_, Read<uint64_t>());
    HONE_ASSIGN_OR_RETURN(num_values_, Read<uint64_t>());
    if (num_tensors_ > Remaining() / kLeastTensorBytes) return FailAt(8, fmt::format("{} tensors cannot fit the file", num_tensors_));
    if (num_values_ > Remaining() / kLeastKeyValueBytes)
      return FailAt(16, fmt::format("{} metadata values cannot fit the file", num_values_));
    return absl::OkStatus();
  }

  absl::Status ParseMetadata() {
    for (uint64_t i = 0; i < num_values_; ++i) {
      where_ = fmt::format("metadata value {} of {}", i + 1, num_values_);
      const uint64_t start = at_;
      HONE_ASSIGN_OR_RETURN(std::string key, ReadString("key", kMostKeyBytes));
      if (key.empty()) return FailAt(start, "its key is empty");
      where_ = fmt::format("metadata {}", Quoted(key));
      if (contents_.metadata.contains(key)) return FailAt(start, "the key occurs twice");
      HONE_ASSIGN_OR_RETURN(const ValueType type, ReadValueType());
      HONE_ASSIGN_OR_RETURN(GgufValue value, ReadValue(type));
      contents_.metadata.emplace(std::move(key), std::move(value));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ValueType> ReadValueType() {
    HONE_ASSIGN_OR_RETURN(const uint32_t type, Read<uint32_t>());
    if (type >= kNumValueTypes) return FailAt(at_ - 4, fmt::format("unknown value type {}", type));
    return static_cast<ValueType>(type);
  }

  absl::StatusOr<int64_t> ReadSigned(ValueType type) {
    switch (type) {
      case ValueType::kI8:
        return Read<int8_t>();
      case ValueType::kI16:
        return Read<int16_t>();
      case ValueType::kI32:
        return Read<int32_t>();
      default:
        return Read<int64_t>();
    }
  }

  absl::StatusOr<uint64_t> ReadUnsigned(ValueType type) {
    switch (type) {
      case ValueType::kU8:
        return Read<uint8_t>();
      case ValueType::kU16:
        return Read<uint16_t>();
      case ValueType::kU32:
        return Read<uint32_t>();
      default:
        return Read<uint64_t>();
    }
  }

  absl::StatusOr<bool> ReadBool() {
    HONE_ASSIGN_OR_RETURN(const uint8_t value, Read<uint8_t>());
    if (value > 1) return FailAt(at_ - 1, fmt::format("a boolean is {}; only 0 and 1 are", value));
    return value == 1;
  }

  absl::StatusOr<double> ReadFloat(ValueType type) {
    if (type == ValueType::kF64) return Read<double>();
    HONE_ASSIGN_OR_RETURN(const float value, Read<float>());
    return std::strtod(fmt::format("{}", value).c_str(), nullptr);
  }

  absl::StatusOr<GgufValue> ReadValue(ValueType type) {
    switch (type) {
      case ValueType::kBool:
        return Wrap(ReadBool());
      case ValueType::kString:
        return Wrap(ReadString("string", std::numeric_limits<uint64_t>::max()));
      case ValueType::kArray:
        return Wrap(ReadArray(1));
      case ValueType::kF32:
      case ValueType::kF64:
        return Wrap(ReadFloat(type));
      case ValueType::kI8:
      case ValueType::kI16:
      case ValueType::kI32:
      case ValueType::kI64:
        return Wrap(ReadSigned(type));
      default:
        return Wrap(ReadUnsigned(type));
    }
  }

  template <class T>
  static absl::StatusOr<GgufValue> Wrap(absl::StatusOr<T> value) {
    if (!value.ok()) return value.status();
    return GgufValue(std::in_place_type<T>, *std::move(value));
  }

  absl::StatusOr<GgufArray> ReadArray(int level) {
    if (level > kMostArrayLevels) return Fail(fmt::format("arrays are nested deeper than {} levels", kMostArrayLevels));
    HONE_ASSIGN_OR_RETURN(const ValueType type, ReadValueType());
    const uint64_t start = at_;
    HONE_ASSIGN_OR_RETURN(const uint64_t count, Read<uint64_t>());
    if (count > Remaining() / kLeastValueBytes[static_cast<uint32_t>(type)]) {
      return FailAt(start,
                    fmt::format("an array of {} elements leaves the file, which has {} more bytes; was it cut off?", count, Remaining()));
    }
    GgufArray array;
    for (uint64_t i = 0; i < count; ++i) {
      switch (type) {
        case ValueType::kString: {
          HONE_ASSIGN_OR_RETURN(std::string text, ReadString("string", std::numeric_limits<uint64_t>::max()));
          array.strings.push_back(std::move(text));
          break;
        }
        case ValueType::kArray: {
          HONE_ASSIGN_OR_RETURN(GgufArray inner, ReadArray(level + 1));
          array.arrays.push_back(std::move(inner));
          break;
        }
        case ValueType::kF32:
        case ValueType::kF64: {
          HONE_ASSIGN_OR_RETURN(const double value, type == ValueType::kF64 ? Read<double>() : ReadPlainFloat());
          array.floats.push_back(value);
          break;
        }
        case ValueType::kBool: {
          HONE_ASSIGN_OR_RETURN(const bool value, ReadBool());
          array.integers.push_back(value ? 1 : 0);
          break;
        }
        case ValueType::kI8:
        case ValueType::kI16:
        case ValueType::kI32:
        case ValueType::kI64: {
          HONE_ASSIGN_OR_RETURN(const int64_t value, ReadSigned(type));
          array.integers.push_back(value);
          break;
        }
        default: {
          HONE_ASSIGN_OR_RETURN(const uint64_t value, ReadUnsigned(type));
          if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
            return FailAt(at_ - 8, fmt::format("{} is too large", value));
          array.integers.push_back(static_cast<int64_t>(value));
        }
      }
    }
    return array;
  }

  // Without the detour through decimals: arrays of scores are long.
  absl::StatusOr<double> ReadPlainFloat() {
    HONE_ASSIGN_OR_RETURN(const float value, Read<float>());
    return static_cast<double>(value);
  }

  absl::Status ParseTensors() {
    std::unordered_set<std::string> names;
    for (uint64_t i = 0; i < num_tensors_; ++i) {
      where_ = fmt::format("tensor {} of {}", i + 1, num_tensors_);
      const uint64_t start = at_;
      TensorInfo info;
      HONE_ASSIGN_OR_RETURN(info.name, ReadString("tensor name", kMostTensorNameBytes));
      if (info.name.empty()) return FailAt(start, "its name is empty");
      where_ = fmt::format("tensor {}", Quoted(info.name));
      if (!names.insert(info.name).second) return FailAt(start, "the name occurs twice");
      HONE_ASSIGN_OR_RETURN(const uint32_t num_dimensions, Read<uint32_t>());
      if (num_dimensions < 1 || num_dimensions > kMostDimensions) {
        return FailAt(at_ - 4, fmt::format("has {} dimensions; 1 to {} are possible", num_dimensions, kMostDimensions));
      }
      const uint64_t shape_byte = at_;
      for (uint32_t d = 0; d < num_dimensions; ++d) {
        HONE_ASSIGN_OR_RETURN(const uint64_t dimension, Read<uint64_t>());
        if (dimension < 1 || dimension > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
          return FailAt(at_ - 8, fmt::format("dimension {} is {}", d, dimension));
        }
        info.shape.insert(info.shape.begin(), static_cast<int64_t>(dimension));  // the file has the contiguous dimension first
      }
      HONE_ASSIGN_OR_RETURN(const uint32_t type, Read<uint32_t>());
      const std::optional<StoredType> dtype = TensorType(type);
      if (!dtype.has_value()) {
        const std::string_view name = UnreadTypeName(type);
        if (name.empty()) return FailAt(at_ - 4, fmt::format("unknown tensor type {}", type));
        return absl::UnimplementedError(
            fmt::format("{}: {}: byte {}: type {} is not read; take a file of one of {}", path_, where_, at_ - 4, name, kKnownTypes));
      }
      info.dtype = *dtype;
      const StoredTypeTraits& traits = TraitsOf(*dtype);
      if (info.shape.back() % traits.block_elements != 0) {
        return FailAt(shape_byte, fmt::format("rows of {} elements are not whole {} blocks of {}", info.shape.back(), traits.name,
                                              traits.block_elements));
      }
      const std::optional<int64_t> count = CountElements(info.shape);
      const std::optional<uint64_t> size = count.has_value() ? StoredBytes(*dtype, *count) : std::nullopt;
      if (!size.has_value()) return FailAt(shape_byte, fmt::format("shape {} has too many elements", ShapeToString(info.shape)));
      info.num_elements = *count;
      info.num_bytes = *size;
      offset_bytes_.push_back(at_);
      HONE_ASSIGN_OR_RETURN(const uint64_t offset, Read<uint64_t>());
      contents_.offsets.push_back(offset);  // from the start of the data, until PlaceTensors
      contents_.tensors.push_back(std::move(info));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Alignment() const {
    const auto found = contents_.metadata.find("general.alignment");
    if (found == contents_.metadata.end()) return 32;
    const uint64_t* value = std::get_if<uint64_t>(&found->second);
    if (value == nullptr || *value < 1 || *value > (1u << 30) || !std::has_single_bit(*value)) {
      return CorruptFile(path_, "metadata \"general.alignment\"", at_, "is not a power of two between 1 and 2^30");
    }
    return *value;
  }

  absl::Status PlaceTensors() {
    if (contents_.tensors.empty()) return absl::OkStatus();
    where_ = "header";
    HONE_ASSIGN_OR_RETURN(const uint64_t alignment, Alignment());
    const uint64_t data_begin = (at_ + alignment - 1) / alignment * alignment;
    if (data_begin > bytes_.size()) return Fail("the file ends before its data begins; was it cut off?");
    const uint64_t data_bytes = bytes_.size() - data_begin;
    for (size_t i = 0; i < contents_.tensors.size(); ++i) {
      const TensorInfo& info = contents_.tensors[i];
      uint64_t& offset = contents_.offsets[i];
      if (offset % alignment != 0) {
        return CorruptTensor(path_, info.name, offset_bytes_[i],
                             fmt::format("offset {} is not a multiple of the alignment {}", offset, alignment));
      }
      if (offset > data_bytes || info.num_bytes > data_bytes - offset) {
        return CorruptTensor(
            path_, info.name, offset_bytes_[i],
            fmt::format("offset {} and {} bytes leave the data of {} bytes; was the file cut off?", offset, info.num_bytes, data_bytes));
      }
      offset += data_begin;
    }
    std::vector<size_t> order(contents_.tensors.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return contents_.offsets[a] < contents_.offsets[b]; });
    for (size_t k = 1; k < order.size(); ++k) {
      const size_t before = order[k - 1], after = order[k];
      if (contents_.offsets[before] + contents_.tensors[before].num_bytes > contents_.offsets[after]) {
        return CorruptTensor(path_, contents_.tensors[after].name, offset_bytes_[after],
                             fmt::format("overlaps tensor {}", Quoted(contents_.tensors[before].name)));
      }
    }
    return absl::OkStatus();
  }

  const std::string_view path_;
  const absl::Span<const uint8_t> bytes_;
  uint64_t at_ = 0;
  std::string where_;  // what is being read, for messages
  uint64_t num_tensors_ = 0;
  uint64_t num_values_ = 0;
  std::vector<uint64_t> offset_bytes_;  // where tensor i's offset is written
  GgufContents contents_;
};

}  // namespace

absl::StatusOr<GgufContents> ParseGguf(std::string_view path, absl::Span<const uint8_t> bytes) {
  return Parser(path, bytes).Parse();
}

}  // namespace hone
