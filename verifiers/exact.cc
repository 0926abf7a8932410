#include "verifiers/exact.h"

#include <algorithm>
#include <cstdlib>

#include "lib/data/params.h"
#include "utf8proc.h"
#include "verifiers/text.h"

namespace hone {
namespace {

std::string CaseFold(std::string_view text) {
  utf8proc_uint8_t* folded = nullptr;
  const utf8proc_ssize_t bytes =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &folded,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  std::string result;
  if (bytes >= 0) {
    result.assign(reinterpret_cast<const char*>(folded), bytes);
  } else {
    result = text;
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  std::free(folded);
  return result;
}

std::string CollapseSpace(std::string_view text) {
  std::string result;
  for (char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space) {
      result += c;
    } else if (result.empty() || result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

class Exact : public TextVerifier {
 public:
  explicit Exact(Params& params)
      : trim_(params.Bool("trim", true, "white space at both ends does not count")),
        collapse_(params.Bool("collapse_space", false, "a run of white space counts as one space")),
        casefold_(params.Bool("casefold", false, "upper and lower case are equal")),
        partial_(params.Bool("partial", false, "score the share of positions (bytes) that agree")) {
    description_ = {.name = "exact", .version = 1, .params_schema = params.Schema()};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    const std::string want = Prepare(request.reference);
    if (want.empty()) return {TaskError{"the reference is empty"}, "bad_reference"};
    const std::string got = Prepare(request.answer.value_or(request.completion));
    if (got == want) return {Score{1}, "correct"};
    if (got.empty()) return {Score{0}, "empty"};
    if (!partial_) return {Score{0}, "wrong"};
    size_t same = 0;
    for (size_t i = 0; i < std::min(got.size(), want.size()); ++i) same += got[i] == want[i];
    return {Score{static_cast<double>(same) / static_cast<double>(std::max(got.size(), want.size()))}, "partial"};
  }

  std::string Prepare(std::string_view text) const {
    std::string result(trim_ ? TrimSpace(text) : text);
    if (casefold_) result = CaseFold(result);
    return collapse_ ? CollapseSpace(result) : result;
  }

  const bool trim_, collapse_, casefold_, partial_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateExact(std::string_view params_json) {
  Params params("exact", params_json);
  auto verifier = std::make_unique<Exact>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
