#include "cli/lines.h"

#include <iostream>
#include <map>
#include <thread>

#include "fmt/format.h"
#include "lib/base/mutex.h"
#include "nlohmann/json.hpp"

namespace hone {

using nlohmann::ordered_json;
using LineFunction = std::function<absl::StatusOr<ordered_json>(const ordered_json&)>;

namespace {

std::string AnswerTo(const LineFunction& answer, const std::string& line) {
  const ordered_json input = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!input.is_object()) return ToLine({{"error", "the line is not a JSON object"}});
  const auto answered = answer(input);
  return ToLine(answered.ok() ? *answered : ordered_json{{"error", std::string(answered.status().message())}});
}

// Answers lines on several threads and writes the answers in the order of the lines.
class Lines {
 public:
  Lines(const LineFunction& answer, int threads) : answer_(answer), max_ahead_(64 * threads) {}

  void Work() {
    std::string line;
    for (int64_t number; (number = Next(&line)) >= 0;) Write(number, AnswerTo(answer_, line));
  }
  bool broken() {
    MutexLock lock(out_mu_);
    return broken_;
  }

 private:
  // The line's number, or -1 at the end.
  int64_t Next(std::string* line) {
    MutexLock lock(in_mu_);
    {
      MutexLock out_lock(out_mu_);
      while (!broken_ && read_ - written_ >= max_ahead_) out_changed_.Wait(out_mu_);
      if (broken_) return -1;
    }
    return std::getline(std::cin, *line) ? read_++ : -1;
  }
  void Write(int64_t number, std::string output) {
    MutexLock lock(out_mu_);
    ready_[number] = std::move(output);
    for (auto first = ready_.begin(); first != ready_.end() && first->first == written_; first = ready_.erase(first), ++written_) {
      std::cout << first->second << '\n' << std::flush;
      if (!std::cout) broken_ = true;
    }
    out_changed_.NotifyAll();
  }

  const LineFunction& answer_;
  const int64_t max_ahead_;  // lines read and not written
  Mutex in_mu_;              // taken before out_mu_
  int64_t read_ ABSL_GUARDED_BY(in_mu_) = 0;
  Mutex out_mu_;
  CondVar out_changed_;
  std::map<int64_t, std::string> ready_ ABSL_GUARDED_BY(out_mu_);  // by line
  int64_t written_ ABSL_GUARDED_BY(out_mu_) = 0;
  bool broken_ ABSL_GUARDED_BY(out_mu_) = false;
};

}  // namespace

std::string ToLine(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

int AnswerLines(const LineFunction& answer, int threads) {
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);  // reading would flush std::cout, which belongs to whoever writes
  Lines lines(answer, threads);
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([&] { lines.Work(); });
  lines.Work();
  for (std::thread& other : others) other.join();
  return lines.broken() ? 1 : 0;
}

absl::StatusOr<std::vector<int32_t>> ReadTokens(const ordered_json& list, int64_t vocab_size) {
  if (!list.is_array()) return absl::InvalidArgumentError("\"tokens\" must be an array of token ids");
  std::vector<int32_t> tokens;
  for (const auto& id : list) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= vocab_size) {
      return absl::InvalidArgumentError(fmt::format("token {} is not an integer in [0, {})", id.dump().substr(0, 40), vocab_size));
    }
    tokens.push_back(id.get<int32_t>());
  }
  return tokens;
}

}  // namespace hone
