// hone verifier: a process that judges completions for the actors of a run.

#include <map>
#include <memory>
#include <thread>

#include "actor/recipe_pool.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/process.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "verifiers/external/verifier_server.h"
#include "verifiers/pool/identity.h"
#include "verifiers/registry.h"

namespace hone {
namespace {

// The verifiers of one recipe and nothing else, all made at the start.
class RecipeVerifiers : public VerifierSource {
 public:
  explicit RecipeVerifiers(SandboxOptions sandbox) : host_(sandbox) {}

  absl::Status Make(const Recipe& recipe) {
    for (const VerifierUse& use : VerifierUses(recipe)) {
      auto verifier = CreateVerifier(use.verifier, use.params, host_);
      if (!verifier.ok()) return Annotate(verifier.status(), fmt::format("verifier {}", use.name));
      verifiers_[{use.verifier, ConfigHash(use.params)}] = *std::move(verifier);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<const Verifier>> Get(std::string_view name, std::string_view params_json) override {
    const auto found = verifiers_.find({std::string(name), ConfigHash(params_json)});
    if (found != verifiers_.end()) return found->second;
    return absl::InvalidArgumentError(
        fmt::format("this worker's recipe has no verifier \"{}\" with these parameters; actors and workers need the same recipe", name));
  }

 private:
  VerifierHost host_;                                                                         // before what is made with it
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const Verifier>> verifiers_;  // by name and ConfigHash
};

struct WorkerArguments {
  std::string recipe, address, token_file, log_file;
  std::string name = "verifier-0";
  int slots = 0;
};

int RunVerifierWorker(const WorkerArguments& arguments) {
  InstallStopSignals();
  if (const auto log = StartLogging(arguments.name, arguments.log_file, "info"); !log.ok()) return Report(log);
  auto recipe = LoadRecipe(arguments.recipe);
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  std::string token;
  if (!arguments.token_file.empty()) {
    auto read = ReadFile(arguments.token_file, 4096);
    if (!read.ok()) return Report(read.status());
    token = *std::move(read);
  }
  RecipeVerifiers verifiers({.slots = arguments.slots});
  if (const auto made = verifiers.Make(*recipe); !made.ok()) return Report(made, kWrongUse);
  auto server = VerifierServer::Start({.address = arguments.address, .token = token}, verifiers);
  if (!server.ok()) return Report(server.status(), absl::IsInvalidArgument(server.status()) ? kWrongUse : kFailed);
  HONE_LOG_INFO("serves {} verifiers on {}", VerifierUses(*recipe).size(), (*server)->address());
  while (StopSignals() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  (*server)->Stop(absl::Seconds(2));
  return kDone;
}

}  // namespace

void AddVerifierWorker(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("verifier", "One verifier worker, by hand (what `hone run` and launchers start)");
  auto arguments = std::make_shared<WorkerArguments>();
  command->add_option("--recipe", arguments->recipe, "The recipe whose verifiers it serves; of a run: its recipe.json")->required();
  command->add_option("--listen", arguments->address, "unix:PATH or HOST:PORT")->required();
  command->add_option("--token-file", arguments->token_file, "File with the secret that every call must carry; needed with HOST:PORT");
  command->add_option("--slots", arguments->slots, "Programs that run at once; 0: one per core")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command->add_option("--name", arguments->name, "In the log")->capture_default_str();
  command->add_option("--log-file", arguments->log_file, "Also log to this file");
  command->callback([=, &exit_code] { exit_code = RunVerifierWorker(*arguments); });
}

}  // namespace hone
