// Sets of real numbers: intervals, unions, differences, solved inequalities, set builders in one form. Every operation is a merge of end
// points, so that union, intersection and difference are one loop.
#include <algorithm>

#include "verifiers/math/compare.h"

namespace hone::math {
namespace {
constexpr int64_t kMaxIntegers = 1000;
constexpr size_t kMaxPoints = 500;
}  // namespace

bool Comparer::IsSetLike(NodeId id) const {
  switch (pool_[id].kind) {
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference:
    case Kind::kEmptySet:
    case Kind::kNumberSet:
    case Kind::kSetBuilder:
      return true;
    case Kind::kTuple: {
      if (pool_[id].count != 2) return false;
      const bool round = pool_[id].value == '(' * 256 + ')';
      return !round || InfinitySign(pool_.Child(id, 0)).has_value() || InfinitySign(pool_.Child(id, 1)).has_value();
    }
    case Kind::kAdd:  // R - {0}
      return pool_[id].count == 2 && (IsSetLike(pool_.Child(id, 0)) || pool_.Is(pool_.Child(id, 0), Kind::kSet)) &&
             pool_.Is(pool_.Child(id, 1), Kind::kNeg);
    case Kind::kList: {
      const NodeId first = pool_.Child(id, 0);
      if (!pool_.Is(first, Kind::kRelation) || IsEquation(first)) return false;
      const bool unequal = static_cast<Relation>(pool_[pool_.Child(first, 1)].value) == Relation::kNotEqual;  // x != 1, 2
      return unequal || static_cast<Joint>(pool_[id].value) != Joint::kComma;
    }
    default:
      return false;
  }
}

std::optional<Comparer::RealSet> Comparer::Point(NodeId id) {
  if (!IsValue(id) || InfinitySign(id).has_value() || !Order(id, pool_.Number(0)).has_value()) return std::nullopt;
  return RealSet{.points = {id}, .at = {1}, .gap = {0, 0}};
}

std::optional<Comparer::RealSet> Comparer::Interval(NodeId low, NodeId high, bool low_closed, bool high_closed) {
  if (low == kNoNode || high == kNoNode || !IsValue(low) || !IsValue(high)) return std::nullopt;
  const auto low_sign = InfinitySign(low), high_sign = InfinitySign(high);
  if (low_sign.value_or(-1) > 0 || high_sign.value_or(1) < 0) return std::nullopt;
  if ((low_sign.has_value() && low_closed) || (high_sign.has_value() && high_closed)) return std::nullopt;
  RealSet set;
  if (!low_sign.has_value() && !Order(low, pool_.Number(0)).has_value()) return std::nullopt;
  if (!high_sign.has_value() && !Order(high, pool_.Number(0)).has_value()) return std::nullopt;
  if (low_sign.has_value() && high_sign.has_value()) return RealSet{.gap = {1}};
  if (low_sign.has_value()) return RealSet{.points = {high}, .at = {high_closed}, .gap = {1, 0}};
  if (high_sign.has_value()) return RealSet{.points = {low}, .at = {low_closed}, .gap = {0, 1}};
  const auto order = Order(low, high);
  if (!order.has_value()) return std::nullopt;
  if (*order > 0) return std::nullopt;
  if (*order == 0) return low_closed && high_closed ? RealSet{.points = {low}, .at = {1}, .gap = {0, 0}} : RealSet{.gap = {0}};
  return RealSet{.points = {low, high}, .at = {low_closed, high_closed}, .gap = {0, 1, 0}};
}

std::optional<Comparer::RealSet> Comparer::Combine(const RealSet& a, const RealSet& b, Kind operation) {
  const auto apply = [&](bool x, bool y) {
    return operation == Kind::kUnion ? x || y : operation == Kind::kIntersection ? x && y : x && !y;
  };
  RealSet result;
  result.variable = a.variable != kNoNode ? a.variable : b.variable;
  size_t i = 0, j = 0;
  result.gap = {apply(a.gap[0], b.gap[0])};
  if (a.points.size() + b.points.size() > kMaxPoints) return std::nullopt;
  while (i < a.points.size() || j < b.points.size()) {
    int order = i == a.points.size() ? 1 : -1;
    if (i < a.points.size() && j < b.points.size()) {
      const auto known = Order(a.points[i], b.points[j]);
      if (!known.has_value()) return std::nullopt;
      order = *known;
    }
    const bool in_a = order <= 0 ? a.at[i] : a.gap[i], in_b = order >= 0 ? b.at[j] : b.gap[j];
    const NodeId point = order <= 0 ? a.points[i] : b.points[j];
    i += order <= 0;
    j += order >= 0;
    const char at = apply(in_a, in_b), gap = apply(a.gap[i], b.gap[j]);
    if (at == result.gap.back() && gap == at) continue;  // no border here
    result.points.push_back(point);
    result.at.push_back(at);
    result.gap.push_back(gap);
  }
  return result;
}

Match Comparer::RealSets(const RealSet& a, const RealSet& b) {
  if (a.at != b.at || a.gap != b.gap) return Decide(Match::kDifferent, "interval", "other_shape");
  Match result = Match::kEqual;
  for (size_t i = 0; i < a.points.size(); ++i) {
    const Match match = Values(a.points[i], b.points[i]);
    if (match == Match::kDifferent) return Decide(match, "interval", "other_end_point");
    if (match == Match::kUndecided) result = match;
  }
  return Decide(result, "interval", result == Match::kEqual ? "same_set" : "undecided");
}

std::optional<Comparer::RealSet> Comparer::FromRelation(NodeId id) {
  const size_t links = pool_[id].count / 2;
  const auto op = [&](size_t i) { return static_cast<Relation>(pool_[pool_.Child(id, 2 * i + 1)].value); };
  NodeId left = pool_.Child(id, 0), middle = pool_.Child(id, 2);
  std::optional<RealSet> set;
  if (links == 1) {
    Relation relation = op(0);
    if (relation == Relation::kIn && pool_.Is(left, Kind::kSymbol)) {
      set = AsRealSet(middle);
      if (set.has_value()) set->variable = left;
      return set;
    }
    bool flipped = false;
    if (!pool_.Is(left, Kind::kSymbol)) {
      std::swap(left, middle);
      flipped = true;
    }
    if (!pool_.Is(left, Kind::kSymbol) || pool_.ContainsKind(middle, Kind::kSymbol)) return std::nullopt;
    if (relation == Relation::kNotEqual && pool_.ContainsKind(middle, Kind::kPlusMinus)) {
      set = RealSet{.gap = {1}};
      for (const NodeId value : Alternatives(middle)) {
        const auto point = Point(value);
        if (!point.has_value() || !set.has_value()) return std::nullopt;
        set = Combine(*set, *point, Kind::kDifference);
      }
      if (set.has_value()) set->variable = left;
      return set;
    }
    const NodeId low = pool_.Negate(pool_.Leaf(Kind::kInfinity)), high = pool_.Leaf(Kind::kInfinity);
    const bool closed = relation == Relation::kLessEqual || relation == Relation::kGreaterEqual;
    const bool less = (relation == Relation::kLess || relation == Relation::kLessEqual) != flipped;
    if (relation == Relation::kEqual) {
      set = Point(middle);
    } else if (relation == Relation::kNotEqual) {
      const auto point = Point(middle);
      if (point.has_value()) set = Combine(RealSet{.gap = {1}}, *point, Kind::kDifference);
    } else if (relation <= Relation::kGreaterEqual) {
      if (InfinitySign(middle).has_value())
        return less == (*InfinitySign(middle) > 0) ? std::optional<RealSet>(RealSet{.gap = {1}, .variable = left}) : std::nullopt;
      set = less ? Interval(low, middle, false, closed) : Interval(middle, high, closed, false);
    }
    if (set.has_value()) set->variable = left;
    return set;
  }
  if (links != 2 || !pool_.Is(middle, Kind::kSymbol)) return std::nullopt;
  NodeId right = pool_.Child(id, 4);
  Relation first = op(0), second = op(1);
  const auto less = [](Relation relation) { return relation == Relation::kLess || relation == Relation::kLessEqual; };
  const auto greater = [](Relation relation) { return relation == Relation::kGreater || relation == Relation::kGreaterEqual; };
  if (greater(first) && greater(second)) {
    std::swap(left, right);
    std::swap(first, second);
  } else if (!less(first) || !less(second)) {
    return std::nullopt;
  }
  const auto closed = [](Relation relation) { return relation == Relation::kLessEqual || relation == Relation::kGreaterEqual; };
  set = Interval(left, right, closed(first), closed(second));
  if (set.has_value()) set->variable = middle;
  return set;
}

std::optional<Comparer::RealSet> Comparer::FromBuilder(NodeId id) {
  const NodeId element = pool_.Child(id, 0), condition = pool_.Child(id, 1);
  NodeId variable = element, domain = kNoNode;
  if (pool_.Is(element, Kind::kRelation)) {
    if (pool_[element].count != 3 || static_cast<Relation>(pool_[pool_.Child(element, 1)].value) != Relation::kIn) return std::nullopt;
    variable = pool_.Child(element, 0);
    domain = pool_.Child(element, 2);
  }
  // The domain may stand among the conditions too: {x | x in Z, 1 <= x <= 3}.
  std::vector<NodeId> conditions = {condition};
  if (pool_.Is(condition, Kind::kList) && static_cast<Joint>(pool_[condition].value) != Joint::kOr) {
    conditions.assign(pool_.Children(condition).begin(), pool_.Children(condition).end());
  }
  std::optional<RealSet> set = RealSet{.gap = {1}};
  bool whole = false;
  const auto restrict_to = [&](NodeId where) {
    constexpr uint32_t kPositiveIntegers = 'Z' | '+' << 8;
    if (pool_.Is(where, Kind::kNumberSet) && (pool_[where].value == 'Z' || pool_[where].value == kPositiveIntegers)) {
      whole = true;
      if (pool_[where].value == kPositiveIntegers && set.has_value()) {
        const auto positive = Interval(pool_.Number(0), pool_.Leaf(Kind::kInfinity), false, false);
        set = Combine(*set, *positive, Kind::kIntersection);
      }
    } else if (pool_.Is(where, Kind::kNumberSet) && pool_[where].value == 'R') {
    } else if (const auto other = AsRealSet(where); other.has_value() && set.has_value()) {
      set = Combine(*set, *other, Kind::kIntersection);
    } else {
      set = std::nullopt;
    }
  };
  if (domain != kNoNode) restrict_to(domain);
  for (const NodeId part : conditions) {
    if (!set.has_value()) return std::nullopt;
    const bool in = pool_.Is(part, Kind::kRelation) && pool_[part].count == 3 &&
                    static_cast<Relation>(pool_[pool_.Child(part, 1)].value) == Relation::kIn;
    if (in && pool_.Child(part, 0) == variable) {
      restrict_to(pool_.Child(part, 2));
      continue;
    }
    const auto other = AsRealSet(part);
    if (!other.has_value() || other->variable != variable) return std::nullopt;
    set = Combine(*set, *other, Kind::kIntersection);
  }
  if (!set.has_value()) return std::nullopt;
  set->variable = kNoNode;
  if (!whole) return set;
  // The integers of a bounded set.
  if (set->gap.front() || set->gap.back()) return std::nullopt;
  RealSet integers;
  if (set->points.empty()) return integers;
  const NodeId first = pool_.Make(Kind::kCeil, 0, {set->points.front()}), last = pool_.Make(Kind::kFloor, 0, {set->points.back()});
  const auto from = first == kNoNode ? std::nullopt : exact_.Value(first), to = last == kNoNode ? std::nullopt : exact_.Value(last);
  if (!from.has_value() || !to.has_value()) return std::nullopt;
  const auto low = from->Small(int64_t{1} << 40), high = to->Small(int64_t{1} << 40);
  if (!low.has_value() || !high.has_value() || *high - *low >= kMaxIntegers) return std::nullopt;
  for (int64_t n = *low; n <= *high; ++n) {
    const auto point = Point(pool_.Number(n));
    if (!point.has_value()) return std::nullopt;
    const auto both = Combine(*set, *point, Kind::kIntersection);
    if (!both.has_value()) return std::nullopt;
    if (both->points.empty()) continue;
    if (integers.points.size() >= kMaxPoints) return std::nullopt;
    integers.points.push_back(point->points[0]);
    integers.at.push_back(1);
    integers.gap.push_back(0);
  }
  return integers;
}

std::optional<Comparer::RealSet> Comparer::AsRealSet(NodeId id) {
  if (id == kNoNode || !budget_.Spend(20)) return std::nullopt;
  const Node node = pool_[id];
  switch (node.kind) {
    case Kind::kTuple:
      if (node.count != 2) return std::nullopt;
      return Interval(pool_.Child(id, 0), pool_.Child(id, 1), node.value >> 8 == '[', (node.value & 255) == ']');
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference: {
      const auto a = AsRealSet(pool_.Child(id, 0)), b = AsRealSet(pool_.Child(id, 1));
      return a.has_value() && b.has_value() ? Combine(*a, *b, node.kind) : std::nullopt;
    }
    case Kind::kAdd: {
      if (!IsSetLike(id)) return std::nullopt;
      const auto a = AsRealSet(pool_.Child(id, 0)), b = AsRealSet(pool_.Child(pool_.Child(id, 1), 0));
      return a.has_value() && b.has_value() ? Combine(*a, *b, Kind::kDifference) : std::nullopt;
    }
    case Kind::kEmptySet:
      return RealSet{};
    case Kind::kNumberSet:
      return node.value == 'R' ? std::optional<RealSet>(RealSet{.gap = {1}}) : std::nullopt;
    case Kind::kSetBuilder:
      return FromBuilder(id);
    case Kind::kRelation:
      return FromRelation(id);
    case Kind::kSet:
    case Kind::kList: {
      const bool list = node.kind == Kind::kList;
      const bool intersect = list && static_cast<Joint>(node.value) != Joint::kOr;
      std::vector<NodeId> items;
      AddItems(id, &items);
      if (!list) {
        items.clear();
        const std::vector<NodeId> children(pool_.Children(id).begin(), pool_.Children(id).end());
        for (const NodeId child : children) AddItems(child, &items);
      }
      // "x = 1, x = 2" is a list of solutions; "x > 1, x < 5" and "x != 1, x != 2" hold together.
      if (intersect && IsEquation(items[0])) return std::nullopt;
      std::optional<RealSet> set;
      for (const NodeId item : items) {
        const bool relation = pool_.Is(item, Kind::kRelation);
        auto part = relation ? FromRelation(item) : Point(item);
        if (!part.has_value()) return std::nullopt;
        if (list && !relation) {
          // x != 1, 2
          if (!set.has_value() || static_cast<Relation>(pool_[pool_.Child(items[0], 1)].value) != Relation::kNotEqual) return std::nullopt;
          part = Combine(RealSet{.gap = {1}, .variable = set->variable}, *part, Kind::kDifference);
          if (!part.has_value()) return std::nullopt;
        }
        if (set.has_value() && set->variable != part->variable) return std::nullopt;
        set = !set.has_value() ? part : Combine(*set, *part, intersect ? Kind::kIntersection : Kind::kUnion);
        if (!set.has_value()) return std::nullopt;
      }
      return set;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace hone::math
