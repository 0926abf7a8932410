#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/ledger/run_ledger.h"
#include "lib/transport/grpc_client.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

absl::StatusOr<RunStatus> AskLearner(const std::string& run_dir) {
  const RunPaths paths(run_dir);
  HONE_ASSIGN_OR_RETURN(const std::string address, ReadFile(paths.address(), 4096));
  HONE_ASSIGN_OR_RETURN(const std::string token, ReadFile(paths.token(), 4096));
  HONE_ASSIGN_OR_RETURN(auto client, GrpcClient::Create({.address = address, .token = token, .connect_timeout = absl::Seconds(2)}));
  return client->GetStatus();
}

int Status(const std::string& run_dir, bool as_json) {
  auto ledger = RunLedger::OpenForReading(run_dir);
  if (!ledger.ok()) return Report(ledger.status());
  auto step = (*ledger)->LastStep();
  auto consumed = (*ledger)->NumConsumed();
  auto checkpoints = (*ledger)->Checkpoints();
  if (!step.ok() || !consumed.ok() || !checkpoints.ok())
    return Report(step.ok() ? consumed.ok() ? checkpoints.status() : consumed.status() : step.status());
  const auto live = AskLearner(run_dir);
  nlohmann::ordered_json out = {
      {"run", run_dir},
      {"state", live.ok() ? live->state : "not running"},
      {"step", *step},
      {"trained_prompts", *consumed},
      {"checkpoint",
       checkpoints->empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json((*ledger)->paths().checkpoint(checkpoints->back()))},
      {"actors", nlohmann::ordered_json::array()}};
  if (live.ok()) {
    out["total_steps"] = live->total_steps;
    for (const ActorStatus& actor : live->actors) {
      out["actors"].push_back({{"name", actor.name},
                               {"pid", actor.pid},
                               {"policy_version", actor.policy_version},
                               {"tokens_per_second", actor.tokens_per_second},
                               {"last_seen_ms_ago", actor.last_seen_ms_ago}});
    }
  }
  if (as_json) {
    std::printf("%s\n", out.dump().c_str());
    return kDone;
  }
  std::printf("%s: %s, step %lld, %lld prompts trained on\n", run_dir.c_str(), out["state"].get<std::string>().c_str(),
              static_cast<long long>(*step), static_cast<long long>(*consumed));
  for (const auto& actor : out["actors"]) {
    std::printf("  %s  pid %lld  policy version %lld  %.0f tokens/s  seen %.1f s ago\n", actor["name"].get<std::string>().c_str(),
                static_cast<long long>(actor["pid"].get<int64_t>()), static_cast<long long>(actor["policy_version"].get<int64_t>()),
                actor["tokens_per_second"].get<double>(), static_cast<double>(actor["last_seen_ms_ago"].get<int64_t>()) / 1000);
  }
  if (!checkpoints->empty()) std::printf("  newest checkpoint: %s\n", (*ledger)->paths().checkpoint(checkpoints->back()).c_str());
  if (!live.ok()) std::printf("  go on with: hone resume %s\n", run_dir.c_str());
  return kDone;
}

}  // namespace

void AddStatus(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("status", "How far a run is, and its actors");
  auto run_dir = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  command->add_option("run", *run_dir, "The run's folder")->required();
  command->add_flag("--json", *as_json, "One JSON object");
  command->callback([=, &exit_code] { exit_code = Status(*run_dir, *as_json); });
}

}  // namespace hone
