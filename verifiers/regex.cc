#include "verifiers/regex.h"

#include "fmt/format.h"
#include "lib/data/params.h"
#include "lib/data/pattern.h"
#include "verifiers/text.h"

namespace hone {
namespace {

class Regex : public TextVerifier {
 public:
  explicit Regex(Params& params)
      : must_match_(params.Bool("must_match", true, "false: 1 when the pattern does not occur")),
        group_(params.Int("group", -1, -1, 1000, "group to compare with the reference; 0 is the whole match, -1 compares nothing")),
        which_(params.Choice("which", "last", {"first", "last"}, "the match whose group is compared") == "last" ? Pattern::Which::kLast
                                                                                                                : Pattern::Which::kFirst) {
    const std::string text = params.Text("pattern", "", "PCRE2 pattern, searched anywhere; required");
    Pattern::Options options;
    options.ignore_case = params.Bool("ignore_case", false, "upper and lower case are equal");
    options.multiline = params.Bool("multiline", false, "^ and $ match at line ends");
    options.dot_all = params.Bool("dot_all", false, ". matches a line end");
    options.budget = params.Int("budget", options.budget, 1000, 1'000'000'000, "steps of one search; 100 million take about a second");
    description_ = {.name = "regex", .version = 1, .params_schema = params.Schema()};
    if (text.empty()) {
      params.Problem("parameter \"pattern\" is required");
      return;
    }
    if (group_ >= 0 && !must_match_) params.Problem("must_match = false and group exclude each other");
    auto pattern = Pattern::Compile(text, options);
    if (!pattern.ok()) {
      params.Problem(std::string(pattern.status().message()));
    } else if (group_ > (*pattern)->num_groups()) {
      params.Problem(fmt::format("group {} does not exist: the pattern has {}", group_, (*pattern)->num_groups()));
    } else {
      pattern_ = *std::move(pattern);
    }
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    const std::string_view text = request.answer.value_or(request.completion);
    const std::string_view want = TrimSpace(request.reference);
    if (group_ >= 0 && want.empty()) return {TaskError{"the reference is empty"}, "bad_reference"};
    if (TrimSpace(text).empty()) return {Score{0}, "empty"};
    auto found = pattern_->Find(text, group_ < 0 ? Pattern::Which::kFirst : which_);
    if (!found.ok()) return {InfraError{std::string(found.status().message()), /*retryable=*/false}, "budget"};
    if (group_ < 0) return {Score{found->has_value() == must_match_ ? 1.0 : 0.0}, found->has_value() ? "match" : "no_match"};
    if (!found->has_value() || !(**found)[group_].has_value()) return {Score{0}, "no_match"};
    const bool correct = TrimSpace(*(**found)[group_]) == want;
    return {Score{correct ? 1.0 : 0.0}, correct ? "correct" : "wrong"};
  }

  const bool must_match_;
  const int64_t group_;
  const Pattern::Which which_;
  std::unique_ptr<const Pattern> pattern_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateRegex(std::string_view params_json) {
  Params params("regex", params_json);
  auto verifier = std::make_unique<Regex>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
