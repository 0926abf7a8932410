#include "verifiers/puzzles/data.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {
using Json = nlohmann::json;

template <class T>
const T& Get(const std::map<std::string, PuzzleData::Value>& values, const std::string& name) {
  static const T kNone{};
  const auto it = values.find(name);
  if (it == values.end()) return kNone;
  const T* value = std::get_if<T>(&it->second);
  return value == nullptr ? kNone : *value;
}

bool All(const Json& list, bool (Json::*is)() const) {
  return std::all_of(list.begin(), list.end(), [&](const Json& item) { return (item.*is)(); });
}

void Write(int64_t number, std::string& json) {
  fmt::format_to(std::back_inserter(json), "{}", number);
}
void Write(const std::string& text, std::string& json) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (!plain) {
    json += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  json += '"';
  json += text;
  json += '"';
}
template <class T>
void Write(const std::vector<T>& list, std::string& json) {
  json += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) json += ',';
    Write(list[i], json);
  }
  json += ']';
}

// Nothing when the value is none that a puzzle can have.
std::optional<PuzzleData::Value> ReadValue(const Json& json) {
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) return std::nullopt;
  if (All(json, &Json::is_number_integer)) return json.get<PuzzleData::Ints>();
  if (All(json, &Json::is_string)) return json.get<PuzzleData::Texts>();
  return std::nullopt;
}
}  // namespace

int64_t PuzzleData::Int(const std::string& name) const {
  return Get<int64_t>(values_, name);
}
const std::string& PuzzleData::Text(const std::string& name) const {
  return Get<std::string>(values_, name);
}
const PuzzleData::Ints& PuzzleData::IntList(const std::string& name) const {
  return Get<Ints>(values_, name);
}
const PuzzleData::Texts& PuzzleData::TextList(const std::string& name) const {
  return Get<Texts>(values_, name);
}

// Most puzzles that are made for a split are only written, found to be of the other one, and dropped; so no tree of JSON values is built.
std::string PuzzleData::ToJson() const {
  std::string json = "{";
  for (const auto& [name, value] : values_) {
    if (json.size() > 1) json += ',';
    Write(name, json);
    json += ':';
    std::visit([&](const auto& held) { Write(held, json); }, value);
  }
  return json + "}";
}

absl::StatusOr<PuzzleRow> PuzzleRow::Parse(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the row of a puzzle must be a JSON object with family, level and data");
  PuzzleRow row;
  const auto family = json.find("family"), level = json.find("level"), data = json.find("data");
  if (family == json.end() || !family->is_string()) return absl::InvalidArgumentError("row: \"family\" must be a text");
  row.family = family->get<std::string>();
  if (level == json.end() || !level->is_number_integer() || level->get<int64_t>() < 1 || level->get<int64_t>() > 1000)
    return absl::InvalidArgumentError("row: \"level\" must be a whole number from 1");
  row.level = level->get<int>();
  if (data == json.end() || !data->is_object()) return absl::InvalidArgumentError("row: \"data\" must be an object");
  for (const auto& [name, value] : data->items()) {
    std::optional<PuzzleData::Value> read = ReadValue(value);
    if (!read.has_value())
      return absl::InvalidArgumentError(
          fmt::format("row: \"data.{}\" must be a whole number, a text or a list of one of them", name.substr(0, 80)));
    row.data.values_[name] = *std::move(read);
  }
  return row;
}

}  // namespace hone
