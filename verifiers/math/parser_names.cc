// What letters, words and macros stand for: names, functions, roots, sums, operators known by their spelling.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "verifiers/math/parser.h"
#include "verifiers/math/parser_words.h"
#include "verifiers/math/units.h"

namespace hone::math {
namespace {

// Letters before a bracket that are functions, not factors.
constexpr std::string_view kApplied[] = {"f", "g", "h", "F", "G", "H", "P", "Q", "O", "Theta", "Omega", "phi", "o"};
constexpr std::string_view kDecorations[] = {"overline", "vec", "hat", "bar", "tilde", "widehat", "overrightarrow", "dot", "ddot"};
constexpr std::string_view kOpaqueOperators[] = {"int",    "iint",    "iiint", "oint", "lim", "limsup",
                                                 "liminf", "partial", "nabla", "sup",  "inf", "det"};

bool IsDifferential(std::string_view word) {
  return word.size() == 2 && word[0] == 'd' && std::string_view("rtuvxyz").find(word[1]) != std::string_view::npos;
}

bool IsInverseable(Function function) {
  return function <= Function::kCot;
}

}  // namespace

NodeId Parser::Named(std::string_view name) {
  if (name == "pi") return pool_.Leaf(Kind::kPi);
  if (name == "infty" || name == "inf" || name == "infinity" || name == "Infinity") return pool_.Leaf(Kind::kInfinity);
  if (IsGreek(name)) return pool_.Symbol(name);
  return kNoNode;
}

// {}_nC_k
bool Parser::IsChoiceOf() const {
  return Peek().kind == TokenKind::kOpenBrace && Peek(1).kind == TokenKind::kCloseBrace && Peek(2).Is('_');
}

NodeId Parser::Choose() {
  at_ += 3;
  NodeId n = kNoNode;
  if (Peek().kind == TokenKind::kWord && Peek().text.size() == 2 && Peek().text[1] == 'C') {
    n = pool_.Symbol(Peek().text.substr(0, 1));
    ++at_;
  } else {
    n = MacroArgument();
    if (Peek().kind != TokenKind::kWord || Peek().text != "C") return Fail("a prescript");
    ++at_;
  }
  if (!TakeSymbol('_')) return Fail("a prescript");
  return pool_.Make(Kind::kBinomial, 0, {n, MacroArgument()});
}

// P(A | B): an event, perhaps under a condition.
NodeId Parser::Probability(std::string_view name) {
  ++at_;
  const bool in_set = std::exchange(in_set_, true);  // the bar separates
  std::vector<NodeId> parts = {List()};
  if (parts[0] != kNoNode && (TakeSymbol('|') || TakeMacro("mid"))) parts.push_back(List());
  in_set_ = in_set;
  if (!TakeSymbol(')')) return Fail("unbalanced brackets");
  return pool_.Make(Kind::kApply, pool_.Name(name), parts);
}

// Whether a run of letters is a whole member of the answer.
bool Parser::StandsAlone() const {
  const auto is_border = [](const Token& token) {
    return token.Is(',') || token.Is(';') ||
           (token.kind == TokenKind::kWord && (token.text == "and" || token.text == "or" || token.text == "And" || token.text == "Or"));
  };
  const bool starts = at_ == 0 || is_border(tokens_[at_ - 1]) || tokens_[at_ - 1].kind == TokenKind::kOpenSet;
  const Token& next = Peek(1);
  return starts && (is_border(next) || next.kind == TokenKind::kEnd || next.kind == TokenKind::kCloseSet);
}

// One letter, perhaps of a longer run that is a product.
NodeId Parser::LetterPrimary() {
  const Token token = Peek();
  const std::string_view letter = token.text.substr(used_digits_, 1);
  if (++used_digits_ >= token.text.size()) {
    used_digits_ = 0;
    ++at_;
  }
  if (letter == "m" && (Peek().IsMacro("angle") || Peek().IsMacro("measuredangle"))) return MacroPrimary();
  if (letter == "P" && Peek().Is('(')) return Probability(letter);
  if (letter == "C" && Peek().Is('(')) {  // C(5, 2)
    int depth = 0, commas = 0;
    size_t i = 0;
    do {
      const Token& part = Peek(i++);
      depth += part.Is('(') ? 1 : part.Is(')') ? -1 : 0;
      commas += depth == 1 && part.Is(',');
    } while (depth > 0 && Peek(i).kind != TokenKind::kEnd);
    if (commas == 1) {
      const NodeId group = Group();
      return pool_.Is(group, Kind::kTuple) ? pool_.Make(Kind::kBinomial, 0, {pool_.Child(group, 0), pool_.Child(group, 1)})
                                           : Fail("a choice of other than two numbers");
    }
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
  if (used_digits_ > 0 || token.text.size() == 1) {
    if (used_digits_ == 0 && Peek(1).kind == TokenKind::kNumber && IsHexLetters(token.text)) {
      if (const NodeId numeral = NumeralOfLetters(); numeral != kNoNode) return numeral;
    }
    return LetterPrimary();
  }
  const std::string_view word = token.text;
  if (word == "Pr" && Peek(1).Is('(')) {
    ++at_;
    return Probability("P");
  }
  if (word == "cis") {
    ++at_;
    const NodeId angle = FunctionArgument();
    const auto call = [&](Function function) { return pool_.Make(Kind::kFunction, static_cast<uint32_t>(function), {angle}); };
    return pool_.Make(Kind::kAdd, 0, {call(Function::kCos), pool_.Make(Kind::kMul, 0, {pool_.Leaf(Kind::kI), call(Function::kSin)})});
  }
  if (const auto currency = CurrencyOfWord(word);
      currency.has_value() && word.size() == 3 && word[0] <= 'Z' && Peek(1).kind == TokenKind::kNumber) {
    ++at_;  // USD 5
    bool ignored = false;
    return pool_.Make(Kind::kCurrency, pool_.Name(currency->code), {Primary(&ignored), pool_.Number(1)});
  }
  if (IsHexLetters(word) && Peek(1).kind == TokenKind::kNumber) {
    if (const NodeId numeral = NumeralOfLetters(); numeral != kNoNode) return numeral;
  }
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
  const bool product = !token.in_text && !token.upright && IsProduct(word, options_, is_formula_);
  if (!token.in_text && IsRunOfCapitals(word) && (!product || StandsAlone())) {
    ++at_;
    return pool_.Symbol(word);
  }
  return product ? LetterPrimary() : Fail("a word in a formula");
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

// \mathbb{R}, \mathbb{R}^+, \mathbb{Z}_{\ge 0}: the part of a sign is an interval for the reals, and named by its mark for the others.
NodeId Parser::NumberSet(char letter) {
  const size_t start = at_;
  std::string mark;
  if (TakeSymbol('^') || TakeSymbol('_')) {
    if (Peek().Is('+') || Peek().Is('-') || Peek().Is('*')) {
      mark = tokens_[at_++].text;
    } else if (Peek().kind != TokenKind::kOpenBrace || !SubscriptText(&mark)) {
      mark.clear();
    }
  }
  constexpr std::pair<std::string_view, char> kMarks[] = {{"+", '+'},    {">0", '+'}, {"-", '-'},    {"<0", '-'},   {"geq0", 'p'},
                                                          {"leq0", 'n'}, {"*", '*'},  {"neq0", '*'}, {"times", '*'}};
  const auto* found = std::find_if(std::begin(kMarks), std::end(kMarks), [&](const auto& entry) { return entry.first == mark; });
  if (found == std::end(kMarks)) {
    at_ = start;
    return pool_.Leaf(Kind::kNumberSet, static_cast<uint32_t>(letter));
  }
  const char part = found->second;
  if (letter != 'R') return pool_.Leaf(Kind::kNumberSet, static_cast<uint32_t>(letter) | static_cast<uint32_t>(part) << 8);
  const NodeId zero = pool_.Number(0), infinity = pool_.Leaf(Kind::kInfinity);
  if (part == '*') {
    return pool_.Make(Kind::kDifference, 0, {pool_.Leaf(Kind::kNumberSet, 'R'), pool_.Make(Kind::kSet, 0, {zero})});
  }
  const bool positive = part == '+' || part == 'p';
  const uint32_t open = part == 'p' ? '[' : '(', close = part == 'n' ? ']' : ')';
  return pool_.Make(Kind::kTuple, open * 256 + close, {positive ? zero : pool_.Negate(infinity), positive ? infinity : zero});
}

// \vec{v}, \overline{AB}: a name. \overline{3-i} is a conjugate.
NodeId Parser::Decorated(std::string_view decoration) {
  const size_t start = at_;
  if ((decoration == "overline" || decoration == "bar") && Peek().kind == TokenKind::kOpenBrace) {
    const char* why = why_;
    const NodeId number = Braced();
    why_ = why;
    if (number != kNoNode && pool_.ContainsKind(number, Kind::kI) && !pool_.ContainsKind(number, Kind::kSymbol) &&
        pool_[number].kind <= Kind::kOpaque)
      return pool_.Make(Kind::kFunction, static_cast<uint32_t>(Function::kConjugate), {number});
    at_ = start;
    used_digits_ = 0;
  }
  std::string inner;
  if (!SubscriptText(&inner)) return Fail("a decoration without its name");
  return pool_.Symbol(std::string(decoration) + " " + inner);
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
  if (name == "surd" || name == "cbrt" || name == "fourthroot") {
    bool literal = false;
    return pool_.Make(Kind::kRoot, 0, {Primary(&literal), pool_.Number(name == "surd" ? 2 : name == "cbrt" ? 3 : 4)});
  }
  if (name == "neg") {
    bool literal = false;
    return pool_.Make(Kind::kApply, pool_.Name("neg"), {Primary(&literal)});
  }
  if (name == "binom") {
    const NodeId n = MacroArgument();
    return pool_.Make(Kind::kBinomial, 0, {n, n == kNoNode ? kNoNode : MacroArgument()});
  }
  if (name == "lfloor") return Delimited(Kind::kFloor, "rfloor");
  if (name == "lceil") return Delimited(Kind::kCeil, "rceil");
  if (name == "ldots") return pool_.Leaf(Kind::kDots);
  if (name == "emptyset") return pool_.Leaf(Kind::kEmptySet);
  if (name[0] == '@') return NumberSet(name[1]);
  if (name == "imath" && !i_is_bound_) return pool_.Leaf(Kind::kI);
  if (name == "cis") {
    --at_;
    return WordPrimary();
  }
  if (const auto function = FunctionNamed(name)) return FunctionCall(*function);
  if (name == "sum" || name == "prod") return BigOperator(name);
  if (name == "langle") {
    --at_;
    return Group();
  }
  if (name == "angle" || name == "triangle" || name == "measuredangle") {
    std::string text(name == "measuredangle" ? "angle" : name);
    if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kNumber) return Fail("an angle without its name");
    text += ' ';
    text += Peek().text;
    ++at_;
    return pool_.Symbol(text);
  }
  if (OneOf(name, kDecorations)) return Decorated(name);
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
