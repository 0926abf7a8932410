#include "verifiers/tool_use.h"

#include <algorithm>
#include <map>
#include <optional>

#include "fmt/format.h"
#include "lib/data/params.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/params_schema.h"
#include "verifiers/text.h"

namespace hone {
namespace {
using nlohmann::json;

constexpr size_t kMaxTools = 1000;
constexpr size_t kMaxSchemaBytes = 256 << 10;
constexpr size_t kMaxCallBytes = 1 << 20;
constexpr size_t kMaxComplaints = 10;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Schema of the arguments by name of the tool.
using Tools = std::map<std::string, std::string, std::less<>>;

absl::StatusOr<Tools> ReadTools(const json& list) {
  if (!list.is_array() || list.size() > kMaxTools)
    return absl::InvalidArgumentError(fmt::format("tools must be a list of at most {}", kMaxTools));
  Tools tools;
  for (const json& entry : list) {
    const json& tool = entry.is_object() && entry.contains("function") ? entry["function"] : entry;
    if (!tool.is_object() || !tool.contains("name") || !tool["name"].is_string())
      return absl::InvalidArgumentError("a tool must be an object with a name");
    const std::string name = tool["name"];
    const std::string schema = tool.contains("parameters") && !tool["parameters"].is_null() ? Dump(tool["parameters"]) : "{}";
    if (schema.size() > kMaxSchemaBytes)
      return absl::InvalidArgumentError(fmt::format("tool \"{}\": schema of {} bytes; at most {}", name, schema.size(), kMaxSchemaBytes));
    if (const absl::Status status = CheckSchema(schema); !status.ok())
      return absl::InvalidArgumentError(fmt::format("tool \"{}\": {}", name, std::string(status.message())));
    if (!tools.emplace(name, schema).second) return absl::InvalidArgumentError(fmt::format("tool \"{}\" is there twice", name));
  }
  return tools;
}

// How far a call is right, and what is wrong with it.
struct Call {
  bool well_formed = false, known = false, allowed = false;
  std::string complaint;
};

Call JudgeCall(std::string_view text, const Tools& tools) {
  Call call;
  const auto wrong = [&](std::string complaint) {
    call.complaint = std::move(complaint);
    return call;
  };
  if (text.size() > kMaxCallBytes) return wrong(fmt::format("a call of {} bytes; at most {}", text.size(), kMaxCallBytes));
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return wrong("a call is no JSON object");
  if (!value.contains("name") || !value["name"].is_string()) return wrong("a call has no name");
  json arguments = value.contains("arguments") ? value["arguments"] : value.contains("parameters") ? value["parameters"] : json::object();
  if (arguments.is_string()) arguments = json::parse(arguments.get_ref<const std::string&>(), nullptr, false);
  if (!arguments.is_object()) return wrong("the arguments are no JSON object");
  call.well_formed = true;
  const auto tool = tools.find(value["name"].get_ref<const std::string&>());
  if (tool == tools.end()) return wrong(fmt::format("there is no tool {}", Dump(value["name"]).substr(0, 100)));
  call.known = true;
  const absl::Status status = CheckParams(tool->first, tool->second, Dump(arguments));
  if (!status.ok()) return wrong(std::string(status.message()).substr(0, 1000));
  call.allowed = true;
  return call;
}

class ToolUse : public TextVerifier {
 public:
  explicit ToolUse(Params& params)
      : open_(params.Text("open", "<tool_call>", "tag that opens a call")),
        close_(params.Text("close", "</tool_call>", "tag that closes it")),
        min_calls_(params.Int("min_calls", 1, 0, 1 << 20, "with fewer calls the score is 0")) {
    const std::string tools = params.Text("tools", "", "JSON list of tools; empty: those of the row");
    if (open_.empty() || close_.empty() || open_ == close_) params.Problem("the tags must differ and not be empty");
    if (!tools.empty()) {
      absl::StatusOr<Tools> read = ReadTools(json::parse(tools, nullptr, false));
      if (read.ok()) tools_ = *std::move(read);
      if (!read.ok()) params.Problem(std::string(read.status().message()));
    }
    description_ = {.name = "tool_use", .version = 1, .params_schema = params.Schema(), .parts = {"calls", "well_formed", "known"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    if (tools_.has_value()) return JudgeCalls(request.completion, *tools_);
    const json row = json::parse(request.row, nullptr, false);
    if (!row.is_object() || !row.contains("tools") || row["tools"].is_null() || row["tools"].empty())
      return {NotApplicable{"the row has no tools"}, "no_tools"};
    const absl::StatusOr<Tools> tools =
        ReadTools(row["tools"].is_string() ? json::parse(row["tools"].get_ref<const std::string&>(), nullptr, false) : row["tools"]);
    if (!tools.ok()) return {TaskError{std::string(tools.status().message())}, "bad_tools"};
    return JudgeCalls(request.completion, *tools);
  }

  Judgement JudgeCalls(std::string_view text, const Tools& tools) const {
    double calls = 0, well_formed = 0, known = 0, allowed = 0;
    json complaints = json::array();
    for (size_t at = 0; (at = text.find(open_, at)) != std::string_view::npos;) {
      const size_t begin = at + open_.size(), end = text.find(close_, begin);
      const Call call = end == std::string_view::npos ? Call{.complaint = "a call is not closed"}
                                                      : JudgeCall(TrimSpace(text.substr(begin, end - begin)), tools);
      ++calls;
      well_formed += call.well_formed;
      known += call.known;
      allowed += call.allowed;
      if (!call.complaint.empty() && complaints.size() < kMaxComplaints) complaints.push_back(call.complaint);
      if (end == std::string_view::npos) break;
      at = end + close_.size();
    }
    const bool enough = calls >= static_cast<double>(min_calls_);
    const double total = std::max(calls, 1.0);
    const double score = !enough ? 0 : calls == 0 ? 1 : allowed / total;
    return {Score{score, {{"calls", calls}, {"well_formed", well_formed / total}, {"known", known / total}}},
            !enough      ? "too_few_calls"
            : score == 1 ? "good"
                         : "bad_calls",
            complaints.empty() ? "" : Dump(complaints)};
  }

  const std::string open_, close_;
  const int64_t min_calls_;
  std::optional<Tools> tools_;  // nullopt: those of the row
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateToolUse(std::string_view params_json) {
  Params params("tool_use", params_json);
  auto verifier = std::make_unique<ToolUse>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
