// Assignments, equations, inequalities, congruences.
#include <algorithm>

#include "verifiers/math/compare.h"

namespace hone::math {
namespace {
Relation OperatorOf(const Pool& pool, NodeId relation, size_t i) {
  return static_cast<Relation>(pool[pool.Child(relation, 2 * i + 1)].value);
}

// A name that may be another one where it is bound; capitals are events and points.
bool IsVariable(const Pool& pool, NodeId id) {
  return pool.Is(id, Kind::kSymbol) && !(pool.NameOf(pool[id].value)[0] >= 'A' && pool.NameOf(pool[id].value)[0] <= 'Z');
}

// How many different symbols occur in a tree.
int SymbolsOf(const Pool& pool, NodeId id) {
  int count = 0;
  for (NodeId i = 0; i <= id; ++i) count += pool.Is(i, Kind::kSymbol) && pool.Contains(id, i);
  return count;
}

Relation Flip(Relation relation) {
  switch (relation) {
    case Relation::kLess:
      return Relation::kGreater;
    case Relation::kLessEqual:
      return Relation::kGreaterEqual;
    case Relation::kGreater:
      return Relation::kLess;
    case Relation::kGreaterEqual:
      return Relation::kLessEqual;
    default:
      return relation;
  }
}
}  // namespace

bool Comparer::IsNameLike(NodeId id) const {
  if (pool_.Is(id, Kind::kSymbol)) return true;
  const auto is_capital = [&](NodeId child) {
    return pool_.Is(child, Kind::kSymbol) && pool_.NameOf(pool_[child].value)[0] >= 'A' && pool_.NameOf(pool_[child].value)[0] <= 'Z';
  };
  if (pool_.Is(id, Kind::kApply)) {  // f(x), f(2), P(X = 2)
    return pool_.NameOf(pool_[id].value) == "P" || !pool_.ContainsKind(id, Kind::kSymbol) ||
           std::all_of(pool_.Children(id).begin(), pool_.Children(id).end(), [&](NodeId child) { return pool_.Is(child, Kind::kSymbol); });
  }
  if (pool_.Is(id, Kind::kAbs)) {  // the size of A, the length of AB
    const NodeId inner = pool_.Child(id, 0);
    return is_capital(inner) || (pool_.Is(inner, Kind::kMul) && IsNameLike(inner));
  }
  if (pool_.Is(id, Kind::kDiv)) {  // dy/dx
    return std::all_of(pool_.Children(id).begin(), pool_.Children(id).end(), [&](NodeId child) {
      return pool_.Is(child, Kind::kSymbol) && pool_.NameOf(pool_[child].value).size() == 2 && pool_.NameOf(pool_[child].value)[0] == 'd';
    });
  }
  if (pool_.Is(id, Kind::kMul)) {  // the segment AB
    return std::all_of(pool_.Children(id).begin(), pool_.Children(id).end(), is_capital);
  }
  if (pool_.Is(id, Kind::kTuple) || pool_.Is(id, Kind::kRatio)) {
    return std::all_of(pool_.Children(id).begin(), pool_.Children(id).end(), [&](NodeId child) { return pool_.Is(child, Kind::kSymbol); });
  }
  return false;
}

bool Comparer::IsEquation(NodeId id) const {
  if (!pool_.Is(id, Kind::kRelation)) return false;
  for (size_t i = 0; i < pool_[id].count / 2; ++i) {
    const Relation relation = OperatorOf(pool_, id, i);
    if (relation != Relation::kEqual && relation != Relation::kApprox) return false;
  }
  return true;
}

// Whether all operands are equal; *match is what is known.
bool Comparer::ChainHolds(const std::vector<NodeId>& operands, Match* match) {
  *match = Match::kEqual;
  for (size_t i = 1; i < operands.size(); ++i) {
    const Match link = Compare(operands[i - 1], operands[i]);
    if (link == Match::kDifferent) {
      *match = link;
      return false;
    }
    if (link == Match::kUndecided) *match = link;
  }
  return *match == Match::kEqual;
}

// name = value, value = name, name = a = b = value with provable links. In a = b ~ c the part behind the sign of approximation is a remark.
std::optional<Comparer::Named> Comparer::AsNamed(NodeId id) {
  if (!IsEquation(id)) return std::nullopt;
  std::vector<NodeId> operands = {pool_.Child(id, 0)};
  for (size_t i = 0; i < pool_[id].count / 2; ++i) {
    if (OperatorOf(pool_, id, i) == Relation::kApprox) {
      if (i > 0) break;
      if (!IsNameLike(operands[0])) break;
    }
    operands.push_back(pool_.Child(id, 2 * i + 2));
  }
  Named named;
  if (operands.size() == 1) {  // 5 ~ 5.01
    named.value = operands[0];
    return named;
  }
  if (IsNameLike(operands[0])) {
    named.name = operands[0];
    operands.erase(operands.begin());
  } else if (operands.size() == 2 && IsNameLike(operands[1])) {
    named.name = operands[1];
    operands.pop_back();
  } else {
    return std::nullopt;
  }
  named.value = operands.back();
  if (pool_.Is(named.name, Kind::kSymbol) && pool_.Contains(named.value, named.name)) return std::nullopt;
  if (operands.size() > 1) {
    Match match;
    if (!ChainHolds(operands, &match)) return std::nullopt;
  }
  return named;
}

// The values under a common name: the same name, or functions whose variables are renamed.
Match Comparer::SameNames(const Named& a, const Named& b, NodeId* value_a, NodeId* value_b) {
  *value_a = a.value;
  *value_b = b.value;
  if (a.name == b.name) return Match::kEqual;
  if (pool_.Is(a.name, Kind::kApply) && pool_.Is(b.name, Kind::kApply) && pool_[a.name].value == pool_[b.name].value &&
      pool_[a.name].count == pool_[b.name].count) {
    // Both get new names, so that a variable that is free on one side stays free: f(t) = x^2 is not f(x) = x^2.
    for (size_t i = 0; i < pool_[a.name].count; ++i) {
      const NodeId x = pool_.Child(a.name, i), y = pool_.Child(b.name, i);
      if (!IsVariable(pool_, x) || !IsVariable(pool_, y)) return Match::kDifferent;
      const NodeId bound = pool_.Symbol("#" + std::to_string(i));
      *value_a = pool_.Replace(*value_a, x, bound);
      *value_b = pool_.Replace(*value_b, y, bound);
    }
    return *value_a == kNoNode || *value_b == kNoNode ? Match::kUndecided : Match::kEqual;
  }
  // (x, y) = (1, 2) against (y, x) = (2, 1).
  if (pool_.Is(a.name, Kind::kTuple) && pool_.Is(b.name, Kind::kTuple) && pool_.Is(b.value, Kind::kTuple) &&
      pool_[a.name].count == pool_[b.name].count && pool_[b.value].count == pool_[b.name].count) {
    std::vector<NodeId> values;
    for (const NodeId wanted : pool_.Children(a.name)) {
      for (size_t i = 0; i < pool_[b.name].count; ++i) {
        if (pool_.Child(b.name, i) == wanted) values.push_back(pool_.Child(b.value, i));
      }
    }
    if (values.size() == pool_[a.name].count) {
      *value_b = pool_.Make(Kind::kTuple, pool_[b.value].value, values);
      return Match::kEqual;
    }
  }
  // f(x) = .. against f = ..
  return policy_.variables_may_be_renamed ? Match::kEqual : Match::kDifferent;
}

// name - c = 0 and the like, which say what the name is; the problem's own equation, 2 name = 6, does not.
bool Comparer::IsMovedName(NodeId relation, NodeId name) const {
  if (pool_[relation].count != 3) return false;
  NodeId sum = pool_.Child(relation, 0), zero = pool_.Child(relation, 2);
  if (!pool_.Is(zero, Kind::kNumber)) std::swap(sum, zero);
  if (!pool_.Is(zero, Kind::kNumber) || !pool_.ValueOf(zero).IsZero() || !pool_.Is(sum, Kind::kAdd)) return false;
  int names = 0;
  for (const NodeId term : pool_.Children(sum)) {
    const NodeId inner = pool_.Is(term, Kind::kNeg) ? pool_.Child(term, 0) : term;
    names += inner == name;
    if (inner != name && pool_.ContainsKind(inner, Kind::kSymbol)) return false;
  }
  return names == 1;
}

Match Comparer::Equations(NodeId a, NodeId b) {
  if (pool_[a].count != 3 || pool_[b].count != 3) return Decide(Match::kDifferent, "equation", "other_type");
  for (const NodeId id : {a, b}) {
    for (const size_t side : {0, 2}) {
      if (!IsValue(pool_.Child(id, side)) || pool_.ContainsKind(pool_.Child(id, side), Kind::kPlusMinus)) {
        // Compared side by side.
        const Match straight =
            Ordered(std::vector<NodeId>{pool_.Child(a, 0), pool_.Child(a, 2)}, std::vector<NodeId>{pool_.Child(b, 0), pool_.Child(b, 2)});
        if (straight != Match::kDifferent) return straight;
        return Ordered(std::vector<NodeId>{pool_.Child(a, 0), pool_.Child(a, 2)},
                       std::vector<NodeId>{pool_.Child(b, 2), pool_.Child(b, 0)});
      }
    }
  }
  Algebra algebra(pool_, exact_, budget_, policy_.variables == Policy::Variables::kPositive);
  int sign = 0;
  switch (algebra.Proportional(pool_.Child(a, 0), pool_.Child(a, 2), pool_.Child(b, 0), pool_.Child(b, 2), &sign)) {
    case Truth::kTrue:
      return Decide(Match::kEqual, "equation", "proportional");
    case Truth::kFalse:
      return Decide(Match::kDifferent, "equation", "not_proportional");
    case Truth::kUnknown:
      break;
  }
  for (const bool swapped : {false, true}) {
    const std::vector<NodeId> other = {pool_.Child(b, swapped ? 2 : 0), pool_.Child(b, swapped ? 0 : 2)};
    if (Ordered(std::vector<NodeId>{pool_.Child(a, 0), pool_.Child(a, 2)}, other) == Match::kEqual)
      return Decide(Match::kEqual, "equation", "same_sides");
  }
  return Decide(Match::kUndecided, "equation", "undecided");
}

Match Comparer::Inequalities(NodeId a, NodeId b) {
  const auto x = AsRealSet(a), y = AsRealSet(b);
  if (x.has_value() && y.has_value()) {
    if (x->variable != y->variable && x->variable != kNoNode && y->variable != kNoNode && !policy_.variables_may_be_renamed) {
      return Decide(Match::kDifferent, "inequality", "other_name");
    }
    return RealSets(*x, *y);
  }
  if (!pool_.Is(a, Kind::kRelation) || !pool_.Is(b, Kind::kRelation)) return Decide(Match::kDifferent, "inequality", "other_type");
  if (x.has_value() != y.has_value()) return Decide(Match::kDifferent, "inequality", "not_solved");
  if (pool_[a].count != pool_[b].count) return Decide(Match::kDifferent, "inequality", "other_type");
  const size_t links = pool_[a].count / 2;
  Match result = Match::kDifferent;
  for (const bool reversed : {false, true}) {
    Match all = Match::kEqual;
    for (size_t i = 0; i < links && all != Match::kDifferent; ++i) {
      const size_t j = reversed ? links - 1 - i : i;
      const Relation left = OperatorOf(pool_, a, i), right = OperatorOf(pool_, b, j);
      const auto comparable = [](Relation relation) { return relation <= Relation::kGreaterEqual; };
      if (!comparable(left) || !comparable(right)) {
        // Known by name only: both sides as they stand.
        const bool same = left == right && !reversed && Compare(pool_.Child(a, 2 * i), pool_.Child(b, 2 * j)) == Match::kEqual &&
                          Compare(pool_.Child(a, 2 * i + 2), pool_.Child(b, 2 * j + 2)) == Match::kEqual;
        if (!same) all = Match::kDifferent;
        continue;
      }
      Algebra algebra(pool_, exact_, budget_, policy_.variables == Policy::Variables::kPositive);
      int sign = 0;
      const Truth truth =
          algebra.Proportional(pool_.Child(a, 2 * i), pool_.Child(a, 2 * i + 2), pool_.Child(b, 2 * j), pool_.Child(b, 2 * j + 2), &sign);
      if (truth == Truth::kFalse) {
        all = Match::kDifferent;
      } else if (truth == Truth::kUnknown || sign == 0) {
        const bool plain = left == Relation::kNotEqual || left == Relation::kEqual;
        all = truth == Truth::kTrue && plain && left == right ? all : Match::kUndecided;
      } else if ((sign > 0 ? right : Flip(right)) != left) {
        all = Match::kDifferent;
      }
    }
    if (all == Match::kEqual) return Decide(all, "inequality", "proportional");
    if (all == Match::kUndecided) result = all;
    if (links == 1) break;
  }
  return Decide(result, "inequality", result == Match::kDifferent ? "not_proportional" : "undecided");
}

Match Comparer::StatementAndValue(NodeId statement, NodeId value, bool statement_is_gold) {
  const auto compare = [&](NodeId inner) { return statement_is_gold ? Compare(inner, value) : Compare(value, inner); };
  if (const auto named = AsNamed(statement)) {
    // (x, y) = (1, 2) against y = 1, x = 2.
    if (pool_.Is(named->name, Kind::kTuple) && pool_.Is(named->value, Kind::kTuple) && pool_.Is(value, Kind::kList) &&
        pool_[named->name].count == pool_[named->value].count) {
      std::vector<NodeId> items;
      for (size_t i = 0; i < pool_[named->name].count; ++i) {
        items.push_back(pool_.Make(Kind::kRelation, 0,
                                   {pool_.Child(named->name, i), pool_.Leaf(Kind::kOperator, static_cast<uint32_t>(Relation::kEqual)),
                                    pool_.Child(named->value, i)}));
      }
      return compare(pool_.Make(Kind::kList, 0, items));
    }
    // x = 2 against {2}.
    if (pool_.Is(value, Kind::kSet) && pool_.Is(named->name, Kind::kSymbol) && IsValue(named->value)) {
      std::vector<NodeId> own, items;
      AddItems(named->value, &own);
      for (const NodeId child : std::vector<NodeId>(pool_.Children(value).begin(), pool_.Children(value).end())) AddItems(child, &items);
      return statement_is_gold ? Elements(own, items, true) : Elements(items, own, true);
    }
    // n = 2, 3: a list whose first item has the name.
    return compare(named->value);
  }
  if (IsEquation(statement)) {
    if (pool_.Is(value, Kind::kList) || pool_.Is(value, Kind::kSet))
      return Collections(statement_is_gold ? statement : value, statement_is_gold ? value : statement);
    std::vector<NodeId> operands;
    for (size_t i = 0; i < pool_[statement].count; i += 2) {
      if (i > 0 && OperatorOf(pool_, statement, i / 2 - 1) == Relation::kApprox) break;
      operands.push_back(pool_.Child(statement, i));
    }
    if (IsNameLike(operands[0])) operands.erase(operands.begin());
    Match match;
    if (!ChainHolds(operands, &match)) return Decide(match, "chain", match == Match::kDifferent ? "false_link" : "undecided");
    return compare(operands.back());
  }
  const auto x = AsRealSet(statement),
             y = IsSetLike(value) || pool_.Is(value, Kind::kSet) || pool_.Is(value, Kind::kTuple) ? AsRealSet(value) : std::nullopt;
  if (x.has_value() && y.has_value()) return RealSets(*x, *y);
  // m in S against S.
  if (pool_[statement].count == 3 && OperatorOf(pool_, statement, 0) == Relation::kIn && IsNameLike(pool_.Child(statement, 0)))
    return compare(pool_.Child(statement, 2));
  return Decide(Match::kDifferent, "statement", "other_type");
}

Match Comparer::Statements(NodeId a, NodeId b) {
  const bool relation_a = pool_.Is(a, Kind::kRelation), relation_b = pool_.Is(b, Kind::kRelation);
  if (relation_a != relation_b) {
    const NodeId other = relation_a ? b : a;
    // x < 3 against (x < -2 or x > 2): sets of reals.
    const auto x = AsRealSet(a), y = AsRealSet(b);
    if (!IsEquation(relation_a ? a : b) && x.has_value() && y.has_value()) return Inequalities(a, b);
    return StatementAndValue(relation_a ? a : b, other, relation_a);
  }
  if (!IsEquation(a) || !IsEquation(b)) return Inequalities(a, b);
  const auto x = AsNamed(a), y = AsNamed(b);
  if (x.has_value() && y.has_value()) {
    if (x->name == kNoNode || y->name == kNoNode) return Compare(x->value, y->value);
    NodeId left = kNoNode, right = kNoNode;
    const Match names = SameNames(*x, *y, &left, &right);
    if (names == Match::kEqual) {
      return Compare(left, right);
    }
    if (pool_.Is(x->name, Kind::kApply) && pool_.Is(y->name, Kind::kApply)) return Decide(Match::kDifferent, "definition", "other_name");
    const bool numbers = !pool_.ContainsKind(x->value, Kind::kSymbol) && !pool_.ContainsKind(y->value, Kind::kSymbol);
    if (numbers) return Decide(Match::kDifferent, "assignment", "other_name");
  } else if (x.has_value() != y.has_value()) {
    // S = a = b against S = c: a chain with a name that does not hold is no answer.
    const NodeId chain = x.has_value() ? b : a;
    if (pool_[chain].count > 3) return Decide(Match::kDifferent, "chain", "false_link");
    const Named& named = x.has_value() ? *x : *y;
    if (pool_.Is(named.name, Kind::kSymbol) && !pool_.ContainsKind(named.value, Kind::kSymbol) && pool_.Contains(chain, named.name) &&
        !IsMovedName(chain, named.name) && SymbolsOf(pool_, chain) == 1)
      return Decide(Match::kDifferent, "equation", "not_solved");
  }
  return Equations(a, b);
}

Match Comparer::Congruences(NodeId a, NodeId b) {
  struct Residue {
    NodeId name = kNoNode, value = kNoNode;
    Rational modulus;
  };
  const auto read = [&](NodeId id) -> std::optional<Residue> {
    if (!pool_.Is(id, Kind::kCongruence)) return std::nullopt;
    const auto modulus = exact_.Value(pool_.Child(id, 1));
    if (!modulus.has_value() || !modulus->IsInteger() || modulus->Sign() <= 0) return std::nullopt;
    Residue residue{.value = pool_.Child(id, 0), .modulus = *modulus};
    if (pool_.Is(residue.value, Kind::kRelation)) {
      const NodeId relation = residue.value;
      if (pool_[relation].count != 3 ||
          (OperatorOf(pool_, relation, 0) != Relation::kEquivalent && OperatorOf(pool_, relation, 0) != Relation::kEqual))
        return std::nullopt;
      residue.name = pool_.Child(relation, 0);
      residue.value = pool_.Child(relation, 2);
    }
    return residue;
  };
  const auto x = read(a), y = read(b);
  if (!x.has_value() || !y.has_value()) return Decide(Match::kDifferent, "congruence", "other_type");
  if (!(x->modulus == y->modulus)) return Decide(Match::kDifferent, "congruence", "other_modulus");
  if (x->name != kNoNode && y->name != kNoNode && x->name != y->name) return Decide(Match::kDifferent, "congruence", "other_name");
  const auto r = exact_.Value(x->value), s = exact_.Value(y->value);
  if (!r.has_value() || !s.has_value()) {
    // 2, 3 (mod 5): lists of residues are compared as they stand.
    return Compare(x->value, y->value);
  }
  const bool same = ((*r - *s) / x->modulus).IsInteger();
  return Decide(same ? Match::kEqual : Match::kDifferent, "congruence", same ? "same_residue" : "other_residue");
}

}  // namespace hone::math
