// Collections, statements, quantities: what stands around expressions.
#include <algorithm>
#include <iterator>
#include <utility>

#include "verifiers/math/parser.h"
#include "verifiers/math/parser_words.h"
#include "verifiers/math/units.h"

namespace hone::math {
namespace {

struct RelationMacro {
  std::string_view name;
  Relation relation;
};
constexpr RelationMacro kRelations[] = {
    {"leq", Relation::kLessEqual},
    {"geq", Relation::kGreaterEqual},
    {"neq", Relation::kNotEqual},
    {"approx", Relation::kApprox},
    {"sim", Relation::kSimilar},
    {"simeq", Relation::kApprox},
    {"equiv", Relation::kEquivalent},
    {"in", Relation::kIn},
    {"notin", Relation::kNotIn},
    {"subset", Relation::kSubset},
    {"subseteq", Relation::kSubsetEqual},
    {"cong", Relation::kCongruent},
    {"supset", Relation::kSuperset},
    {"supseteq", Relation::kSupersetEqual},
    {"notequiv", Relation::kNotEquivalent},
    {"perp", Relation::kPerpendicular},
    {"parallel", Relation::kParallel},
    {"propto", Relation::kProportional},
    {"mid", Relation::kDivides},
    {"implies", Relation::kImplies},
    {"iff", Relation::kEquivalence},
    {"to", Relation::kTo},
    {"rightarrow", Relation::kTo},
    {"coloneqq", Relation::kEqual},
};

bool IsAnswerLabel(std::string_view lower) {
  constexpr std::string_view kLabels[] = {"the", "final", "correct", "answer", "is", "answers", "are", "solution", "value", "result"};
  return std::find(std::begin(kLabels), std::end(kLabels), lower) != std::end(kLabels);
}

}  // namespace

std::string Parser::Words(const std::vector<Token>& tokens) {
  std::string words;
  // Where arguments stand in braces, these count.
  const bool formula = std::any_of(tokens.begin(), tokens.end(),
                                   [](const Token& token) { return token.kind == TokenKind::kMacro || token.Is('^') || token.Is('_'); });
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kEnd || token.Is('.') || token.Is('!') || token.Is('"')) continue;
    if (!formula && (token.kind == TokenKind::kOpenBrace || token.kind == TokenKind::kCloseBrace)) continue;
    if (!words.empty()) words += ' ';
    if (token.kind == TokenKind::kMacro) words += '\\';
    words += token.kind == TokenKind::kWord ? LowerCase(token.text) : std::string(token.text);
  }
  return words;
}

NodeId Parser::Answer() {
  // "The answer is 5", "Answer: 5".
  size_t label = 0;
  bool answer = false;
  while (Peek(label).kind == TokenKind::kWord && Peek(label).text.size() > 1 && IsAnswerLabel(LowerCase(Peek(label).text))) {
    answer = answer || LowerCase(Peek(label).text).starts_with("answer");
    ++label;
  }
  if (answer && (Peek(label).Is(':') || Peek(label).Is('='))) ++label;
  if (answer && Peek(label).kind != TokenKind::kEnd) at_ = label;
  if (Peek().IsMacro("therefore")) ++at_;
  is_formula_ = std::none_of(tokens_.begin(), tokens_.end(),
                             [&](const Token& token) {
                               const bool plain =
                                   !token.in_text && !token.upright &&
                                   (token.text.size() <= 2 || IsMathWord(token.text) || IsProduct(token.text, options_, true));
                               return token.kind == TokenKind::kWord && token.text.size() > 1 && !plain;
                             }) &&
                std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
                  return token.Is('^') || token.Is('_') || token.Is('+') || token.Is('/') || token.Is('=') || token.IsMacro("frac");
                });

  NodeId root = AtEnd() ? Fail("empty") : ListOver();
  if (root != kNoNode && AtEnd() && used_digits_ == 0) return root;
  if (root != kNoNode) Fail("something is left over behind the answer");
  if (pool_.too_big()) {
    why_ = "too large";
    return kNoNode;
  }
  const bool has_word = std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
    return token.kind == TokenKind::kWord && (token.in_text || token.text.size() > 1);
  });
  if (!has_word) return kNoNode;
  return pool_.Leaf(Kind::kText, pool_.Name(Words(tokens_)));
}

// Takes a comma, semicolon or connective; the number of tokens taken.
int Parser::TakeConnective(Joint* joint) {
  const size_t start = at_;
  if (TakeSymbol(',') || TakeSymbol(';')) *joint = Joint::kComma;
  if (IsWord("and") || Peek().Is('&') || Peek().IsMacro("wedge")) {
    ++at_;
    *joint = Joint::kAnd;
  } else if (IsWord("or") || Peek().IsMacro("vee")) {
    ++at_;
    *joint = Joint::kOr;
  }
  return static_cast<int>(at_ - start);
}

NodeId Parser::List() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  std::vector<NodeId> items;
  Joint joint = Joint::kComma;
  bool logical = false;  // joined by \wedge or \vee, not by words
  while (true) {
    const NodeId item = Item();
    if (item == kNoNode) return Fail("too large");
    items.push_back(item);
    Joint next = Joint::kComma;
    const bool sign = Peek().IsMacro("wedge") || Peek().IsMacro("vee");
    if (TakeConnective(&next) == 0) break;
    logical = logical || sign;
    if (next != Joint::kComma) joint = next;
    // x, & x > 0, \\ in cases
    if (Peek().kind == TokenKind::kRowBreak || Peek().kind == TokenKind::kFinish) break;
  }
  if (items.size() == 1) return items[0];
  return pool_.Make(Kind::kList, static_cast<uint32_t>(joint), items, logical);
}

bool Parser::TakeRelation(Relation* relation) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kSymbol) {
    if (token.Is('=')) {
      *relation = Relation::kEqual;
    } else if (token.Is('<')) {
      *relation = Relation::kLess;
    } else if (token.Is('>')) {
      *relation = Relation::kGreater;
    } else if (token.Is(':') && Peek(1).Is('=')) {
      *relation = Relation::kEqual;
      ++at_;
    } else {
      return false;
    }
    ++at_;
    return true;
  }
  if (token.kind != TokenKind::kMacro) return false;
  for (const RelationMacro& entry : kRelations) {
    if (token.text != entry.name || (in_set_ && entry.name == "mid")) continue;
    *relation = entry.relation;
    ++at_;
    return true;
  }
  return false;
}

// "\pmod 5", "(mod 5)", "mod 5" behind `left`.
NodeId Parser::Modulus(NodeId left) {
  NodeId modulus = kNoNode;
  if (TakeMacro("pmod")) {
    modulus = MacroArgument();
  } else if (TakeMacro("mod") || (IsWord("mod") && (++at_, true))) {
    modulus = Sum();
  } else if (Peek().Is('(') && (IsWord("mod", 1) || Peek(1).IsMacro("mod"))) {
    at_ += 2;
    modulus = Sum();
    if (modulus != kNoNode && !TakeSymbol(')')) return Fail("unbalanced brackets");
  } else {
    return left;
  }
  return pool_.Make(Kind::kCongruence, 0, {left, modulus});
}

// "Area = 12": one to four words before an equals sign are a name. kNoNode, and nothing taken, when there are none.
NodeId Parser::NameInWords() {
  std::string name = "words";
  size_t n = 0;
  for (; n <= 4; ++n) {
    const Token& token = Peek(n);
    if (token.kind != TokenKind::kWord || (token.text.size() == 1 && !token.in_text)) break;
    const bool plain =
        !token.in_text && (IsMathWord(token.text) || IsRunOfCapitals(token.text) || IsProduct(token.text, options_, is_formula_));
    const bool filler = IsWord("of", n) || IsWord("the", n);
    constexpr std::string_view kVerdicts[] = {"score", "reward", "verdict", "grade", "correct", "equal"};
    if (OneOf(LowerCase(token.text), kVerdicts)) return kNoNode;
    if (plain || (!filler && !UnitOfWord(token.text).has_value())) return kNoNode;
    name += ' ';
    name += LowerCase(token.text);
  }
  if (n == 0 || n > 4 || !Peek(n).Is('=') || used_digits_ > 0) return kNoNode;
  at_ += n;
  // A single letter is the letter.
  return pool_.Symbol(n == 1 && tokens_[at_ - 1].text.size() == 1 ? std::string(tokens_[at_ - 1].text) : name);
}

NodeId Parser::Item() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  // "= 5", "\approx 5": what is asked for stands in the question.
  if (at_ == 0 && (Peek().Is('=') || Peek().IsMacro("approx"))) ++at_;
  const NodeId name = NameInWords();
  std::vector<NodeId> parts = {name != kNoNode ? name : Ratio()};
  if (parts[0] == kNoNode) return kNoNode;
  Relation relation = Relation::kEqual;
  while (TakeRelation(&relation)) {
    parts.push_back(pool_.Leaf(Kind::kOperator, static_cast<uint32_t>(relation)));
    parts.push_back(Ratio());
    if (parts.back() == kNoNode) return kNoNode;
  }
  return Modulus(parts.size() == 1 ? parts[0] : pool_.Make(Kind::kRelation, 0, parts));
}

NodeId Parser::Ratio() {
  std::vector<NodeId> parts = {SetExpression()};
  while (parts.back() != kNoNode) {
    const bool colon = Peek().Is(':') && !Peek(1).Is('=') && !in_set_;
    if (!colon && !IsWord("to")) break;
    ++at_;
    parts.push_back(SetExpression());
  }
  if (parts.size() == 1) return parts[0];
  if (IsWord("am") || IsWord("pm")) return Fail("a time of day");
  return pool_.Make(Kind::kRatio, 0, parts);
}

NodeId Parser::SetExpression() {
  NodeId left = Quantity();
  while (left != kNoNode) {
    Kind kind = Kind::kUnion;
    if (TakeMacro("cap")) {
      kind = Kind::kIntersection;
    } else if (TakeMacro("setminus")) {
      kind = Kind::kDifference;
    } else if (!TakeMacro("cup") && !(Peek().kind == TokenKind::kWord && (Peek().text == "U" || Peek().text == "cup") && (++at_, true))) {
      return left;
    }
    left = pool_.Make(kind, 0, {left, Quantity()});
  }
  return Fail("too large");
}

NodeId Parser::Quantity() {
  NodeId value = WithUnit(Sum());
  // 2 hours 30 minutes
  while (pool_.Is(value, Kind::kQuantity) && (Peek().kind == TokenKind::kNumber || IsWord("and")) &&
         (Peek().kind == TokenKind::kNumber || Peek(1).kind == TokenKind::kNumber)) {
    const size_t start = at_;
    if (IsWord("and")) ++at_;
    const NodeId next = WithUnit(Sum());
    if (!pool_.Is(next, Kind::kQuantity) || pool_[next].value != pool_[pool_.Is(value, Kind::kAdd) ? pool_.Child(value, 0) : value].value) {
      at_ = start;
      break;
    }
    // One quantity in the unit of factor 1.
    const NodeId first = pool_.Make(Kind::kMul, 0, {pool_.Child(value, 0), pool_.Child(value, 1)});
    const NodeId second = pool_.Make(Kind::kMul, 0, {pool_.Child(next, 0), pool_.Child(next, 1)});
    value = pool_.Make(Kind::kQuantity, pool_[value].value, {pool_.Make(Kind::kAdd, 0, {first, second}), pool_.Number(1)});
  }
  return value;
}

// \frac{\text{km}}{\text{h}}
bool Parser::UnitFractionStarts() const {
  const Token& word = Peek(2);
  return Peek().IsMacro("frac") && Peek(1).kind == TokenKind::kOpenBrace && word.kind == TokenKind::kWord &&
         (word.in_text || word.upright) && KnownUnit(word.text).has_value();
}

// One unit: words, products, a slash or "per", powers.
bool Parser::TakeUnit(Unit* unit, bool plain_letters) {
  if (UnitFractionStarts()) {
    Unit below;
    at_ += 2;
    if (!TakeUnit(unit, true) || Peek().kind != TokenKind::kCloseBrace || Peek(1).kind != TokenKind::kOpenBrace) return false;
    at_ += 2;
    if (!TakeUnit(&below, true) || Peek().kind != TokenKind::kCloseBrace) return false;
    ++at_;
    unit->Multiply(below, -1);
    return true;
  }
  int sign = 1, words = 0;
  bool pending = false;  // a slash waits for its word
  int next_power = 1;
  while (true) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kWord) {
      const std::string lower = LowerCase(token.text);
      if (lower == "per") {
        sign = -1;
        pending = true;
        ++at_;
        continue;
      }
      if (lower == "square" || lower == "sq" || lower == "cubic" || lower == "cu") {
        next_power = lower[0] == 's' ? 2 : 3;
        pending = true;
        ++at_;
        if (Peek().Is('.') && lower.size() == 2) ++at_;
        continue;
      }
      const bool plain = !token.in_text && !token.upright;
      std::optional<Unit> word = plain && token.text.size() == 1 && !plain_letters && words == 0 ? std::nullopt : KnownUnit(token.text);
      if (!word.has_value() && !(plain && token.text.size() == 1)) word = UnitOfWord(token.text);
      if (!word.has_value()) return words > 0 && !pending && (lower == "and" || lower == "or" || lower == "to");
      if (!word->known && words >= 3) return false;
      ++at_;
      ++words;
      int power = sign * next_power;
      next_power = 1;
      pending = false;
      if (Peek().Is('.') && token.text.size() <= 3) ++at_;  // sq. ft.
      if (IsWord("squared") || IsWord("cubed")) {
        power *= IsWord("squared") ? 2 : 3;
        ++at_;
      } else if (TakeSymbol('^')) {
        const bool braced = Peek().kind == TokenKind::kOpenBrace;
        if (braced) ++at_;
        const int minus = TakeSymbol('-') ? -1 : 1;
        if (Peek().kind != TokenKind::kNumber || Peek().text.size() != 1) return false;
        power *= minus * (Peek().text[0] - '0');
        ++at_;
        if (braced && Peek().kind != TokenKind::kCloseBrace) return false;
        if (braced) ++at_;
      }
      unit->Multiply(*word, power);
    } else if (words > 0 && (token.Is('/') || token.IsMacro("cdot") || token.Is('*')) && Peek(1).kind == TokenKind::kWord) {
      if (token.Is('/')) sign = -1;
      pending = true;
      ++at_;
    } else {
      return words > 0 && !pending;
    }
  }
}

NodeId Parser::WithUnit(NodeId value) {
  if (value == kNoNode) return kNoNode;
  const bool two_words = IsWord("per") && IsWord("cent", 1);
  if (TakeSymbol('%') || IsWord("percent") || two_words) {
    if (IsWord("percent")) ++at_;
    if (two_words) at_ += 2;
    return pool_.Make(Kind::kPercent, 0, {value});
  }
  const Token& token = Peek();
  if (token.kind == TokenKind::kCurrency && pool_[value].kind <= Kind::kOpaque) {  // 5 \$
    ++at_;
    return pool_.Make(Kind::kCurrency, pool_.Name(token.text), {value, pool_.Number(1)});
  }
  if (pool_.Is(value, Kind::kDegree) && token.kind == TokenKind::kWord &&
      (token.text == "C" || token.text == "F" || IsWord("celsius") || IsWord("fahrenheit"))) {
    const char* scale = token.text[0] == 'C' || token.text[0] == 'c' ? "celsius" : "fahrenheit";
    ++at_;
    return pool_.Make(Kind::kQuantity, pool_.Name(scale), {pool_.Child(value, 0), pool_.Number(1)});
  }
  const bool fraction = UnitFractionStarts() && pool_[value].kind <= Kind::kOpaque;
  if ((token.kind != TokenKind::kWord && !fraction) || used_digits_ > 0) return value;
  const bool plain = !token.in_text && !token.upright;
  if (plain && token.text.size() == 1 && !options_.letters_are_units) return value;
  if (IsWord("and") || IsWord("or") || IsWord("to") || IsWord("mod")) return value;
  if (pool_[value].kind > Kind::kDegree) return value;  // only numbers and expressions have units
  if (IsWord("degrees") || IsWord("degree") || IsWord("deg")) {
    ++at_;
    const NodeId degree = pool_.Make(Kind::kDegree, 0, {value});
    return Peek().kind == TokenKind::kWord ? WithUnit(degree) : degree;
  }
  if (pool_.Is(value, Kind::kDegree)) return value;
  if (options_.pounds_are_money && (IsWord("pound") || IsWord("pounds"))) {
    ++at_;
    return pool_.Make(Kind::kCurrency, pool_.Name("GBP"), {value, pool_.Number(1)});
  }
  if (const auto currency = fraction ? std::nullopt : CurrencyOfWord(token.text)) {
    ++at_;
    return pool_.Make(Kind::kCurrency, pool_.Name(currency->code), {value, pool_.Number(Rational(1, currency->parts))});
  }
  Unit unit;
  if (!TakeUnit(&unit, options_.letters_are_units)) return Fail("words behind a number that are no unit");
  return pool_.Make(Kind::kQuantity, pool_.Name(unit.Dimension()), {value, pool_.Number(unit.factor)}, !unit.known);
}

// ( .. ), [ .. ], and half-open mixtures.
NodeId Parser::Group() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  const Token open = Peek();
  const bool angle = open.IsMacro("langle");
  ++at_;
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  const bool in_set = std::exchange(in_set_, false);
  const NodeId inner = List();
  in_function_ = function;
  bars_ = bars;
  in_set_ = in_set;
  if (inner == kNoNode) return kNoNode;
  const Token close = Peek();
  if (angle ? !close.IsMacro("rangle") : !close.Is(')') && !close.Is(']')) return Fail("unbalanced brackets");
  ++at_;
  if (!pool_.Is(inner, Kind::kList)) {
    return angle || (open.Is('(') == close.Is(')')) ? inner : Fail("unbalanced brackets");
  }
  const uint32_t code = angle ? '(' * 256 + ')' : static_cast<uint32_t>(open.text[0]) * 256 + static_cast<uint32_t>(close.text[0]);
  const std::vector<NodeId> items(pool_.Children(inner).begin(), pool_.Children(inner).end());
  return pool_.Make(Kind::kTuple, code, items);
}

NodeId Parser::SetLiteral() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  ++at_;
  if (Peek().kind == TokenKind::kCloseSet) {
    ++at_;
    return pool_.Leaf(Kind::kEmptySet);
  }
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  const bool in_set = std::exchange(in_set_, true);
  const NodeId inner = List();
  NodeId set = kNoNode;
  if (inner != kNoNode && (Peek().IsMacro("mid") || Peek().Is('|') || Peek().Is(':'))) {
    ++at_;
    in_set_ = false;
    set = pool_.Make(Kind::kSetBuilder, 0, {inner, List()});
  } else if (pool_.Is(inner, Kind::kList)) {
    const std::vector<NodeId> items(pool_.Children(inner).begin(), pool_.Children(inner).end());
    set = pool_.Make(Kind::kSet, 0, items);
  } else {
    set = pool_.Make(Kind::kSet, 0, {inner});
  }
  in_function_ = function;
  bars_ = bars;
  in_set_ = in_set;
  if (set == kNoNode || Peek().kind != TokenKind::kCloseSet) return Fail("unbalanced braces");
  ++at_;
  return set;
}

// By the first row.
NodeId Parser::Determinant(const std::vector<NodeId>& cells, size_t n) {
  if (n == 1) return cells[0];
  std::vector<NodeId> terms;
  for (size_t column = 0; column < n; ++column) {
    std::vector<NodeId> rest;
    for (size_t i = n; i < cells.size(); ++i) {
      if (i % n != column) rest.push_back(cells[i]);
    }
    const NodeId term = pool_.Make(Kind::kMul, 0, {cells[column], Determinant(rest, n - 1)});
    terms.push_back(column % 2 == 0 ? term : pool_.Negate(term));
  }
  return pool_.Make(Kind::kAdd, 0, terms);
}

// What stands behind a case: a condition, or "otherwise".
NodeId Parser::Condition() {
  while (IsWord("if") || IsWord("for") || IsWord("when") || IsWord("where")) ++at_;
  if (IsWord("otherwise") || IsWord("else") || IsWord("elsewhere")) {
    ++at_;
    TakeSymbol('.');
    return pool_.Leaf(Kind::kText, pool_.Name("otherwise"));
  }
  return List();
}

// A system of statements is their list; cases with conditions are a set of (value, condition), whose brackets no other tuple has.
NodeId Parser::Cases() {
  ++at_;
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  std::vector<NodeId> rows;
  size_t conditions = 0;
  while (Peek().kind != TokenKind::kFinish || rows.empty()) {
    const NodeId value = Item();
    if (value == kNoNode) return kNoNode;
    rows.push_back(value);
    if (!TakeSymbol(',')) TakeSymbol(';');
    if (TakeSymbol('&') || IsWord("if") || IsWord("for") || IsWord("when") || IsWord("otherwise")) {
      const NodeId condition = Condition();
      rows.back() = pool_.Make(Kind::kTuple, '{' * 256 + '{', {value, condition});
      if (rows.back() == kNoNode) return Fail("a case without its condition");
      ++conditions;
    }
    if (Peek().kind != TokenKind::kRowBreak) break;
    ++at_;
  }
  in_function_ = function;
  bars_ = bars;
  if (Peek().kind != TokenKind::kFinish || Peek().text != "cases") return Fail("unbalanced environment");
  ++at_;
  if (conditions == 0) return rows.size() == 1 ? rows[0] : pool_.Make(Kind::kList, static_cast<uint32_t>(Joint::kAnd), rows);
  return conditions == rows.size() ? pool_.Make(Kind::kSet, 0, rows) : Fail("a case without its condition");
}

NodeId Parser::Matrix() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return Fail("nested too deep");
  const std::string_view environment = Peek().text;
  if (environment == "cases") return Cases();
  constexpr std::string_view kKnown[] = {"pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "matrix", "smallmatrix", "array"};
  if (std::find(std::begin(kKnown), std::end(kKnown), environment) == std::end(kKnown)) return Fail("an unknown environment");
  ++at_;
  const int function = std::exchange(in_function_, 0), bars = std::exchange(bars_, 0);
  std::vector<NodeId> cells;
  size_t columns = 0, in_row = 0;
  NodeId result = kNoNode;
  while (true) {
    if (Peek().kind == TokenKind::kFinish && in_row == 0 && !cells.empty()) break;  // a row break behind the last row
    const NodeId cell = Sum();
    if (cell == kNoNode) return kNoNode;
    cells.push_back(cell);
    ++in_row;
    if (TakeSymbol('&')) continue;
    if (columns == 0) columns = in_row;
    if (in_row != columns) return Fail("rows of different lengths");
    in_row = 0;
    if (Peek().kind != TokenKind::kRowBreak) break;
    ++at_;
  }
  if (Peek().kind == TokenKind::kFinish && Peek().text == environment) {
    ++at_;
    const bool small = environment == "vmatrix" && columns <= 3 && cells.size() == columns * columns;
    result =
        small ? Determinant(cells, columns) : pool_.Make(Kind::kMatrix, static_cast<uint32_t>(columns), cells, environment == "vmatrix");
  }
  in_function_ = function;
  bars_ = bars;
  return result == kNoNode ? Fail("unbalanced environment") : result;
}

}  // namespace hone::math
