#include <atomic>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/process.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/thread_pool.h"
#include "verifiers/external/line_server.h"
#include "verifiers/external/one_verifier_source.h"
#include "verifiers/external/verifier_server.h"
#include "verifiers/registry.h"

namespace hone {
namespace {

struct ServeArguments {
  std::string verifier, listen, token_file;
  std::string params = "{}";
  bool stdio = false;
  int threads = 0;
};

int ServeSocket(const ServeArguments& arguments, OneVerifierSource& source, int threads) {
  VerifierServerOptions options{.address = arguments.listen, .max_calls = std::max(64, 4 * threads)};
  if (!arguments.token_file.empty()) {
    auto token = ReadFile(arguments.token_file, 4096);
    if (!token.ok()) return Report(token.status());
    while (!token->empty() && token->back() == '\n') token->pop_back();
    options.token = *std::move(token);
  }
  auto server = VerifierServer::Start(options, source);
  if (!server.ok()) return Report(server.status(), kWrongUse);
  std::fprintf(stderr, "hone: serving %s at %s\n", arguments.verifier.c_str(), (*server)->address().c_str());
  while (StopSignals() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  (*server)->Stop(absl::Seconds(5));
  return kDone;
}

int Serve(const ServeArguments& arguments) {
  if (arguments.stdio == !arguments.listen.empty()) {
    return Report(absl::InvalidArgumentError("one of --stdio and --listen ADDRESS is needed"), kWrongUse);
  }
  InstallStopSignals();
  if (const auto log = StartLogging("verifier", "", "info"); !log.ok()) return Report(log);
  VerifierHost host;
  OneVerifierSource source(arguments.verifier, arguments.params,
                           [&](const std::string& params) -> absl::StatusOr<std::unique_ptr<Verifier>> {
                             return CreateVerifier(arguments.verifier, params, host);
                           });
  // A mistake in its name or parameters is found now, not with the first call.
  if (auto made = source.Get("", arguments.params); !made.ok()) return Report(made.status(), kWrongUse);
  const int threads = arguments.threads > 0 ? arguments.threads : UsableCores();
  if (!arguments.stdio) return ServeSocket(arguments, source, threads);
  const absl::Status served = ServeLines(0, 1, source, threads);
  return served.ok() ? kDone : Report(served);
}

}  // namespace

void AddVerifierServe(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("verifier-serve", "Serves one verifier to other processes: over gRPC, or as a command over stdin and stdout");
  auto arguments = std::make_shared<ServeArguments>();
  command->add_option("--verifier", arguments->verifier, "A name, or the URI of a plugin")->required();
  command->add_option("--params", arguments->params, "Its parameters where the caller gives none")->capture_default_str();
  command->add_option("--listen", arguments->listen, "unix:PATH or HOST:PORT (gRPC)");
  command->add_flag("--stdio", arguments->stdio, "JSON lines on stdin and stdout");
  command->add_option("--token-file", arguments->token_file, "File with a secret that callers must show; needed with HOST:PORT");
  command->add_option("--threads", arguments->threads, "Calls at once with --stdio; 0: one per core")->capture_default_str();
  command->callback([=, &exit_code] { exit_code = Serve(*arguments); });
}

}  // namespace hone
