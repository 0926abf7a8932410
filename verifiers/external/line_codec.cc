#include "verifiers/external/line_codec.h"

#include <charconv>
#include <cmath>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "lib/config/strict_json.h"
#include "lib/tokenizer/unicode.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/description.h"
#include "verifiers/external/json_text.h"
#include "verifiers/external/limits.h"

namespace hone {
namespace {
using Json = nlohmann::json;

constexpr size_t kMaxShownBytes = 64 << 10;      // of a text that also goes as base64
constexpr size_t kMaxResultLineBytes = 1 << 20;  // after which a new line is begun

// The length of valid UTF-8 as a JSON string.
size_t QuotedBytes(std::string_view text) {
  size_t bytes = 2;
  for (char c : text) {
    const bool short_escape = c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f';
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    bytes += short_escape ? 2 : control ? 6 : 1;
  }
  return bytes;
}

// Appends ,"key":"text" and, where needed, ,"key_base64":"...".
void AppendText(std::string& out, const char* key, std::string_view text) {
  const bool readable = IsValidUtf8(text) && QuotedBytes(text) <= text.size() + text.size() / 3 + 1024;
  out += fmt::format(",\"{}\":", key);
  out += readable || text.size() <= kMaxShownBytes ? JsonQuote(text) : "null";
  if (!readable) out += fmt::format(",\"{}_base64\":\"{}\"", key, absl::Base64Escape(absl::string_view(text.data(), text.size())));
}

// The row as it is, on one line; null when it is no JSON.
void AppendRow(std::string& out, std::string_view row) {
  if (row.empty() || !IsShallowJson(row) || !Json::accept(row.begin(), row.end())) {
    out += ",\"row\":null";
    return;
  }
  const size_t begin = out.size() + 7;
  out += ",\"row\":";
  out += row;
  // Inside strings a line end is escaped, so each that is left is white space.
  for (size_t i = begin; i < out.size(); ++i) {
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
  }
}

std::string Cut(std::string text, size_t max_bytes) {
  if (text.size() > max_bytes) text.resize(max_bytes);
  return text;
}

absl::Status BadLine(std::string_view what) {
  return absl::DataLossError(fmt::format("{}", what));
}

// An id: a number or a string of digits.
std::optional<uint64_t> ReadId(const Json& object) {
  auto it = object.find("id");
  if (it == object.end()) return std::nullopt;
  if (it->is_number_integer() && (it->is_number_unsigned() || it->get<int64_t>() >= 0)) return it->get<uint64_t>();
  if (!it->is_string()) return std::nullopt;
  const std::string& text = it->get_ref<const std::string&>();
  uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

// The text of an optional key; false when it is something else.
bool ReadText(const Json& object, const char* key, size_t max_bytes, std::string& out) {
  auto it = object.find(key);
  if (it == object.end() || it->is_null()) return true;
  if (!it->is_string()) return false;
  out = Cut(it->get<std::string>(), max_bytes);
  return true;
}

// The outcome of a result; an empty string when it can be read, else what is wrong.
std::string ReadOutcome(const Json& result, Outcome& out) {
  std::string kind, why;
  if (!ReadText(result, "outcome", kExternalTextBytes, kind)) return "\"outcome\" is not a string";
  if (!ReadText(result, "why", kExternalTextBytes, why)) return "\"why\" is not a string";
  if (kind == "score") {
    auto value = result.find("score");
    if (value == result.end() || !value->is_number()) return "\"score\" is not a number";
    Score score{.value = value->get<double>()};
    if (auto parts = result.find("parts"); parts != result.end() && !parts->is_null()) {
      if (!parts->is_object()) return "\"parts\" is not an object";
      for (const auto& [name, part] : parts->items()) {
        if (!part.is_number()) return "a part is not a number";
        score.parts.push_back({Cut(name, kExternalTextBytes), part.get<double>()});
      }
    }
    out = std::move(score);
  } else if (kind == "not_applicable") {
    out = NotApplicable{why};
  } else if (kind == "task_error") {
    out = TaskError{why};
  } else if (kind == "infra_error") {
    auto retryable = result.find("retryable");
    if (retryable != result.end() && !retryable->is_boolean()) return "\"retryable\" is neither true nor false";
    out = InfraError{why, retryable != result.end() && retryable->get<bool>()};
  } else {
    return fmt::format("\"outcome\" is {}, must be \"score\", \"not_applicable\", \"task_error\" or \"infra_error\"",
                       kind.empty() ? "missing" : JsonQuote(Cut(kind, 40)));
  }
  return "";
}

Verdict ReadResult(uint64_t id, const Json& result) {
  Verdict verdict;
  verdict.id = id;
  std::string problem = ReadOutcome(result, verdict.outcome);
  if (!ReadText(result, "reason", kExternalTextBytes, verdict.reason)) problem = "\"reason\" is not a string";
  if (!ReadText(result, "evidence", kExternalEvidenceBytes, verdict.evidence)) problem = "\"evidence\" is not a string";
  if (!problem.empty()) {
    verdict.outcome = InfraError{"the verifier's answer cannot be used: " + problem, /*retryable=*/false};
    verdict.reason = "bad_answer";
  }
  return verdict;
}

// The line as an object with an id.
absl::StatusOr<Json> ParseLine(std::string_view line, uint64_t& id) {
  if (!IsShallowJson(line)) return BadLine("brackets are nested too deep");
  Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return BadLine(json.is_discarded() ? "it is not valid JSON" : "it is no JSON object");
  const std::optional<uint64_t> read = ReadId(json);
  if (!read.has_value()) return BadLine("it has no \"id\"");
  id = *read;
  return json;
}

// One request of a verify line.
bool ReadRequest(const Json& json, absl::Time now, CallLine& line) {
  if (!json.is_object()) return false;
  VerifyRequest request;
  const std::optional<uint64_t> id = ReadId(json);
  if (!id.has_value()) return false;
  request.id = *id;
  bool good = true;
  // The text of `key`, or of its base64 form where there is one.
  const auto text = [&](const char* key) -> std::optional<std::string_view> {
    std::string value, encoded;
    const std::string base64 = std::string(key) + "_base64";
    good = good && ReadText(json, key, kMaxLineBytes, value) && ReadText(json, base64.c_str(), kMaxLineBytes, encoded);
    if (json.contains(base64)) {
      good = good && absl::Base64Unescape(encoded, &value);
    } else if (!json.contains(key) || json[key].is_null()) {
      return std::nullopt;
    }
    return line.texts.emplace_back(std::move(value));
  };
  const auto number = [&](const char* key) -> std::optional<int64_t> {
    auto it = json.find(key);
    if (it == json.end() || it->is_null()) return std::nullopt;
    good = good && it->is_number_integer();
    return it->is_number_integer() ? it->get<int64_t>() : 0;
  };
  request.prompt = text("prompt").value_or("");
  request.completion = text("completion").value_or("");
  request.reference = text("reference").value_or("");
  request.answer = text("answer");
  if (auto row = json.find("row"); row != json.end() && !row->is_null()) request.row = line.texts.emplace_back(row->dump());
  request.group_id = number("group_id").value_or(0);
  request.sample_index = number("sample_index").value_or(0);
  request.num_tokens_completion = number("num_tokens_completion");
  if (const auto timeout = number("timeout_ms")) request.deadline = now + absl::Milliseconds(*timeout);
  std::string seed, finish;
  good = good && ReadText(json, "seed", 20, seed) && ReadText(json, "finish_reason", 20, finish);
  std::from_chars(seed.data(), seed.data() + seed.size(), request.seed);
  for (FinishReason reason : {FinishReason::kStop, FinishReason::kLength, FinishReason::kAborted}) {
    if (finish == Name(reason)) request.finish_reason = reason;
  }
  if (auto ids = json.find("token_ids"); ids != json.end() && ids->is_array()) {
    std::vector<int32_t>& tokens = line.token_ids.emplace_back();
    for (const Json& token : *ids) {
      good = good && token.is_number_integer();
      tokens.push_back(token.is_number_integer() ? static_cast<int32_t>(token.get<int64_t>()) : 0);
    }
    request.token_ids = tokens;
  }
  line.requests.push_back(request);
  return good;
}

}  // namespace

std::string DescribeLine(uint64_t call, std::string_view params_json) {
  const Json params = params_json.empty() ? Json::object() : Json::parse(params_json.begin(), params_json.end(), nullptr, false);
  return fmt::format("{{\"id\":{},\"op\":\"describe\",\"protocol\":{},\"params\":{}}}\n", call, kLineProtocol,
                     params.is_object() ? params.dump() : "{}");
}

std::string VerifyLine(uint64_t call, std::span<const VerifyRequest> batch, const AnswerTable& table, absl::Time now) {
  std::string out = fmt::format("{{\"id\":{},\"op\":\"verify\",\"requests\":[", call);
  for (size_t i = 0; i < batch.size(); ++i) {
    const VerifyRequest& request = batch[i];
    out += fmt::format("{}{{\"id\":{}", i == 0 ? "" : ",", table.wire_id(i));
    AppendText(out, "prompt", request.prompt);
    AppendText(out, "completion", request.completion);
    AppendText(out, "reference", request.reference);
    if (request.answer.has_value()) AppendText(out, "answer", *request.answer);
    AppendRow(out, request.row);
    out += fmt::format(",\"group_id\":{},\"sample_index\":{},\"seed\":\"{}\"", request.group_id, request.sample_index, request.seed);
    if (request.num_tokens_completion.has_value()) out += fmt::format(",\"num_tokens_completion\":{}", *request.num_tokens_completion);
    if (!request.token_ids.empty()) {
      out += ",\"token_ids\":[";
      for (size_t t = 0; t < request.token_ids.size(); ++t) {
        if (t > 0) out += ',';
        out += std::to_string(request.token_ids[t]);
      }
      out += ']';
    }
    if (request.finish_reason.has_value()) out += fmt::format(",\"finish_reason\":\"{}\"", Name(*request.finish_reason));
    out += fmt::format(",\"timeout_ms\":{}}}", std::max<int64_t>(0, absl::ToInt64Milliseconds(table.deadline(i) - now)));
  }
  return out + "]}\n";
}

std::string CancelLine(uint64_t call) {
  return fmt::format("{{\"id\":{},\"op\":\"cancel\"}}\n", call);
}

absl::StatusOr<AnswerLine> ParseAnswerLine(std::string_view text) {
  AnswerLine line;
  HONE_ASSIGN_OR_RETURN(const Json json, ParseLine(text, line.call));
  if (auto more = json.find("more"); more != json.end()) {
    if (!more->is_boolean()) return BadLine("\"more\" is neither true nor false");
    line.more = more->get<bool>();
  }
  if (auto error = json.find("error"); error != json.end() && !error->is_null()) {
    if (!error->is_string()) return BadLine("\"error\" is no string");
    line.error = Cut(error->get<std::string>(), kExternalTextBytes);
  } else if (auto description = json.find("description"); description != json.end()) {
    line.description = description->dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (auto results = json.find("results"); results != json.end() && results->is_array()) {
    for (const Json& result : *results) {
      const std::optional<uint64_t> id = result.is_object() ? ReadId(result) : std::nullopt;
      if (id.has_value()) {
        line.verdicts.push_back(ReadResult(*id, result));
      } else {
        ++line.num_nameless;
      }
    }
  } else {
    return BadLine("it has neither \"results\" (a list) nor \"description\" nor \"error\"");
  }
  return line;
}

absl::StatusOr<CallLine> ParseCallLine(std::string_view text, absl::Time now) {
  CallLine line;
  HONE_ASSIGN_OR_RETURN(const Json json, ParseLine(text, line.call));
  std::string op;
  if (!ReadText(json, "op", 20, op)) return BadLine("\"op\" is no string");
  if (op == "describe") {
    line.op = CallLine::Op::kDescribe;
    if (auto params = json.find("params"); params != json.end()) line.params_json = params->dump();
  } else if (op == "cancel") {
    line.op = CallLine::Op::kCancel;
  } else if (op == "verify") {
    line.op = CallLine::Op::kVerify;
    auto requests = json.find("requests");
    if (requests == json.end() || !requests->is_array()) return BadLine("\"requests\" is no list");
    for (const Json& request : *requests) {
      if (!ReadRequest(request, now, line)) return BadLine("a request cannot be read");
    }
  } else {
    return BadLine("\"op\" must be \"describe\", \"verify\" or \"cancel\"");
  }
  return line;
}

std::string DescriptionLine(uint64_t call, const VerifierDescription& description) {
  return fmt::format("{{\"id\":{},\"description\":{}}}\n", call, DescriptionToJson(description));
}

std::string ErrorLine(uint64_t call, std::string_view error) {
  return fmt::format("{{\"id\":{},\"error\":{}}}\n", call, JsonQuote(error));
}

std::string ResultLines(uint64_t call, std::span<const Verdict> verdicts) {
  std::string out, line;
  for (const Verdict& verdict : verdicts) {
    if (line.size() > kMaxResultLineBytes) {
      out += fmt::format("{{\"id\":{},\"more\":true,\"results\":[{}]}}\n", call, line);
      line.clear();
    }
    Json result = {{"id", verdict.id}, {"outcome", Name(KindOf(verdict.outcome))}, {"reason", verdict.reason}};
    if (!verdict.evidence.empty()) result["evidence"] = verdict.evidence.substr(0, kExternalEvidenceBytes);
    if (const Score* score = std::get_if<Score>(&verdict.outcome)) {
      result["score"] = score->value;  // no number in JSON (null) when it is not finite, so that the reader refuses it
      for (const ScorePart& part : score->parts) result["parts"][part.name] = part.value;
    } else if (const NotApplicable* none = std::get_if<NotApplicable>(&verdict.outcome)) {
      result["why"] = none->why;
    } else if (const TaskError* task = std::get_if<TaskError>(&verdict.outcome)) {
      result["why"] = task->why;
    } else if (const InfraError* infra = std::get_if<InfraError>(&verdict.outcome)) {
      result["why"] = infra->why;
      result["retryable"] = infra->retryable;
    }
    if (!line.empty()) line += ',';
    line += result.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return out + fmt::format("{{\"id\":{},\"results\":[{}]}}\n", call, line);
}

}  // namespace hone
