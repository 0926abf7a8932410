#include "verifiers/length.h"

#include <algorithm>

#include "fmt/format.h"
#include "lib/data/params.h"

namespace hone {

double SoftLengthPenalty(int64_t num_tokens, int64_t max_tokens, int64_t buffer, double factor) {
  const int64_t excess = std::clamp<int64_t>(num_tokens - (max_tokens - buffer), 0, buffer);
  return excess == 0 ? 0.0 : -static_cast<double>(excess) / static_cast<double>(buffer) * factor;
}

namespace {
constexpr int64_t kMost = int64_t{1} << 40;

class Length : public TextVerifier {
 public:
  explicit Length(Params& params)
      : rule_(params.Choice("rule", "budget", {"budget", "soft", "stop"}, "what is judged")),
        min_(params.Int("min_tokens", 0, 0, kMost, "fewest tokens, for the budget")),
        max_(params.Int("max_tokens", 1024, 1, kMost, "most tokens, for the budget and the soft penalty")),
        buffer_(params.Int("buffer", 128, 1, kMost, "tokens before max_tokens where the soft penalty begins")),
        factor_(params.Number("factor", 1, 0, 1e6, "size of the full soft penalty")) {
    if (min_ > max_) params.Problem(fmt::format("min_tokens {} must be at most max_tokens {}", min_, max_));
    if (rule_ == "soft" && buffer_ > max_) params.Problem(fmt::format("buffer {} must be at most max_tokens {}", buffer_, max_));
    description_ = {.name = "length", .version = 1, .params_schema = params.Schema()};
    if (rule_ == "soft") {
      description_.range_min = -factor_;
      description_.range_max = 0;
    }
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    if (rule_ == "stop") {
      if (!request.finish_reason.has_value()) return {NotApplicable{"how the completion ended is not known"}, "no_finish_reason"};
      const bool stopped = *request.finish_reason == FinishReason::kStop;
      return {Score{stopped ? 1.0 : 0.0}, stopped ? "stopped" : "truncated"};
    }
    if (!request.num_tokens_completion.has_value()) return {NotApplicable{"the number of tokens is not known"}, "no_token_count"};
    const int64_t tokens = *request.num_tokens_completion;
    if (rule_ == "soft") {
      const double penalty = SoftLengthPenalty(tokens, max_, buffer_, factor_);
      return {Score{penalty}, tokens > max_ ? "too_long" : penalty < 0 ? "in_buffer" : "within"};
    }
    if (tokens < min_) return {Score{0}, "too_short"};
    if (tokens > max_) return {Score{0}, "too_long"};
    return {Score{1}, "in_budget"};
  }

  const std::string rule_;
  const int64_t min_, max_, buffer_;
  const double factor_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateLength(std::string_view params_json) {
  Params params("length", params_json);
  auto verifier = std::make_unique<Length>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
