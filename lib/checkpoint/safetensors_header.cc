#include "lib/checkpoint/safetensors_header.h"

#include <iterator>
#include <limits>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "lib/checkpoint/format_error.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

// Iterates over characters and leaves its position where the parser's callbacks can read it: nlohmann/json gives them none.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *position_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** position_;
};

// Receives the header's tokens. A state per level: outside, the table of tensors, the metadata, one tensor, one of its lists.
class HeaderHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  HeaderHandler(std::string_view path, const char* begin, uint64_t first_byte)
      : path_(path), begin_(begin), position_(begin), first_byte_(first_byte) {}

  const char** position() { return &position_; }
  SafetensorsHeader& header() { return header_; }
  const absl::Status& status() const { return status_; }

  bool null() override { return Unexpected("null"); }
  bool boolean(bool) override { return Unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { return Unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t& text) override { return Unexpected(fmt::format("the number {}", Quoted(text))); }
  bool binary(binary_t&) override { return Unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (state_ == State::kShape) {
      constexpr size_t kMostDimensions = 16;
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return Fail(fmt::format("dimension {} is too large", value));
      if (entry_.info.shape.size() == kMostDimensions) return Fail(fmt::format("more than {} dimensions", kMostDimensions));
      entry_.info.shape.push_back(static_cast<int64_t>(value));
      return true;
    }
    if (state_ == State::kOffsets) {
      if (num_offsets_ >= 2) return Fail("data_offsets has more than two numbers");
      (num_offsets_++ == 0 ? entry_.begin : entry_.end) = value;
      return true;
    }
    return Unexpected(fmt::format("the number {}", value));
  }

  bool string(string_t& value) override {
    if (state_ == State::kMetadata) {
      header_.metadata[key_] = value;
      return true;
    }
    if (state_ == State::kTensor && field_ == Field::kType) {
      const std::optional<StoredType> dtype = SafetensorsType(value);
      if (!dtype.has_value()) return Fail(fmt::format("unknown dtype {}", Quoted(value)));
      entry_.info.dtype = *dtype;
      return true;
    }
    return Unexpected("a string");
  }

  bool start_object(size_t) override {
    switch (state_) {
      case State::kOutside:
        state_ = State::kTable;
        return true;
      case State::kTable:
        if (key_ == "__metadata__") {
          state_ = State::kMetadata;
          return true;
        }
        state_ = State::kTensor;
        entry_ = SafetensorsEntry{};
        entry_.info.name = key_;
        entry_.header_byte = Byte();
        seen_fields_ = 0;
        num_offsets_ = 0;
        return true;
      default:
        return Unexpected("an object");
    }
  }

  bool key(string_t& value) override {
    switch (state_) {
      case State::kTable:
        key_ = value;
        if (!names_.insert(value).second) return Fail("the name occurs twice");
        return true;
      case State::kMetadata:
        key_ = value;
        if (header_.metadata.contains(value)) return Fail(fmt::format("metadata key {} occurs twice", Quoted(value)));
        return true;
      case State::kTensor:
        if (value == "dtype") {
          field_ = Field::kType;
        } else if (value == "shape") {
          field_ = Field::kShape;
        } else if (value == "data_offsets") {
          field_ = Field::kOffsets;
        } else {
          return Fail(fmt::format("unknown field {}", Quoted(value)));
        }
        if ((seen_fields_ & (1u << static_cast<unsigned>(field_))) != 0) return Fail(fmt::format("field {} occurs twice", Quoted(value)));
        seen_fields_ |= 1u << static_cast<unsigned>(field_);
        return true;
      default:
        return Unexpected("a key");
    }
  }

  bool start_array(size_t) override {
    if (state_ == State::kTensor && field_ == Field::kShape) {
      state_ = State::kShape;
    } else if (state_ == State::kTensor && field_ == Field::kOffsets) {
      state_ = State::kOffsets;
    } else {
      return Unexpected("a list");
    }
    return true;
  }

  bool end_array() override {
    if (state_ == State::kOffsets && num_offsets_ != 2) return Fail("data_offsets needs two numbers");
    state_ = State::kTensor;
    return true;
  }

  bool end_object() override {
    if (state_ == State::kTensor && !FinishTensor()) return false;
    state_ = state_ == State::kTable ? State::kOutside : State::kTable;
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    status_ = CorruptFile(path_, "header", first_byte_ + (position > 0 ? position - 1 : 0), "is not valid JSON");
    return false;
  }

 private:
  enum class State { kOutside, kTable, kMetadata, kTensor, kShape, kOffsets };
  enum class Field : unsigned { kType, kShape, kOffsets };

  bool FinishTensor() {
    if (seen_fields_ != 7) return Fail("needs the fields dtype, shape and data_offsets");
    TensorInfo& info = entry_.info;
    const std::optional<int64_t> count = CountElements(info.shape);
    const std::optional<uint64_t> bytes = count.has_value() ? StoredBytes(info.dtype, *count) : std::nullopt;
    if (!bytes.has_value()) return Fail(fmt::format("shape {} has too many elements", ShapeToString(info.shape)));
    if (entry_.begin > entry_.end) return Fail(fmt::format("data_offsets [{}, {}] run backwards", entry_.begin, entry_.end));
    if (entry_.end - entry_.begin != *bytes) {
      return Fail(fmt::format("data_offsets [{}, {}] span {} bytes, but {} of shape {} takes {}", entry_.begin, entry_.end,
                              entry_.end - entry_.begin, TraitsOf(info.dtype).name, ShapeToString(info.shape), *bytes));
    }
    info.num_elements = *count;
    info.num_bytes = *bytes;
    header_.entries.push_back(std::move(entry_));
    return true;
  }

  uint64_t Byte() const { return first_byte_ + static_cast<uint64_t>(position_ - begin_) - (position_ > begin_ ? 1 : 0); }

  bool Fail(const std::string& what) {
    status_ =
        key_.empty() || state_ == State::kMetadata ? CorruptFile(path_, "header", Byte(), what) : CorruptTensor(path_, key_, Byte(), what);
    return false;
  }
  bool Unexpected(const std::string& what) { return Fail(what + " is not expected here"); }

  const std::string_view path_;
  const char* const begin_;
  const char* position_;
  const uint64_t first_byte_;
  SafetensorsHeader header_;
  absl::Status status_;
  State state_ = State::kOutside;
  Field field_ = Field::kType;
  std::string key_;  // of the tensor, or of the metadata entry
  std::unordered_set<std::string> names_;
  SafetensorsEntry entry_;
  unsigned seen_fields_ = 0;
  int num_offsets_ = 0;
};

}  // namespace

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view path, std::string_view json, uint64_t first_byte) {
  HeaderHandler handler(path, json.data(), first_byte);
  const bool ok = nlohmann::json::sax_parse(CountingIterator(json.data(), handler.position()),
                                            CountingIterator(json.data() + json.size(), handler.position()), &handler);
  if (!handler.status().ok()) return handler.status();
  if (!ok) return CorruptFile(path, "header", first_byte, "is not valid JSON");
  return std::move(handler.header());
}

}  // namespace hone
