#include "verifiers/instruction/task.h"

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "verifiers/instruction/table.h"

namespace hone::instruction {
namespace {
constexpr size_t kMaxInstructions = 200;

std::string Dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// ` 17`, from the row's key or id; empty when it has neither.
std::string RowName(const nlohmann::json& row) {
  for (const char* name : {"key", "id"}) {
    if (!row.contains(name)) continue;
    const nlohmann::json& value = row[name];
    if (value.is_string() || value.is_number()) return " " + Dump(value).substr(0, 100);
  }
  return {};
}

// The text without its first line, its last, or both, and trimmed if so.
Text DropLines(TextView text, bool first, bool last) {
  if (!first && !last) return Text(text);
  const size_t from = text.find(U'\n'), to = text.rfind(U'\n');
  if (from == TextView::npos || (first && last && from == to)) return {};
  const size_t begin = first ? from + 1 : 0;
  return Text(Trim(text.substr(begin, last ? to - begin : TextView::npos)));
}

struct OwnedClaim {
  size_t instruction;
  Claim claim;
};

// What claims cannot be true together; empty when all can.
std::string FindContradiction(const std::vector<OwnedClaim>& claims, const nlohmann::json& ids) {
  auto shown = [&](const OwnedClaim& c) {
    return fmt::format("{} ({}, {})", c.instruction, ids[c.instruction].get_ref<const std::string&>(), c.claim.Shown());
  };
  for (size_t i = 0; i < claims.size(); ++i) {
    if (Contradict(claims[i].claim, claims[i].claim)) return fmt::format("instruction {} cannot be followed", shown(claims[i]));
    for (size_t k = 0; k < i; ++k)
      if (Contradict(claims[k].claim, claims[i].claim))
        return fmt::format("instructions {} and {} contradict each other", shown(claims[k]), shown(claims[i]));
  }
  return {};
}

bool IsBlank(TextView text) {
  return Trim(text).empty();
}
}  // namespace

absl::StatusOr<Task> Task::Parse(std::string_view json) {
  const nlohmann::json row = nlohmann::json::parse(json, nullptr, false);
  if (!row.is_object()) return absl::InvalidArgumentError("the row is no JSON object");
  auto error = [&](std::string_view what) { return absl::InvalidArgumentError(fmt::format("row{}: {}", RowName(row), what)); };
  for (const char* name : {"instruction_id_list", "kwargs"})
    if (!row.contains(name) || !row[name].is_array()) return error(fmt::format("\"{}\" is missing or no list", name));
  const nlohmann::json& ids = row["instruction_id_list"];
  const nlohmann::json& kwargs = row["kwargs"];
  if (ids.size() != kwargs.size())
    return error(fmt::format("\"instruction_id_list\" has {} entries, \"kwargs\" has {}; they must be as many", ids.size(), kwargs.size()));
  if (ids.empty() || ids.size() > kMaxInstructions)
    return error(fmt::format("{} instructions; must be 1 to {}", ids.size(), kMaxInstructions));
  Task task;
  std::vector<OwnedClaim> claims;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].is_string()) return error(fmt::format("instruction {} is no text", i));
    const auto& id = ids[i].get_ref<const std::string&>();
    absl::StatusOr<Constraint> constraint = MakeConstraint(id, Dump(kwargs[i]));
    if (absl::IsNotFound(constraint.status())) return error(std::string(constraint.status().message()));
    if (!constraint.ok()) return error(fmt::format("parameters of {}: {}", id, std::string(constraint.status().message())));
    for (Claim& claim : constraint->claims) claims.push_back({i, std::move(claim)});
    task.instructions_.push_back({id, std::move(constraint->checker)});
  }
  if (const std::string problem = FindContradiction(claims, ids); !problem.empty()) return error(problem);
  return task;
}

absl::StatusOr<std::vector<InstructionVerdict>> Task::Check(std::string_view utf8) const {
  std::vector<InstructionVerdict> verdicts(instructions_.size());
  const Text text = Decode(utf8);
  {
    const Response response(text);
    const bool blank = IsBlank(text);
    for (size_t i = 0; i < instructions_.size(); ++i) {
      Finding finding{false, "the response is blank"};
      if (!blank) {
        HONE_ASSIGN_OR_RETURN(finding, instructions_[i].checker(response));
      }
      verdicts[i] = {instructions_[i].id, finding.follows, finding.follows, std::move(finding.why)};
    }
  }
  const bool starred = text.find(U'*') != Text::npos;
  for (int variant = 1; variant < 8; ++variant) {
    const bool without_stars = variant & 4;
    if (without_stars && !starred) continue;
    Text changed = DropLines(text, variant & 1, variant & 2);
    if (without_stars) changed = WithoutChar(changed, U'*');
    if (IsBlank(changed)) continue;
    const Response response(std::move(changed));
    for (size_t i = 0; i < instructions_.size(); ++i) {
      if (verdicts[i].loose) continue;
      HONE_ASSIGN_OR_RETURN(const Finding finding, instructions_[i].checker(response));
      verdicts[i].loose = finding.follows;
    }
  }
  return verdicts;
}

}  // namespace hone::instruction
