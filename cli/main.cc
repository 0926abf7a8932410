#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace hone {

int Report(const absl::Status& status, int code) {
  std::fprintf(stderr, "hone: %s\n", std::string(status.message()).c_str());
  return code;
}

namespace {

int Main(int argc, char** argv) {
  CLI::App app(
      "hone trains language models with reinforcement learning from verifiable rewards.\n"
      "Begin with: hone run recipes/quickstart.json");
  app.set_version_flag("--version", "hone 0.1.0");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  int exit_code = kDone;
  for (auto add : {AddRun,   AddLearner,     AddActor,         AddStatus,         AddTokenize, AddLogProbs, AddGenerate,
                   AddChat,  AddConvert,     AddVerify,        AddVerifierWorker, AddEval,     AddRollouts, AddDoctor,
                   AddBench, AddNewVerifier, AddVerifierCheck, AddVerifierServe,  AddPuzzles,  AddRecipe,   AddSandbox}) {
    add(app, exit_code);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // prints help, or what is wrong
    return code == 0 ? kDone : kWrongUse;
  }
  return exit_code;
}

}  // namespace
}  // namespace hone

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return hone::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hone: internal error: %s\n", error.what());
    return hone::kFailed;
  }
}
