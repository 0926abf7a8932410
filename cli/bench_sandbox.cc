#include "cli/bench_sandbox.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include "cli/bare_processes.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "lib/base/log.h"
#include "lib/base/mutex.h"
#include "nlohmann/json.hpp"
#include "sandbox/bwrap.h"
#include "sandbox/sandbox.h"
#include "sandbox/soak.h"

namespace hone {
namespace {

using nlohmann::ordered_json;

struct SandboxBenchOptions {
  int slots = 0;
  double seconds = 3;
  int64_t soak = 0;
  bool rlimits = false;
  std::string only;  // the one case to measure; empty: all
};

// What the machine itself takes for the least that a case must do: no limits, no channels, no clean-up.
struct Bound {
  const char* name;
  bool bwrap;
  std::vector<std::string> command;
  int processes;  // that one command stands for
};

struct BenchCase {
  const char* name;
  const char *language, *source, *out;
  RunMode mode;
  double to_reach;  // runs a second on two cores; 0: shown only
  const Bound& bound;
};

constexpr const char* kPythonSource = "a, b = map(int, input().split())\nprint(a + b)";
constexpr const char* kNativeSource =
    "#include <stdio.h>\nint main(void) { int a, b; if (scanf(\"%d %d\", &a, &b) != 2) return 1; printf(\"%d\\n\", a + b); }";
constexpr const char* kShellSource = "read a b; echo $((a + b))";

const Bound kBareBwrap = {"bwrap, true", true, {"/usr/bin/true"}, 1};
const Bound kBareBwrapPython = {"bwrap, python", true, {"/usr/bin/python3", "-s", "-S", "-B", "-c", "print(20 + 22)"}, 1};
const Bound kBareBwrapShell = {"bwrap, bash", true, {"/usr/bin/bash", "--noprofile", "--norc", "-c", "echo $((20 + 22))"}, 1};
const Bound kBareSpawn = {"spawn, true", false, {"/usr/bin/true"}, 1};
const Bound kBareShell = {"spawn, bash", false, {"/usr/bin/bash", "--noprofile", "--norc", "-c", "echo $((20 + 22))"}, 1};
const Bound kBareFork = {"fork of a python, exec()",
                         false,
                         {"/usr/bin/python3", "-s", "-S", "-B", "-c",
                          "import os\n"
                          "compile('', '', 'exec')\n"
                          "for _ in range(300):\n"
                          "    pid = os.fork()\n"
                          "    if pid == 0:\n"
                          "        exec(compile('a, b = map(int, \"20 22\".split())\\nprint(a + b)', 'main', 'exec'), {})\n"
                          "        os._exit(0)\n"
                          "    os.waitpid(pid, 0)\n"},
                         300};

const BenchCase kBenchCases[] = {
    {"python cold", "python", kPythonSource, "42\n", RunMode::kCold, 130, kBareBwrapPython},
    {"python zygote", "python", kPythonSource, "42\n", RunMode::kZygote, 900, kBareFork},
    {"native cold", "c", kNativeSource, "42\n", RunMode::kCold, 0, kBareBwrap},
    {"native zygote", "c", kNativeSource, "42\n", RunMode::kZygote, 2500, kBareSpawn},
    {"bash cold", "bash", kShellSource, "42\n", RunMode::kCold, 0, kBareBwrapShell},
    {"bash zygote", "bash", kShellSource, "42\n", RunMode::kZygote, 0, kBareShell},
};

// Runs a second of the bound; 0 where this machine cannot run it, such as an interpreter that it does not have.
double MeasureBound(const Bound& bound, int threads, double seconds) {
  std::vector<std::string> command;
  if (bound.bwrap) {
    const auto bwrap = FindBwrap("");
    if (!bwrap.ok()) return 0;
    command = {*bwrap};
    for (const char* argument : {"--unshare-user",
                                 "--unshare-pid",
                                 "--unshare-net",
                                 "--unshare-ipc",
                                 "--unshare-uts",
                                 "--unshare-cgroup",
                                 "--die-with-parent",
                                 "--ro-bind",
                                 "/usr",
                                 "/usr",
                                 "--symlink",
                                 "usr/lib",
                                 "/lib",
                                 "--symlink",
                                 "usr/lib64",
                                 "/lib64",
                                 "--proc",
                                 "/proc",
                                 "--dev",
                                 "/dev",
                                 "--tmpfs",
                                 "/tmp",
                                 "--cap-drop",
                                 "ALL",
                                 "--"}) {
      command.push_back(argument);
    }
  }
  command.insert(command.end(), bound.command.begin(), bound.command.end());
  const auto rate = BareRunsPerSecond(command, bound.processes, threads, seconds);
  return rate.ok() ? *rate : 0;
}

double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(q * static_cast<double>(values.size())))];
}

// Milliseconds of each run, by `threads` callers for so long.
absl::StatusOr<std::vector<double>> Measure(Sandbox& sandbox, const BenchCase& each, int threads, double seconds) {
  RunRequest request{.language = each.language, .source = each.source, .input = "20 22\n"};
  request.mode = each.mode;
  Mutex mu;
  std::vector<double> all;
  absl::Status status;
  const absl::Time end = absl::Now() + absl::Seconds(seconds);
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&] {
      std::vector<double> own;
      while (absl::Now() < end) {
        const absl::Time begin = absl::Now();
        const RunRecord record = sandbox.Run(request);
        own.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
        if (record.run_class == RunClass::kOk && record.out == each.out) continue;
        MutexLock lock(mu);
        status.Update(absl::InternalError(fmt::format("{}: {} {} {}", each.name, Name(record.run_class), record.why, record.err)));
        return;
      }
      MutexLock lock(mu);
      all.insert(all.end(), own.begin(), own.end());
    });
  }
  for (std::thread& caller : callers) caller.join();
  if (!status.ok()) return status;
  return all;
}

absl::Status Rates(const SandboxOptions& sandbox_options, double seconds, const std::string& only) {
  HONE_ASSIGN_OR_RETURN(const std::unique_ptr<Sandbox> sandbox, Sandbox::Start(sandbox_options));
  for (const BenchCase& each : kBenchCases) {
    if (!only.empty() && only != each.name) continue;
    HONE_RETURN_IF_ERROR(Measure(*sandbox, each, sandbox->slots(), 0.3).status());  // compiled, zygotes up
    HONE_ASSIGN_OR_RETURN(std::vector<double> alone, Measure(*sandbox, each, 1, seconds));
    const absl::Time begin = absl::Now();
    HONE_ASSIGN_OR_RETURN(std::vector<double> loaded, Measure(*sandbox, each, sandbox->slots(), seconds));
    const double rate = static_cast<double>(loaded.size()) / absl::ToDoubleSeconds(absl::Now() - begin);
    ordered_json line{{"bench", "sandbox"},
                      {"case", each.name},
                      {"slots", sandbox->slots()},
                      {"runs_per_s", rate},
                      {"p50_ms", Quantile(loaded, 0.5)},
                      {"p99_ms", Quantile(loaded, 0.99)},
                      {"alone_p50_ms", Quantile(alone, 0.5)},
                      {"alone_p99_ms", Quantile(alone, 0.99)}};
    if (const double bound = MeasureBound(each.bound, sandbox->slots(), seconds); bound > 0) {
      line["bound"] = each.bound.name;
      line["bound_runs_per_s"] = bound;
      line["of_bound"] = rate / bound;
    }
    if (each.to_reach > 0) line["to_reach_on_2_cores"] = each.to_reach;
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

absl::Status LongRun(const SandboxOptions& sandbox_options, int64_t runs) {
  const int threads = (sandbox_options.slots > 0 ? sandbox_options.slots : 2) + 1;
  HONE_ASSIGN_OR_RETURN(const SoakResult result, Soak(sandbox_options, runs, threads));
  std::printf("%s\n", ordered_json{{"bench", "sandbox"},
                                   {"case", "soak"},
                                   {"runs", result.runs},
                                   {"seconds", result.seconds},
                                   {"before", ToString(result.before)},
                                   {"warm", ToString(result.warm)},
                                   {"last", ToString(result.last)},
                                   {"after", ToString(result.after)}}
                          .dump()
                          .c_str());
  return absl::OkStatus();
}

}  // namespace

void AddBenchSandbox(CLI::App& bench, int& exit_code) {
  auto options = std::make_shared<SandboxBenchOptions>();
  CLI::App* command = bench.add_subcommand(
      "sandbox", "Runs a second of small programs, cold and through zygotes, beside what this machine takes for bare ones");
  command->add_option("--slots", options->slots, "Programs at once; 0: one per core")->check(CLI::NonNegativeNumber);
  command->add_option("--seconds", options->seconds, "Of each measurement (3)")->check(CLI::PositiveNumber);
  command->add_option("--soak", options->soak, "Instead: so many mixed runs, after which nothing may be left")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--case", options->only, "Only this one, such as \"python zygote\"");
  command->add_flag("--rlimits", options->rlimits, "Leave control groups alone, as where there are none");
  command->callback([options, &exit_code] {
    if (const absl::Status logging = StartLogging("bench", "", "warn"); !logging.ok()) {
      exit_code = Report(logging);
      return;
    }
    const SandboxOptions sandbox_options{.slots = options->slots, .use_cgroups = !options->rlimits};
    const absl::Status status =
        options->soak > 0 ? LongRun(sandbox_options, options->soak) : Rates(sandbox_options, options->seconds, options->only);
    exit_code = status.ok() ? kDone : Report(status);
  });
}

}  // namespace hone
