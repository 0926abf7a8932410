#include "verifiers/numeric.h"

#include "lib/data/params.h"
#include "verifiers/number.h"

namespace hone {
namespace {

class Numeric : public TextVerifier {
 public:
  explicit Numeric(Params& params)
      : percent_scales_(params.Bool("percent_scales", false, "7% is 0.07; false: the percent sign is ignored")),
        require_stop_(params.Bool("require_stop", false, "a completion cut by the token limit scores 0")) {
    description_ = {.name = "numeric", .version = 1, .params_schema = params.Schema(), .parts = {"answered"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    const std::optional<Number> want = WholeNumber(request.reference);
    if (!want.has_value()) return {TaskError{"the reference is not one number"}, "bad_reference"};
    const std::optional<Number> got = LastNumber(request.answer.value_or(request.completion));
    if (!got.has_value()) return {Score{0, {{"answered", 0}}}, "no_number"};
    if (require_stop_ && request.finish_reason == FinishReason::kLength) return {Score{0, {{"answered", 1}}}, "truncated"};
    const bool correct = Equal(*got, *want, percent_scales_);
    return {Score{correct ? 1.0 : 0.0, {{"answered", 1}}}, correct ? "correct" : "wrong"};
  }

  const bool percent_scales_, require_stop_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateNumeric(std::string_view params_json) {
  Params params("numeric", params_json);
  auto verifier = std::make_unique<Numeric>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
