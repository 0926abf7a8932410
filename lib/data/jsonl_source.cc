#include "lib/data/jsonl_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/data/permutation.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {
using Json = nlohmann::json;
constexpr int kMaxReported = 5;          // bad rows named in one message
constexpr uint64_t kSplitSeed = 0x5917;  // not the run's: the same rows are held out in every run
constexpr std::string_view kPlace = "{prompt}";

// The value at a field name or JSON pointer; null when absent.
const Json* Find(const Json& row, const std::string& field) {
  try {
    if (!field.empty() && field[0] == '/') {
      const Json::json_pointer pointer(field);
      return row.contains(pointer) ? &row.at(pointer) : nullptr;
    }
  } catch (const Json::exception&) {
    return nullptr;  // not a pointer, or an array index that is none
  }
  auto it = row.find(field);
  return it == row.end() ? nullptr : &*it;
}

absl::StatusOr<std::string> TextOf(const Json& row, const std::string& field) {
  const Json* value = Find(row, field);
  if (value == nullptr) return absl::InvalidArgumentError(fmt::format("field \"{}\" is missing", field));
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_float() && !(std::abs(value->get<double>()) < 0x1p53)) {
    return absl::InvalidArgumentError(fmt::format("field \"{}\" is a number too large to keep exactly; write it as a string", field));
  }
  if (value->is_number() || value->is_boolean()) return value->dump();
  return absl::InvalidArgumentError(fmt::format("field \"{}\" is {}, must be a string or a number", field, value->type_name()));
}

absl::StatusOr<std::vector<ChatMessage>> MessagesOf(const Json& row, const std::string& field) {
  const Json* value = Find(row, field);
  if (value == nullptr) return absl::InvalidArgumentError(fmt::format("field \"{}\" is missing", field));
  std::vector<ChatMessage> messages;
  bool good = value->is_array() && !value->empty();
  for (size_t i = 0; good && i < value->size(); ++i) {
    const Json& item = (*value)[i];
    good = item.is_object() && item.contains("role") && item["role"].is_string() && item.contains("content") && item["content"].is_string();
    if (good) messages.push_back({item["role"].get<std::string>(), item["content"].get<std::string>()});
  }
  if (!good)
    return absl::InvalidArgumentError(
        fmt::format("field \"{}\" must be a non-empty array of {{\"role\": text, \"content\": text}}", field));
  return messages;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// What decides the split of a prompt.
uint64_t Identity(const Prompt& prompt) {
  uint64_t hash = Hash64(prompt.text, kSplitSeed);
  for (const ChatMessage& message : prompt.messages) hash = Hash64(message.content, Hash64(message.role, hash));
  return hash;
}
}  // namespace

JsonlSource::JsonlSource(const JsonlOptions& options) : options_(options) {}
JsonlSource::~JsonlSource() = default;

absl::StatusOr<std::unique_ptr<JsonlSource>> JsonlSource::Open(const JsonlOptions& options) {
  std::unique_ptr<JsonlSource> source(new JsonlSource(options));
  HONE_RETURN_IF_ERROR(source->Prepare());
  HONE_RETURN_IF_ERROR(source->Scan());
  return source;
}

absl::Status JsonlSource::Prepare() {
  if (options_.path.empty()) return absl::InvalidArgumentError("a JSONL source needs a path (data.path)");
  if (!(options_.heldout_fraction >= 0 && options_.heldout_fraction < 1)) {
    return absl::InvalidArgumentError(fmt::format("heldout_fraction is {}, must be at least 0 and below 1", options_.heldout_fraction));
  }
  const size_t place = options_.prompt_template.find(kPlace);
  if (place == std::string::npos || options_.prompt_template.find(kPlace, place + 1) != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format("prompt_template must hold {} exactly once: \"{}\"", kPlace, options_.prompt_template));
  }
  before_ = options_.prompt_template.substr(0, place);
  after_ = options_.prompt_template.substr(place + kPlace.size());
  if (!options_.reference_pattern.empty()) {
    auto pattern = Pattern::Compile(options_.reference_pattern, {.multiline = true});
    if (!pattern.ok()) return Annotate(pattern.status(), "reference_pattern");
    pattern_ = *std::move(pattern);
  }
  HONE_ASSIGN_OR_RETURN(file_, MappedFile::Open(options_.path));
  return absl::OkStatus();
}

absl::Status JsonlSource::Scan() {
  const char* data = reinterpret_cast<const char*>(file_->data());
  const uint64_t bytes = file_->size();
  uint64_t begin = bytes >= 3 && std::memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  std::string problems;
  int64_t num_bad = 0, num_rows = 0;
  for (uint32_t number = 1; begin < bytes; ++number) {
    const void* newline = std::memchr(data + begin, '\n', bytes - begin);
    const uint64_t end = newline == nullptr ? bytes : static_cast<uint64_t>(static_cast<const char*>(newline) - data);
    const std::string_view text = end - begin > UINT32_MAX ? std::string_view() : Trim({data + begin, end - begin});
    if (end - begin > UINT32_MAX) {
      return absl::InvalidArgumentError(fmt::format("{}:{}: a line of {} bytes is too long", options_.path, number, end - begin));
    }
    if (!text.empty()) {
      ++num_rows;
      const Line line{static_cast<uint64_t>(text.data() - data), number, static_cast<uint32_t>(text.size())};
      auto prompt = Read(line);
      if (!prompt.ok()) {
        if (++num_bad <= kMaxReported)
          problems += fmt::format("{}{}", problems.empty() ? "" : "\n", std::string(prompt.status().message()));
      } else {
        const bool held_out = static_cast<double>(Identity(*prompt) >> 11) * 0x1p-53 < options_.heldout_fraction;
        if (options_.heldout_fraction == 0 || held_out == (options_.split == Split::kHeldout)) lines_.push_back(line);
      }
    }
    begin = end + 1;
  }
  if (num_bad > kMaxReported) problems += fmt::format("\n{}: {} more bad rows", options_.path, num_bad - kMaxReported);
  if (num_bad > 0) return absl::InvalidArgumentError(problems);
  if (num_rows == 0) return absl::InvalidArgumentError(fmt::format("{}: the file has no rows", options_.path));
  if (lines_.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the {} split has none of the {} rows at heldout_fraction {}; use a larger file or another fraction", options_.path,
                    Name(options_.split), num_rows, options_.heldout_fraction));
  }
  return absl::OkStatus();
}

std::optional<int64_t> JsonlSource::size() const {
  return static_cast<int64_t>(lines_.size());
}

absl::StatusOr<Prompt> JsonlSource::Get(int64_t index) const {
  if (index < 0) return absl::InvalidArgumentError(fmt::format("prompt index {} is negative", index));
  const auto count = static_cast<int64_t>(lines_.size());
  const int64_t position = index % count;
  return Read(lines_[options_.shuffle ? PermutedIndex(position, count, options_.seed, static_cast<uint64_t>(index / count)) : position]);
}

absl::StatusOr<Prompt> JsonlSource::Read(const Line& line) const {
  const std::string_view text(reinterpret_cast<const char*>(file_->data()) + line.begin, line.bytes);
  const std::string where = fmt::format("{}:{}", options_.path, line.number);
  const Json row = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!row.is_object()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", where, row.is_discarded() ? "the line is not valid JSON" : "the line is not a JSON object"));
  }
  auto at = [&](const absl::Status& status) { return Annotate(status, where); };

  Prompt prompt;
  if (!options_.messages_field.empty()) {
    auto messages = MessagesOf(row, options_.messages_field);
    if (!messages.ok()) return at(messages.status());
    prompt.messages = *std::move(messages);
    if (!options_.system.empty()) prompt.messages.insert(prompt.messages.begin(), {"system", options_.system});
  } else {
    auto field = TextOf(row, options_.prompt_field);
    if (!field.ok()) return at(field.status());
    std::string body = before_ + *field + after_;
    if (options_.chat) {
      if (!options_.system.empty()) prompt.messages.push_back({"system", options_.system});
      prompt.messages.push_back({"user", std::move(body)});
    } else {
      prompt.text = options_.system.empty() ? std::move(body) : options_.system + "\n\n" + body;
    }
  }

  auto reference = TextOf(row, options_.reference_field);
  if (!reference.ok()) return at(reference.status());
  if (pattern_ != nullptr) {
    auto found = pattern_->Find(*reference, Pattern::Which::kLast);
    if (!found.ok()) return at(found.status());
    const int group = std::min(1, pattern_->num_groups());
    if (!found->has_value() || !(**found)[group].has_value()) {
      return absl::InvalidArgumentError(fmt::format("{}: reference_pattern \"{}\" does not occur in field \"{}\"", where,
                                                    options_.reference_pattern, options_.reference_field));
    }
    prompt.reference = std::string(*(**found)[group]);
  } else {
    prompt.reference = *std::move(reference);
  }
  if (options_.reference_strip_commas) {
    std::erase(prompt.reference, ',');
    prompt.reference = std::string(Trim(prompt.reference));
  }

  if (options_.id_field.empty()) {
    prompt.id = fmt::format("{}:{}", options_.path.substr(options_.path.rfind('/') + 1), line.number);
  } else {
    auto id = TextOf(row, options_.id_field);
    if (!id.ok()) return at(id.status());
    prompt.id = *std::move(id);
  }
  prompt.row = std::string(text);
  return prompt;
}

}  // namespace hone
