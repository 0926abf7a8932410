#include "verifiers/language.h"

#include <optional>

#include "fmt/format.h"
#include "lib/data/params.h"
#include "verifiers/instruction/language.h"
#include "verifiers/text.h"

namespace hone {
namespace {
using instruction::Text;
using instruction::TextView;

// The text without fenced code, words behind a backslash and single Latin letters.
Text Prose(std::string_view utf8) {
  const Text text = instruction::Decode(utf8);
  Text prose;
  bool in_code = false;
  for (const TextView line : instruction::Split(text, U"\n")) {
    if (instruction::Trim(line).starts_with(U"```")) in_code = !in_code;
    if (in_code) continue;
    for (size_t i = 0; i < line.size();) {
      size_t end = i;
      while (end < line.size() && instruction::IsAlpha(line[end])) ++end;
      const bool command = i > 0 && line[i - 1] == '\\';
      const bool variable = end == i + 1 && instruction::ScriptOf(line[i]) == instruction::Script::kLatin;
      if (!command && !variable) prose.append(line.substr(i, end - i));
      if (end < line.size()) prose.push_back(line[end++]);
      i = end;
    }
    prose.push_back('\n');
  }
  return prose;
}

class LanguageShare : public TextVerifier {
 public:
  explicit LanguageShare(Params& params)
      : language_(params.Text("language", "en", "ISO 639-1 code of the wanted language")),
        part_(params.Choice("part", "all", {"think", "answer", "all"}, "what is judged")),
        think_open_(params.Text("think_open", "<think>", "tag that opens the reasoning; it may be missing")),
        think_close_(params.Text("think_close", "</think>", "tag that closes the reasoning")),
        min_letters_(params.Int("min_letters", 20, 1, 1 << 30, "with fewer letters there is nothing to say")) {
    if (!instruction::IsKnownLanguage(language_))
      params.Problem(fmt::format("language \"{}\" is unknown; known: {}", language_, instruction::KnownLanguages()));
    if (think_open_.empty() || think_close_.empty()) params.Problem("a tag must not be empty");
    description_ = {.name = "language", .version = 1, .params_schema = params.Schema()};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    if (TrimSpace(request.completion).empty()) return {Score{0}, "empty"};
    const std::optional<std::string_view> part = Part(request.completion);
    if (!part.has_value()) return {NotApplicable{fmt::format("there is no {}", think_close_)}, "no_reasoning"};
    const instruction::LetterCount letters = instruction::CountLetters(Prose(*part), language_);
    if (letters.all < min_letters_)
      return {NotApplicable{fmt::format("{} letters, at least {} are needed", letters.all, min_letters_)}, "too_short"};
    const double share = static_cast<double>(letters.in_language) / static_cast<double>(letters.all);
    return {Score{share}, share == 1 ? "in_language" : share > 0 ? "mixed" : "other_language"};
  }

  // nullopt when the completion has no such part.
  std::optional<std::string_view> Part(std::string_view text) const {
    if (part_ == "all") return text;
    const size_t close = text.find(think_close_);
    if (part_ == "answer") return close == std::string_view::npos ? text : text.substr(close + think_close_.size());
    if (close == std::string_view::npos) return std::nullopt;
    text = text.substr(0, close);
    const size_t open = text.find(think_open_);
    return open == std::string_view::npos ? text : text.substr(open + think_open_.size());
  }

  const std::string language_, part_, think_open_, think_close_;
  const int64_t min_letters_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateLanguage(std::string_view params_json) {
  Params params("language", params_json);
  auto verifier = std::make_unique<LanguageShare>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
