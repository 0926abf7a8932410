#include "lib/tokenizer/chat/lexer.h"

#include <algorithm>

#include "fmt/format.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

// "\r\n" and "\r" become "\n"; one line break at the end goes.
std::string NormalizeNewlines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out += source[i];
    }
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(NormalizeNewlines(source)), text_(source_) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (pos_ < text_.size()) HONE_RETURN_IF_ERROR(ReadDataAndTag());
    Emit(TokenKind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  absl::Status Fail(const std::string& what) const { return absl::InvalidArgumentError(fmt::format("line {}: {}", line_, what)); }

  void Emit(TokenKind kind, std::string_view text) {
    Token token;
    token.kind = kind;
    token.line = line_;
    token.text = std::string(text);
    tokens_.push_back(std::move(token));
  }

  void MoveTo(size_t pos) {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<int64_t>(pos_), text_.begin() + static_cast<int64_t>(pos), '\n'));
    pos_ = pos;
  }
  bool At(size_t pos, std::string_view what) const { return text_.substr(std::min(pos, text_.size()), what.size()) == what; }
  size_t SkipSpace(size_t pos) const {
    while (pos < text_.size()) {
      size_t next = pos;
      if (!IsSpace(DecodeUtf8(text_, next))) break;
      pos = next;
    }
    return pos;
  }

  // The text before a tag as its sign ('-', '+' or 0) and lstrip_blocks leave it.
  std::string_view StripBeforeTag(std::string_view data, char sign, bool is_variable) const {
    if (sign == '-') return Strip(data, std::nullopt, false, true);
    if (sign == '+' || is_variable) return data;
    const size_t line_start = data.rfind('\n') + 1;  // 0 when there is none
    if (line_start == 0 && !line_starting_) return data;
    return Strip(data.substr(line_start), std::nullopt, true, false).empty() ? data.substr(0, line_start) : data;
  }

  // The position after a closing tag such as "%}" that starts at `pos` with its sign and the white space it swallows; npos when none does.
  size_t MatchEnd(size_t pos, std::string_view close, bool plus_allowed, bool trim_newline) const {
    if (plus_allowed && At(pos, "+") && At(pos + 1, close)) return pos + 1 + close.size();
    if (At(pos, "-") && At(pos + 1, close)) return SkipSpace(pos + 1 + close.size());
    if (!At(pos, close)) return std::string_view::npos;
    pos += close.size();
    return trim_newline && At(pos, "\n") ? pos + 1 : pos;
  }

  char SignAt(size_t pos) const { return At(pos, "-") ? '-' : At(pos, "+") ? '+' : '\0'; }

  absl::Status ReadDataAndTag() {
    size_t tag = pos_;
    while (true) {
      tag = text_.find('{', tag);
      if (tag == std::string_view::npos || At(tag, "{%") || At(tag, "{{") || At(tag, "{#")) break;
      ++tag;
    }
    const bool found = tag != std::string_view::npos;
    const std::string_view data = text_.substr(pos_, found ? tag - pos_ : std::string_view::npos);
    if (!found) {
      Emit(TokenKind::kData, data);
      pos_ = text_.size();
      return absl::OkStatus();
    }
    const char type = text_[tag + 1];
    const char sign = SignAt(tag + 2);
    const std::string_view kept = StripBeforeTag(data, sign, type == '{');
    if (!kept.empty()) Emit(TokenKind::kData, kept);
    MoveTo(tag);
    const size_t inside = tag + 2 + (sign != 0 ? 1 : 0);
    if (type == '#') return ReadComment(inside);
    if (type == '%') {
      const size_t raw = MatchRawBegin(inside);
      if (raw != std::string_view::npos) return ReadRaw(raw);
    }
    Emit(type == '%' ? TokenKind::kBlockBegin : TokenKind::kVariableBegin, "");
    line_starting_ = false;
    pos_ = inside;
    return ReadTag(type == '%');
  }

  void EndTag(size_t end) {
    line_starting_ = end > 0 && text_[end - 1] == '\n';
    MoveTo(end);
  }

  absl::Status ReadComment(size_t inside) {
    for (size_t pos = inside; pos < text_.size(); ++pos) {
      if (text_[pos] != '+' && text_[pos] != '-' && text_[pos] != '#') continue;
      const size_t end = MatchEnd(pos, "#}", true, true);
      if (end == std::string_view::npos) continue;
      EndTag(end);
      return absl::OkStatus();
    }
    return Fail("the comment is not closed: '#}' is missing");
  }

  size_t MatchRawBegin(size_t pos) const {
    pos = SkipSpace(pos);
    if (!At(pos, "raw")) return std::string_view::npos;
    return MatchEnd(SkipSpace(pos + 3), "%}", false, false);
  }

  absl::Status ReadRaw(size_t begin) {
    EndTag(begin);
    for (size_t tag = text_.find("{%", begin); tag != std::string_view::npos; tag = text_.find("{%", tag + 1)) {
      const char sign = SignAt(tag + 2);
      const size_t name = SkipSpace(tag + 2 + (sign != 0 ? 1 : 0));
      if (!At(name, "endraw")) continue;
      const size_t end = MatchEnd(SkipSpace(name + 6), "%}", true, true);
      if (end == std::string_view::npos) continue;
      const std::string_view kept = StripBeforeTag(text_.substr(begin, tag - begin), sign, false);
      if (!kept.empty()) Emit(TokenKind::kData, kept);
      EndTag(end);
      return absl::OkStatus();
    }
    return Fail("the raw block is not closed: 'endraw' is missing");
  }

  // The tokens up to the end of the tag.
  absl::Status ReadTag(bool is_block) {
    std::string open;  // closing brackets expected
    while (pos_ < text_.size()) {
      if (open.empty()) {
        const size_t end = is_block ? MatchEnd(pos_, "%}", true, true) : MatchEnd(pos_, "}}", false, false);
        if (end != std::string_view::npos) {
          Emit(is_block ? TokenKind::kBlockEnd : TokenKind::kVariableEnd, "");
          EndTag(end);
          return absl::OkStatus();
        }
      }
      const size_t after_space = SkipSpace(pos_);
      if (after_space != pos_) {
        MoveTo(after_space);
        continue;
      }
      const char c = text_[pos_];
      if (c >= '0' && c <= '9') {
        HONE_RETURN_IF_ERROR(ReadNumber());
      } else if (c == '"' || c == '\'') {
        HONE_RETURN_IF_ERROR(ReadString(c));
      } else if (const size_t end = WordEnd(pos_); end != pos_) {
        const std::string_view word = text_.substr(pos_, end - pos_);
        if (!HasProperty(word, "isidentifier")) return Fail(fmt::format("'{}' is no name", word));
        Emit(TokenKind::kName, word);
        pos_ = end;
      } else {
        HONE_RETURN_IF_ERROR(ReadOperator(open));
      }
    }
    return absl::OkStatus();  // the parser reports the missing end
  }

  size_t WordEnd(size_t pos) const {
    while (pos < text_.size()) {
      size_t next = pos;
      if (!IsWordChar(DecodeUtf8(text_, next))) break;
      pos = next;
    }
    return pos;
  }

  absl::Status ReadOperator(std::string& open) {
    static constexpr std::string_view kOperators[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
                                                      "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
    for (const std::string_view op : kOperators) {
      if (!At(pos_, op)) continue;
      if (op == "{") open += '}';
      if (op == "(") open += ')';
      if (op == "[") open += ']';
      if (op == "}" || op == ")" || op == "]") {
        if (open.empty()) return Fail(fmt::format("unexpected '{}'", op));
        if (open.back() != op[0]) return Fail(fmt::format("unexpected '{}', expected '{}'", op, open.back()));
        open.pop_back();
      }
      Emit(TokenKind::kOperator, op);
      pos_ += op.size();
      return absl::OkStatus();
    }
    size_t next = pos_;
    DecodeUtf8(text_, next);
    return Fail(fmt::format("unexpected character '{}'", text_.substr(pos_, next - pos_)));
  }

  // Digits with single underscores between them, from `pos`; returns the end.
  size_t DigitsEnd(size_t pos, std::string_view digits) const {
    while (pos < text_.size()) {
      if (digits.find(text_[pos]) != std::string_view::npos) {
        ++pos;
      } else if (text_[pos] == '_' && pos + 1 < text_.size() && digits.find(text_[pos + 1]) != std::string_view::npos) {
        pos += 2;
      } else {
        break;
      }
    }
    return pos;
  }

  absl::Status ReadNumber() {
    static constexpr std::string_view kDecimal = "0123456789";
    size_t end = DigitsEnd(pos_, kDecimal);
    const bool after_dot = pos_ > 0 && text_[pos_ - 1] == '.';
    size_t float_end = end;
    if (!after_dot) {
      if (At(end, ".") && DigitsEnd(end + 1, kDecimal) > end + 1 && text_[end + 1] != '_') float_end = DigitsEnd(end + 1, kDecimal);
      if (float_end < text_.size() && (text_[float_end] | 0x20) == 'e') {
        size_t digits = float_end + 1;
        if (At(digits, "+") || At(digits, "-")) ++digits;
        if (digits < text_.size() && kDecimal.find(text_[digits]) != std::string_view::npos) float_end = DigitsEnd(digits, kDecimal);
      }
    }
    if (float_end != end) {
      Emit(TokenKind::kFloat, text_.substr(pos_, float_end - pos_));
      tokens_.back().number = ParseFloat(tokens_.back().text).value_or(0);
      pos_ = float_end;
      return absl::OkStatus();
    }
    if (text_[pos_] == '0') {
      const char letter = pos_ + 1 < text_.size() ? static_cast<char>(text_[pos_ + 1] | 0x20) : '\0';
      const std::string_view digits = letter == 'x' ? "0123456789abcdefABCDEF" : letter == 'o' ? "01234567" : letter == 'b' ? "01" : "";
      const size_t prefixed_end = digits.empty() ? pos_ : DigitsEnd(pos_ + 2, digits);
      if (prefixed_end > pos_ + 2) {
        end = prefixed_end;
      } else {
        end = DigitsEnd(pos_, "0");  // a leading zero stands alone
      }
    }
    Emit(TokenKind::kInteger, text_.substr(pos_, end - pos_));
    const auto value = ParseInt(tokens_.back().text, 0);
    if (!value) return Fail(fmt::format("the number {} does not fit in 64 bits", tokens_.back().text));
    tokens_.back().integer = *value;
    pos_ = end;
    return absl::OkStatus();
  }

  absl::Status ReadString(char quote) {
    size_t end = pos_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return Fail("the string is not closed");
    std::string value;
    HONE_RETURN_IF_ERROR(Unescape(text_.substr(pos_ + 1, end - pos_ - 1), value));
    Emit(TokenKind::kString, value);
    MoveTo(end + 1);
    return absl::OkStatus();
  }

  absl::Status Unescape(std::string_view text, std::string& out) const {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        out += text[i];
        continue;
      }
      const char c = text[++i];  // a backslash never ends the text
      static constexpr std::string_view kLetters = "\\'\"abfnrtv";
      static constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
      const size_t simple = kLetters.find(c);
      const size_t hex_digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
      if (c == '\n') continue;
      if (simple != std::string_view::npos) {
        out += kValues[simple];
      } else if (hex_digits > 0) {
        const std::string_view digits = text.substr(i + 1, hex_digits);
        const auto code = digits.size() == hex_digits && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos
                              ? ParseInt(digits, 16)
                              : std::nullopt;
        if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) return Fail(fmt::format("bad escape '\\{}{}'", c, digits));
        AppendUtf8(out, static_cast<char32_t>(*code));
        i += hex_digits;
      } else if (c >= '0' && c <= '7') {
        char32_t code = 0;
        size_t n = 0;
        for (; n < 3 && i + n < text.size() && text[i + n] >= '0' && text[i + n] <= '7'; ++n)
          code = code * 8 + static_cast<char32_t>(text[i + n] - '0');
        AppendUtf8(out, code);
        i += n - 1;
      } else if (c == 'N') {
        return Fail("the escape '\\N{...}' is not supported; write the character itself");
      } else {  // unknown: both characters stay
        out += '\\';
        out += c;
      }
    }
    return absl::OkStatus();
  }

  const std::string source_;
  const std::string_view text_;
  size_t pos_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view source) {
  return Lexer(source).Run();
}

}  // namespace hone::jinja
