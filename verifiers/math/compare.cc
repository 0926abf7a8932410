// Dispatch on the classes of the two sides; lists, sets, tuples, matrices, quantities.
#include "verifiers/math/compare.h"

#include <algorithm>

namespace hone::math {
namespace {
constexpr int kMaxDepth = 64;
constexpr size_t kMaxElements = 1000;
}  // namespace

Match Comparer::Decide(Match match, const char* stage, const char* reason) {
  stage_ = stage;
  reason_ = reason;
  return match;
}

bool Comparer::IsValue(NodeId id) const {
  if (id == kNoNode) return false;
  const Kind kind = pool_[id].kind;
  return kind <= Kind::kOpaque && kind != Kind::kPercent && kind != Kind::kDegree;
}

Comparer::Measure Comparer::MeasureOf(NodeId id) const {
  const Node& node = pool_[id];
  switch (node.kind) {
    case Kind::kPercent:
      return {Measure::Type::kPercent, pool_.Child(id, 0)};
    case Kind::kDegree:
      return {Measure::Type::kDegree, pool_.Child(id, 0)};
    case Kind::kQuantity:
      return {Measure::Type::kUnit, pool_.Child(id, 0), node.value, pool_.Child(id, 1)};
    case Kind::kCurrency:
      return {Measure::Type::kCurrency, pool_.Child(id, 0), node.value, pool_.Child(id, 1)};
    default:
      return {Measure::Type::kNone, id};
  }
}

// -(3 units) is (-3) units, and the like.
static NodeId LiftSign(Pool& pool, NodeId id) {
  if (!pool.Is(id, Kind::kNeg)) return id;
  const NodeId inner = pool.Child(id, 0);
  const Node node = pool[inner];
  switch (node.kind) {
    case Kind::kPercent:
    case Kind::kDegree:
      return pool.Make(node.kind, node.value, {pool.Negate(pool.Child(inner, 0))}, node.flag);
    case Kind::kQuantity:
    case Kind::kCurrency:
      return pool.Make(node.kind, node.value, {pool.Negate(pool.Child(inner, 0)), pool.Child(inner, 1)}, node.flag);
    default:
      return id;
  }
}

// A sum, multiple or quotient of degrees is in degrees: 180 degrees - 2x.
static NodeId LiftDegree(Pool& pool, NodeId id) {
  if (id == kNoNode || !pool.ContainsKind(id, Kind::kDegree)) return id;
  const Node node = pool[id];
  if (node.kind != Kind::kAdd && node.kind != Kind::kMul && node.kind != Kind::kDiv && node.kind != Kind::kNeg) return id;
  std::vector<NodeId> parts(pool.Children(id).begin(), pool.Children(id).end());
  int lifted = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const NodeId part = LiftDegree(pool, parts[i]);
    if (pool.Is(part, Kind::kDegree)) {
      if (node.kind == Kind::kDiv && i > 0) return id;
      parts[i] = pool.Child(part, 0);
      ++lifted;
    } else if (pool.ContainsKind(parts[i], Kind::kDegree)) {
      return id;
    }
  }
  if (lifted == 0 || (node.kind == Kind::kMul && lifted > 1)) return id;
  const NodeId amount = pool.Make(node.kind, node.value, parts, node.flag);
  return amount == kNoNode ? id : pool.Make(Kind::kDegree, 0, {amount});
}

Match Comparer::Measures(const Measure& a, const Measure& b) {
  using Type = Measure::Type;
  if (a.type == b.type && a.type != Type::kUnit && a.type != Type::kCurrency) return Compare(a.amount, b.amount);
  if (a.type == Type::kPercent || b.type == Type::kPercent) {
    const Measure& percent = a.type == Type::kPercent ? a : b;
    const Measure& other = a.type == Type::kPercent ? b : a;
    if (other.type != Type::kNone || policy_.percent == Policy::Percent::kMustMatch)
      return Decide(Match::kDifferent, "percent", "percent_sign");
    const Match plain = Values(percent.amount, other.amount);
    if (plain == Match::kEqual || policy_.percent == Policy::Percent::kMissingOk) return plain;
    return Values(pool_.Make(Kind::kDiv, 0, {percent.amount, pool_.Number(100)}), other.amount);
  }
  if (a.type == b.type) {
    if (a.name != b.name) return Decide(Match::kDifferent, "unit", "other_unit");
    if (a.factor == b.factor) return Compare(a.amount, b.amount);
    if (a.type == Type::kUnit && !policy_.convert_units) return Decide(Match::kDifferent, "unit", "other_unit");
    const Match match = Values(pool_.Make(Kind::kMul, 0, {a.amount, a.factor}), pool_.Make(Kind::kMul, 0, {b.amount, b.factor}));
    return match == Match::kEqual ? Decide(match, "unit", "converted") : match;
  }
  const Measure& with = a.type == Type::kNone ? b : a;
  const Measure& other = a.type == Type::kNone ? a : b;
  const bool missing_in_answer = b.type == Type::kNone;
  if (other.type == Type::kNone) {
    const bool accepted = with.type == Type::kCurrency ? policy_.currency_may_be_missing : policy_.unit_may_be_missing;
    if (missing_in_answer && !accepted) return Decide(Match::kDifferent, "unit", "unit_missing");
    const Match match = Compare(a.amount, b.amount);
    if (match == Match::kDifferent && with.type == Type::kDegree && policy_.convert_degrees) {
      return Values(pool_.Make(Kind::kDegree, 0, {with.amount}), other.amount);
    }
    return match;
  }
  const bool radians =
      (a.type == Type::kUnit && pool_.NameOf(a.name) == "rad^1") || (b.type == Type::kUnit && pool_.NameOf(b.name) == "rad^1");
  if (radians && policy_.convert_degrees && (a.type == Type::kDegree || b.type == Type::kDegree)) {
    const Measure& degree = a.type == Type::kDegree ? a : b;
    const Measure& radian = a.type == Type::kDegree ? b : a;
    return Values(pool_.Make(Kind::kDegree, 0, {degree.amount}), radian.amount);
  }
  return Decide(Match::kDifferent, "unit", "other_unit");
}

// The values of an expression with plus-minus signs: all upper signs, then all lower ones.
std::vector<NodeId> Comparer::Alternatives(NodeId id) {
  if (!pool_.ContainsKind(id, Kind::kPlusMinus)) return {id};
  std::vector<NodeId> results;
  for (int lower = 0; lower < 2; ++lower) {
    NodeId variant = id;
    for (int guard = 0; guard < 64 && variant != kNoNode; ++guard) {
      NodeId sign = kNoNode;
      for (NodeId i = 0; i <= variant && sign == kNoNode; ++i) {
        if (pool_.Is(i, Kind::kPlusMinus) && pool_.Contains(variant, i)) sign = i;
      }
      if (sign == kNoNode) break;
      const bool minus = (pool_[sign].value == 1) != (lower == 1);
      const NodeId inner = pool_.Child(sign, 0);
      variant = pool_.Replace(variant, sign, minus ? pool_.Negate(inner) : inner);
    }
    if (variant == kNoNode) return {id};
    results.push_back(variant);
  }
  return results;
}

void Comparer::AddItems(NodeId id, std::vector<NodeId>* items) {
  if (pool_.Is(id, Kind::kList)) {
    const std::vector<NodeId> children(pool_.Children(id).begin(), pool_.Children(id).end());
    for (const NodeId child : children) AddItems(child, items);
    return;
  }
  for (const NodeId item : Alternatives(id)) items->push_back(item);
}

Match Comparer::Ordered(std::span<const NodeId> a, std::span<const NodeId> b) {
  if (a.size() != b.size()) return Decide(Match::kDifferent, "tuple", "other_length");
  const std::vector<NodeId> left(a.begin(), a.end()), right(b.begin(), b.end());
  Match result = Match::kEqual;
  for (size_t i = 0; i < left.size(); ++i) {
    const Match match = Compare(left[i], right[i]);
    if (match == Match::kDifferent) return Decide(match, "tuple", "other_component");
    if (match == Match::kUndecided) result = match;
  }
  return Decide(result, "tuple", result == Match::kEqual ? "same_components" : "undecided");
}

// Multisets; as_set: elements that occur several times count once. Equality is transitive, so the first partner found is as good as any.
Match Comparer::Elements(const std::vector<NodeId>& a, const std::vector<NodeId>& b, bool as_set) {
  if (a.size() > kMaxElements || b.size() > kMaxElements) return Decide(Match::kUndecided, "set", "too_many_elements");
  if (!as_set && a.size() != b.size()) return Decide(Match::kDifferent, "set", "other_length");
  std::vector<char> used(b.size(), 0);
  bool undecided = false;
  const auto find = [&](NodeId element, const std::vector<NodeId>& in, bool mark) {
    bool unsure = false;
    // The same form first: it costs nothing.
    for (size_t i = 0; i < in.size(); ++i) {
      if (in[i] != element || (mark && used[i])) continue;
      if (mark) used[i] = 1;
      return true;
    }
    for (size_t i = 0; i < in.size() && !budget_.spent(); ++i) {
      if (mark && used[i]) continue;
      const Match match = Compare(element, in[i]);
      if (match == Match::kEqual) {
        if (mark) used[i] = 1;
        return true;
      }
      unsure = unsure || match == Match::kUndecided;
    }
    undecided = undecided || unsure;
    return unsure;
  };
  for (const NodeId element : a) {
    if (!find(element, b, !as_set)) return Decide(Match::kDifferent, "set", "missing_element");
  }
  for (size_t i = 0; as_set && i < b.size(); ++i) {
    if (!find(b[i], a, false)) return Decide(Match::kDifferent, "set", "extra_element");
  }
  undecided = undecided || budget_.spent();
  return Decide(undecided ? Match::kUndecided : Match::kEqual, "set", undecided ? "undecided" : "same_elements");
}

std::optional<Comparer::Table> Comparer::AsTable(NodeId id) {
  const Node node = pool_[id];
  switch (node.kind) {
    case Kind::kMatrix:
      if (node.flag) return std::nullopt;  // a determinant
      return Table{node.value, std::vector<NodeId>(pool_.Children(id).begin(), pool_.Children(id).end())};
    case Kind::kNeg: {
      auto table = AsTable(pool_.Child(id, 0));
      if (!table.has_value()) return table;
      for (NodeId& cell : table->cells) cell = pool_.Negate(cell);
      return table;
    }
    case Kind::kDiv: {
      auto table = AsTable(pool_.Child(id, 0));
      if (!table.has_value()) return table;
      for (NodeId& cell : table->cells) cell = pool_.Make(Kind::kDiv, 0, {cell, pool_.Child(id, 1)});
      return table;
    }
    case Kind::kMul: {
      // One matrix and scalars.
      std::optional<Table> table;
      std::vector<NodeId> scalars;
      const std::vector<NodeId> factors(pool_.Children(id).begin(), pool_.Children(id).end());
      for (const NodeId factor : factors) {
        auto part = AsTable(factor);
        if (part.has_value() && table.has_value()) return std::nullopt;
        if (part.has_value()) {
          table = std::move(part);
        } else {
          scalars.push_back(factor);
        }
      }
      if (!table.has_value()) return table;
      for (NodeId& cell : table->cells) {
        std::vector<NodeId> product = scalars;
        product.push_back(cell);
        cell = pool_.Make(Kind::kMul, 0, product);
      }
      return table;
    }
    case Kind::kTuple: {  // [[1, 2], [3, 4]]
      constexpr uint32_t kSquare = '[' * 256 + ']';
      Table table{0, {}};
      for (const NodeId row : pool_.Children(id)) {
        if (node.value != kSquare || !pool_.Is(row, Kind::kTuple) || pool_[row].value != kSquare) return std::nullopt;
        if (table.columns != 0 && table.columns != pool_[row].count) return std::nullopt;
        table.columns = pool_[row].count;
        table.cells.insert(table.cells.end(), pool_.Children(row).begin(), pool_.Children(row).end());
      }
      return table;
    }
    default:
      return std::nullopt;
  }
}

// The operands of unions of unions.
void Comparer::AddOperands(NodeId id, Kind kind, std::vector<NodeId>* operands) {
  if (!pool_.Is(id, kind)) {
    operands->push_back(id);
    return;
  }
  const NodeId left = pool_.Child(id, 0), right = pool_.Child(id, 1);
  AddOperands(left, kind, operands);
  AddOperands(right, kind, operands);
}

// The variables that a set builder or a list with "k in Z" binds get names of their own, in the order in which they are declared.
NodeId Comparer::RenameBound(NodeId id) {
  std::vector<NodeId> parts(pool_.Children(id).begin(), pool_.Children(id).end()), bound;
  if (pool_.Is(id, Kind::kSetBuilder)) {
    if (pool_.Is(parts[0], Kind::kSymbol)) bound.push_back(parts[0]);
    if (pool_.Is(parts[1], Kind::kList)) parts.insert(parts.end(), pool_.Children(parts[1]).begin(), pool_.Children(parts[1]).end());
  }
  for (const NodeId part : parts) {
    if (!pool_.Is(part, Kind::kRelation) || pool_[part].count != 3) continue;
    const bool in = static_cast<Relation>(pool_[pool_.Child(part, 1)].value) == Relation::kIn;
    if (in && pool_.Is(pool_.Child(part, 0), Kind::kSymbol)) bound.push_back(pool_.Child(part, 0));
  }
  for (size_t i = 0; i < bound.size() && id != kNoNode; ++i) id = pool_.Replace(id, bound[i], pool_.Symbol("#" + std::to_string(i)));
  return id;
}

Match Comparer::Collections(NodeId a, NodeId b) {
  if (pool_.Is(a, Kind::kList) && pool_.Is(b, Kind::kList)) {
    a = RenameBound(a);
    b = RenameBound(b);
    if (a == kNoNode || b == kNoNode) return Decide(Match::kUndecided, "budget", "over_budget");
    if (a == b) return Decide(Match::kEqual, "tree", "same_form");
  }
  const Kind ka = pool_[a].kind, kb = pool_[b].kind;
  // p and q is not p or q where the signs of logic are written.
  const auto is_formula = [&](NodeId id) {
    return pool_.Is(id, Kind::kList) && pool_[id].flag && !pool_.Is(pool_.Child(id, 0), Kind::kRelation);
  };
  if ((is_formula(a) || is_formula(b)) && (ka != kb || pool_[a].flag != pool_[b].flag || pool_[a].value != pool_[b].value))
    return Decide(Match::kDifferent, "logic", "other_connective");
  // Matrices.
  if (pool_.ContainsKind(a, Kind::kMatrix) || pool_.ContainsKind(b, Kind::kMatrix)) {
    const auto x = AsTable(a), y = AsTable(b);
    if (x.has_value() && y.has_value()) {
      if (x->columns != y->columns || x->cells.size() != y->cells.size()) return Decide(Match::kDifferent, "matrix", "other_shape");
      return Ordered(x->cells, y->cells);
    }
    if (x.has_value() != y.has_value()) return Decide(Match::kDifferent, "matrix", "other_type");
    if (ka == Kind::kMatrix && kb == Kind::kMatrix) {
      return pool_[a].value == pool_[b].value ? Ordered(pool_.Children(a), pool_.Children(b))
                                              : Decide(Match::kDifferent, "matrix", "other_shape");
    }
    return Decide(Match::kDifferent, "matrix", "other_type");
  }
  // Intervals and what describes a set of reals.
  if (IsSetLike(a) || IsSetLike(b)) {
    const auto x = AsRealSet(a), y = AsRealSet(b);
    if (x.has_value() && y.has_value()) return RealSets(*x, *y);
    if (ka == Kind::kTuple && kb == Kind::kTuple) {
      if (pool_[a].value != pool_[b].value) return Decide(Match::kDifferent, "interval", "other_brackets");
      return Ordered(pool_.Children(a), pool_.Children(b));
    }
    if (ka == kb && (ka == Kind::kUnion || ka == Kind::kIntersection)) {
      std::vector<NodeId> x, y;
      AddOperands(a, ka, &x);
      AddOperands(b, ka, &y);
      return Elements(x, y, false);
    }
    if (ka == kb && ka == Kind::kDifference) return Ordered(pool_.Children(a), pool_.Children(b));
    if (ka == kb && ka == Kind::kSetBuilder) {
      const NodeId x = RenameBound(a), y = RenameBound(b);
      return x == kNoNode || y == kNoNode ? Decide(Match::kUndecided, "budget", "over_budget")
                                          : Ordered(pool_.Children(x), pool_.Children(y));
    }
    if (ka == Kind::kNumberSet && kb == Kind::kNumberSet) return Decide(a == b ? Match::kEqual : Match::kDifferent, "set", "number_set");
    return Decide(Match::kDifferent, "set", "other_type");
  }
  if (ka == Kind::kTuple && kb == Kind::kTuple) return Ordered(pool_.Children(a), pool_.Children(b));
  if (ka == Kind::kTuple || kb == Kind::kTuple) {
    const NodeId tuple = ka == Kind::kTuple ? a : b, other = ka == Kind::kTuple ? b : a;
    // x = 1, y = 2 against (1, 2): the names in alphabetical order.
    if (pool_.Is(other, Kind::kList)) {
      std::vector<NodeId> values;
      std::string last;
      const std::vector<NodeId> items(pool_.Children(other).begin(), pool_.Children(other).end());
      for (const NodeId item : items) {
        const auto named = AsNamed(item);
        if (!named.has_value() || !pool_.Is(named->name, Kind::kSymbol) || pool_.NameOf(pool_[named->name].value) <= last) {
          return Decide(Match::kDifferent, "tuple", "other_type");
        }
        last = pool_.NameOf(pool_[named->name].value);
        values.push_back(named->value);
      }
      return Ordered(std::vector<NodeId>(pool_.Children(tuple).begin(), pool_.Children(tuple).end()), values);
    }
    if (pool_.ContainsKind(tuple, Kind::kPlusMinus) || pool_.ContainsKind(other, Kind::kPlusMinus)) {
      std::vector<NodeId> x, y;
      AddItems(a, &x);
      AddItems(b, &y);
      return Elements(x, y, true);
    }
    return Decide(Match::kDifferent, "tuple", "other_type");
  }
  // Sequences with dots: first terms and general term, in order.
  const bool dots = ka == Kind::kList && kb == Kind::kList && (pool_.ContainsKind(a, Kind::kDots) || pool_.ContainsKind(b, Kind::kDots));
  const bool ordered = policy_.ordered_lists && ka == Kind::kList && kb == Kind::kList;
  if (dots || ordered) return Ordered(pool_.Children(a), pool_.Children(b));

  const bool set_a = ka == Kind::kSet || ka == Kind::kEmptySet, set_b = kb == Kind::kSet || kb == Kind::kEmptySet;
  const bool many_a = set_a || ka == Kind::kList || pool_.ContainsKind(a, Kind::kPlusMinus);
  const bool many_b = set_b || kb == Kind::kList || pool_.ContainsKind(b, Kind::kPlusMinus);
  if (!many_a || !many_b) return Decide(Match::kDifferent, "set", many_a == many_b ? "other_type" : "one_for_several");
  std::vector<NodeId> x, y;
  for (const auto& [id, items] : {std::pair(a, &x), std::pair(b, &y)}) {
    if (pool_.Is(id, Kind::kSet)) {
      const std::vector<NodeId> children(pool_.Children(id).begin(), pool_.Children(id).end());
      for (const NodeId child : children) AddItems(child, items);
    } else if (!pool_.Is(id, Kind::kEmptySet)) {
      AddItems(id, items);
    }
  }
  // n = 2, 3, 4: the name holds for all. In a list of one unknown the values count.
  for (std::vector<NodeId>* items : {&x, &y}) {
    NodeId name = kNoNode;
    bool same = true;
    std::vector<NodeId> values;
    for (const NodeId item : *items) {
      const auto named = AsNamed(item);
      if (named.has_value() && name != kNoNode && named->name != name) same = false;
      if (named.has_value() && name == kNoNode) name = named->name;
      values.push_back(named.has_value() ? named->value : item);
    }
    if (name == kNoNode || !same) continue;
    const std::vector<NodeId>& others = items == &x ? y : x;
    const auto other_name = others.empty() ? std::nullopt : AsNamed(others[0]);
    if (other_name.has_value() && other_name->name != name) continue;
    if (!other_name.has_value() || items == &y) {
      *items = values;
    } else {
      // Both have the name: take it off both.
      bool all = true;
      std::vector<NodeId> stripped;
      for (const NodeId item : others) {
        const auto named = AsNamed(item);
        all = all && (!named.has_value() || named->name == name);
        stripped.push_back(named.has_value() ? named->value : item);
      }
      if (all) {
        *items = values;
        y = stripped;
      }
      break;
    }
  }
  return Elements(x, y, set_a || set_b);
}

Match Comparer::Compare(NodeId gold, NodeId answer) {
  if (gold == kNoNode || answer == kNoNode || depth_ >= kMaxDepth || !budget_.Spend(15))
    return Decide(Match::kUndecided, "budget", "over_budget");
  if (gold == answer) return Decide(Match::kEqual, "tree", "same_form");
  const NodeId a = LiftDegree(pool_, LiftSign(pool_, gold)), b = LiftDegree(pool_, LiftSign(pool_, answer));
  if (a == kNoNode || b == kNoNode) return Decide(Match::kUndecided, "budget", "over_budget");
  ++depth_;
  Match match = Match::kUndecided;
  const Kind ka = pool_[a].kind, kb = pool_[b].kind;
  const auto either = [&](Kind kind) { return ka == kind || kb == kind; };
  if (either(Kind::kText)) {
    match = Decide(Match::kDifferent, "text", "other_type");
  } else if (either(Kind::kCongruence)) {
    match = Congruences(a, b);
  } else if (either(Kind::kRelation)) {
    match = Statements(a, b);
  } else if (either(Kind::kBase)) {
    const bool both = ka == kb;
    if (both) {
      match = Decide(Match::kDifferent, "base", pool_[a].value == pool_[b].value ? "other_base" : "other_digits");
    } else {
      const NodeId based = ka == Kind::kBase ? a : b, other = ka == Kind::kBase ? b : a;
      const bool decimal = pool_.ValueOf(pool_.Child(based, 0)) == Rational(10);
      const bool same = (decimal || policy_.base_may_be_dropped) && pool_.IsInteger(other) &&
                        pool_.ValueOf(other).ToString() == pool_.NameOf(pool_[based].value);
      match = Decide(same ? Match::kEqual : Match::kDifferent, "base", "base_missing");
    }
  } else if (either(Kind::kRatio)) {
    if (ka != kb) {
      match = Decide(Match::kDifferent, "ratio", "other_type");
      const NodeId ratio = ka == Kind::kRatio ? a : b, other = ka == Kind::kRatio ? b : a;
      if (policy_.ratios_scale && pool_[ratio].count == 2 && IsValue(other)) {
        match = Values(pool_.Make(Kind::kDiv, 0, {pool_.Child(ratio, 0), pool_.Child(ratio, 1)}), other);
      }
    } else {
      match = Ordered(pool_.Children(a), pool_.Children(b));
      if (match == Match::kDifferent && policy_.ratios_scale && pool_[a].count == 2 && pool_[b].count == 2) {
        match = Values(pool_.Make(Kind::kMul, 0, {pool_.Child(a, 0), pool_.Child(b, 1)}),
                       pool_.Make(Kind::kMul, 0, {pool_.Child(a, 1), pool_.Child(b, 0)}));
      }
    }
  } else if (const Measure x = MeasureOf(a), y = MeasureOf(b); x.type != Measure::Type::kNone || y.type != Measure::Type::kNone) {
    match = Measures(x, y);
  } else if (IsValue(a) && IsValue(b) && !pool_.ContainsKind(a, Kind::kPlusMinus) && !pool_.ContainsKind(b, Kind::kPlusMinus) &&
             !pool_.ContainsKind(a, Kind::kMatrix) && !pool_.ContainsKind(b, Kind::kMatrix) && !IsSetLike(a) && !IsSetLike(b)) {
    match = Values(a, b);
    if (match == Match::kEqual && depth_ == 1 && !FormFits(a, b)) match = Decide(Match::kDifferent, "form", "wrong_form");
  } else {
    match = Collections(a, b);
  }
  --depth_;
  return match;
}

}  // namespace hone::math
