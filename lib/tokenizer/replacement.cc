#include "lib/tokenizer/replacement.h"

#include "lib/tokenizer/json_fields.h"

namespace hone {

absl::StatusOr<TextPattern> TextPattern::FromJson(const JsonField& field) {
  HONE_RETURN_IF_ERROR(field.RequireObject());
  TextPattern pattern;
  if (!field["String"].IsNull()) {
    HONE_ASSIGN_OR_RETURN(pattern.literal_, field["String"].String());
    if (pattern.literal_.empty()) return field["String"].Error("must not be empty");
    return pattern;
  }
  if (field["Regex"].IsNull()) return field.Error("must be {\"String\": ...} or {\"Regex\": ...}");
  HONE_ASSIGN_OR_RETURN(pattern.regex_text_, field["Regex"].String());
  auto regex = Regex::Compile(pattern.regex_text_);
  if (!regex.ok()) return field["Regex"].Error(regex.status());
  pattern.regex_ = *std::move(regex);
  return pattern;
}

absl::StatusOr<Replacement> Replacement::FromJson(const JsonField& field) {
  HONE_ASSIGN_OR_RETURN(TextPattern pattern, TextPattern::FromJson(field["pattern"]));
  HONE_ASSIGN_OR_RETURN(std::string content, field["content"].String());
  return Replacement{std::move(pattern), std::move(content)};
}

std::string Replacement::Apply(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  pattern.ForEachSpan(text, [&](size_t begin, size_t end, bool is_match) {
    out.append(is_match ? std::string_view(content) : text.substr(begin, end - begin));
  });
  return out;
}

}  // namespace hone
