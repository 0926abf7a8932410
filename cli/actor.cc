#include <atomic>
#include <thread>

#include "actor/worker.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/process.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/transport/grpc_client.h"

namespace hone {
namespace {

struct ActorArguments {
  std::string address, token_file, log_file;
  std::string name = "actor-0";
  std::vector<std::string> verifier_workers;
  int threads = 0;
};

int RunActor(const ActorArguments& arguments) {
  InstallStopSignals();
  if (const auto log = StartLogging(arguments.name, arguments.log_file, "info"); !log.ok()) return Report(log);
  auto token = ReadFile(arguments.token_file, 4096);
  if (!token.ok()) return Report(token.status());
  auto client = GrpcClient::Create({.address = arguments.address, .token = *token});
  if (!client.ok()) return Report(client.status(), kWrongUse);
  RolloutWorker worker({.name = arguments.name,
                        .threads = arguments.threads > 0 ? arguments.threads : UsableCores(),
                        .verifier_workers = arguments.verifier_workers,
                        .token = *token},
                       **client, **client);
  std::atomic<bool> finished{false};
  std::thread watcher([&] {
    while (!finished.load()) {
      if (StopSignals() > 0) {
        worker.Stop();
        (*client)->Cancel();
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const absl::Status status = worker.Run();
  finished.store(true);
  watcher.join();
  if (status.ok() || absl::IsCancelled(status)) return kDone;
  HONE_LOG_ERROR("{}", std::string(status.message()));
  return kFailed;
}

}  // namespace

void AddActor(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("actor", "One actor that joins a learner, by hand (what `hone run` and launchers start)");
  auto arguments = std::make_shared<ActorArguments>();
  command->add_option("--join", arguments->address, "unix:PATH or HOST:PORT of the learner")->required();
  command->add_option("--token-file", arguments->token_file, "File with the run's secret")->required();
  command->add_option("--name", arguments->name, "Unique among the run's actors")->capture_default_str();
  command->add_option("--threads", arguments->threads, "Compute threads; 0: all cores")->capture_default_str();
  command
      ->add_option("--verifier-worker", arguments->verifier_workers,
                   "Address of a `hone verifier` of the run; may be repeated. None: the actor runs the verifiers itself")
      ->allow_extra_args(false);
  command->add_option("--log-file", arguments->log_file, "Also log to this file");
  command->callback([=, &exit_code] { exit_code = RunActor(*arguments); });
}

}  // namespace hone
