#include "verifiers/repetition.h"

#include <algorithm>
#include <unordered_map>

#include "lib/base/hash.h"
#include "lib/data/params.h"

namespace hone {
namespace {
constexpr std::string_view kSpace = " \t\r\n\v\f";

// A number for every word, the same for equal words.
std::vector<int32_t> NumberWords(std::string_view text) {
  std::vector<int32_t> numbers;
  std::unordered_map<std::string_view, int32_t> known;
  for (size_t begin = 0; (begin = text.find_first_not_of(kSpace, begin)) != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    numbers.push_back(known.try_emplace(text.substr(begin, end - begin), static_cast<int32_t>(known.size())).first->second);
    begin = end;
  }
  return numbers;
}

class Repetition : public TextVerifier {
 public:
  explicit Repetition(Params& params) : n_(static_cast<size_t>(params.Int("n", 4, 1, 1000, "length of an n-gram in tokens"))) {
    description_ = {.name = "repetition", .version = 1, .params_schema = params.Schema(), .parts = {"ngrams"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    if (!request.token_ids.empty()) return JudgeTokens(request.token_ids);
    const std::vector<int32_t> words = NumberWords(request.completion);
    if (words.empty()) return {Score{0, {{"ngrams", 0}}}, "empty"};
    return JudgeTokens(words);
  }

  Judgement JudgeTokens(std::span<const int32_t> tokens) const {
    if (tokens.size() < n_) return {Score{1, {{"ngrams", 0}}}, "short"};
    std::vector<uint64_t> ngrams(tokens.size() - n_ + 1);
    for (size_t i = 0; i < ngrams.size(); ++i) ngrams[i] = Hash64OfBytes(&tokens[i], n_ * sizeof(int32_t));
    const auto count = static_cast<double>(ngrams.size());
    std::sort(ngrams.begin(), ngrams.end());
    const auto unique = static_cast<double>(std::unique(ngrams.begin(), ngrams.end()) - ngrams.begin());
    return {Score{unique / count, {{"ngrams", count}}}, unique == count ? "unique" : "repeats"};
  }

  const size_t n_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateRepetition(std::string_view params_json) {
  Params params("repetition", params_json);
  auto verifier = std::make_unique<Repetition>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
