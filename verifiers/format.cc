#include "verifiers/format.h"

#include <optional>

#include "fmt/format.h"
#include "lib/data/params.h"
#include "verifiers/text.h"

namespace hone {
namespace {

// Where `tag` stands in `text`; nullopt unless it occurs exactly once.
std::optional<size_t> Once(std::string_view text, std::string_view tag) {
  const size_t at = text.find(tag);
  if (at == std::string_view::npos || text.find(tag, at + 1) != std::string_view::npos) return std::nullopt;
  return at;
}

bool Contains(std::string_view text, std::string_view tag) {
  return text.find(tag) != std::string_view::npos;
}

// The content of the only \boxed{...}.
std::optional<std::string_view> Boxed(std::string_view text) {
  constexpr std::string_view kBoxed = "\\boxed{";
  const std::optional<size_t> at = Once(text, kBoxed);
  if (!at.has_value()) return std::nullopt;
  const size_t begin = *at + kBoxed.size(), end = ClosingBrace(text, begin);
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(begin, end - begin);
}

class Format : public TextVerifier {
 public:
  explicit Format(Params& params)
      : think_(params.Choice("think", "required", {"required", "optional", "forbidden"}, "the reasoning block")),
        think_opened_(params.Bool("think_opened", false, "the prompt ends inside the reasoning block")),
        min_think_chars_(params.Int("min_think_chars", 1, 1, 1 << 30, "characters other than white space in the block at least")),
        think_open_(params.Text("think_open", "<think>", "tag that opens the block")),
        think_close_(params.Text("think_close", "</think>", "tag that closes it")),
        answer_(params.Choice("answer", "any", {"any", "tags", "boxed"}, "the form of the final answer")),
        answer_open_(params.Text("answer_open", "<answer>", "tag that opens the answer")),
        answer_close_(params.Text("answer_close", "</answer>", "tag that closes it")),
        max_answer_chars_(params.Int("max_answer_chars", 0, 0, 1 << 30, "bytes of the answer at most; 0 for no limit")) {
    for (const std::string* tag : {&think_open_, &think_close_, &answer_open_, &answer_close_}) {
      if (tag->empty()) params.Problem("a tag must not be empty");
    }
    if (think_open_ == think_close_ || answer_open_ == answer_close_) params.Problem("opening and closing tag must differ");
    if (think_opened_ && think_ == "forbidden") params.Problem("think_opened and think = \"forbidden\" exclude each other");
    description_ = {.name = "format", .version = 1, .params_schema = params.Schema(), .parts = {"think", "answer"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    const std::string_view text = request.completion;
    const std::optional<std::string_view> rest = BehindThinking(text);
    const bool answer = rest.has_value() && AnswerIsGood(text, *rest);
    const bool good = rest.has_value() && answer;
    Score score{good ? 1.0 : 0.0, {{"think", rest.has_value() ? 1.0 : 0.0}, {"answer", answer ? 1.0 : 0.0}}};
    return {std::move(score), good ? "good" : rest.has_value() ? "bad_answer" : "bad_think"};
  }

  // What follows the reasoning block; nullopt when the block is not as asked.
  std::optional<std::string_view> BehindThinking(std::string_view text) const {
    const bool any_tag = Contains(text, think_open_) || Contains(text, think_close_);
    if (!any_tag && think_ != "required" && !think_opened_) return text;
    if (think_ == "forbidden") return std::nullopt;
    size_t begin = 0;
    if (think_opened_) {
      if (Contains(text, think_open_)) return std::nullopt;
    } else {
      const std::optional<size_t> open = Once(text, think_open_);
      if (!open.has_value() || !TrimSpace(text.substr(0, *open)).empty()) return std::nullopt;
      begin = *open + think_open_.size();
    }
    const std::optional<size_t> close = Once(text, think_close_);
    if (!close.has_value() || *close < begin) return std::nullopt;
    int64_t content = 0;
    for (char c : text.substr(begin, *close - begin)) content += c != ' ' && (c < '\t' || c > '\r');
    if (content < min_think_chars_) return std::nullopt;
    return text.substr(*close + think_close_.size());
  }

  bool AnswerIsGood(std::string_view text, std::string_view rest) const {
    std::optional<std::string_view> answer;
    if (answer_ == "any") {
      answer = rest;
    } else if (answer_ == "boxed") {
      answer = Boxed(rest);
    } else if (const auto all = Once(text, answer_open_); all.has_value() && Once(text, answer_close_).has_value()) {
      const std::optional<size_t> open = Once(rest, answer_open_), close = Once(rest, answer_close_);
      if (open.has_value() && close.has_value() && *open + answer_open_.size() <= *close) {
        answer = rest.substr(*open + answer_open_.size(), *close - *open - answer_open_.size());
      }
    }
    if (!answer.has_value()) return false;
    const std::string_view content = TrimSpace(*answer);
    return !content.empty() && (max_answer_chars_ == 0 || static_cast<int64_t>(content.size()) <= max_answer_chars_);
  }

  const std::string think_;
  const bool think_opened_;
  const int64_t min_think_chars_;
  const std::string think_open_, think_close_, answer_, answer_open_, answer_close_;
  const int64_t max_answer_chars_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateFormat(std::string_view params_json) {
  Params params("format", params_json);
  auto verifier = std::make_unique<Format>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
