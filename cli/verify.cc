#include <algorithm>
#include <optional>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "cli/rescore.h"
#include "fmt/format.h"
#include "lib/base/thread_pool.h"
#include "lib/rollout/trajectory.h"
#include "nlohmann/json.hpp"
#include "verifiers/registry.h"

namespace hone {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kMaxThreads = 256;

absl::StatusOr<std::string> TextField(const ordered_json& input, const char* name) {
  if (!input.contains(name) || input[name].is_null()) return std::string();
  if (input[name].is_string()) return input[name].get<std::string>();
  if (input[name].is_number()) return input[name].dump();
  return absl::InvalidArgumentError(fmt::format("\"{}\" must be a string", name));
}

absl::StatusOr<ordered_json> Answer(const CheckedVerifier& verifier, const ordered_json& input) {
  HONE_ASSIGN_OR_RETURN(const std::string prompt, TextField(input, "prompt"));
  HONE_ASSIGN_OR_RETURN(const std::string completion, TextField(input, "completion"));
  HONE_ASSIGN_OR_RETURN(const std::string reference, TextField(input, "reference"));
  HONE_ASSIGN_OR_RETURN(const std::string answer, TextField(input, "answer"));
  const std::string row = input.contains("row") ? input["row"].dump() : input.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  VerifyRequest request{.prompt = prompt, .completion = completion, .reference = reference, .row = row};
  if (input.contains("answer") && !input["answer"].is_null()) request.answer = answer;
  const std::vector<Verdict> verdicts = verifier.Verify({&request, 1});
  const VerdictRecord record = ToRecord(verifier.Describe().name, verdicts.at(0));
  ordered_json output;
  if (input.contains("id")) output["id"] = input["id"];
  output["outcome"] = Name(record.outcome);
  if (record.outcome == OutcomeKind::kScore) {
    output["score"] = record.score;
    ordered_json parts = ordered_json::object();
    for (const ScorePart& part : record.parts) parts[part.name] = part.value;
    output["parts"] = parts;
  }
  output["reason"] = record.reason;
  return output;
}

}  // namespace

void AddVerify(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("verify",
                                     "Verdicts on completions, one JSON object a line:\n"
                                     "  {\"id\":..,\"prompt\":..,\"completion\":..,\"reference\":..} -> "
                                     "{\"id\":..,\"outcome\":..,\"score\":..,\"parts\":{..},\"reason\":..}");
  struct Arguments {
    std::string name, params = "{}", run;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  std::string names;
  for (const std::string& known : KnownVerifiers()) names += (names.empty() ? "" : ", ") + known;
  auto* verifier = command->add_option("--verifier", arguments->name, "One of: " + names + ". With --rescore: its name in the recipe");
  auto* params = command->add_option("--params", arguments->params, "Its parameters, a JSON object")->capture_default_str();
  auto* rescore =
      command->add_option("--rescore", arguments->run, "Instead: make the verdicts of this run's folder again and print those that differ");
  command->add_flag("--json", arguments->json, "With --rescore: the summary as JSON")->needs(rescore);
  command->callback([=, &exit_code] {
    if (*rescore) {
      exit_code = Rescore({.run_dir = arguments->run,
                           .label = arguments->name,
                           .params = *params ? std::optional(arguments->params) : std::nullopt,
                           .json = arguments->json});
      return;
    }
    if (!*verifier) {
      exit_code = Report(absl::InvalidArgumentError("--verifier NAME is needed, or --rescore RUN"), kWrongUse);
      return;
    }
    VerifierHost host;
    auto made = CreateVerifier(arguments->name, arguments->params, host);
    if (!made.ok()) {
      exit_code = Report(made.status(), kWrongUse);
      return;
    }
    const int64_t wanted = (*made)->Describe().concurrency;
    const int threads = wanted > 0 ? static_cast<int>(std::min<int64_t>(wanted, kMaxThreads)) : UsableCores();
    exit_code = AnswerLines([&](const ordered_json& input) { return Answer(**made, input); }, threads);
  });
}

}  // namespace hone
