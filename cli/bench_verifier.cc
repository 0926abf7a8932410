// hone bench verifier: the math verifier on one core, parsing included, nothing cached. Half of the pairs are gold answers of a data set
// against rewritings of themselves, half against the gold answers of other problems.
#include "cli/bench_verifier.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "lib/base/status.h"
#include "nlohmann/json.hpp"
#include "verifiers/math/checker.h"
#include "verifiers/math/extract.h"
#include "verifiers/math/rewrite.h"

namespace hone {
namespace {

struct VerifierBenchOptions {
  std::string data;
  double seconds = 3;
};

struct AnswerPair {
  std::string gold, answer;
};

absl::StatusOr<std::vector<std::string>> ReadGolds(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(fmt::format("cannot open \"{}\"; give MATH-500's test.jsonl with --data", path));
  std::vector<std::string> golds;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line, nullptr, false);
    if (row.is_object() && row.contains("answer") && row["answer"].is_string()) golds.push_back(row["answer"].get<std::string>());
  }
  if (golds.empty()) return absl::InvalidArgumentError(fmt::format("\"{}\" holds no row with a text field \"answer\"", path));
  return golds;
}

std::vector<AnswerPair> MakePairs(const std::vector<std::string>& golds) {
  std::vector<AnswerPair> pairs;
  for (size_t i = 0; i < golds.size(); ++i) {
    const std::vector<std::string> rewritings = math::PlainRewritings(golds[i]);
    for (size_t k = 0; k < rewritings.size(); ++k) {
      pairs.push_back({golds[i], rewritings[k]});
      pairs.push_back({golds[i], golds[(i + 1 + 37 * k) % golds.size()]});
    }
  }
  return pairs;
}

absl::Status MeasureVerifier(const VerifierBenchOptions& options) {
  HONE_ASSIGN_OR_RETURN(const std::vector<std::string> golds, ReadGolds(options.data));
  const std::vector<AnswerPair> pairs = MakePairs(golds);
  const math::Policy policy;
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); };
  int64_t checks = 0, equal = 0, undecided = 0;
  double best = 0, slowest = 0;
  const auto begin = Clock::now();
  while (checks == 0 || seconds_since(begin) < options.seconds) {
    const auto round = Clock::now();
    for (const AnswerPair& pair : pairs) {
      const auto start = Clock::now();
      std::string_view answer = pair.answer;
      math::Extraction extraction;
      if (math::IsResponse(answer, policy)) {
        extraction = math::Extract(answer, policy);
        answer = extraction.answer;
      }
      const math::CheckVerdict verdict = math::Check({pair.gold}, {answer, extraction.joint}, policy);
      slowest = std::max(slowest, seconds_since(start));
      equal += verdict.result == math::Result::kEqual;
      undecided += verdict.result == math::Result::kUndecided;
      ++checks;
    }
    best = std::max(best, static_cast<double>(pairs.size()) / seconds_since(round));
  }
  std::printf("%s\n", nlohmann::ordered_json{{"bench", "verifier"},
                                             {"verifier", "math"},
                                             {"pairs", pairs.size()},
                                             {"checks", checks},
                                             {"pairs_per_second", static_cast<double>(checks) / seconds_since(begin)},
                                             {"pairs_per_second_best_round", best},
                                             {"slowest_ms", slowest * 1e3},
                                             {"share_equal", static_cast<double>(equal) / static_cast<double>(checks)},
                                             {"share_undecided", static_cast<double>(undecided) / static_cast<double>(checks)}}
                          .dump()
                          .c_str());
  return absl::OkStatus();
}

}  // namespace

void AddBenchVerifier(CLI::App& bench, int& exit_code) {
  auto* command =
      bench.add_subcommand("verifier", "Pairs of answers a second that the math verifier decides on one core, parsing included");
  auto options = std::make_shared<VerifierBenchOptions>();
  command->add_option("--data", options->data, "JSON lines with a field \"answer\", as MATH-500's test.jsonl")->required();
  command->add_option("--seconds", options->seconds, "How long")->check(CLI::Range(0.1, 600.0))->capture_default_str();
  command->callback([=, &exit_code] {
    const absl::Status status = MeasureVerifier(*options);
    exit_code = status.ok() ? kDone : Report(status);
  });
}

}  // namespace hone
