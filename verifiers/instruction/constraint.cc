#include "verifiers/instruction/constraint.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "verifiers/instruction/sentences.h"

namespace hone::instruction {
namespace {
template <typename T, typename Make>
const T& Once(std::optional<T>& slot, Make make) {
  if (!slot.has_value()) slot.emplace(make());
  return *slot;
}
}  // namespace

const std::string& Response::utf8() const {
  return Once(utf8_, [&] { return Encode(text_); });
}
const Text& Response::lower() const {
  return Once(lower_, [&] { return Lower(text_); });
}
const std::vector<TextView>& Response::words() const {
  return Once(words_, [&] { return SplitWords(text_); });
}
const std::vector<TextView>& Response::sentences() const {
  return Once(sentences_, [&] { return SplitSentences(text_); });
}
const std::vector<TextView>& Response::tokens() const {
  return Once(tokens_, [&] { return Tokens(sentences()); }).words();
}

Finding Follows(bool follows, std::string why) {
  return {follows, std::move(why)};
}

Finding Counted(bool follows, int64_t found, std::string_view what, std::string_view wanted) {
  return {follows, fmt::format("found {} {}, wanted {}", found, what, wanted)};
}

std::string Limit::Wanted() const {
  return fmt::format("{} {}", at_least ? "at least" : "less than", number);
}

absl::StatusOr<Needle> Needle::Make(TextView text, bool whole_word) {
  Needle needle;
  needle.whole_word_ = whole_word;
  needle.literal_ = Lower(text);
  if (text.find_first_of(U"\\^$.|?*+()[]{}") == TextView::npos) return needle;
  const std::string pattern = Encode(text);
  HONE_ASSIGN_OR_RETURN(needle.pattern_, Pattern::Compile(whole_word ? fmt::format("\\b{}\\b", pattern) : pattern, {.ignore_case = true}));
  return needle;
}

absl::StatusOr<int64_t> Needle::Count(const Response& response, int64_t most) const {
  int64_t count = 0;
  if (pattern_ == nullptr) {
    const TextView text = response.lower();
    if (whole_word_) return ContainsWholeWord(text, literal_) ? 1 : 0;
    for (size_t at = 0; count < most && (at = text.find(literal_, at)) != TextView::npos; at += literal_.size()) ++count;
    return count;
  }
  for (std::string_view rest = response.utf8(); count < most && !rest.empty();) {
    HONE_ASSIGN_OR_RETURN(const auto match, pattern_->Find(rest, Pattern::Which::kFirst));
    if (!match.has_value()) break;
    ++count;
    const std::string_view found = *match->at(0);
    rest.remove_prefix(std::min<size_t>(rest.size(), found.data() + std::max<size_t>(found.size(), 1) - rest.data()));
  }
  return count;
}

absl::StatusOr<bool> Needle::IsIn(const Response& response) const {
  HONE_ASSIGN_OR_RETURN(const int64_t count, Count(response, 1));
  return count > 0;
}

struct Kwargs::Impl {
  nlohmann::json values;
  std::set<std::string, std::less<>> asked;
  std::vector<std::string> problems;
  std::vector<Claim> claims;

  // The value, or null with a problem noted when there is none.
  const nlohmann::json& Get(std::string_view name) {
    static const nlohmann::json& null = *new nlohmann::json;
    asked.emplace(name);
    const auto found = values.find(name);
    if (found != values.end() && !found->is_null()) return *found;
    problems.push_back(fmt::format("\"{}\" is missing", name));
    return null;
  }
  void Wrong(std::string_view name, const nlohmann::json& value, std::string_view wanted) {
    if (value.is_null()) return;  // missing: said already
    const std::string shown = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 80);
    problems.push_back(fmt::format("\"{}\" is {}, not {}", name, shown, wanted));
  }
};

Kwargs::Kwargs(std::string_view json) : impl_(std::make_unique<Impl>()) {
  impl_->values = nlohmann::json::parse(json, nullptr, false);
  if (impl_->values.is_null()) impl_->values = nlohmann::json::object();
  if (!impl_->values.is_object()) {
    impl_->values = nlohmann::json::object();
    Problem("the parameters are no JSON object");
  }
}
Kwargs::~Kwargs() = default;

int64_t Kwargs::Int(std::string_view name, int64_t min) {
  const nlohmann::json& value = impl_->Get(name);
  const double number = value.is_number() ? value.get<double>() : NAN;
  if (number >= static_cast<double>(min) && number <= 1e9 && number == std::floor(number)) return static_cast<int64_t>(number);
  impl_->Wrong(name, value, fmt::format("a whole number from {} to 1e9", min));
  return min;
}

double Kwargs::Number(std::string_view name) {
  const nlohmann::json& value = impl_->Get(name);
  if (value.is_number() && value.get<double>() >= 0) return value.get<double>();
  impl_->Wrong(name, value, "a number from 0 up");
  return 0;
}

Text Kwargs::String(std::string_view name) {
  const nlohmann::json& value = impl_->Get(name);
  if (value.is_string() && !value.get_ref<const std::string&>().empty()) return Decode(value.get_ref<const std::string&>());
  impl_->Wrong(name, value, "a text with something in it");
  return U"?";
}

Text Kwargs::Word(std::string_view name) {
  const Text text = String(name);
  const TextView word = Trim(text);
  if (word.empty()) Problem(fmt::format("\"{}\" is blank", name));
  return Text(word);
}

std::vector<Text> Kwargs::Words(std::string_view name) {
  const nlohmann::json& value = impl_->Get(name);
  if (value.is_string()) return {String(name)};
  std::vector<Text> words;
  if (value.is_array()) {
    for (const nlohmann::json& word : value)
      if (word.is_string() && !word.get_ref<const std::string&>().empty()) words.push_back(Decode(word.get_ref<const std::string&>()));
  }
  if (words.empty() || words.size() != value.size()) impl_->Wrong(name, value, "a list of words");
  if (words.empty()) words.push_back(U"word");  // harmless: Finish refuses the parameters
  return words;
}

Limit Kwargs::RelationTo(std::string_view relation, std::string_view number) {
  const nlohmann::json& value = impl_->Get(relation);
  const bool at_least = value == "at least";
  if (!at_least && value != "less than") impl_->Wrong(relation, value, "\"at least\" or \"less than\"");
  return {at_least, Int(number)};
}

Needle Kwargs::Search(std::string_view name, bool whole_word) {
  return Search(Word(name), whole_word);
}

Needle Kwargs::Search(TextView text, bool whole_word) {
  absl::StatusOr<Needle> needle = Needle::Make(text, whole_word);
  if (needle.ok()) return *std::move(needle);
  Problem(fmt::format("\"{}\" is no regular expression: {}", Encode(text), std::string(needle.status().message())));
  return {};
}

void Kwargs::Claims(std::string what, int64_t min, int64_t max) {
  impl_->claims.push_back({.what = std::move(what), .min = min, .max = max});
}

void Kwargs::Claims(std::string what, const Limit& limit) {
  Claims(std::move(what), limit.at_least ? limit.number : 0, limit.at_least ? Claim::kNoLimit : limit.number - 1);
}

void Kwargs::Claims(std::string what, Claim::Kind kind, TextView text) {
  impl_->claims.push_back({.what = std::move(what), .kind = kind, .text = Text(text)});
}

void Kwargs::ClaimsText(TextView text) {
  const std::pair<char32_t, const char*> marks[] = {{',', "commas"}, {'.', "dots"}, {'!', "exclamation marks"}};
  for (const auto& [mark, what] : marks)
    if (const int64_t count = std::count(text.begin(), text.end(), mark); count > 0) Claims(what, count);
}

const std::vector<Claim>& Kwargs::claims() const {
  return impl_->claims;
}

void Kwargs::Problem(std::string message) {
  impl_->problems.push_back(std::move(message));
}

absl::Status Kwargs::Finish() const {
  std::vector<std::string> problems = impl_->problems;
  for (const auto& [key, value] : impl_->values.items())
    if (!value.is_null() && !impl_->asked.contains(key)) problems.push_back(fmt::format("\"{}\" is unknown", key));
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(problems, "; ")));
}

}  // namespace hone::instruction
