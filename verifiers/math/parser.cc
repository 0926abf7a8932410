// Expressions: sums, products, powers, what stands in braces and bars. Numerals are in parser_numbers.cc, letters, functions and macros in
// parser_names.cc, collections and statements in parser_answer.cc.
#include "verifiers/math/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "verifiers/math/parser_words.h"
#include "verifiers/math/units.h"

namespace hone::math {

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
      if (token.text == "frac" && UnitFractionStarts()) return false;
      constexpr std::string_view kStops[] = {"pm",     "mp",   "cdot",     "times",  "div",     "leq",        "geq",      "neq",
                                             "approx", "sim",  "equiv",    "in",     "notin",   "cup",        "cap",      "setminus",
                                             "mid",    "pmod", "mod",      "to",     "implies", "rfloor",     "rceil",    "rangle",
                                             "choose", "over", "wedge",    "vee",    "circ",    "rightarrow", "subset",   "subseteq",
                                             "cong",   "perp", "parallel", "propto", "supset",  "supseteq",   "notequiv", "iff"};
      return !OneOf(token.text, kStops);
    }
    case TokenKind::kWord: {
      if (used_digits_ > 0) return true;
      const std::string_view word = token.text;
      if (token.in_text) return word == "cis";
      if (word == "U" && at_ > 0 && (Peek(1).Is('(') || Peek(1).Is('[') || Peek(1).kind == TokenKind::kOpenSet)) {
        const Token& before = tokens_[at_ - 1];
        if (before.Is(')') || before.Is(']') || before.kind == TokenKind::kCloseSet) return false;  // a union
      }
      if ((word == "C" || word == "F") && at_ > 0 && Peek(1).kind == TokenKind::kEnd) {  // 20 degrees Celsius
        const size_t mark = tokens_[at_ - 1].kind == TokenKind::kCloseBrace && at_ > 1 ? at_ - 2 : at_ - 1;
        if (tokens_[mark].IsMacro("circ")) return false;
      }
      if (word == "min" && !Peek(1).Is('(') && Peek(1).kind != TokenKind::kOpenBrace && !Peek(1).Is('_')) return false;  // minutes
      if (word.size() == 1) {
        if (token.upright && word != "e" && word != "i" && KnownUnit(word).has_value()) return false;
        return !(options_.letters_are_units && KnownUnit(word).has_value());
      }
      if (word == "and" || word == "or" || word == "to" || word == "mod") return false;
      if (KnownUnit(word).has_value() && !FunctionNamed(word).has_value()) return false;
      return IsMathWord(word) || (!token.upright && IsProduct(word, options_, is_formula_));
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
      const bool twice = TakeSymbol('!');
      if (twice && Peek().Is('!')) return Fail("triple factorial");
      base = pool_.Make(Kind::kFactorial, twice, {base});
    } else if (TakeSymbol('\'')) {
      if (!pool_.Is(base, Kind::kSymbol)) return Fail("a prime behind something that is no name");
      base = pool_.Symbol(pool_.NameOf(pool_[base].value) + "'");
    } else if (TakeSymbol('_')) {
      std::string script;
      if (!SubscriptText(&script)) return Fail("bad subscript");
      if (pool_.Is(base, Kind::kNumber)) {
        const Token& digits = tokens_[base_token_];
        const std::string number_base = BaseOfScript(script);
        if (!literal || number_base.empty() || !AllDigits(digits.text)) return Fail("a subscript on a number that is no base");
        base = MakeBase(digits.text, number_base);
      } else {
        if (pool_.Is(base, Kind::kPow) && pool_.Is(pool_.Child(base, 0), Kind::kSymbol)) {  // x^2_1
          const NodeId exponent = pool_.Child(base, 1);
          base = pool_.Make(Kind::kPow, 0, {pool_.Symbol(pool_.NameOf(pool_[pool_.Child(base, 0)].value) + "_" + script), exponent});
          continue;
        }
        if (!pool_.Is(base, Kind::kSymbol) && !pool_.Is(base, Kind::kE) && !pool_.Is(base, Kind::kI) && !pool_.Is(base, Kind::kPi))
          return Fail("subscript");
        const std::string name = pool_.Is(base, Kind::kSymbol) ? pool_.NameOf(pool_[base].value) : pool_.Print(base);
        if (const std::string number_base = BaseOfScript(script); !number_base.empty() && name.size() > 1 && IsHexLetters(name)) {
          base = MakeBase(name, number_base);
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
      return IsChoiceOf() ? Choose() : Braced();
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
      if (token.Is('(') && Peek(1).kind == TokenKind::kNumber && Peek(2).Is(')') && Peek(3).Is('_')) {  // (1011)_2
        ++at_;
        *literal = true;
        const NodeId digits = NumberLiteral(false);
        return digits == kNoNode || !TakeSymbol(')') ? kNoNode : digits;
      }
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

// 3 \over 4, 5 \choose 2: all that stands before the macro, and all behind it, up to the braces around.
NodeId Parser::ListOver() {
  const NodeId inner = List();
  if (inner == kNoNode || !(Peek().IsMacro("choose") || Peek().IsMacro("over"))) return inner;
  const bool choose = tokens_[at_++].text == "choose";
  const NodeId second = Sum();
  return choose ? pool_.Make(Kind::kBinomial, 0, {inner, second}) : Divide(inner, second);
}

NodeId Parser::Braced() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  if (Peek().kind != TokenKind::kOpenBrace) return Fail("an argument is missing");
  ++at_;
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  const NodeId inner = ListOver();
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

}  // namespace hone::math
