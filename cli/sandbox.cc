#include "sandbox/sandbox.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "nlohmann/json.hpp"
#include "sandbox/languages.h"

namespace hone {
namespace {

struct Options {
  std::string language, mode, file, bwrap;
  std::vector<std::string> limits, arguments;
  uint64_t seed = 0;
  bool rlimits = false;
};

absl::Status SetLimit(const std::string& assignment, SandboxLimits& limits) {
  const size_t equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals);
  int64_t value = 0;
  if (equals == std::string::npos || !absl::SimpleAtoi(assignment.substr(equals + 1), &value) || value < 0) {
    return absl::InvalidArgumentError(fmt::format("--limit {}: NAME=NUMBER is needed, for example wall_ms=1000", assignment));
  }
  if (value > int64_t{1} << 40) return absl::InvalidArgumentError(fmt::format("--limit {}: at most {}", assignment, int64_t{1} << 40));
  if (name == "wall_ms") {
    limits.wall = absl::Milliseconds(value);
  } else if (name == "cpu_ms") {
    limits.cpu = absl::Milliseconds(value);
  } else if (name == "memory_mb") {
    limits.memory_bytes = value << 20;
  } else if (name == "processes") {
    limits.processes = value;
  } else if (name == "tmp_mb") {
    limits.tmp_bytes = value << 20;
  } else if (name == "tmp_inodes") {
    limits.tmp_inodes = value;
  } else if (name == "file_mb") {
    limits.file_bytes = value << 20;
  } else if (name == "descriptors") {
    limits.descriptors = value;
  } else if (name == "output_kb") {
    limits.output_bytes = value << 10;
  } else {
    return absl::InvalidArgumentError(fmt::format(
        "--limit {}: unknown name; known are wall_ms, cpu_ms, memory_mb, processes, tmp_mb, tmp_inodes, file_mb, descriptors and output_kb",
        assignment));
  }
  return absl::OkStatus();
}

// Text as it is; bytes that are no text also in base 64, and with replacement characters beside.
void AddOutput(nlohmann::ordered_json& line, const std::string& name, const std::string& bytes) {
  const std::string quoted = nlohmann::json(bytes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  line[name] = nlohmann::json::parse(quoted);
  bool is_text = true;
  try {
    (void)nlohmann::json(bytes).dump();
  } catch (const nlohmann::json::exception&) {
    is_text = false;
  }
  if (is_text) return;
  std::string encoded;
  absl::Base64Escape(bytes, &encoded);
  line[name + "_base64"] = encoded;
}

std::string ToLine(const RunRecord& record) {
  nlohmann::ordered_json line;
  line["class"] = Name(record.run_class);
  line["exit"] = record.exit_code;
  line["signal"] = record.signal;
  AddOutput(line, "stdout", record.out);
  AddOutput(line, "stderr", record.err);
  line["stdout_truncated"] = record.out_truncated;
  line["stderr_truncated"] = record.err_truncated;
  line["wall_ms"] = absl::ToDoubleMilliseconds(record.wall);
  line["cpu_ms"] = absl::ToDoubleMilliseconds(record.cpu);
  line["peak_bytes"] = record.peak_bytes.has_value() ? nlohmann::ordered_json(*record.peak_bytes) : nlohmann::ordered_json(nullptr);
  line["limits"] = record.limits;
  line["mode"] = Name(record.mode);
  if (!record.why.empty()) line["why"] = record.why;
  return line.dump();
}

absl::Status RunOne(const Options& options) {
  HONE_RETURN_IF_ERROR(StartLogging("sandbox", "", "warn"));
  RunRequest request;
  request.language = options.language;
  request.arguments = options.arguments;
  request.seed = options.seed;
  HONE_ASSIGN_OR_RETURN(request.source, ReadFile(options.file, uint64_t{64} << 20));
  HONE_ASSIGN_OR_RETURN(const Language language, FindLanguage(options.language));
  request.limits.memory_bytes = language.memory_bytes;
  for (const std::string& limit : options.limits) HONE_RETURN_IF_ERROR(SetLimit(limit, request.limits));
  request.input.assign(std::istreambuf_iterator<char>(std::cin), {});
  SandboxOptions sandbox_options{.slots = 1, .use_cgroups = !options.rlimits, .bwrap = options.bwrap};
  sandbox_options.mode = options.mode == "cold" ? RunMode::kCold : RunMode::kZygote;
  HONE_ASSIGN_OR_RETURN(const std::unique_ptr<Sandbox> sandbox, Sandbox::Start(sandbox_options));
  std::printf("%s\n", ToLine(sandbox->Run(request)).c_str());
  return absl::OkStatus();
}

}  // namespace

void AddSandbox(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sandbox",
                                         "Run a program that nobody trusts, with this command's standard input, and print one JSON line: "
                                         "how it ended, what it printed, what it used");
  command->add_option("file", options->file, "The source")->required();
  command->add_option("arguments", options->arguments, "Of the program");
  command->add_option("--language", options->language, "python, c, cpp, bash, or the path of an interpreter below /usr")->required();
  command->add_option("--mode", options->mode, "cold: a sandbox made for this run; zygote: a fork in a ready one")
      ->check(CLI::IsMember({"cold", "zygote"}));
  command
      ->add_option("--limit", options->limits,
                   "NAME=NUMBER, any number of times: wall_ms (3000), cpu_ms (2000), memory_mb (python 256, others 128), processes (32), "
                   "tmp_mb (64), tmp_inodes "
                   "(4096), file_mb (16), descriptors (64), output_kb (1024, of each)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--seed", options->seed, "Of what is random in the program (0)");
  command->add_option("--bwrap", options->bwrap, "Path of bubblewrap; from PATH when absent");
  command->add_flag("--rlimits", options->rlimits, "Leave control groups alone, as where there are none");
  command->callback([options, &exit_code] {
    const absl::Status status = RunOne(*options);
    exit_code = status.ok() ? kDone : Report(status, status.code() == absl::StatusCode::kInvalidArgument ? kWrongUse : kFailed);
  });
}

}  // namespace hone
