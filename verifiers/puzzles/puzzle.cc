#include "verifiers/puzzles/puzzle.h"

#include "fmt/format.h"
#include "lib/data/params.h"
#include "verifiers/puzzles/registry.h"
#include "verifiers/text.h"

namespace hone {
namespace {

class PuzzleVerifier : public TextVerifier {
 public:
  explicit PuzzleVerifier(Params& params)
      : require_stop_(params.Bool("require_stop", false, "a completion cut by the token limit scores 0")) {
    description_ = {.name = "puzzle", .version = 1, .params_schema = params.Schema(), .parts = {"answered"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    const auto row = PuzzleRow::Parse(request.row);
    if (!row.ok()) return BadRow(row.status());
    const auto family = FindPuzzle(row->family);
    if (!family.ok()) return BadRow(family.status());
    const std::string_view answer =
        request.answer.has_value() ? TrimSpace(*request.answer) : ExtractAnswer(request.completion, (*family)->facts().form);
    const bool too_long = request.reference.size() > kMaxAnswerBytes;
    const absl::StatusOr<bool> accepted =
        too_long ? BadPuzzle("the reference is too long")
                 : (*family)->Accepts(row->data, request.reference, answer.substr(0, answer.size() <= kMaxAnswerBytes ? answer.size() : 0));
    if (!accepted.ok()) return BadRow(accepted.status(), row->family);
    std::string evidence(answer.substr(0, 200));
    if (answer.empty()) return {Score{0, {{"answered", 0}}}, "no_answer"};
    if (require_stop_ && request.finish_reason == FinishReason::kLength)
      return {Score{0, {{"answered", 1}}}, "truncated", std::move(evidence)};
    return {Score{*accepted ? 1.0 : 0.0, {{"answered", 1}}}, *accepted ? "correct" : "wrong", std::move(evidence)};
  }

  static Judgement BadRow(const absl::Status& status, std::string_view family = {}) {
    const std::string_view message(status.message().data(), status.message().size());
    return {TaskError{family.empty() ? std::string(message) : fmt::format("{}: {}", family, message)}, "bad_row"};
  }

  const bool require_stop_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreatePuzzle(std::string_view params_json) {
  Params params("puzzle", params_json);
  auto verifier = std::make_unique<PuzzleVerifier>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
