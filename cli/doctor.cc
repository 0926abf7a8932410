#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/thread_pool.h"
#include "lib/ops/tensor.h"
#include "lib/torch/loader.h"
#include "sandbox/languages.h"
#include "sandbox/sandbox.h"

namespace hone {
namespace {

struct Check {
  std::string name;
  bool required = true;  // without it nothing runs
  bool ok = true;
  std::string found, cure;
};

Check Processor() {
  Check check{.name = "processor"};
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    check.ok = false;
    check.found = "no AVX2 and FMA";
    check.cure = "hone's CPU kernels need AVX2 and FMA (Intel since 2013, AMD since 2015); use another machine";
    return check;
  }
  const ops::Isa isa = ops::BestIsa();
  check.found = fmt::format("{} kernels, {} usable cores", ops::Name(isa), UsableCores());
  if (isa != ops::Isa::kAvx512Bf16) {
    check.found +=
        "; without AVX-512 bf16 expect about half the speed of a machine that has it (quickstart: 10 to 25 s a step on two cores, 9 "
        "minutes in all)";
  }
  return check;
}

Check Memory() {
  Check check{.name = "memory", .required = false};
  std::ifstream file("/proc/meminfo");
  std::string line;
  double available = 0;
  while (std::getline(file, line)) {
    if (line.rfind("MemAvailable:", 0) == 0) available = std::atof(line.c_str() + 13) / 1024 / 1024;
  }
  check.found = fmt::format("{:.1f} GiB available", available);
  check.ok = available >= 6;
  check.cure = "the quickstart needs 6 GiB; close other programs, or lower learner.micro_batch_tokens and actors.max_batch";
  return check;
}

Check Disk() {
  Check check{.name = "disk", .required = false};
  const auto free = FreeDiskBytes(".");
  check.found = free.ok() ? fmt::format("{:.1f} GB free here", static_cast<double>(*free) / 1e9) : std::string(free.status().message());
  check.ok = free.ok() && *free > uint64_t{10} << 30;
  check.cure = "the quickstart's checkpoints take up to 8 GB; free some space or set run.dir to another disk";
  return check;
}

// Makes a sandbox, with its start-up test, and runs nothing in it.
Check CodeSandbox() {
  Check check{.name = "sandbox", .required = false};
  const auto sandbox = Sandbox::Start({.slots = 1});
  check.ok = sandbox.ok();
  if (!check.ok) {
    check.found = "programs cannot be run";
    check.cure = std::string(sandbox.status().message());
    return check;
  }
  const RunRecord record = (*sandbox)->Run({.language = "/usr/bin/true"});
  check.found = fmt::format("bubblewrap works, limits by {}", record.limits);
  if (record.limits == "rlimit")
    check.found += " (memory of each process alone; as root, or in a delegated group, it is that of a whole program)";
  check.found += "; languages:";
  for (const char* language : {"python", "c", "cpp", "bash"}) {
    if (FindLanguage(language).ok()) check.found += fmt::format(" {}", language);
  }
  return check;
}

std::filesystem::path CacheFolder() {
  if (const char* own = std::getenv("HONE_CACHE")) return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(xdg) / "hone";
  return std::filesystem::path(std::getenv("HOME") != nullptr ? std::getenv("HOME") : "/") / ".cache/hone";
}

Check Model() {
  Check check{.name = "quickstart model", .required = false};
  std::error_code error;
  const auto path = CacheFolder() / "models/SmolLM2-135M-Instruct.Q4_1.gguf";
  check.ok = std::filesystem::exists(path, error);
  check.found = check.ok ? path.string() : path.string() + " is missing";
  check.cure = "scripts/setup fetches it";
  return check;
}

Check LibTorch() {
  const TorchStatus torch = GetTorchStatus();
  return {.name = "LibTorch", .required = false, .ok = torch.available, .found = torch.found, .cure = torch.cure};
}

int Doctor() {
  StartLogging("doctor", "", "error").IgnoreError();  // each finding is a line of its own
  int exit_code = kDone;
  for (const Check& check : {Processor(), Memory(), Disk(), CodeSandbox(), Model(), LibTorch()}) {
    std::printf("%-8s %-18s %s\n", check.ok ? "ok" : check.required ? "MISSING" : "warning", check.name.c_str(), check.found.c_str());
    if (!check.ok) std::printf("%-8s %-18s %s\n", "", "", check.cure.c_str());
    if (!check.ok && check.required) exit_code = kFailed;
  }
  return exit_code;
}

}  // namespace

void AddDoctor(CLI::App& app, int& exit_code) {
  app.add_subcommand("doctor", "What this machine can do and what is missing, with the command that mends it")->callback([&exit_code] {
    exit_code = Doctor();
  });
}

}  // namespace hone
