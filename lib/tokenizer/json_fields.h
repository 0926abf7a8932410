#pragma once
// Reading tokenizer.json: each accessor checks the type first, and each error names the file and the field. For the .cc files of this
// folder.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "lib/base/status.h"
#include "nlohmann/json.hpp"

namespace hone {

// A value within a parsed file and the path that leads to it. The parsed file must outlive it.
class JsonField {
 public:
  JsonField(const nlohmann::json* value, const std::string* file, std::string path) : value_(value), file_(file), path_(std::move(path)) {}

  const nlohmann::json& value() const { return *value_; }
  const std::string& path() const { return path_; }
  const std::string& file() const { return *file_; }

  // InvalidArgument "FILE: PATH: what".
  absl::Status Error(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}: {}: {}", *file_, path_.empty() ? "the whole" : path_, what));
  }
  // The error of a part (a regular expression, ...) with file and field before it.
  absl::Status Error(const absl::Status& status) const {
    const absl::string_view message = status.message();
    return Error(std::string_view(message.data(), message.size()));
  }

  // A field of this object; its value is null when absent.
  JsonField operator[](const char* key) const {
    static const nlohmann::json kNull;
    const auto it = value_->is_object() ? value_->find(key) : value_->end();
    return {value_->is_object() && it != value_->end() ? &*it : &kNull, file_, path_.empty() ? key : path_ + "." + key};
  }
  // An element of this array; index must be in range.
  JsonField operator[](size_t index) const { return {&(*value_)[index], file_, fmt::format("{}[{}]", path_, index)}; }

  bool IsNull() const { return value_->is_null(); }
  absl::Status RequireObject() const {
    return value_->is_object() ? absl::OkStatus() : Error(fmt::format("must be an object, not {}", Kind()));
  }
  absl::Status RequireArray() const {
    return value_->is_array() ? absl::OkStatus() : Error(fmt::format("must be an array, not {}", Kind()));
  }

  absl::StatusOr<std::string> String() const {
    if (!value_->is_string()) return Error(fmt::format("must be a string, not {}", Kind()));
    return value_->get_ref<const std::string&>();
  }
  absl::StatusOr<bool> Bool(std::optional<bool> absent = std::nullopt) const {
    if (IsNull() && absent.has_value()) return *absent;
    if (!value_->is_boolean()) return Error(fmt::format("must be true or false, not {}", Kind()));
    return value_->get<bool>();
  }
  absl::StatusOr<int64_t> Int(int64_t min, int64_t max) const {
    if (!value_->is_number_integer()) return Error(fmt::format("must be a whole number, not {}", Kind()));
    const bool too_large = value_->is_number_unsigned() && value_->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
    const int64_t number = too_large ? INT64_MAX : value_->get<int64_t>();
    if (number < min || number > max) return Error(fmt::format("{} must be in [{}, {}]", number, min, max));
    return number;
  }
  // The "type" of a component.
  absl::StatusOr<std::string> Type() const {
    HONE_RETURN_IF_ERROR(RequireObject());
    return (*this)["type"].String();
  }
  // For a component whose type is none of `known`.
  absl::Status UnknownType(std::string_view type, std::string_view known) const {
    return Error(fmt::format("type {:?} is not supported; known are {}", std::string(type), known));
  }

 private:
  const char* Kind() const { return value_->type_name(); }

  const nlohmann::json* value_;
  const std::string* file_;
  std::string path_;
};

// Sequences may nest this deep.
inline constexpr int kMaxComponentDepth = 16;

}  // namespace hone
