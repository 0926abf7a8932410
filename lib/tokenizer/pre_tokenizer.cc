#include "lib/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/tokenizer/byte_level.h"
#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/replacement.h"
#include "lib/tokenizer/unicode.h"
#include "lib/tokenizer/word_scanner.h"

namespace hone {
namespace {

using Sink = PreTokenizer::Sink;

// What becomes of the matches of a pattern.
enum class Behavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

struct Span {
  size_t begin;
  size_t end;
  bool is_match;
};

void EmitSpan(std::string_view text, size_t begin, size_t end, Sink sink) {
  if (begin < end) sink(text.substr(begin, end - begin));
}

// Joins the spans of a text as `behavior` says.
void EmitSpans(std::string_view text, const std::vector<Span>& spans, Behavior behavior, Sink sink) {
  switch (behavior) {
    case Behavior::kRemoved:
      for (const Span& span : spans) {
        if (!span.is_match) EmitSpan(text, span.begin, span.end, sink);
      }
      return;
    case Behavior::kIsolated:
      for (const Span& span : spans) EmitSpan(text, span.begin, span.end, sink);
      return;
    case Behavior::kContiguous: {
      size_t i = 0;
      while (i < spans.size()) {
        size_t last = i;
        while (last + 1 < spans.size() && spans[last + 1].is_match == spans[i].is_match) ++last;
        EmitSpan(text, spans[i].begin, spans[last].end, sink);
        i = last + 1;
      }
      return;
    }
    case Behavior::kMergedWithPrevious: {
      // A match goes to the span before it, unless that is a match too.
      size_t i = 0;
      while (i < spans.size()) {
        const bool takes_next = !spans[i].is_match && i + 1 < spans.size() && spans[i + 1].is_match;
        const size_t last = takes_next ? i + 1 : i;
        EmitSpan(text, spans[i].begin, spans[last].end, sink);
        i = last + 1;
      }
      return;
    }
    case Behavior::kMergedWithNext: {
      size_t i = 0;
      while (i < spans.size()) {
        const bool takes_next = spans[i].is_match && i + 1 < spans.size() && !spans[i + 1].is_match;
        const size_t last = takes_next ? i + 1 : i;
        EmitSpan(text, spans[i].begin, spans[last].end, sink);
        i = last + 1;
      }
      return;
    }
  }
}

// Each match of a scanner is a word.
class ScannerStep final : public PreTokenizer::Step {
 public:
  explicit ScannerStep(const WordScanner* scanner) : scanner_(scanner) {}
  void Split(std::string_view text, Sink sink) const override {
    while (!text.empty()) {
      const size_t length = scanner_->MatchLength(text);
      sink(text.substr(0, length));
      text.remove_prefix(length);
    }
  }

 private:
  const WordScanner* const scanner_;
};

class SplitStep final : public PreTokenizer::Step {
 public:
  SplitStep(TextPattern pattern, Behavior behavior, bool invert) : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}
  void Split(std::string_view text, Sink sink) const override {
    if (behavior_ == Behavior::kIsolated) {
      pattern_.ForEachSpan(text, [&](size_t begin, size_t end, bool) { EmitSpan(text, begin, end, sink); });
      return;
    }
    std::vector<Span> spans;
    pattern_.ForEachSpan(text, [&](size_t begin, size_t end, bool is_match) { spans.push_back({begin, end, is_match != invert_}); });
    EmitSpans(text, spans, behavior_, sink);
  }

 private:
  const TextPattern pattern_;
  const Behavior behavior_;
  const bool invert_;
};

// Cuts out digits (any numeric character): one by one, or run by run.
class DigitsStep final : public PreTokenizer::Step {
 public:
  explicit DigitsStep(bool individual) : individual_(individual) {}
  void Split(std::string_view text, Sink sink) const override {
    static const uint8_t* const kClasses = CodePointClasses();
    size_t word_begin = 0;
    bool word_is_digits = false;
    size_t at = 0;
    while (at < text.size()) {
      uint32_t code_point;
      const size_t length = static_cast<size_t>(DecodeValidUtf8(text.data() + at, &code_point));
      const bool is_digit = (kClasses[code_point] & kNumeric) != 0;
      if (is_digit != word_is_digits || (is_digit && individual_)) {
        EmitSpan(text, word_begin, at, sink);
        word_begin = at;
        word_is_digits = is_digit;
      }
      at += length;
    }
    EmitSpan(text, word_begin, at, sink);
  }

 private:
  const bool individual_;
};

// ByteLevel's add_prefix_space.
class PrefixSpaceStep final : public PreTokenizer::Step {
 public:
  void Split(std::string_view text, Sink sink) const override {
    if (text.starts_with(' ')) return sink(text);
    std::string spaced(1, ' ');
    spaced.append(text);
    sink(spaced);
  }
};

// ByteLevel's rewriting, where it is not the last step.
class ByteCharactersStep final : public PreTokenizer::Step {
 public:
  void Split(std::string_view text, Sink sink) const override {
    std::string characters;
    AppendByteCharacters(text, &characters);
    sink(characters);
  }
};

using Steps = std::vector<std::unique_ptr<PreTokenizer::Step>>;

absl::StatusOr<Behavior> ParseBehavior(const JsonField& field) {
  HONE_ASSIGN_OR_RETURN(const std::string name, field.String());
  if (name == "Removed") return Behavior::kRemoved;
  if (name == "Isolated") return Behavior::kIsolated;
  if (name == "MergedWithPrevious") return Behavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return Behavior::kMergedWithNext;
  if (name == "Contiguous") return Behavior::kContiguous;
  return field.Error(fmt::format("{:?} is unknown; known are Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous", name));
}

absl::Status ParseSplit(const JsonField& field, Steps* steps) {
  HONE_ASSIGN_OR_RETURN(TextPattern pattern, TextPattern::FromJson(field["pattern"]));
  HONE_ASSIGN_OR_RETURN(const Behavior behavior, ParseBehavior(field["behavior"]));
  HONE_ASSIGN_OR_RETURN(const bool invert, field["invert"].Bool(false));
  // The matches of a scanner cover the text: to isolate them, and to remove what lies between them, is to take each as a word.
  const WordScanner* scanner = WordScanner::ForPattern(pattern.regex_text());
  if (scanner != nullptr && (behavior == Behavior::kIsolated || (behavior == Behavior::kRemoved && invert))) {
    steps->push_back(std::make_unique<ScannerStep>(scanner));
  } else {
    steps->push_back(std::make_unique<SplitStep>(std::move(pattern), behavior, invert));
  }
  return absl::OkStatus();
}

absl::Status Parse(const JsonField& field, int depth, Steps* steps) {
  if (depth > kMaxComponentDepth) return field.Error(fmt::format("sequences nest deeper than {}", kMaxComponentDepth));
  HONE_ASSIGN_OR_RETURN(const std::string type, field.Type());
  if (type == "Split") return ParseSplit(field, steps);
  if (type == "Digits") {
    HONE_ASSIGN_OR_RETURN(const bool individual, field["individual_digits"].Bool(false));
    steps->push_back(std::make_unique<DigitsStep>(individual));
    return absl::OkStatus();
  }
  if (type == "ByteLevel") {
    HONE_ASSIGN_OR_RETURN(const bool add_prefix_space, field["add_prefix_space"].Bool(true));
    HONE_ASSIGN_OR_RETURN(const bool use_regex, field["use_regex"].Bool(true));
    if (add_prefix_space) steps->push_back(std::make_unique<PrefixSpaceStep>());
    if (use_regex) steps->push_back(std::make_unique<ScannerStep>(WordScanner::ForPattern(kGpt2Pattern)));
    steps->push_back(std::make_unique<ByteCharactersStep>());
    return absl::OkStatus();
  }
  if (type == "Sequence") {
    const JsonField list = field["pretokenizers"];
    HONE_RETURN_IF_ERROR(list.RequireArray());
    for (size_t i = 0; i < list.value().size(); ++i) HONE_RETURN_IF_ERROR(Parse(list[i], depth + 1, steps));
    return absl::OkStatus();
  }
  return field.UnknownType(type, "ByteLevel, Digits, Sequence, Split");
}

}  // namespace

absl::StatusOr<PreTokenizer> PreTokenizer::FromJson(const JsonField& field) {
  PreTokenizer result;
  if (field.IsNull()) return result;
  HONE_RETURN_IF_ERROR(Parse(field, 0, &result.steps_));
  constexpr size_t kMaxSteps = 64;  // bounds the recursion of SplitFrom
  if (result.steps_.size() > kMaxSteps)
    return field.Error(fmt::format("{} steps are more than the limit of {}", result.steps_.size(), kMaxSteps));
  if (!result.steps_.empty() && dynamic_cast<ByteCharactersStep*>(result.steps_.back().get()) != nullptr) {
    result.steps_.pop_back();
    result.ends_in_bytes_ = true;
  }
  return result;
}

void PreTokenizer::SplitFrom(size_t step, std::string_view text, Sink sink) const {
  if (step == steps_.size()) return sink(text);
  if (step + 1 == steps_.size()) return steps_[step]->Split(text, sink);
  steps_[step]->Split(text, [&](std::string_view word) { SplitFrom(step + 1, word, sink); });
}

}  // namespace hone
