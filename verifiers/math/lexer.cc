#include "verifiers/math/lexer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hone::math {
namespace {

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
    {"Leftrightarrow", "iff"},
    {"Longleftrightarrow", "iff"},
    {"Longrightarrow", "implies"},
    {"N", "@N"},
    {"Q", "@Q"},
    {"R", "@R"},
    {"Reals", "@R"},
    {"Rightarrow", "implies"},
    {"Vert", "|"},
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
    {"dbinom", "binom"},
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
    {"geqq", "geq"},
    {"geqslant", "geq"},
    {"gt", ">"},
    {"hdots", "ldots"},
    {"hfill", ""},
    {"it", ""},
    {"lVert", "|"},
    {"land", "wedge"},
    {"large", ""},
    {"lbrace", "{"},
    {"lbrack", "["},
    {"le", "leq"},
    {"left", ""},
    {"leqq", "leq"},
    {"leqslant", "leq"},
    {"lg", "lg"},
    {"limits", ""},
    {"lnot", "neg"},
    {"longrightarrow", "to"},
    {"lor", "vee"},
    {"lparen", "("},
    {"lt", "<"},
    {"lvert", "|"},
    {"mathstrut", ""},
    {"medspace", ""},
    {"middle", ""},
    {"ne", "neq"},
    {"negmedspace", ""},
    {"negthinspace", ""},
    {"nobreak", ""},
    {"nobreakspace", ""},
    {"nolimits", ""},
    {"prime", "'"},
    {"qquad", ""},
    {"quad", ""},
    {"rVert", "|"},
    {"rbrace", "}"},
    {"rbrack", "]"},
    {"right", ""},
    {"rm", ""},
    {"rparen", ")"},
    {"rvert", "|"},
    {"scriptstyle", ""},
    {"sf", ""},
    {"slash", "/"},
    {"space", ""},
    {"tbinom", "binom"},
    {"textdegree", "circ"},
    {"textstyle", ""},
    {"tfrac", "frac"},
    {"thickspace", ""},
    {"thinspace", ""},
    {"tt", ""},
    {"underline", ""},
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
  braces_ = brackets_ = aligned_ = 0;
  space_ = cases_array_ = false;
  bold_end_ = std::string_view::npos;
  // Markdown emphasis around the whole answer.
  size_t begin = folded.find_first_not_of(' ');
  if (begin == std::string_view::npos) begin = folded.size();
  size_t end = folded.find_last_not_of(' ') + 1;
  for (const std::string_view mark : {"**", "*", "__", "`", "\""}) {
    const std::string_view inner = folded.substr(begin, end > begin ? end - begin : 0);
    if (inner.size() > 2 * mark.size() && inner.starts_with(mark) && inner.ends_with(mark)) {
      begin += mark.size();
      end -= mark.size();
      break;
    }
  }
  if (folded.substr(begin, 2) == "**") {  // **B.** 12
    bold_end_ = folded.find("**", begin + 2);
    if (bold_end_ != std::string_view::npos) begin += 2;
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
  if (at_ == bold_end_) {
    at_ += 2;
    space_ = true;
    return true;
  }
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
  size_t period_end = 0;
  if (IsDigit(c) || (c == '.' && (at_ == 0 || (!IsDigit(text_[at_ - 1]) && text_[at_ - 1] != '.')) &&
                     (IsDigit(At(at_ + 1)) || (At(at_ + 1) == '\\' && !Period(at_ + 1, &period_end).empty()))))
    return Number();
  if (IsLetter(c)) {
    Letters();
    return true;
  }
  if (c == '&' && aligned_ > 0) {
    ++at_;
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
      if (At(at_) == '[') {  // \\[4pt]
        size_t i = at_ + 1;
        while (IsDigit(At(i)) || At(i) == '.') ++i;
        const size_t unit = i;
        while (IsLetter(At(i))) ++i;
        if (unit > at_ + 1 && i > unit && At(i) == ']') at_ = i + 1;
      }
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

bool Lexer::Environment(bool begin) {
  const size_t i = SkipSpace(at_);
  const size_t close = text_.find('}', i);
  if (At(i) != '{' || close == std::string_view::npos || close - i > 24) return false;
  std::string_view environment = text_.substr(i + 1, close - i - 1);
  at_ = close + 1;
  if (environment == "array" && begin && !SkipArgument()) return false;
  if (environment == "math" || environment == "equation" || environment == "displaymath") {
    space_ = true;
    return true;
  }
  if (environment == "array" && cases_array_) {
    environment = "cases";
    cases_array_ = begin;
  }
  if (environment == "dcases") environment = "cases";
  constexpr std::string_view kAligned[] = {"aligned", "align", "align*", "gathered", "split"};
  if (OneOf(environment, kAligned)) {
    environment = "cases";
    aligned_ += begin ? 1 : -1;
  }
  Emit(begin ? TokenKind::kBegin : TokenKind::kFinish, environment);
  return true;
}

// \left\{ \begin{array}..\end{array} \right. are cases.
bool Lexer::BraceOfCases() {
  size_t i = SkipSpace(at_);
  if (text_.substr(i, 2) != "\\{") return false;
  i = SkipSpace(i + 2);
  constexpr std::string_view kBegin = "\\begin{array}", kEnd = "\\end{array}", kRight = "\\right";
  if (text_.substr(i, kBegin.size()) != kBegin) return false;
  const size_t end = text_.find(kEnd, i);
  if (end == std::string_view::npos) return false;
  const size_t right = SkipSpace(end + kEnd.size());
  if (text_.substr(right, kRight.size()) != kRight || At(SkipSpace(right + kRight.size())) != '.') return false;
  cases_array_ = true;
  at_ = i;
  return true;
}

// \not= and the like.
bool Lexer::Not() {
  const size_t i = SkipSpace(at_);
  constexpr std::pair<std::string_view, std::string_view> kNegated[] = {{"=", "neq"}, {"\\in", "notin"}, {"\\equiv", "notequiv"}};
  for (const auto& [relation, negated] : kNegated) {
    if (text_.substr(i, relation.size()) != relation || (relation != "=" && IsLetter(At(i + relation.size())))) continue;
    at_ = i + relation.size();
    Emit(TokenKind::kMacro, negated);
    return true;
  }
  return false;
}

// \mathrm{d}x is dx.
bool Lexer::Differential() {
  const size_t i = SkipSpace(at_);
  if (text_.substr(i, 3) != "{d}") return false;
  const size_t letter = SkipSpace(i + 3);
  if (std::string_view("rtuvxyz").find(At(letter)) == std::string_view::npos || At(letter) == '\0' || IsLetter(At(letter + 1)))
    return false;
  const size_t start = digits_.size();
  digits_ += 'd';
  digits_ += At(letter);
  at_ = letter + 1;
  Emit(TokenKind::kWord, std::string_view(digits_).substr(start));
  return true;
}

bool Lexer::Macro(std::string_view name) {
  if (OneOf(name, kTextFonts)) return OpenFont(true);
  if (OneOf(name, kUprightFonts)) return Differential() || OpenFont(false);
  if (name == "not") return Not();
  if (name == "Pr") {
    Emit(TokenKind::kWord, "P");
    return true;
  }
  if (name == "left" && BraceOfCases()) return true;
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
  if (name == "begin" || name == "end") return Environment(name == "begin");
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
    if (canonical == "[" || canonical == "(") ++brackets_;
    if (canonical == "]" || canonical == ")") --brackets_;
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

}  // namespace hone::math
