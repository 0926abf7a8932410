#include "verifiers/external/verifier_check.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/description.h"

namespace hone {
namespace {
using Json = nlohmann::json;

constexpr int kManyRequests = 1000;
constexpr int kManyThreads = 16;
constexpr size_t kMaxProblems = 10;  // of one check
constexpr int64_t kMaxGrowthKilobytes = 16 << 10;

std::string Shown(const Verdict& verdict) {
  const VerdictRecord record = ToRecord("", verdict);
  std::string text = Name(record.outcome);
  if (record.outcome == OutcomeKind::kScore) text += fmt::format(" {}", record.score);
  for (const ScorePart& part : record.parts) text += fmt::format(" {}={}", part.name, part.value);
  return text + " (" + record.reason + ")";
}

std::string Why(const Verdict& verdict) {
  const InfraError* error = std::get_if<InfraError>(&verdict.outcome);
  return error == nullptr ? Shown(verdict) : fmt::format("{}: {}", Shown(verdict), error->why);
}

// What a process holds, for finding leaks.
struct Holdings {
  int64_t descriptors = 0, threads = 0, kilobytes = 0;
  static Holdings Now() {
    Holdings now;
    std::error_code error;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) ++now.descriptors;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      std::istringstream words(line);
      std::string key;
      words >> key;
      if (key == "Threads:") words >> now.threads;
      if (key == "VmRSS:") words >> now.kilobytes;
    }
    return now;
  }
};

class Suite {
 public:
  Suite(const VerifierCheckOptions& options, const MakeVerifier& make, const std::function<void(const VerifierCheckResult&)>& report)
      : options_(options), make_(make), report_(report), texts_({"", "wrong", "12 and 13", "7", "\\boxed{7}", "a longer answer: 7"}) {}

  std::vector<VerifierCheckResult> Run() {
    Check("contract: it can be made, twice, and describes itself the same", [&] { Make(); });
    if (verifier_ == nullptr) return results_;
    Check("contract: unknown parameters are refused", [&] { Parameters(); });
    Check("samples: they get the verdicts expected", [&] { Samples(); });
    Check("identity: batches of 0, 1, max_batch and max_batch + 1", [&] { Batches(); });
    Check("identity: 1,000 requests under shuffled ids", [&] { ShuffledIds(); });
    Check("identity: 1,000 requests from 16 threads", [&] { ManyThreads(); });
    Check("repeat: the same request gets the same verdict", [&] { Repeat(); });
    Check("text: any bytes get a verdict", [&] { Texts(); });
    Check("life: made and thrown away without growth", [&] { Lives(); });
    // Last, and without the count: an answer that comes late here is dropped and counted, and that is right.
    Check(
        "deadline: short ones end in time, and the next request is served", [&] { Deadlines(); }, /*count_faults=*/false);
    return results_;
  }

 private:
  template <class Body>
  void Check(std::string name, Body body, bool count_faults = true) {
    results_.push_back({.name = std::move(name)});
    const int64_t faults = verifier_ == nullptr ? 0 : verifier_->num_faults();
    body();
    if (count_faults && verifier_ != nullptr && verifier_->num_faults() != faults) {
      Problem(fmt::format("{} breaches of contract were counted", verifier_->num_faults() - faults));
    }
    if (report_) report_(results_.back());
  }
  void Problem(std::string text) {
    if (results_.back().problems.size() < kMaxProblems) results_.back().problems.push_back(std::move(text));
  }

  VerifyRequest Request(std::string_view completion, uint64_t id) const {
    VerifyRequest request;
    request.id = id;
    request.completion = completion;
    request.reference = "7";
    request.row = R"({"answer": "7", "question": "3 + 4"})";
    if (!options_.samples.empty()) {
      const VerifierCheckSample& sample = options_.samples.front();
      request.prompt = sample.prompt;
      request.reference = sample.reference;
      request.row = sample.row;
    }
    request.deadline = absl::Now() + options_.call_limit;
    return request;
  }
  Verdict One(const VerifyRequest& request) const { return verifier_->Verify(std::span(&request, 1)).at(0); }
  bool deterministic() const { return verifier_->Describe().deterministic; }

  void Make() {
    auto first = make_(options_.params_json), second = make_(options_.params_json);
    if (!first.ok()) return Problem(std::string(first.status().message()));
    if (!second.ok()) return Problem(std::string(second.status().message()));
    const VerifierDescription &a = (*first)->Describe(), &b = (*second)->Describe();
    if (const absl::Status status = CheckDescription(a); !status.ok()) return Problem(std::string(status.message()));
    if (DescriptionToJson(a) != DescriptionToJson(b)) {
      Problem(fmt::format("it described itself as {} and then as {}", DescriptionToJson(a), DescriptionToJson(b)));
    }
    verifier_ = *std::move(first);
  }

  void Parameters() {
    Json params = Json::parse(options_.params_json, nullptr, /*allow_exceptions=*/false);
    if (!params.is_object()) params = Json::object();
    params["no_such_parameter"] = 1;
    for (const std::string& bad : {params.dump(), std::string("[1]"), std::string("{")}) {
      const auto made = make_(bad);
      if (made.ok()) {
        Problem(fmt::format("the parameters {} were taken", bad));
      } else if (made.status().code() != absl::StatusCode::kInvalidArgument) {
        Problem(fmt::format("the parameters {} gave {}", bad, std::string(made.status().message())));
      }
    }
  }

  void Samples() {
    if (options_.samples.empty()) {
      results_.back().skipped = "no samples were given";
      return;
    }
    for (const VerifierCheckSample& sample : options_.samples) {
      VerifyRequest request = Request(sample.completion, 1);
      request.prompt = sample.prompt;
      request.reference = sample.reference;
      request.row = sample.row;
      const Verdict verdict = One(request);
      const VerdictRecord record = ToRecord("", verdict);
      bool good = record.outcome == sample.outcome && (!sample.score.has_value() || record.score == *sample.score) &&
                  (!sample.reason.has_value() || verdict.reason == *sample.reason);
      for (const ScorePart& wanted : sample.parts) {
        good = good && std::any_of(record.parts.begin(), record.parts.end(),
                                   [&](const ScorePart& part) { return part.name == wanted.name && part.value == wanted.value; });
      }
      if (good) continue;
      Problem(fmt::format("{}: expected {}{}, got {}", sample.where, Name(sample.outcome),
                          sample.score.has_value() ? fmt::format(" {}", *sample.score) : "", Why(verdict)));
    }
  }

  // The verdicts on texts_ alone, in order.
  std::vector<std::string> Singles() const {
    std::vector<std::string> shown;
    for (const std::string& text : texts_) shown.push_back(Shown(One(Request(text, 1))));
    return shown;
  }

  // `count` requests with different ids in a scattered order; each must get an answer, and the one that its text gets alone.
  void Batch(int count, const std::vector<std::string>& singles) {
    std::vector<VerifyRequest> batch;
    for (int i = 0; i < count; ++i) {
      const uint64_t id = static_cast<uint64_t>(i) * 7919 % 1'000'003;  // both prime: all different below that
      batch.push_back(Request(texts_[id % texts_.size()], id));
    }
    const std::vector<Verdict> verdicts = verifier_->Verify(batch);
    if (verdicts.size() != batch.size()) return Problem(fmt::format("{} requests got {} verdicts", batch.size(), verdicts.size()));
    for (size_t i = 0; i < batch.size(); ++i) {
      const size_t which = batch[i].id % texts_.size();
      if (std::holds_alternative<InfraError>(verdicts[i].outcome)) {
        Problem(fmt::format("request {} of {}: {}", i, count, Why(verdicts[i])));
      } else if (deterministic() && Shown(verdicts[i]) != singles[which]) {
        Problem(fmt::format("request {} of {}: {}, alone it got {}", i, count, Shown(verdicts[i]), singles[which]));
      }
    }
  }

  void Batches() {
    const std::vector<std::string> singles = Singles();
    const int max_batch = static_cast<int>(std::min<int64_t>(verifier_->Describe().max_batch, 4096));
    for (int count : {0, 1, max_batch, max_batch + 1}) Batch(count, singles);
  }
  void ShuffledIds() { Batch(kManyRequests, Singles()); }

  void ManyThreads() {
    const std::vector<std::string> singles = Singles();
    std::vector<std::vector<std::string>> problems(kManyThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kManyThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < kManyRequests; i += kManyThreads) {
          const size_t which = static_cast<size_t>(i) % texts_.size();
          const Verdict verdict = One(Request(texts_[which], 1));  // the same id in all of them
          const bool failed = std::holds_alternative<InfraError>(verdict.outcome);
          if (failed || (deterministic() && Shown(verdict) != singles[which])) {
            problems[static_cast<size_t>(t)].push_back(fmt::format("thread {}: {}, alone it got {}", t, Why(verdict), singles[which]));
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& of_thread : problems) {
      for (const std::string& problem : of_thread) Problem(problem);
    }
  }

  void Repeat() {
    if (!deterministic()) {
      results_.back().skipped = "it does not say that it is deterministic";
      return;
    }
    const std::vector<std::string> first = Singles(), second = Singles();
    for (size_t i = 0; i < first.size(); ++i) {
      if (first[i] != second[i]) Problem(fmt::format("\"{}\" got {}, then {}", texts_[i], first[i], second[i]));
    }
  }

  void Texts() {
    const auto repeated = [&](std::string_view unit) {
      std::string text;
      while (text.size() + unit.size() <= options_.long_text_bytes) text += unit;
      return text;
    };
    const std::vector<std::pair<const char*, std::string>> texts = {
        {"nothing", ""},
        {"NUL bytes", std::string("a\0b\0"
                                  "7",
                                  5)},
        {"invalid UTF-8", "\xff\xfe\x80 7 \xc3"},
        {"right-to-left marks and control characters",
         "\xE2\x80\xAE"
         "7\x1b[31m\x07\r\n"},
        {"text that imitates the protocol", "{\"id\":1,\"results\":[{\"id\":1,\"outcome\":\"score\",\"score\":1}]}\n{\"id\":2}\n"},
        {"nested brackets", std::string(10'000, '[')},
        {"a long text", repeated("a")},
        {"many lines", repeated("1,2,\n")},
        {"many bad bytes", repeated("\xff")},
        {"many NULs", std::string(options_.long_text_bytes, '\0')},
    };
    for (const auto& [name, text] : texts) {
      const absl::Time begin = absl::Now();
      const Verdict verdict = One(Request(text, 1));
      if (std::holds_alternative<InfraError>(verdict.outcome)) Problem(fmt::format("{}: {}", name, Why(verdict)));
      const absl::Duration took = absl::Now() - begin;
      if (took > options_.call_limit) Problem(fmt::format("{}: took {:.1f} s", name, absl::ToDoubleSeconds(took)));
    }
  }

  void Deadlines() {
    const std::string before = Shown(One(Request("7", 1)));
    for (const absl::Duration left : {-absl::Seconds(1), absl::Milliseconds(1), absl::Milliseconds(20)}) {
      VerifyRequest request = Request("7", 1);
      request.deadline = absl::Now() + left;
      const absl::Time begin = absl::Now();
      const Verdict verdict = One(request);
      const InfraError* error = std::get_if<InfraError>(&verdict.outcome);
      if (error != nullptr ? !error->retryable : left < absl::ZeroDuration()) {
        Problem(fmt::format("a deadline in {} ms gave {}", absl::ToInt64Milliseconds(left), Why(verdict)));
      }
      if (absl::Now() - begin > absl::Seconds(2)) Problem("a call went on for seconds after its deadline");
    }
    const Verdict after = One(Request("7", 1));
    if (std::holds_alternative<InfraError>(after.outcome)) Problem("after that: " + Why(after));
    if (deterministic() && Shown(after) != before) Problem(fmt::format("after that: {}, before {}", Shown(after), before));
  }

  void Lives() {
    Holdings warm;
    for (int i = 0; i < options_.lives; ++i) {
      auto made = make_(options_.params_json);
      if (!made.ok()) return Problem(fmt::format("the {}th was not made: {}", i + 1, std::string(made.status().message())));
      const VerifyRequest request = Request("7", 1);
      const Verdict verdict = (*made)->Verify(std::span(&request, 1)).at(0);
      if (std::holds_alternative<InfraError>(verdict.outcome)) Problem(fmt::format("the {}th: {}", i + 1, Why(verdict)));
      made->reset();
      if (i == options_.lives / 4) warm = Holdings::Now();
    }
    const Holdings end = Holdings::Now();
    if (end.descriptors > warm.descriptors + 4)
      Problem(fmt::format("open descriptors grew from {} to {}", warm.descriptors, end.descriptors));
    if (end.threads > warm.threads + 4) Problem(fmt::format("threads grew from {} to {}", warm.threads, end.threads));
    if (end.kilobytes > warm.kilobytes + kMaxGrowthKilobytes) {
      Problem(fmt::format("memory grew from {} KiB to {} KiB", warm.kilobytes, end.kilobytes));
    }
  }

  const VerifierCheckOptions& options_;
  const MakeVerifier& make_;
  const std::function<void(const VerifierCheckResult&)>& report_;
  const std::vector<std::string> texts_;
  std::unique_ptr<CheckedVerifier> verifier_;
  std::vector<VerifierCheckResult> results_;
};

absl::StatusOr<VerifierCheckSample> ReadSample(const std::string& line, const std::string& where) {
  const auto bad = [&](std::string_view what) { return absl::InvalidArgumentError(fmt::format("{}: {}", where, what)); };
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad("the line is no JSON object");
  VerifierCheckSample sample{.where = where};
  const auto text = [&](const char* key, std::string& out) {
    auto it = json.find(key);
    if (it == json.end() || it->is_null()) return true;
    if (it->is_string()) out = it->get<std::string>();
    return it->is_string();
  };
  std::string outcome = Name(OutcomeKind::kScore);
  if (!text("prompt", sample.prompt) || !text("completion", sample.completion) || !text("reference", sample.reference) ||
      !text("outcome", outcome)) {
    return bad("prompt, completion, reference and outcome must be strings");
  }
  bool known = false;
  for (OutcomeKind kind : {OutcomeKind::kScore, OutcomeKind::kNotApplicable, OutcomeKind::kTaskError, OutcomeKind::kInfraError}) {
    if (outcome != Name(kind)) continue;
    sample.outcome = kind;
    known = true;
  }
  if (!known) return bad("\"outcome\" must be \"score\", \"not_applicable\", \"task_error\" or \"infra_error\"");
  if (auto score = json.find("score"); score != json.end()) {
    if (!score->is_number()) return bad("\"score\" must be a number");
    sample.score = score->get<double>();
  }
  if (auto parts = json.find("parts"); parts != json.end()) {
    if (!parts->is_object()) return bad("\"parts\" must be an object of numbers");
    for (const auto& [name, value] : parts->items()) {
      if (!value.is_number()) return bad("\"parts\" must be an object of numbers");
      sample.parts.push_back({name, value.get<double>()});
    }
  }
  if (std::string reason; json.contains("reason")) {
    if (!text("reason", reason)) return bad("\"reason\" must be a string");
    sample.reason = reason;
  }
  sample.row = json.contains("row") ? json["row"].dump() : line;
  return sample;
}

}  // namespace

std::vector<VerifierCheckResult> CheckVerifier(const VerifierCheckOptions& options, const MakeVerifier& make,
                                               const std::function<void(const VerifierCheckResult&)>& report) {
  return Suite(options, make, report).Run();
}

absl::StatusOr<std::vector<VerifierCheckSample>> ReadCheckSamples(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 64 << 20));
  std::istringstream lines(text);
  std::vector<VerifierCheckSample> samples;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    HONE_ASSIGN_OR_RETURN(VerifierCheckSample sample, ReadSample(line, fmt::format("{}:{}", path, number)));
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace hone
