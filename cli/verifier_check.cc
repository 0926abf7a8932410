#include "verifiers/external/verifier_check.h"

#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "verifiers/registry.h"

namespace hone {
namespace {

void Print(const VerifierCheckResult& result) {
  const char* verdict = !result.ok() ? "FAILED" : !result.skipped.empty() ? "skipped" : "ok";
  std::printf("%-8s%s%s\n", verdict, result.name.c_str(), result.skipped.empty() ? "" : fmt::format(" ({})", result.skipped).c_str());
  for (const std::string& problem : result.problems) std::printf("        %s\n", problem.c_str());
  std::fflush(stdout);
}

int Check(const std::string& verifier, VerifierCheckOptions options, const std::string& samples) {
  if (!samples.empty()) {
    auto read = ReadCheckSamples(samples);
    if (!read.ok()) return Report(read.status(), kWrongUse);
    options.samples = *std::move(read);
  }
  VerifierHost host;
  int failed = 0;
  const std::vector<VerifierCheckResult> results = CheckVerifier(
      options, [&](const std::string& params) { return CreateVerifier(verifier, params, host); }, Print);
  for (const VerifierCheckResult& result : results) failed += result.ok() ? 0 : 1;
  std::printf("%s: %zu checks, %d failed\n", verifier.c_str(), results.size(), failed);
  return failed == 0 ? kDone : kFailed;
}

}  // namespace

void AddVerifierCheck(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("verifier-check", "Holds a verifier, however it is reached, against the conformance suite");
  auto verifier = std::make_shared<std::string>();
  auto options = std::make_shared<VerifierCheckOptions>();
  auto samples = std::make_shared<std::string>();
  command->add_option("VERIFIER", *verifier, "plugin:PATH, command:PROGRAM .., grpc://HOST:PORT, grpc:unix:PATH, or a name")->required();
  command->add_option("--params", options->params_json, "Its parameters, a JSON object")->capture_default_str();
  command->add_option("--samples", *samples, "JSON lines {completion, reference, row, outcome, score, parts, reason}: verdicts to expect");
  command->add_option("--long-text", options->long_text_bytes, "Bytes of the long completions")
      ->capture_default_str()
      ->check(CLI::Range(1000, 11'000'000));
  command->add_option("--lives", options->lives, "How often it is made and thrown away")
      ->capture_default_str()
      ->check(CLI::Range(2, 100000));
  command->callback([=, &exit_code] { exit_code = Check(*verifier, *options, *samples); });
}

}  // namespace hone
