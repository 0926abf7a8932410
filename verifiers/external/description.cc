#include "verifiers/external/description.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "fmt/format.h"
#include "lib/config/strict_json.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/json_text.h"
#include "verifiers/external/params_schema.h"

namespace hone {
namespace {
using Json = nlohmann::json;

constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxParts = 100;
constexpr int64_t kMaxBatch = 65536;
constexpr size_t kMaxDescriptionBytes = 1 << 20;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

absl::Status Wrong(const char* key, const char* wanted) {
  return absl::InvalidArgumentError(fmt::format("the description's \"{}\" must be {}", key, wanted));
}

absl::Status ReadNames(const Json& json, const char* key, std::vector<std::string>& out) {
  auto it = json.find(key);
  if (it == json.end()) return absl::OkStatus();
  if (!it->is_array() || it->size() > kMaxParts) return Wrong(key, "an array of at most 100 strings");
  for (const Json& name : *it) {
    if (!name.is_string()) return Wrong(key, "an array of at most 100 strings");
    out.push_back(name.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadInt(const Json& json, const char* key, int64_t& out) {
  auto it = json.find(key);
  if (it == json.end()) return absl::OkStatus();
  if (!it->is_number_integer() || (it->is_number_unsigned() && it->get<uint64_t>() > INT32_MAX)) return Wrong(key, "a whole number");
  out = it->get<int64_t>();
  return absl::OkStatus();
}

absl::Status ReadBool(const Json& json, const char* key, bool& out) {
  auto it = json.find(key);
  if (it == json.end()) return absl::OkStatus();
  if (!it->is_boolean()) return Wrong(key, "true or false");
  out = it->get<bool>();
  return absl::OkStatus();
}
}  // namespace

absl::Status CheckDescription(const VerifierDescription& d) {
  if (d.name.empty() || d.name.size() > kMaxNameBytes || !std::all_of(d.name.begin(), d.name.end(), IsNameByte)) {
    return absl::InvalidArgumentError(fmt::format("the verifier's name is {}; it must be 1 to {} letters, digits, '-', '_' or '.'",
                                                  JsonQuote(d.name.substr(0, kMaxNameBytes)), kMaxNameBytes));
  }
  if (d.version < 1) return absl::InvalidArgumentError(fmt::format("the verifier's version is {}; it must be at least 1", d.version));
  if (!std::isfinite(d.range_min) || !std::isfinite(d.range_max) || d.range_min > d.range_max) {
    return absl::InvalidArgumentError(
        fmt::format("the verifier's range is [{}, {}]; it must be finite and not empty", d.range_min, d.range_max));
  }
  if (d.parts.size() > kMaxParts) {
    return absl::InvalidArgumentError(fmt::format("the verifier declares {} parts; at most {} are taken", d.parts.size(), kMaxParts));
  }
  std::set<std::string> seen;
  for (const std::string& part : d.parts) {
    if (part.empty() || part.size() > kMaxNameBytes || !seen.insert(part).second) {
      return absl::InvalidArgumentError(fmt::format("the verifier's part {} is empty, longer than {} bytes or declared twice",
                                                    JsonQuote(part.substr(0, kMaxNameBytes)), kMaxNameBytes));
    }
  }
  if (d.max_batch < 1 || d.max_batch > kMaxBatch) {
    return absl::InvalidArgumentError(fmt::format("the verifier's max_batch is {}; it must be in [1, {}]", d.max_batch, kMaxBatch));
  }
  if (d.concurrency < 0)
    return absl::InvalidArgumentError(fmt::format("the verifier's concurrency is {}; it must be at least 0", d.concurrency));
  return Annotate(CheckSchema(d.params_schema), "the verifier's params_schema");
}

absl::StatusOr<ExternalDescription> ParseDescription(std::string_view text) {
  if (text.size() > kMaxDescriptionBytes || !IsShallowJson(text)) {
    return absl::InvalidArgumentError(
        fmt::format("the description of {} bytes is above {} bytes or nested too deep", text.size(), kMaxDescriptionBytes));
  }
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the description is not a JSON object");
  ExternalDescription out;
  VerifierDescription& d = out.description;
  d.max_batch = 64;
  auto name = json.find("name");
  if (name == json.end() || !name->is_string()) return Wrong("name", "a string");
  d.name = name->get<std::string>();
  int64_t version = 1;
  HONE_RETURN_IF_ERROR(ReadInt(json, "version", version));
  d.version = static_cast<int>(std::clamp<int64_t>(version, 0, INT32_MAX));
  if (auto range = json.find("range"); range != json.end()) {
    if (!range->is_array() || range->size() != 2 || !(*range)[0].is_number() || !(*range)[1].is_number()) {
      return Wrong("range", "an array of two numbers");
    }
    d.range_min = (*range)[0].get<double>();
    d.range_max = (*range)[1].get<double>();
  }
  HONE_RETURN_IF_ERROR(ReadNames(json, "parts", d.parts));
  HONE_RETURN_IF_ERROR(ReadNames(json, "needs", d.needs));
  HONE_RETURN_IF_ERROR(ReadBool(json, "deterministic", d.deterministic));
  HONE_RETURN_IF_ERROR(ReadBool(json, "bounded", out.bounded));
  HONE_RETURN_IF_ERROR(ReadInt(json, "max_batch", d.max_batch));
  HONE_RETURN_IF_ERROR(ReadInt(json, "concurrency", d.concurrency));
  if (auto schema = json.find("params_schema"); schema != json.end()) {
    if (!schema->is_object()) return Wrong("params_schema", "a JSON Schema object");
    d.params_schema = schema->dump(-1, ' ', false, Json::error_handler_t::replace);
  } else {
    d.params_schema = R"({"type":"object","properties":{}})";
  }
  HONE_RETURN_IF_ERROR(CheckDescription(d));
  return out;
}

std::string DescriptionToJson(const VerifierDescription& d) {
  Json schema = Json::parse(d.params_schema, nullptr, /*allow_exceptions=*/false);
  if (!schema.is_object()) schema = Json::object();
  const Json json = {{"name", d.name},
                     {"version", d.version},
                     {"params_schema", schema},
                     {"range", {d.range_min, d.range_max}},
                     {"parts", d.parts},
                     {"deterministic", d.deterministic},
                     {"needs", d.needs},
                     {"max_batch", d.max_batch},
                     {"concurrency", d.concurrency}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hone
