#include "verifiers/math/math_verifier.h"

#include "fmt/format.h"
#include "lib/data/params.h"
#include "nlohmann/json.hpp"
#include "verifiers/math/checker.h"
#include "verifiers/math/extract.h"
#include "verifiers/text.h"

namespace hone {
namespace {

constexpr size_t kMaxQuoted = 200;

std::string Quote(std::string_view text) {
  return text.size() <= kMaxQuoted ? std::string(text) : fmt::format("{}.. ({} bytes)", text.substr(0, kMaxQuoted), text.size());
}

// How the row is called in its data set.
std::string RowName(const VerifyRequest& request) {
  const auto row = nlohmann::json::parse(request.row, nullptr, false);
  if (row.is_object()) {
    for (const char* key : {"id", "task_id", "unique_id", "key"}) {
      if (row.contains(key)) return fmt::format("row {}", Quote(row[key].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
    }
  }
  return fmt::format("request {}", request.id);
}

class Math : public TextVerifier {
 public:
  explicit Math(Params& params) : policy_(math::ReadPolicy(params)) {
    description_ = {.name = "math", .version = 1, .params_schema = params.Schema(), .parts = {"answered", "undecided"}};
  }

 private:
  static Score Result(double value, bool answered, bool undecided) {
    return Score{value, {{"answered", answered ? 1.0 : 0.0}, {"undecided", undecided ? 1.0 : 0.0}}};
  }

  Judgement Judge(const VerifyRequest& request) const override {
    if (TrimSpace(request.reference).empty())
      return {TaskError{fmt::format("{}: the reference is missing", RowName(request))}, "bad_reference"};
    std::string_view answer;
    math::Extraction extraction{.found = true, .rule = "whole"};
    const bool bare =
        request.answer.has_value() && policy_.mode == math::Policy::Mode::kAuto && !math::IsResponse(*request.answer, policy_);
    if (bare) {
      answer = *request.answer;
    } else {
      extraction = math::Extract(request.answer.value_or(request.completion), policy_);
      answer = extraction.answer;
    }
    const bool none = !extraction.found || extraction.too_long;
    // A reference is checked whatever the answer is: against itself when there is none.
    const math::CheckVerdict verdict =
        math::Check({request.reference}, {none ? request.reference : answer, extraction.joint}, policy_, true);
    if (verdict.result == math::Result::kBadGold) {
      return {
          TaskError{fmt::format("{}: the reference \"{}\" cannot be read: {}", RowName(request), Quote(request.reference), verdict.reason)},
          "bad_reference"};
    }
    if (!extraction.found) return {Result(0, false, false), "no_answer", fmt::format("no answer: {}", extraction.rule)};
    if (extraction.too_long) return {Result(0, false, false), "over_budget", "the answer is longer than 4096 bytes"};
    const std::string evidence =
        fmt::format("stage {}, found by {}, gold {}, answer {}, work {}{}", verdict.stage, extraction.rule, verdict.gold_form,
                    verdict.answer_form, verdict.work, verdict.likely_equal ? ", likely equal" : "");
    switch (verdict.result) {
      case math::Result::kEqual:
        return {Result(1, true, false), verdict.reason, evidence};
      case math::Result::kUndecided:
        if (verdict.likely_equal && policy_.likely_equal == math::Policy::LikelyEqual::kMask)
          return {NotApplicable{"undecided"}, "undecided", evidence};
        return {Result(verdict.likely_equal && policy_.likely_equal == math::Policy::LikelyEqual::kAccept ? 1 : 0, true, true), "undecided",
                evidence};
      case math::Result::kDifferent:
        return {Result(0, true, false), verdict.reason, evidence};
      default:
        return {Result(0, false, false), verdict.reason, evidence};
    }
  }

  const math::Policy policy_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateMath(std::string_view params_json) {
  Params params("math", params_json);
  auto verifier = std::make_unique<Math>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
