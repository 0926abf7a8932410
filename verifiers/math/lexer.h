#pragma once
// From folded text to tokens: what is only typography (spacing, sizes, fonts, delimiters of formulas, a final full stop) is gone, spellings
// of one macro are one.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hone::math {

enum class TokenKind : uint8_t {
  kEnd,
  kNumber,      // text: digits[.digits][(period)][e[-]digits], or .digits; grouping removed
  kWord,        // a run of letters
  kMacro,       // text: its name without backslash
  kSymbol,      // one ASCII character
  kOpenBrace,   // {
  kCloseBrace,  // }
  kOpenSet,     // \{
  kCloseSet,    // \}
  kRowBreak,    // \\ .
  kBegin,       // text: name of the environment
  kFinish,      // \end{..}, text likewise
  kCurrency,    // a currency sign; text: its ISO code
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool in_text = false;       // inside \text{..} and the like
  bool upright = false;       // inside \mathrm{..} and the like
  bool space_before = false;  // white space or a spacing macro stands in front
  std::string_view text = {};
  uint32_t begin = 0;  // offset in the folded text

  bool Is(char c) const { return kind == TokenKind::kSymbol && text[0] == c; }
  bool IsMacro(std::string_view name) const { return kind == TokenKind::kMacro && text == name; }
  bool Same(const Token& other) const { return kind == other.kind && text == other.text; }
};

inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
inline bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

enum class LexResult { kOk, kMalformed, kTooLong };

// Threads: one thread at a time; reused to spare allocations. The tokens point into the lexer and into the text.
class Lexer {
 public:
  static constexpr size_t kMaxTokens = 2000;

  // kMalformed: an unknown byte or an argument that does not end. The last token is kEnd.
  LexResult Run(std::string_view folded);
  const std::vector<Token>& tokens() const { return tokens_; }

 private:
  bool Next();
  bool Backslash();
  bool Macro(std::string_view name);
  bool SkipArgument();
  bool OpenFont(bool text);
  bool Number();  // lexer_numbers.cc
  // The digits of a period in front of which the text stands at `i`: \overline{12}, \bar 3, (12); *end is behind them, 0 when there are
  // none.
  std::string_view Period(size_t i, size_t* end) const;
  size_t DotsEnd(size_t i) const;
  bool Environment(bool begin);
  bool Not();
  bool Differential();
  bool BraceOfCases();
  void Letters();
  void Emit(TokenKind kind, std::string_view text);
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  size_t SkipSpace(size_t i) const;
  size_t DigitsEnd(size_t i) const;

  struct Font {
    bool text, upright;
    int depth;  // braces open when it began
  };
  std::string_view text_;
  size_t at_ = 0;
  bool space_ = false, one_dollar_ = false;
  int braces_ = 0, brackets_ = 0;
  int aligned_ = 0;           // environments open in which & is typography
  bool cases_array_ = false;  // the next array is a system of cases
  size_t bold_end_ = 0;       // where the emphasis of a first word ends
  std::vector<Font> fonts_;
  std::vector<Token> tokens_;
  std::string digits_;  // storage of cleaned numbers
};

}  // namespace hone::math
