// Expressions: sums, products, powers, functions. Collections and statements are in parser_answer.cc.
#include "verifiers/math/parser.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "verifiers/math/parser_words.h"
#include "verifiers/math/units.h"

namespace hone::math {
namespace {

// Letters before a bracket that are functions, not factors.
constexpr std::string_view kApplied[] = {"f", "g", "h", "F", "G", "H", "P", "Q", "O", "Theta", "Omega", "phi", "o"};
constexpr std::string_view kDecorations[] = {"overline",       "vec", "hat",  "bar",      "tilde", "widehat",
                                             "overrightarrow", "dot", "ddot", "underline"};
constexpr std::string_view kOpaqueOperators[] = {"int",    "iint",    "iiint", "oint", "lim", "limsup",
                                                 "liminf", "partial", "nabla", "sup",  "inf", "det"};
constexpr int64_t kExpandedExponent = 5000;

template <size_t n>
bool OneOf(std::string_view name, const std::string_view (&list)[n]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsHexLetters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
}

bool IsDifferential(std::string_view word) {
  return word.size() == 2 && word[0] == 'd' && std::string_view("rtuvxyz").find(word[1]) != std::string_view::npos;
}

bool IsInverseable(Function function) {
  return function <= Function::kCot;
}

}  // namespace

bool Parser::TakeSymbol(char c) {
  if (!Peek().Is(c)) return false;
  ++at_;
  return true;
}

bool Parser::TakeMacro(std::string_view name) {
  if (!Peek().IsMacro(name)) return false;
  ++at_;
  return true;
}

bool Parser::IsWord(std::string_view lower, size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind != TokenKind::kWord || token.text.size() != lower.size()) return false;
  return LowerCase(token.text) == lower;
}

bool Parser::IsDegreeMark() const {
  if (Peek().IsMacro("circ")) return true;
  if (!Peek().Is('^')) return false;
  if (Peek(1).IsMacro("circ")) return true;
  return Peek(1).kind == TokenKind::kOpenBrace && Peek(2).IsMacro("circ") && Peek(3).kind == TokenKind::kCloseBrace;
}

NodeId Parser::MakeBase(std::string_view digits, std::string_view base) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const int64_t value = base.size() == 1 ? base[0] - '0' : (base[0] - '0') * 10 + base[1] - '0';
  if (value < 2 || value > 36) return Fail("bad base");
  return pool_.Make(Kind::kBase, pool_.Name(digits), {pool_.Number(value)});
}

NodeId Parser::Divide(NodeId a, NodeId b) {
  if (pool_.Is(b, Kind::kNumber) && pool_.ValueOf(b).IsZero()) return Fail("division by zero");
  return pool_.Make(Kind::kDiv, 0, {a, b});
}

NodeId Parser::Sum() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  std::vector<NodeId> terms;
  while (true) {
    enum { kPlus, kMinus, kPm, kMp } sign = kPlus;
    bool signed_term = true;
    if (TakeSymbol('-')) {
      sign = kMinus;
    } else if (TakeMacro("pm") || (Peek().Is('+') && Peek(1).Is('/') && Peek(2).Is('-') && (at_ += 3, true))) {
      sign = kPm;
    } else if (TakeMacro("mp")) {
      sign = kMp;
    } else if (!TakeSymbol('+')) {
      signed_term = false;
    }
    if (!terms.empty() && !signed_term) break;
    // Further signs belong to the term: 3 - -2.
    bool negative = false;
    while (signed_term && (Peek().Is('-') || Peek().Is('+'))) negative ^= tokens_[at_++].Is('-');
    NodeId term = Term();
    if (negative) term = pool_.Negate(term);
    if (sign == kMinus) term = pool_.Negate(term);
    if (sign == kPm || sign == kMp) term = pool_.Make(Kind::kPlusMinus, sign == kMp, {term});
    if (term == kNoNode) return Fail("too large");
    terms.push_back(term);
  }
  return terms.size() == 1 ? terms[0] : pool_.Make(Kind::kAdd, 0, terms);
}

bool Parser::StartsFactor() const {
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kNumber:
    case TokenKind::kOpenBrace:
    case TokenKind::kBegin:
      return true;
    case TokenKind::kSymbol:
      if (token.Is('(') && (IsWord("mod", 1) || Peek(1).IsMacro("mod"))) return false;
      return token.Is('(') || token.Is('[') || (token.Is('|') && bars_ == 0 && !in_set_);
    case TokenKind::kMacro: {
      if (token.text[0] == '@') return false;
      constexpr std::string_view kStops[] = {
          "pm",     "mp",   "cdot",  "times",    "div",  "leq",        "geq",    "neq",      "approx",  "sim",    "equiv",    "in",
          "notin",  "cup",  "cap",   "setminus", "mid",  "pmod",       "mod",    "to",       "implies", "rfloor", "rceil",    "rangle",
          "choose", "over", "wedge", "vee",      "circ", "rightarrow", "subset", "subseteq", "cong",    "perp",   "parallel", "propto"};
      return !OneOf(token.text, kStops);
    }
    case TokenKind::kWord: {
      if (used_digits_ > 0) return true;
      if (token.in_text) return false;
      const std::string_view word = token.text;
      if (word.size() == 1) {
        if (token.upright && word != "e" && word != "i" && KnownUnit(word).has_value()) return false;
        return !(options_.letters_are_units && KnownUnit(word).has_value());
      }
      if (word == "and" || word == "or" || word == "to" || word == "mod") return false;
      if (KnownUnit(word).has_value() && !FunctionNamed(word).has_value()) return false;
      return IsMathWord(word) || (!token.upright && IsProduct(word, options_));
    }
    default:
      return false;
  }
}

bool Parser::IsFunctionStart() const {
  const Token& token = Peek();
  return (token.kind == TokenKind::kMacro || token.kind == TokenKind::kWord) && used_digits_ == 0 && FunctionNamed(token.text).has_value();
}

NodeId Parser::Term() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  std::vector<NodeId> factors;
  bool literal = false;  // the last factor was a number literal, or a letter
  const auto product = [&] {
    if (factors.size() == 1) return factors[0];
    for (const NodeId factor : factors) {
      const Kind kind = pool_[factor].kind;
      if (kind > Kind::kOpaque && kind != Kind::kMatrix && kind != Kind::kNumberSet) return Fail("a factor that is no value");
    }
    return pool_.Make(Kind::kMul, 0, factors);
  };
  while (true) {
    bool divide = false, implicit = false;
    if (!factors.empty()) {
      if (TakeSymbol('*') || TakeMacro("cdot") || TakeMacro("times")) {
      } else if (TakeSymbol('/') || TakeMacro("div")) {
        divide = true;
      } else if (Peek().kind == TokenKind::kWord && Peek().text == "x" && literal && pool_.Is(factors.back(), Kind::kNumber) &&
                 Peek(1).text == "10" && Peek(2).Is('^')) {
        ++at_;  // 3.2 x 10^5
      } else if (StartsFactor()) {
        implicit = true;
      } else {
        break;
      }
    }
    bool negative = false;
    if (!implicit) {
      while (Peek().Is('-') || Peek().Is('+')) negative ^= tokens_[at_++].Is('-');
    }
    if (implicit && literal && Peek().kind == TokenKind::kNumber) return Fail("two numbers side by side");
    const bool was_function = in_function_ > 0 && implicit && Peek().kind != TokenKind::kNumber && IsFunctionStart();
    if (was_function) break;
    NodeId factor = Factor();
    if (factor == kNoNode) return Fail("too large");
    literal = pool_.Is(factor, Kind::kNumber) || pool_.Is(factor, Kind::kSymbol);
    if (negative) factor = pool_.Negate(factor);
    if (divide) {
      const NodeId quotient = Divide(product(), factor);
      if (quotient == kNoNode) return Fail("too large");
      factors = {quotient};
    } else {
      factors.push_back(factor);
    }
    if (in_function_ > 0) {
      // An argument without brackets ends at an explicit operator.
      if (!StartsFactor()) break;
    }
  }
  return product();
}

NodeId Parser::Factor() {
  bool literal = false;
  const NodeId base = Primary(&literal);
  if (base == kNoNode) return kNoNode;
  return Postfix(base, literal);
}

NodeId Parser::Postfix(NodeId base, bool literal) {
  while (base != kNoNode) {
    if (IsDegreeMark()) {
      at_ += Peek().IsMacro("circ") ? 1 : Peek(1).IsMacro("circ") ? 2 : 4;
      base = pool_.Make(Kind::kDegree, 0, {base});
    } else if (TakeSymbol('!')) {
      if (Peek().Is('!')) return Fail("double factorial");
      base = pool_.Make(Kind::kFactorial, 0, {base});
    } else if (TakeSymbol('\'')) {
      if (!pool_.Is(base, Kind::kSymbol)) return Fail("a prime behind something that is no name");
      base = pool_.Symbol(pool_.NameOf(pool_[base].value) + "'");
    } else if (TakeSymbol('_')) {
      std::string script;
      if (!SubscriptText(&script)) return Fail("bad subscript");
      if (pool_.Is(base, Kind::kNumber)) {
        const Token& digits = tokens_[base_token_];
        if (!literal || !AllDigits(script) || script.size() > 2 || !AllDigits(digits.text))
          return Fail("a subscript on a number that is no base");
        base = MakeBase(digits.text, script);
      } else {
        if (!pool_.Is(base, Kind::kSymbol) && !pool_.Is(base, Kind::kE) && !pool_.Is(base, Kind::kI) && !pool_.Is(base, Kind::kPi))
          return Fail("subscript");
        const std::string name = pool_.Is(base, Kind::kSymbol) ? pool_.NameOf(pool_[base].value) : pool_.Print(base);
        if (AllDigits(script) && script.size() <= 2 && name.size() > 1 && IsHexLetters(name)) {
          base = MakeBase(name, script);
        } else {
          base = pool_.Symbol(name + "_" + script);
        }
      }
    } else if (TakeSymbol('^')) {
      Nesting nesting(*this);
      if (nesting.TooDeep()) return Fail("nested too deep");
      NodeId exponent = kNoNode;
      if (Peek().kind == TokenKind::kOpenBrace) {
        exponent = Braced();
      } else {
        const bool negative = TakeSymbol('-');
        if (!negative) TakeSymbol('+');
        bool ignored = false;
        const bool run =
            Peek().kind == TokenKind::kWord && Peek().text.size() > 1 && !Peek().in_text && !Peek().upright && !IsMathWord(Peek().text);
        exponent = Peek().kind == TokenKind::kNumber ? NumberLiteral(false) : run ? LetterPrimary() : Primary(&ignored);
        if (exponent != kNoNode && Peek().Is('^') && !IsDegreeMark()) exponent = Postfix(exponent, false);
        if (negative) exponent = pool_.Negate(exponent);
      }
      base = pool_.Make(Kind::kPow, 0, {base, exponent});
    } else {
      return base;
    }
    literal = false;
  }
  return Fail("too large");
}

bool Parser::SubscriptText(std::string* out) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kNumber || token.kind == TokenKind::kMacro) {
    *out = token.text;
    ++at_;
    return true;
  }
  if (token.kind == TokenKind::kWord) {
    *out = token.text;
    ++at_;
    return true;
  }
  if (token.kind != TokenKind::kOpenBrace) return false;
  ++at_;
  int depth = 1;
  while (!AtEnd()) {
    const Token& part = tokens_[at_++];
    if (part.kind == TokenKind::kOpenBrace) ++depth;
    if (part.kind == TokenKind::kCloseBrace && --depth == 0) return !out->empty();
    *out += part.text;
  }
  return false;
}

NodeId Parser::Primary(bool* literal) {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kNumber:
      *literal = true;
      return NumberLiteral(true);
    case TokenKind::kWord:
      return WordPrimary();
    case TokenKind::kMacro:
      return MacroPrimary();
    case TokenKind::kOpenBrace:
      return Braced();
    case TokenKind::kOpenSet:
      return SetLiteral();
    case TokenKind::kBegin:
      return Matrix();
    case TokenKind::kCurrency: {
      ++at_;
      const bool negative = TakeSymbol('-');
      bool ignored = false;
      NodeId amount = Primary(&ignored);
      if (negative) amount = pool_.Negate(amount);
      return pool_.Make(Kind::kCurrency, pool_.Name(token.text), {amount, pool_.Number(1)});
    }
    case TokenKind::kSymbol:
      if (token.Is('(') || token.Is('[')) return Group();
      if (token.Is('|')) {
        ++at_;
        ++bars_;
        const NodeId inner = Sum();
        --bars_;
        if (inner == kNoNode || !TakeSymbol('|')) return Fail("unbalanced bars");
        return pool_.Make(Kind::kAbs, 0, {inner});
      }
      return Fail("an operand is missing");
    default:
      return Fail("an operand is missing");
  }
}

NodeId Parser::NumberLiteral(bool mixed) {
  const Token& token = Peek();
  base_token_ = at_;
  const std::string_view text = token.text.substr(used_digits_);
  used_digits_ = 0;
  ++at_;
  // digits . digits (period) e exponent
  const size_t e = text.find('e');
  const std::string_view mantissa = text.substr(0, e);
  const size_t open = mantissa.find('(');
  const size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, std::min(point, mantissa.size()));
  const std::string_view decimals =
      point == std::string_view::npos ? "" : mantissa.substr(point + 1, open == std::string_view::npos ? open : open - point - 1);
  // Digits then Letters are one numeral of a base above ten: 1A_{16}.
  if (AllDigits(text) && Peek().kind == TokenKind::kWord && !Peek().space_before && Peek(1).Is('_') && Peek().text.size() <= 32 &&
      IsHexLetters(Peek().text)) {
    const std::string digits = std::string(text) + std::string(Peek().text);
    ++at_;
    std::string script;
    if (!TakeSymbol('_') || !SubscriptText(&script) || !AllDigits(script) || script.size() > 2) return Fail("bad base");
    return MakeBase(digits, script);
  }
  Rational value = whole.empty() ? Rational() : Rational::FromDigits(whole);
  if (!decimals.empty()) value = value + Rational::FromDigits(decimals) / Rational::PowerOfTen(static_cast<int64_t>(decimals.size()));
  if (open != std::string_view::npos) {
    const std::string_view period = mantissa.substr(open + 1, mantissa.size() - open - 2);
    const Rational nines = Rational::PowerOfTen(static_cast<int64_t>(period.size())) - Rational(1);
    value = value + Rational::FromDigits(period) / nines / Rational::PowerOfTen(static_cast<int64_t>(decimals.size()));
  }
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > 1000) return Fail("decimal exponent of more than 1000 digits");
    Rational exponent = digits.empty() ? Rational() : Rational::FromDigits(digits);
    if (negative) exponent = -exponent;
    if (const auto small = exponent.Small(kExpandedExponent)) {
      return pool_.Number(value * Rational::PowerOfTen(*small), true);
    }
    return pool_.Make(Kind::kMul, 0, {pool_.Number(value), pool_.Make(Kind::kPow, 0, {pool_.Number(10), pool_.Number(exponent)})});
  }
  if (point == std::string_view::npos) {
    if (!mixed) return pool_.Number(value);
    if (const NodeId sum = PlainFraction(value); sum != kNoNode) return sum;
    if (const int zeros = Peek().kind == TokenKind::kWord ? ScaleOfWord(Peek().text) : 0; zeros > 0) {
      ++at_;
      return pool_.Number(value * Rational::PowerOfTen(zeros));
    }
    return pool_.Number(value);
  }
  if (const int zeros = Peek().kind == TokenKind::kWord ? ScaleOfWord(Peek().text) : 0; zeros > 0) {
    ++at_;
    value = value * Rational::PowerOfTen(zeros);
  }
  return pool_.Number(value, true);
}

// A fraction of two digit strings behind a whole number: a mixed number. kNoNode, and nothing taken, when there is none.
NodeId Parser::PlainFraction(Rational whole) {
  const size_t start = at_, start_digits = used_digits_;
  const auto digits = [&](Rational* value) {
    const bool braced = Peek().kind == TokenKind::kOpenBrace && used_digits_ == 0;
    if (braced) ++at_;
    if (Peek().kind != TokenKind::kNumber || !AllDigits(Peek().text)) return false;
    if (braced) {
      *value = Rational::FromDigits(Peek().text);
      ++at_;
      if (Peek().kind != TokenKind::kCloseBrace) return false;
      ++at_;
      return true;
    }
    *value = Rational::FromDigits(Peek().text.substr(used_digits_, 1));
    if (++used_digits_ == Peek().text.size()) {
      used_digits_ = 0;
      ++at_;
    }
    return true;
  };
  Rational numerator, denominator;
  if (Peek().IsMacro("frac")) {
    ++at_;
    if (digits(&numerator) && digits(&denominator) && used_digits_ == 0 && !denominator.IsZero())
      return pool_.Number(whole + numerator / denominator);
  } else if (Peek().kind == TokenKind::kNumber && Peek().space_before && AllDigits(Peek().text) && Peek(1).Is('/') &&
             Peek(2).kind == TokenKind::kNumber && AllDigits(Peek(2).text)) {
    numerator = Rational::FromDigits(Peek().text);
    denominator = Rational::FromDigits(Peek(2).text);
    if (!denominator.IsZero()) {
      at_ += 3;
      return pool_.Number(whole + numerator / denominator);
    }
  }
  at_ = start;
  used_digits_ = start_digits;
  return kNoNode;
}

NodeId Parser::Named(std::string_view name) {
  if (name == "pi") return pool_.Leaf(Kind::kPi);
  if (name == "infty" || name == "inf" || name == "infinity" || name == "Infinity") return pool_.Leaf(Kind::kInfinity);
  if (IsGreek(name)) return pool_.Symbol(name);
  return kNoNode;
}

// One letter, perhaps of a longer run that is a product.
NodeId Parser::LetterPrimary() {
  const Token token = Peek();
  const std::string_view letter = token.text.substr(used_digits_, 1);
  if (++used_digits_ >= token.text.size()) {
    used_digits_ = 0;
    ++at_;
  }
  if (letter == "e") return pool_.Leaf(Kind::kE);
  if (letter == "i" && !i_is_bound_) return pool_.Leaf(Kind::kI);
  const bool inverse = Peek().Is('^') && Peek(1).kind == TokenKind::kOpenBrace && Peek(2).Is('-') && Peek(3).text == "1" &&
                       Peek(4).kind == TokenKind::kCloseBrace && Peek(5).Is('(');
  size_t primes = 0;
  while (Peek(primes).Is('\'')) ++primes;
  if (OneOf(letter, kApplied) && (Peek(primes).Is('(') || inverse)) {
    at_ += inverse ? 5 : primes;
    const NodeId group = Group();
    if (group == kNoNode) return kNoNode;
    const std::string name = std::string(letter) + (inverse ? "^-1" : std::string(primes, '\''));
    if (pool_.Is(group, Kind::kTuple)) {
      const std::vector<NodeId> arguments(pool_.Children(group).begin(), pool_.Children(group).end());
      return pool_.Make(Kind::kApply, pool_.Name(name), arguments);
    }
    return pool_.Make(Kind::kApply, pool_.Name(name), {group});
  }
  return pool_.Symbol(letter);
}

NodeId Parser::WordPrimary() {
  const Token token = Peek();
  if (used_digits_ > 0 || token.text.size() == 1) return LetterPrimary();
  const std::string_view word = token.text;
  if (word == "sqrt" || word == "cbrt") {
    ++at_;
    bool ignored = false;
    NodeId radicand = Primary(&ignored);
    return pool_.Make(Kind::kRoot, 0, {radicand, pool_.Number(word == "sqrt" ? 2 : 3)});
  }
  if (word == "floor" || word == "ceil" || word == "abs") {
    ++at_;
    if (!Peek().Is('(')) return Fail("a function without its argument");
    return pool_.Make(word == "floor" ? Kind::kFloor : word == "ceil" ? Kind::kCeil : Kind::kAbs, 0, {Group()});
  }
  if (const auto function = FunctionNamed(word)) {
    ++at_;
    return FunctionCall(*function);
  }
  if (const NodeId named = Named(word); named != kNoNode) {
    ++at_;
    return named;
  }
  if (IsDifferential(word) || (Peek(1).Is('_') && IsHexLetters(word))) {
    ++at_;
    return pool_.Symbol(word);
  }
  if (token.in_text || token.upright || !IsProduct(word, options_)) return Fail("a word in a formula");
  return LetterPrimary();
}

NodeId Parser::MacroArgument() {
  const Token& token = Peek();
  if (token.kind == TokenKind::kOpenBrace) return Braced();
  if (token.kind == TokenKind::kNumber) {
    const char digit = token.text[used_digits_];
    if (digit < '0' || digit > '9') return Fail("an argument without braces is one digit");
    base_token_ = at_;
    if (++used_digits_ == token.text.size()) {
      used_digits_ = 0;
      ++at_;
    }
    return pool_.Number(digit - '0');
  }
  if (token.kind == TokenKind::kWord && token.text.size() > 1 && used_digits_ == 0 && !token.in_text && !token.upright &&
      !IsMathWord(token.text)) {
    return LetterPrimary();
  }
  bool literal = false;
  return Primary(&literal);
}

NodeId Parser::Braced() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  if (Peek().kind != TokenKind::kOpenBrace) return Fail("an argument is missing");
  ++at_;
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  NodeId inner = List();
  if (inner != kNoNode && (Peek().IsMacro("choose") || Peek().IsMacro("over"))) {
    const bool choose = tokens_[at_++].text == "choose";
    const NodeId second = Sum();
    inner = choose ? pool_.Make(Kind::kBinomial, 0, {inner, second}) : Divide(inner, second);
  }
  in_function_ = function;
  bars_ = bars;
  if (inner == kNoNode) return kNoNode;
  if (Peek().kind != TokenKind::kCloseBrace) return Fail("unbalanced braces");
  ++at_;
  if (pool_.Is(inner, Kind::kList)) {
    const std::vector<NodeId> items(pool_.Children(inner).begin(), pool_.Children(inner).end());
    return pool_.Make(Kind::kSet, 0, items);
  }
  return inner;
}

NodeId Parser::Delimited(Kind kind, std::string_view close) {
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  const NodeId inner = Sum();
  in_function_ = function;
  bars_ = bars;
  if (inner == kNoNode || !TakeMacro(close)) return Fail("unbalanced brackets");
  return pool_.Make(kind, 0, {inner});
}

NodeId Parser::RootCall() {
  NodeId index = pool_.Number(2);
  if (TakeSymbol('[')) {
    index = Sum();
    if (index == kNoNode || !TakeSymbol(']')) return Fail("bad index of a root");
  }
  const NodeId radicand = MacroArgument();
  if (pool_.Is(index, Kind::kNumber) && pool_.ValueOf(index).IsZero()) return Fail("root of index 0");
  return pool_.Make(Kind::kRoot, 0, {radicand, index});
}

NodeId Parser::FunctionArgument() {
  if (Peek().Is('(') || Peek().Is('[')) {
    const int function = std::exchange(in_function_, 0);
    const NodeId group = Group();
    in_function_ = function;
    return group;
  }
  ++in_function_;
  const bool negative = TakeSymbol('-');
  NodeId argument = Term();
  --in_function_;
  return negative ? pool_.Negate(argument) : argument;
}

NodeId Parser::FunctionCall(Function function) {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  NodeId base = kNoNode, power = kNoNode;
  for (int i = 0; i < 2; ++i) {
    if ((function == Function::kLog || function == Function::kLn) && TakeSymbol('_')) {
      base = MacroArgument();
      if (base == kNoNode) return kNoNode;
    } else if (Peek().Is('^') && !IsDegreeMark()) {
      ++at_;
      power = MacroArgument();
      if (power == kNoNode) return kNoNode;
    }
  }
  const NodeId argument = FunctionArgument();
  if (argument == kNoNode) return kNoNode;
  const bool inverse =
      pool_.Is(power, Kind::kNeg) && pool_.IsInteger(pool_.Child(power, 0)) && pool_.ValueOf(pool_.Child(power, 0)).IsOne();
  if (inverse && IsInverseable(function)) {
    constexpr Function kInverse[] = {Function::kAsin, Function::kAcos, Function::kAtan, Function::kAcot};
    return pool_.Make(Kind::kFunction, static_cast<uint32_t>(kInverse[static_cast<int>(function)]), {argument});
  }
  NodeId call = kNoNode;
  if (base != kNoNode) {
    call = pool_.Make(Kind::kFunction, static_cast<uint32_t>(Function::kLogBase), {base, argument});
  } else if (pool_.Is(argument, Kind::kTuple)) {
    const std::vector<NodeId> arguments(pool_.Children(argument).begin(), pool_.Children(argument).end());
    if (function < Function::kGcd) return Fail("a function of one argument with several");
    call = pool_.Make(Kind::kFunction, static_cast<uint32_t>(function), arguments);
  } else {
    call = pool_.Make(Kind::kFunction, static_cast<uint32_t>(function), {argument});
  }
  return power == kNoNode ? call : pool_.Make(Kind::kPow, 0, {call, power});
}

NodeId Parser::BigOperator(std::string_view name) {
  if (!TakeSymbol('_') || Peek().kind != TokenKind::kOpenBrace) return Fail("a sum without its range");
  ++at_;
  if (Peek().kind != TokenKind::kWord || Peek().text.size() != 1) return Fail("a sum without its variable");
  const NodeId variable = pool_.Symbol(Peek().text);
  const bool bound = std::exchange(i_is_bound_, i_is_bound_ || Peek().text == "i");
  ++at_;
  if (!TakeSymbol('=')) return Fail("a sum without its range");
  const NodeId from = Sum();
  if (from == kNoNode || Peek().kind != TokenKind::kCloseBrace) return Fail("a sum without its range");
  ++at_;
  if (!TakeSymbol('^')) return Fail("a sum without its end");
  const NodeId to = MacroArgument();
  const NodeId body = to == kNoNode ? kNoNode : Term();
  i_is_bound_ = bound;
  if (body == kNoNode) return kNoNode;
  // Every bound variable gets the same name, so that sums that differ in it are one tree.
  NodeId canonical = pool_.Symbol("#");
  while (canonical != kNoNode && pool_.Contains(body, canonical)) canonical = pool_.Symbol(pool_.NameOf(pool_[canonical].value) + "#");
  return pool_.Make(Kind::kSum, name == "prod", {canonical, from, to, pool_.Replace(body, variable, canonical)});
}

NodeId Parser::MacroPrimary() {
  const Token token = Peek();
  const std::string_view name = token.text;
  ++at_;
  if (name == "frac") {
    const NodeId numerator = MacroArgument();
    if (numerator == kNoNode) return kNoNode;
    const NodeId denominator = MacroArgument();
    if (denominator == kNoNode) return kNoNode;
    return Divide(numerator, denominator);
  }
  if (name == "sqrt") return RootCall();
  if (name == "surd" || name == "cbrt") {
    bool literal = false;
    return pool_.Make(Kind::kRoot, 0, {Primary(&literal), pool_.Number(name == "surd" ? 2 : 3)});
  }
  if (name == "binom") {
    const NodeId n = MacroArgument();
    return pool_.Make(Kind::kBinomial, 0, {n, n == kNoNode ? kNoNode : MacroArgument()});
  }
  if (name == "lfloor") return Delimited(Kind::kFloor, "rfloor");
  if (name == "lceil") return Delimited(Kind::kCeil, "rceil");
  if (name == "ldots") return pool_.Leaf(Kind::kDots);
  if (name == "emptyset") return pool_.Leaf(Kind::kEmptySet);
  if (name[0] == '@') return pool_.Leaf(Kind::kNumberSet, static_cast<uint32_t>(name[1]));
  if (name == "imath" && !i_is_bound_) return pool_.Leaf(Kind::kI);
  if (const auto function = FunctionNamed(name)) return FunctionCall(*function);
  if (name == "sum" || name == "prod") return BigOperator(name);
  if (name == "langle") {
    --at_;
    return Group();
  }
  if (name == "angle" || name == "triangle" || name == "measuredangle") {
    std::string text(name);
    if (Peek().kind != TokenKind::kWord) return Fail("an angle without its name");
    text += ' ';
    text += Peek().text;
    ++at_;
    return pool_.Symbol(text);
  }
  if (OneOf(name, kDecorations)) {
    std::string text(name), inner;
    if (!SubscriptText(&inner)) return Fail("a decoration without its name");
    return pool_.Symbol(text + " " + inner);
  }
  if (OneOf(name, kOpaqueOperators)) {
    // Known by its spelling only: everything up to the end of the bracket it stands in.
    std::string text(name);
    int depth = 0;
    while (!AtEnd()) {
      const Token& part = Peek();
      const bool opens = part.kind == TokenKind::kOpenBrace || part.kind == TokenKind::kOpenSet || part.Is('(') || part.Is('[');
      const bool closes = part.kind == TokenKind::kCloseBrace || part.kind == TokenKind::kCloseSet || part.Is(')') || part.Is(']');
      if (closes && depth-- == 0) break;
      depth += opens;
      text += ' ';
      text += part.text;
      ++at_;
    }
    return pool_.Leaf(Kind::kOpaque, pool_.Name(text));
  }
  if (const NodeId named = Named(name); named != kNoNode) {
    if (pool_.Is(named, Kind::kSymbol) && OneOf(name, kApplied) && Peek().Is('(')) {
      const NodeId group = Group();
      return pool_.Make(Kind::kApply, pool_.Name(name), {group});
    }
    return named;
  }
  return Fail("an unknown macro");
}

}  // namespace hone::math
