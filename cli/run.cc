// hone run, hone resume: the supervisor. It makes the run's folder, starts learner, verifier workers and actors as processes of their own,
// replaces those that die, and passes Ctrl-C on to the learner, which writes a checkpoint.

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>

#include "absl/time/clock.h"
#include "actor/recipe_pool.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/learner.h"
#include "cli/process.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/ledger/run_ledger.h"
#include "lib/transport/run_token.h"
#include "rewards/composition.h"
#include "verifiers/registry.h"

namespace hone {
namespace {

// How long processes may take to leave after being asked.
constexpr double kGraceSeconds = 10;
// Unix socket paths are limited to about 100 characters.
constexpr size_t kMaxSocketPath = 100;

// Verifiers are made once before anything starts, so that a bad parameter is found now.
absl::Status CheckVerifiers(const Recipe& recipe) {
  VerifierHost host;
  std::vector<std::vector<std::string>> parts;
  for (const VerifierUse& use : VerifierUses(recipe)) {
    const auto verifier = CreateVerifier(use.verifier, use.params, host);
    if (!verifier.ok()) return Annotate(verifier.status(), fmt::format("verifiers: {}", use.name));
    parts.push_back((*verifier)->Describe().parts);
  }
  return CheckPartNames(recipe, parts);
}

int DryRun(const Recipe& recipe) {
  std::printf("%s", PrintRecipe(recipe).c_str());
  std::printf("\nderived\n  samples per step      %lld\n  run folder            %s\n  recipe fingerprint    %s\n",
              static_cast<long long>(recipe.SamplesPerStep()), recipe.RunDir().c_str(), recipe.Fingerprint().c_str());
  std::error_code error;
  if (!recipe.data.path.empty() && !std::filesystem::exists(recipe.data.path, error)) {
    std::fprintf(stderr, "hone: warning: data.path %s is not there yet\n", recipe.data.path.c_str());
  }
  if (recipe.model.scratch.has_value()) {
    const std::string folder = (std::filesystem::temp_directory_path(error) / fmt::format("hone-dry-run-{}", ::getpid())).string();
    auto model = OpenRecipeModel(recipe, folder);
    if (model.ok()) {
      if (auto plan = PlanMemory(recipe, model->files.config); plan.ok()) std::printf("%s", plan->text.c_str());
    }
    std::filesystem::remove_all(folder, error);
    return model.ok() ? kDone : Report(model.status());
  }
  auto files = LoadModelFiles(recipe.model.path);
  if (!files.ok()) {
    std::fprintf(stderr, "hone: warning: the model cannot be opened yet: %s\n", std::string(files.status().message()).c_str());
    return kDone;
  }
  auto plan = PlanMemory(recipe, files->config);
  if (!plan.ok()) return Report(plan.status(), kWrongUse);
  std::printf("%s", plan->text.c_str());
  return kDone;
}

// The address of a socket in the run's folder, or of one in the temporary folder when that path is too long.
std::string SocketAddress(const std::string& path) {
  std::error_code error;
  std::string socket = std::filesystem::absolute(path, error).string();
  if (socket.size() > kMaxSocketPath) {
    socket = (std::filesystem::temp_directory_path(error) / fmt::format("hone-{:016x}.sock", Hash64(socket))).string();
  }
  return "unix:" + socket;
}

// A process that is replaced when it dies.
struct Role {
  std::string name;  // "actor-0", "verifier-1"
  std::vector<std::string> arguments;
};

// The verifier workers, then the actors.
std::vector<Role> Roles(const Recipe& recipe, const RunPaths& paths, const std::string& learner) {
  std::vector<Role> roles;
  const auto add = [&](std::string name, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--token-file", paths.token(), "--name", name, "--log-file", fmt::format("{}/{}.log", paths.logs(), name)});
    roles.push_back({std::move(name), std::move(arguments)});
  };
  std::vector<std::string> workers;
  for (int64_t i = 0; i < recipe.actors.verifier_workers; ++i) {
    workers.push_back(SocketAddress(fmt::format("{}/verifier-{}.sock", paths.folder, i)));
    add(fmt::format("verifier-{}", i), {"verifier", "--recipe", paths.recipe(), "--listen", workers.back()});
  }
  const int64_t threads = recipe.actors.threads > 0 ? recipe.actors.threads : recipe.run.threads;
  for (int64_t i = 0; i < recipe.actors.count; ++i) {
    std::vector<std::string> arguments = {"actor", "--join", learner};
    if (threads > 0) arguments.insert(arguments.end(), {"--threads", std::to_string(threads)});
    for (const std::string& worker : workers) arguments.insert(arguments.end(), {"--verifier-worker", worker});
    add(fmt::format("actor-{}", i), std::move(arguments));
  }
  return roles;
}

// Starts the processes of a run and replaces those that die, until the learner has ended.
int Supervise(const Recipe& recipe, const std::string& run_dir) {
  const RunPaths paths(run_dir);
  // Held until this process ends: a second one must not touch a run that is going on.
  const int lock = ::open(paths.lock().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) return Report(ErrnoToStatus(errno, "cannot open", paths.lock()));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return Report(absl::FailedPreconditionError(
        fmt::format("{}: another process runs it; wait for its end, or stop it by Ctrl-C there (hone status {})", run_dir, run_dir)));
  }
  const std::string token_file = paths.token();
  if (const auto written = WriteFileAtomically(token_file, NewRunToken()); !written.ok()) return Report(written);
  ::chmod(token_file.c_str(), 0600);
  const std::string address = SocketAddress(paths.socket());
  WriteFileAtomically(paths.address(), address).IgnoreError();

  InstallStopSignals();
  auto learner = SpawnSelf({"learner", run_dir, "--listen", address, "--token-file", token_file});
  if (!learner.ok()) return Report(learner.status());
  const std::vector<Role> roles = Roles(recipe, paths, address);
  std::map<pid_t, const Role*> children;
  int64_t restarts = 0;
  const auto start = [&](const Role& role) {
    auto pid = SpawnSelf(role.arguments);
    if (pid.ok()) {
      children[*pid] = &role;
    } else {
      Report(pid.status());
    }
  };
  for (const Role& role : roles) start(role);
  int forwarded = 0, exit_code = kFailed;
  for (;;) {
    if (StopSignals() > forwarded) {
      forwarded = StopSignals();
      if (forwarded == 1) std::fprintf(stderr, "\nhone: stopping: writing a checkpoint (press Ctrl-C again to leave at once)\n");
      ::kill(*learner, forwarded == 1 ? SIGTERM : SIGKILL);
    }
    const Ended ended = WaitForChild(100);
    if (ended.pid == 0) continue;
    if (ended.pid == *learner) {
      exit_code = ended.exit_code;
      if (ended.signal != 0) {
        std::fprintf(stderr, "hone: the learner ended by %s; go on with: hone resume %s\n", Describe(ended).c_str(), run_dir.c_str());
        exit_code = kFailed;
      }
      break;
    }
    const auto child = children.find(ended.pid);
    if (child == children.end()) continue;
    const Role& role = *child->second;
    children.erase(child);
    if (forwarded > 0 || ended.exit_code == kDone) continue;  // the run is ending
    if (++restarts > recipe.actors.max_restarts) {
      std::fprintf(stderr, "hone: %s ended by %s; actors.max_restarts (%lld) is used up, stopping. See %s/%s.log\n", role.name.c_str(),
                   Describe(ended).c_str(), static_cast<long long>(recipe.actors.max_restarts), paths.logs().c_str(), role.name.c_str());
      ::kill(*learner, SIGTERM);
      continue;
    }
    std::fprintf(stderr, "hone: %s ended by %s; starting another in its place\n", role.name.c_str(), Describe(ended).c_str());
    start(role);
  }
  // The actors heard that the run is over, the verifier workers are told; who does not leave is made to.
  for (const auto& [pid, role] : children) {
    if (role->arguments[0] == "verifier") ::kill(pid, SIGTERM);
  }
  for (const absl::Time give_up = absl::Now() + absl::Seconds(kGraceSeconds); !children.empty();) {
    const Ended ended = WaitForChild(100);
    if (ended.pid != 0) children.erase(ended.pid);
    if (absl::Now() > give_up) {
      for (const auto& [pid, role] : children) ::kill(pid, SIGKILL);
    }
  }
  std::error_code error;
  std::filesystem::remove(address.substr(std::strlen("unix:")), error);
  std::filesystem::remove(token_file, error);
  return exit_code;
}

// Disk that checkpoints and ledger need at least, with a margin. Asked of the nearest folder above run_dir that exists.
absl::Status CheckDisk(const Recipe& recipe, const DecoderConfig& config, const std::string& run_dir) {
  const ParameterLayout layout(config);
  const uint64_t checkpoint = static_cast<uint64_t>(layout.total_elements()) * 14;  // bf16 weights, and 12 bytes of trainer state
  const uint64_t needed = checkpoint * static_cast<uint64_t>(recipe.checkpoint.keep_last + 2);
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(run_dir, error);
  while (folder.has_relative_path() && !std::filesystem::exists(folder, error)) folder = folder.parent_path();
  HONE_ASSIGN_OR_RETURN(const uint64_t free, FreeDiskBytes(folder.string()));
  if (free < needed) {
    return absl::ResourceExhaustedError(fmt::format(
        "{}: {:.1f} GB are free, checkpoints of this run need {:.1f} GB; free some space, lower checkpoint.keep_last or set run.dir",
        run_dir, free / 1e9, needed / 1e9));
  }
  return absl::OkStatus();
}

int Run(const std::string& recipe_path, const std::vector<std::string>& overrides, bool dry_run, bool in_process) {
  auto recipe = LoadRecipe(recipe_path, overrides);
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  if (const auto checked = CheckVerifiers(*recipe); !checked.ok()) return Report(checked, kWrongUse);
  if (dry_run) return DryRun(*recipe);
  const std::string run_dir = recipe->RunDir();
  std::error_code error;
  // What is missing is found before the folder is made.
  if (!recipe->model.scratch.has_value()) {
    auto files = LoadModelFiles(recipe->model.path);
    if (!files.ok()) return Report(files.status());
    if (const auto disk = CheckDisk(*recipe, files->config, run_dir); !disk.ok()) return Report(disk);
  }
  if (!recipe->data.path.empty() && !std::filesystem::exists(recipe->data.path, error)) {
    return Report(absl::NotFoundError(fmt::format("data.path {}: no such file", recipe->data.path)));
  }
  const std::string run_id = fmt::format("{}-{}", recipe->run.name, absl::FormatTime("%Y%m%d-%H%M%S", absl::Now(), absl::UTCTimeZone()));
  {
    auto ledger = RunLedger::Create(run_dir, run_id, PrintRecipe(*recipe));
    if (!ledger.ok()) return Report(ledger.status(), absl::IsAlreadyExists(ledger.status()) ? kWrongUse : kFailed);
  }
  if (in_process || recipe->run.in_process) return RunLearner({.run_dir = run_dir, .in_process = true});
  return Supervise(*recipe, run_dir);
}

int Resume(const std::string& run_dir, bool in_process) {
  const RunPaths paths(run_dir);
  {
    auto ledger = RunLedger::Open(run_dir);  // says what is damaged, before anything starts
    if (!ledger.ok()) return Report(ledger.status());
  }
  auto text = ReadFile(paths.recipe());
  if (!text.ok()) return Report(text.status());
  auto recipe = ParseRecipe(*text, paths.recipe());
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  if (in_process || recipe->run.in_process) return RunLearner({.run_dir = run_dir, .in_process = true});
  return Supervise(*recipe, run_dir);
}

}  // namespace

void AddRun(CLI::App& app, int& exit_code) {
  {
    auto* command = app.add_subcommand("run", "Train by a recipe on this machine: learner, actors and verifiers");
    struct Arguments {
      std::string recipe;
      std::vector<std::string> overrides;
      bool dry_run = false, in_process = false;
    };
    auto arguments = std::make_shared<Arguments>();
    command->add_option("recipe", arguments->recipe, "Recipe file, as recipes/quickstart.json")->required();
    command->add_option("--set", arguments->overrides, "Override a field: --set learner.lr=1e-6 (JSON, else a string); may be repeated")
        ->allow_extra_args(false);
    command->add_flag("--dry-run", arguments->dry_run, "Print the resolved recipe, derived sizes and the memory plan; start nothing");
    command->add_flag("--in-process", arguments->in_process, "Learner and actor in one process, for debugging");
    command->callback(
        [=, &exit_code] { exit_code = Run(arguments->recipe, arguments->overrides, arguments->dry_run, arguments->in_process); });
  }
  auto* command = app.add_subcommand("resume", "Go on with a run from its newest checkpoint");
  auto run_dir = std::make_shared<std::string>();
  auto in_process = std::make_shared<bool>(false);
  command->add_option("run", *run_dir, "The run's folder, as runs/quickstart")->required();
  command->add_flag("--in-process", *in_process, "Learner and actor in one process, for debugging");
  command->callback([=, &exit_code] { exit_code = Resume(*run_dir, *in_process); });
}

}  // namespace hone
