// math_fuzz [--seconds N] [--seed N] [--trace FILE]: grammar-aware mutation of the golden and own pairs through the checker and the
// extractor.
//
// Ends with status 1 when a verdict changes on repetition, FLINT gives up, the work of a check passes its budget, or the memory grows without
// end. Prints the rate, the slowest input and the counts of verdicts. FILE always holds the pair in work, for the case of a crash. Run in the
// source folder.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "nlohmann/json.hpp"
#include "verifiers/math/budget.h"
#include "verifiers/math/checker.h"
#include "verifiers/math/extract.h"

namespace hone::math {
namespace {

constexpr size_t kMaxText = 6000;
constexpr double kBound = 0.02;  // seconds, of one check
constexpr int64_t kWarmUp = 20'000;
constexpr int64_t kGrowthLimitKb = 256 * 1024;

const std::vector<std::string> kPieces = {"\\frac{",
                                          "\\sqrt{",
                                          "\\sqrt[3]{",
                                          "}",
                                          "{",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "\\{",
                                          "\\}",
                                          "^",
                                          "^{",
                                          "_",
                                          "_{",
                                          "+",
                                          "-",
                                          "\\cdot ",
                                          "/",
                                          "=",
                                          "<",
                                          "\\le ",
                                          ",",
                                          ";",
                                          "\\pm ",
                                          "!",
                                          "|",
                                          "\\pi",
                                          "e",
                                          "i",
                                          "x",
                                          "y",
                                          "n",
                                          "0",
                                          "1",
                                          "2",
                                          "9",
                                          "10",
                                          "1000000007",
                                          "9^9^9",
                                          "10^{10^{10}}",
                                          "1e999999",
                                          "0.\\overline{9}",
                                          "\\sin ",
                                          "\\cos ",
                                          "\\tan ",
                                          "\\arctan ",
                                          "\\ln ",
                                          "\\log_2 ",
                                          "e^{i\\pi}",
                                          "^\\circ",
                                          "\\%",
                                          "\\$",
                                          "\\text{",
                                          "\\text{ cm}",
                                          "\\text{ or }",
                                          "\\infty",
                                          "\\cup ",
                                          "\\setminus ",
                                          "\\in ",
                                          "\\mathbb{R}",
                                          "\\emptyset",
                                          "\\ldots",
                                          ":",
                                          "\\pmod{5}",
                                          "\\begin{pmatrix}",
                                          "\\end{pmatrix}",
                                          "&",
                                          "\\\\",
                                          "\\boxed{",
                                          "\\binom{5}{2}",
                                          "\\lfloor ",
                                          "\\rfloor ",
                                          "\\sum_{k=1}^{100} k",
                                          "\\left",
                                          "\\right",
                                          " ",
                                          "\xc2\xbd",
                                          "\xe2\x88\x9a",
                                          "\xff",
                                          std::string(1, '\0'),
                                          "<think>",
                                          "</think>",
                                          "\\angle A",
                                          "mod",
                                          "f(x)",
                                          "100!",
                                          "(x+1)^{50}",
                                          "\\equiv "};

int64_t ResidentKb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoll(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

class Fuzzer {
 public:
  explicit Fuzzer(uint64_t seed) : random_(seed) {}

  bool Load() {
    std::ifstream golden("tests/testdata/math/math_pairs.jsonl"), own("tests/testdata/math/own_pairs.tsv");
    for (std::string line; std::getline(golden, line);) {
      const auto row = nlohmann::json::parse(line, nullptr, false);
      seeds_.push_back(row["gold"]);
      seeds_.push_back(row["pred"]);
    }
    for (std::string line; std::getline(own, line);) {
      const size_t a = line.find('\t'), b = line.find('\t', a + 1), c = line.find('\t', b + 1);
      if (line.starts_with('#') || c == std::string::npos) continue;
      seeds_.push_back(line.substr(a + 1, b - a - 1));
      seeds_.push_back(line.substr(b + 1, c - b - 1));
    }
    return !seeds_.empty();
  }

  uint64_t Below(uint64_t limit) { return random_.Bits(counter_++) % limit; }
  const std::string& Seed() { return seeds_[Below(seeds_.size())]; }

  std::string Mutate(std::string text) {
    for (uint64_t times = Below(5); times > 0; --times) {
      const size_t at = Below(text.size() + 1), length = Below(8);
      const std::string other = Seed();
      switch (Below(8)) {
        case 0:
          text.insert(at, kPieces[Below(kPieces.size())]);
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, other);
          break;
        case 3:
          text = kPieces[Below(kPieces.size())] + text + kPieces[Below(kPieces.size())];
          break;
        case 4:
          text += text.substr(at, 20 * length);
          break;
        case 5:
          if (!text.empty()) text[Below(text.size())] = static_cast<char>(Below(256));
          break;
        case 6:
          text = "{" + text + "}^{" + other + "}";
          break;
        default:
          for (uint64_t k = Below(30); k > 0 && text.size() < kMaxText; --k) text.insert(at, kPieces[Below(kPieces.size())]);
          break;
      }
    }
    if (text.size() > kMaxText) text.resize(kMaxText);
    return text;
  }

 private:
  const RandomStream random_;
  uint64_t counter_ = 0;
  std::vector<std::string> seeds_;
};

int Run(double seconds, uint64_t seed, const std::string& trace) {
  Fuzzer fuzzer(seed);
  if (!fuzzer.Load()) {
    std::fprintf(stderr, "math_fuzz: no pairs; run it in the source folder\n");
    return 1;
  }
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto seconds_since = [](Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const Policy policy;
  int64_t checks = 0, counts[6] = {}, resident = 0, over_bound = 0;
  double slowest = 0;
  std::string slowest_gold, slowest_answer;
  while (seconds_since(begin) < seconds) {
    const std::string gold = fuzzer.Below(3) == 0 ? fuzzer.Mutate(fuzzer.Seed()) : fuzzer.Seed();
    const std::string answer = fuzzer.Below(4) == 0 ? fuzzer.Mutate(gold) : fuzzer.Mutate(fuzzer.Seed());
    if (!trace.empty()) std::ofstream(trace) << gold << "\n---\n" << answer << "\n";
    Extract(answer, policy);
    CheckVerdict verdict;
    double took = 1;
    // The processor's time, not other programs'; what the machine itself took away is not taken three times in a row.
    for (int i = 0; i < 3 && took > kBound; ++i) {
      const std::clock_t start = std::clock();
      verdict = Check({gold}, {answer}, policy, true);
      took = std::min(took, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    over_bound += took > kBound;
    if (took > slowest && checks > 100) {
      slowest = took;
      slowest_gold = gold;
      slowest_answer = answer;
    }
    ++counts[static_cast<int>(verdict.result)];
    ++checks;
    if (checks % 16 == 0) {
      const CheckVerdict again = Check({gold}, {answer}, policy, true);
      if (again.result != verdict.result || std::strcmp(again.reason, verdict.reason) != 0) {
        std::fprintf(stderr, "math_fuzz: two verdicts on one pair: %s (%s, then %s)\n%s\n", gold.c_str(), verdict.reason, again.reason,
                     answer.c_str());
        return 1;
      }
    }
    if (std::strcmp(verdict.stage, "library") == 0) {
      std::fprintf(stderr, "math_fuzz: FLINT gave up on %s\n%s\n", gold.c_str(), answer.c_str());
      return 1;
    }
    if (verdict.work > Budget::kUnits) {
      std::fprintf(stderr, "math_fuzz: work %lld of %s\n%s\n", static_cast<long long>(verdict.work), gold.c_str(), answer.c_str());
      return 1;
    }
    if (checks == kWarmUp) resident = ResidentKb();
  }
  const int64_t growth = resident == 0 ? 0 : ResidentKb() - resident;
  std::printf("%s\n", nlohmann::ordered_json{{"checks", checks},
                                             {"checks_per_second", static_cast<double>(checks) / seconds_since(begin)},
                                             {"equal", counts[0]},
                                             {"different", counts[1]},
                                             {"undecided", counts[2]},
                                             {"unparsed", counts[3]},
                                             {"over_budget", counts[4]},
                                             {"bad_gold", counts[5]},
                                             {"slowest_ms", slowest * 1e3},
                                             {"over_20_ms", over_bound},
                                             {"slowest_gold", slowest_gold},
                                             {"slowest_answer", slowest_answer},
                                             {"growth_kb", growth}}
                          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                          .c_str());
  return growth > kGrowthLimitKb ? 1 : 0;
}

}  // namespace
}  // namespace hone::math

int main(int argc, char** argv) {
  double seconds = 3;
  uint64_t seed = 1;
  std::string trace;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--trace") == 0) trace = argv[i + 1];
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  return hone::math::Run(seconds, seed, trace);
}
