#include "lib/tokenizer/word_scanner.h"

#include <cstdint>

#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

// Walks over valid UTF-8 and tells the class of each character.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()) { Load(); }

  bool at_end() const { return p_ == end_; }
  size_t offset() const { return static_cast<size_t>(p_ - begin_); }
  // Of the character here; 0 at the end.
  uint8_t classes() const { return classes_; }
  bool Is(uint8_t class_bits) const { return (classes_ & class_bits) != 0; }
  bool IsLineBreak() const { return !at_end() && (*p_ == '\n' || *p_ == '\r'); }
  // A character that is neither white space nor letter nor number.
  bool IsOther() const { return !at_end() && !Is(kWhiteSpace | kLetter | kNumber); }
  // The ASCII character here; 0 when there is none.
  char ascii() const { return at_end() || (*p_ & 0x80) != 0 ? '\0' : *p_; }

  void Advance() {
    p_ += length_;
    Load();
  }
  void SkipWhile(uint8_t class_bits) {
    while (Is(class_bits)) Advance();
  }

 private:
  void Load() {
    static const uint8_t* const kClasses = CodePointClasses();
    if (p_ == end_) {
      classes_ = 0;
      length_ = 0;
      return;
    }
    uint32_t code_point;
    length_ = DecodeValidUtf8(p_, &code_point);
    classes_ = kClasses[code_point];
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  int length_ = 0;
  uint8_t classes_ = 0;
};

// Bytes of 's, 't, 're, 've, 'm, 'll or 'd at the start of `text`, else 0. Without regard to case, U+017F (long s) is an s.
size_t ContractionLength(std::string_view text, bool ignore_case) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const auto letter = [&](size_t i) -> char {
    if (i >= text.size()) return '\0';
    return ignore_case && text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
  };
  switch (letter(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return letter(2) == 'e' ? 3 : 0;
    case 'l':
      return letter(2) == 'l' ? 3 : 0;
    default:
      return ignore_case && text.substr(1).starts_with("\xC5\xBF") ? 3 : 0;
  }
}

// \s*[\r\n]+ (when `line_breaks`), \s+(?!\S), \s+ on a cursor at white space.
size_t WhiteSpaceLength(Cursor cursor, bool line_breaks) {
  size_t last_begin = 0;        // where the last character of the run begins
  size_t after_line_break = 0;  // just behind the last line break of the run
  while (cursor.Is(kWhiteSpace)) {
    const bool line_break = cursor.IsLineBreak();
    last_begin = cursor.offset();
    cursor.Advance();
    if (line_break) after_line_break = cursor.offset();
  }
  if (line_breaks && after_line_break > 0) return after_line_break;
  if (cursor.at_end() || last_begin == 0) return cursor.offset();
  return last_begin;  // the last one goes with the word that follows
}

// ` ?[^\s\p{L}\p{N}]+` and then a run of line breaks (and slashes); 0 when it does not match.
size_t OtherLength(Cursor cursor, bool line_breaks, bool slashes) {
  if (cursor.ascii() == ' ') cursor.Advance();
  if (!cursor.IsOther()) return 0;
  while (cursor.IsOther()) cursor.Advance();
  while (line_breaks && (cursor.IsLineBreak() || (slashes && cursor.ascii() == '/'))) cursor.Advance();
  return cursor.offset();
}

size_t NumberLength(Cursor cursor, int max_digits) {
  for (int i = 0; i < max_digits && cursor.Is(kNumber); ++i) cursor.Advance();
  return cursor.offset();
}

class Gpt2Scanner final : public WordScanner {
 public:
  size_t MatchLength(std::string_view text) const override {
    if (const size_t length = ContractionLength(text, /*ignore_case=*/false)) return length;
    Cursor cursor(text);
    const Cursor start = cursor;
    if (cursor.ascii() == ' ') cursor.Advance();
    if (cursor.Is(kLetter)) {
      cursor.SkipWhile(kLetter);
      return cursor.offset();
    }
    if (cursor.Is(kNumber)) {
      cursor.SkipWhile(kNumber);
      return cursor.offset();
    }
    if (const size_t length = OtherLength(start, /*line_breaks=*/false, /*slashes=*/false)) return length;
    return WhiteSpaceLength(start, /*line_breaks=*/false);
  }
};

// Qwen2 (digits one by one) and Llama 3 (digits in threes).
class Llama3Scanner final : public WordScanner {
 public:
  explicit Llama3Scanner(int max_digits) : max_digits_(max_digits) {}

  size_t MatchLength(std::string_view text) const override {
    if (const size_t length = ContractionLength(text, /*ignore_case=*/true)) return length;
    Cursor cursor(text);
    const Cursor start = cursor;
    if (!cursor.Is(kLetter | kNumber) && !cursor.IsLineBreak()) cursor.Advance();
    if (cursor.Is(kLetter)) {
      cursor.SkipWhile(kLetter);
      return cursor.offset();
    }
    if (start.Is(kNumber)) return NumberLength(start, max_digits_);
    if (const size_t length = OtherLength(start, /*line_breaks=*/true, /*slashes=*/false)) return length;
    return WhiteSpaceLength(start, /*line_breaks=*/true);
  }

 private:
  const int max_digits_;
};

// gpt-oss and GPT-4o: words also end where the case goes from lower to upper.
class O200kScanner final : public WordScanner {
 public:
  size_t MatchLength(std::string_view text) const override {
    const Cursor start(text);
    const bool may_be_prefix = !start.Is(kLetter | kNumber) && !start.IsLineBreak();
    Cursor after_prefix = start;
    if (may_be_prefix) after_prefix.Advance();
    // The alternatives in the order in which backtracking tries them: [upper]*[lower]+ with and without the prefix, then [upper]+[lower]*.
    size_t end = UpperThenLower(after_prefix);
    if (end == 0 && may_be_prefix) end = UpperThenLower(start);
    if (end == 0) end = UpperRun(after_prefix);
    if (end == 0 && may_be_prefix) end = UpperRun(start);
    if (end > 0) return end + ContractionLength(text.substr(end), /*ignore_case=*/true);

    if (start.Is(kNumber)) return NumberLength(start, 3);
    if (const size_t length = OtherLength(start, /*line_breaks=*/true, /*slashes=*/true)) return length;
    return WhiteSpaceLength(start, /*line_breaks=*/true);
  }

 private:
  // [upper-like]*[lower-like]+; the end of the match, or 0. Characters of both kinds (Lm, Lo, M) let the first run give back.
  static size_t UpperThenLower(Cursor cursor) {
    size_t after_last_of_both = 0;
    while (cursor.Is(kUpperLike)) {
      const bool both = cursor.Is(kLowerLike);
      cursor.Advance();
      if (both) after_last_of_both = cursor.offset();
    }
    if (!cursor.Is(kLowerLike)) return after_last_of_both;
    cursor.SkipWhile(kLowerLike);
    return cursor.offset();
  }

  // [upper-like]+, where no lower-like character follows (else UpperThenLower had matched); the end of the match, or 0.
  static size_t UpperRun(Cursor cursor) {
    if (!cursor.Is(kUpperLike)) return 0;
    cursor.SkipWhile(kUpperLike);
    cursor.SkipWhile(kLowerLike);
    return cursor.offset();
  }
};

}  // namespace

const WordScanner* WordScanner::ForPattern(std::string_view pattern) {
  static const Gpt2Scanner* const kGpt2 = new Gpt2Scanner;
  static const Llama3Scanner* const kQwen2 = new Llama3Scanner(1);
  static const Llama3Scanner* const kLlama3 = new Llama3Scanner(3);
  static const O200kScanner* const kO200k = new O200kScanner;
  if (pattern == kGpt2Pattern || pattern == kGpt2FactoredPattern) return kGpt2;
  if (pattern == kQwen2Pattern) return kQwen2;
  if (pattern == kLlama3Pattern) return kLlama3;
  if (pattern == kO200kPattern) return kO200k;
  return nullptr;
}

}  // namespace hone
