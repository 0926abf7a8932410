#include "verifiers/math/lexer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hone::math {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

struct Alias {
  std::string_view name, canonical;
};
// Spellings of one macro; sorted by name. An empty canonical name: the macro is typography.
constexpr Alias kAliases[] = {
    {"Big", ""},
    {"Bigg", ""},
    {"Biggl", ""},
    {"Biggr", ""},
    {"Bigl", ""},
    {"Bigr", ""},
    {"C", "@C"},
    {"Longrightarrow", "implies"},
    {"N", "@N"},
    {"Q", "@Q"},
    {"R", "@R"},
    {"Reals", "@R"},
    {"Rightarrow", "implies"},
    {"Z", "@Z"},
    {"arccos", "acos"},
    {"arccot", "acot"},
    {"arcsin", "asin"},
    {"arctan", "atan"},
    {"ast", "cdot"},
    {"backslash", "setminus"},
    {"bf", ""},
    {"big", ""},
    {"bigg", ""},
    {"biggl", ""},
    {"biggr", ""},
    {"bigl", ""},
    {"bigr", ""},
    {"bmod", "mod"},
    {"bold", ""},
    {"boxed", ""},
    {"bullet", "cdot"},
    {"cdots", "ldots"},
    {"centerdot", "cdot"},
    {"cfrac", "frac"},
    {"colon", ":"},
    {"cosec", "csc"},
    {"degree", "circ"},
    {"dfrac", "frac"},
    {"displaystyle", ""},
    {"dots", "ldots"},
    {"dotsb", "ldots"},
    {"dotsc", "ldots"},
    {"dotsm", "ldots"},
    {"dotso", "ldots"},
    {"enspace", ""},
    {"fbox", ""},
    {"ge", "geq"},
    {"geqslant", "geq"},
    {"gt", ">"},
    {"hfill", ""},
    {"iff", "implies"},
    {"it", ""},
    {"land", "wedge"},
    {"lbrace", "{"},
    {"lbrack", "["},
    {"le", "leq"},
    {"left", ""},
    {"leqslant", "leq"},
    {"lg", "lg"},
    {"limits", ""},
    {"lor", "vee"},
    {"lt", "<"},
    {"lvert", "|"},
    {"mathstrut", ""},
    {"medspace", ""},
    {"middle", ""},
    {"ne", "neq"},
    {"negthinspace", ""},
    {"nobreak", ""},
    {"nobreakspace", ""},
    {"nolimits", ""},
    {"prime", "'"},
    {"qquad", ""},
    {"quad", ""},
    {"rbrace", "}"},
    {"rbrack", "]"},
    {"right", ""},
    {"rm", ""},
    {"rvert", "|"},
    {"scriptstyle", ""},
    {"sf", ""},
    {"slash", "/"},
    {"space", ""},
    {"tbinom", "binom"},
    {"tfrac", "frac"},
    {"thickspace", ""},
    {"thinspace", ""},
    {"tt", ""},
    {"varepsilon", "epsilon"},
    {"varnothing", "emptyset"},
    {"varphi", "phi"},
    {"vartheta", "theta"},
    {"vdots", "ldots"},
    {"vert", "|"},
};

template <size_t n>
bool OneOf(std::string_view name, const std::string_view (&list)[n]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}
constexpr std::string_view kTextFonts[] = {"text",       "mbox",   "hbox",   "textbf", "textit", "textrm",
                                           "textnormal", "textup", "texttt", "textsf", "emph",   "textsc"};
constexpr std::string_view kUprightFonts[] = {"mathrm", "mathbf", "mathit", "operatorname", "boldsymbol",
                                              "mathsf", "mathtt", "bm",     "mathnormal",   "pmb"};
constexpr std::string_view kSkipped[] = {"hspace", "vspace", "phantom", "hphantom", "vphantom", "color", "textcolor", "label", "tag"};
constexpr std::string_view kDelimiterSizes[] = {"left", "right", "middle"};

}  // namespace

size_t Lexer::SkipSpace(size_t i) const {
  while (i < text_.size() && text_[i] == ' ') ++i;
  return i;
}

size_t Lexer::DigitsEnd(size_t i) const {
  while (i < text_.size() && IsDigit(text_[i])) ++i;
  return i;
}

void Lexer::Emit(TokenKind kind, std::string_view text) {
  Token token{.kind = kind, .space_before = space_, .text = text, .begin = static_cast<uint32_t>(at_)};
  if (!fonts_.empty()) {
    token.in_text = fonts_.back().text;
    token.upright = fonts_.back().upright;
  }
  tokens_.push_back(token);
  space_ = false;
}

LexResult Lexer::Run(std::string_view folded) {
  tokens_.clear();
  fonts_.clear();
  digits_.clear();
  if (digits_.capacity() < 2 * folded.size() + 64) digits_.reserve(2 * folded.size() + 64);
  braces_ = brackets_ = 0;
  space_ = false;
  // Markdown emphasis around the whole answer.
  size_t begin = folded.find_first_not_of(' ');
  if (begin == std::string_view::npos) begin = folded.size();
  size_t end = folded.find_last_not_of(' ') + 1;
  for (const std::string_view mark : {"**", "*", "__", "`"}) {
    const std::string_view inner = folded.substr(begin, end > begin ? end - begin : 0);
    if (inner.size() > 2 * mark.size() && inner.starts_with(mark) && inner.ends_with(mark)) {
      begin += mark.size();
      end -= mark.size();
      break;
    }
  }
  text_ = folded.substr(0, std::max(begin, end));
  at_ = begin;
  one_dollar_ = false;
  for (size_t i = begin; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '$') {
      one_dollar_ = !one_dollar_;
    }
  }
  while (at_ < text_.size()) {
    if (tokens_.size() >= kMaxTokens) return LexResult::kTooLong;
    if (!Next()) return LexResult::kMalformed;
  }
  if (!fonts_.empty()) return LexResult::kMalformed;
  if (tokens_.size() > 1 && tokens_.back().Is('.')) tokens_.pop_back();
  space_ = false;
  Emit(TokenKind::kEnd, "");
  return LexResult::kOk;
}

bool Lexer::Next() {
  const char c = text_[at_];
  switch (c) {
    case ' ':
    case '~':
      space_ = true;
      ++at_;
      return true;
    case '$':
      // A single sign is money, a pair encloses a formula.
      if (one_dollar_ && (IsDigit(At(at_ + 1)) || At(at_ + 1) == '-' || At(at_ + 1) == ' ' || At(at_ + 1) == '.')) {
        Emit(TokenKind::kCurrency, "USD");
        one_dollar_ = false;
      } else {
        space_ = true;
      }
      ++at_;
      return true;
    case '\\':
      return Backslash();
    case '{':
      // {,} groups digits; Number() has taken it where it does.
      ++braces_;
      Emit(TokenKind::kOpenBrace, "{");
      ++at_;
      return true;
    case '}':
      --braces_;
      if (!fonts_.empty() && braces_ == fonts_.back().depth) {
        fonts_.pop_back();
        space_ = true;
      } else {
        Emit(TokenKind::kCloseBrace, "}");
      }
      ++at_;
      return true;
    default:
      break;
  }
  if (IsDigit(c) || (c == '.' && IsDigit(At(at_ + 1)) && (at_ == 0 || (!IsDigit(text_[at_ - 1]) && text_[at_ - 1] != '.'))))
    return Number();
  if (IsLetter(c)) {
    Letters();
    return true;
  }
  if (c == '(' || c == '[') ++brackets_;
  if (c == ')' || c == ']') --brackets_;
  if (c == '*' && At(at_ + 1) == '*') {  // Python's power
    Emit(TokenKind::kSymbol, "^");
    at_ += 2;
    return true;
  }
  if (text_.substr(at_, 3) == "...") {
    Emit(TokenKind::kMacro, "ldots");
    at_ += 3;
    return true;
  }
  for (const auto& [spelling, name] :
       {std::pair<std::string_view, std::string_view>{"<=", "leq"}, {">=", "geq"}, {"!=", "neq"}, {"==", "="}}) {
    if (text_.substr(at_, 2) != spelling) continue;
    Emit(name == "=" ? TokenKind::kSymbol : TokenKind::kMacro, name);
    at_ += 2;
    return true;
  }
  Emit(TokenKind::kSymbol, text_.substr(at_, 1));
  ++at_;
  return true;
}

bool Lexer::Backslash() {
  const char c = At(at_ + 1);
  if (c == '\0') return false;
  if (IsLetter(c)) {
    size_t end = at_ + 1;
    while (end < text_.size() && IsLetter(text_[end]) && static_cast<unsigned char>(text_[end]) < 0x80) ++end;
    if (end == at_ + 1) return false;
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end;
    if (At(at_) == '*' && name == "operatorname") ++at_;
    return Macro(name);
  }
  at_ += 2;
  switch (c) {
    case '\\':
      at_ -= 2;
      Emit(TokenKind::kRowBreak, "\\");
      at_ += 2;
      return true;
    case '{':
      ++brackets_;
      Emit(TokenKind::kOpenSet, "{");
      return true;
    case '}':
      --brackets_;
      Emit(TokenKind::kCloseSet, "}");
      return true;
    case '|':
      Emit(TokenKind::kSymbol, "|");
      return true;
    case '$':
      Emit(TokenKind::kCurrency, "USD");
      return true;
    case '%':
    case '#':
    case '&':
    case '_':
      Emit(TokenKind::kSymbol, text_.substr(at_ - 1, 1));
      return true;
    case ' ':
    case ',':
    case ':':
    case ';':
    case '!':
    case '>':
    case '(':
    case ')':
    case '[':
    case ']':
    case '-':
    case '/':
      space_ = true;
      return true;
    default:
      return false;
  }
}

bool Lexer::SkipArgument() {
  size_t i = SkipSpace(at_);
  if (At(i) != '{') return true;
  int depth = 0;
  for (; i < text_.size(); ++i) {
    if (text_[i] == '{') ++depth;
    if (text_[i] == '}' && --depth == 0) {
      at_ = i + 1;
      return true;
    }
  }
  return false;
}

bool Lexer::OpenFont(bool text) {
  const size_t i = SkipSpace(at_);
  if (At(i) != '{') return true;  // \mathrm e: the next token as it stands
  fonts_.push_back({text || (!fonts_.empty() && fonts_.back().text), true, braces_});
  ++braces_;
  at_ = i + 1;
  space_ = space_ || text;
  return true;
}

bool Lexer::Macro(std::string_view name) {
  if (OneOf(name, kTextFonts)) return OpenFont(true);
  if (OneOf(name, kUprightFonts)) return OpenFont(false);
  if (OneOf(name, kSkipped)) return SkipArgument();
  if (name == "mathbb" || name == "Bbb") {
    size_t i = SkipSpace(at_);
    const bool braced = At(i) == '{';
    if (braced) i = SkipSpace(i + 1);
    constexpr std::string_view kSets[] = {"@R", "@Z", "@N", "@Q", "@C"};
    for (const std::string_view set : kSets) {
      if (At(i) != set[1]) continue;
      ++i;
      if (braced && At(SkipSpace(i)) != '}') return false;
      at_ = braced ? SkipSpace(i) + 1 : i;
      Emit(TokenKind::kMacro, set);
      return true;
    }
    return OpenFont(false);
  }
  if (name == "mathcal" || name == "mathfrak" || name == "mathscr") return OpenFont(false);
  if (name == "begin" || name == "end") {
    size_t i = SkipSpace(at_);
    const size_t close = text_.find('}', i);
    if (At(i) != '{' || close == std::string_view::npos || close - i > 24) return false;
    const std::string_view environment = text_.substr(i + 1, close - i - 1);
    at_ = close + 1;
    if (environment == "array" && name == "begin" && !SkipArgument()) return false;
    if (environment == "math" || environment == "equation" || environment == "displaymath") {
      space_ = true;
      return true;
    }
    Emit(name == "begin" ? TokenKind::kBegin : TokenKind::kFinish, environment);
    return true;
  }
  if (name == "pounds" || name == "yen" || name == "euro" || name == "rupee") {
    Emit(TokenKind::kCurrency, name == "pounds" ? "GBP" : name == "yen" ? "JPY" : name == "euro" ? "EUR" : "INR");
    return true;
  }
  if (name == "dollar" || name == "textdollar") {
    Emit(TokenKind::kCurrency, "USD");
    return true;
  }
  const auto* alias = std::lower_bound(std::begin(kAliases), std::end(kAliases), name,
                                       [](const Alias& entry, std::string_view wanted) { return entry.name < wanted; });
  if (alias == std::end(kAliases) || alias->name != name) {
    Emit(TokenKind::kMacro, name);
    return true;
  }
  const std::string_view canonical = alias->canonical;
  if (canonical.empty()) {
    space_ = true;
    // \left. is an invisible bracket.
    if (OneOf(name, kDelimiterSizes)) {
      const size_t i = SkipSpace(at_);
      if (At(i) == '.') at_ = i + 1;
    }
    return true;
  }
  if (canonical == "{") {
    ++brackets_;
    Emit(TokenKind::kOpenSet, "{");
  } else if (canonical == "}") {
    --brackets_;
    Emit(TokenKind::kCloseSet, "}");
  } else if (canonical.size() == 1) {
    if (canonical == "[") ++brackets_;
    if (canonical == "]") --brackets_;
    Emit(TokenKind::kSymbol, canonical);
  } else {
    Emit(TokenKind::kMacro, canonical);
  }
  return true;
}

void Lexer::Letters() {
  const bool text = !fonts_.empty() && fonts_.back().text;
  size_t end = at_;
  while (end < text_.size() && (IsLetter(text_[end]) || (text && text_[end] == '\'' && IsLetter(At(end + 1))))) ++end;
  // a.m. and the like: letters, each with a point behind it.
  if (end == at_ + 1 && At(end) == '.' && IsLetter(At(end + 1)) && !IsLetter(At(end + 2))) {
    const size_t start = digits_.size();
    size_t i = at_;
    while (IsLetter(At(i)) && At(i + 1) == '.') {
      digits_ += text_[i];
      i += 2;
    }
    if (IsLetter(At(i)) && !IsLetter(At(i + 1))) digits_ += text_[i++];
    Emit(TokenKind::kWord, std::string_view(digits_).substr(start));
    at_ = i;
    return;
  }
  Emit(TokenKind::kWord, text_.substr(at_, end - at_));
  at_ = end;
}

bool Lexer::Number() {
  const size_t start = digits_.size();
  size_t i = DigitsEnd(at_);
  digits_ += text_.substr(at_, i - at_);

  // Groups of three: 1,234  1{,}234  1\,234  1,\!234  1~234. Inside brackets a bare comma separates.
  const auto group_end = [&](size_t at) -> size_t {
    for (const std::string_view mark : {",\\!", "{,}", "\\,", ",", "~", "{}"}) {
      if (text_.substr(at, mark.size()) != mark) continue;
      size_t from = at + mark.size();
      if (mark == ",\\!") from = SkipSpace(from);
      if (mark == "," && brackets_ > 0) return 0;
      const size_t to = DigitsEnd(from);
      return to - from == 3 ? to : 0;
    }
    return 0;
  };
  if (i - at_ >= 1 && i - at_ <= 3 && text_[at_] != '0') {
    // All groups or none: 1,234,56 is no number with groups.
    size_t to = i;
    std::string_view last;
    while (const size_t next = group_end(to)) {
      to = next;
      last = text_.substr(to - 3, 3);
    }
    const bool stray = to > i && At(to) == ',' && IsDigit(At(to + 1)) && brackets_ <= 0;
    if (to > i && !stray) {
      size_t from = i;
      while (from < to) {
        from = group_end(from);
        digits_ += text_.substr(from - 3, 3);
      }
      i = to;
    }
  }
  if (At(i) == '.' && (IsDigit(At(i + 1)) || At(i + 1) != '.')) {
    const size_t end = DigitsEnd(i + 1);
    const bool point = end > i + 1 || text_.substr(i + 1, 9) == "\\overline" || text_.substr(i + 1, 4) == "\\dot" ||
                       text_.substr(i + 1, 4) == "\\bar" || (At(i + 1) == '(' && IsDigit(At(i + 2)));
    if (point) {
      digits_ += text_.substr(i, end - i);
      i = end;
      // The period: \overline{3}, \bar{3}, \dot{1}4\dot{2}, (3).
      std::string period;
      size_t j = i;
      for (const std::string_view mark : {"\\overline{", "\\bar{", "("}) {
        if (text_.substr(i, mark.size()) != mark) continue;
        j = DigitsEnd(i + mark.size());
        const bool closed = At(j) == (mark == "(" ? ')' : '}');
        if (closed) period = text_.substr(i + mark.size(), j - i - mark.size());
        j = closed ? j + 1 : i;
        break;
      }
      if (text_.substr(i, 4) == "\\dot" && !IsLetter(At(i + 4))) {
        int dots = 0;
        while (true) {
          if (text_.substr(j, 4) == "\\dot" && !IsLetter(At(j + 4)) && dots < 2) {
            size_t k = SkipSpace(j + 4);
            const bool braced = At(k) == '{';
            if (braced) ++k;
            if (!IsDigit(At(k)) || (braced && At(k + 1) != '}')) return false;
            period += text_[k];
            j = k + (braced ? 2 : 1);
            if (++dots == 2) break;
          } else if (IsDigit(At(j)) && text_.find("\\dot", j) == DigitsEnd(j)) {
            period += text_[j++];
          } else {
            break;
          }
        }
      }
      if (!period.empty()) {
        digits_ += '(';
        digits_ += period;
        digits_ += ')';
        i = j;
      }
    } else if (SkipSpace(i + 1) >= text_.size()) {
      i = text_.size();  // the final full stop
    } else if (At(i + 1) == ' ' || At(i + 1) == '$' || At(i + 1) == '}' || At(i + 1) == '\\') {
      ++i;  // "3." before something else
    }
  }
  if ((At(i) == 'e' || At(i) == 'E') && digits_.back() != ')') {
    const bool sign = At(i + 1) == '-' || At(i + 1) == '+';
    const size_t from = i + 1 + (sign ? 1 : 0), to = DigitsEnd(from);
    if (to > from && !IsLetter(At(to))) {
      digits_ += 'e';
      if (At(i + 1) == '-') digits_ += '-';
      digits_ += text_.substr(from, to - from);
      i = to;
    }
  }
  Emit(TokenKind::kNumber, std::string_view(digits_).substr(start));
  at_ = i;
  return true;
}

}  // namespace hone::math
