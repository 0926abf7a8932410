#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifiers/math/algebra.h"
#include "verifiers/math/lexer.h"
#include "verifiers/math/policy.h"

namespace hone::math {

enum class Match { kDifferent, kUndecided, kEqual };

// Compares two parsed answers by the rules of their classes.
//
// Threads: one thread at a time; for one pair.
class Comparer {
 public:
  Comparer(Pool& pool, ExactEvaluator& exact, Budget& budget, const Policy& policy)
      : pool_(pool), exact_(exact), budget_(budget), policy_(policy) {}

  Match Compare(NodeId gold, NodeId answer);

  // Where the verdict was reached: "tree", "number", "algebra", "ball", "set"...
  const char* stage() const { return stage_; }
  const char* reason() const { return reason_; }

 private:
  // What stands around a value: percent sign, unit, currency, degree.
  struct Measure {
    enum class Type { kNone, kPercent, kDegree, kUnit, kCurrency } type = Type::kNone;
    NodeId amount = kNoNode;
    uint32_t name = 0;
    NodeId factor = kNoNode;
  };
  struct Named {
    NodeId name = kNoNode;
    NodeId value = kNoNode;
  };
  // A set of real numbers: its end points in order, whether each belongs to it, and whether the gaps between (one more than points) do.
  struct RealSet {
    std::vector<NodeId> points;
    std::vector<char> at, gap = {0};
    NodeId variable = kNoNode;
  };
  struct Table {
    uint32_t columns;
    std::vector<NodeId> cells;
  };

  Match Decide(Match match, const char* stage, const char* reason);

  // Values (compare_values.cc).
  Match Values(NodeId a, NodeId b);
  Match Numbers(NodeId a, NodeId b);
  Match WithTolerance(NodeId gold, NodeId answer);
  bool Disjoint(NodeId a, NodeId b, int point, slong precision, bool* both_finite);
  // -1, 0, 1; nullopt when it cannot be told.
  std::optional<int> Order(NodeId a, NodeId b);
  std::optional<int> InfinitySign(NodeId id) const;
  bool FormFits(NodeId gold, NodeId answer) const;

  // Statements (compare_statements.cc).
  Match Statements(NodeId a, NodeId b);
  Match StatementAndValue(NodeId statement, NodeId value, bool statement_is_gold);
  Match Equations(NodeId a, NodeId b);
  Match Inequalities(NodeId a, NodeId b);
  Match Congruences(NodeId a, NodeId b);
  std::optional<Named> AsNamed(NodeId id);
  bool IsEquation(NodeId id) const;
  bool ChainHolds(const std::vector<NodeId>& operands, Match* match);
  Match SameNames(const Named& a, const Named& b, NodeId* value_a, NodeId* value_b);
  bool IsNameLike(NodeId id) const;
  bool IsMovedName(NodeId relation, NodeId name) const;
  NodeId RenameBound(NodeId id);

  // Sets of reals (real_set.cc).
  std::optional<RealSet> AsRealSet(NodeId id);
  std::optional<RealSet> Interval(NodeId low, NodeId high, bool low_closed, bool high_closed);
  std::optional<RealSet> Combine(const RealSet& a, const RealSet& b, Kind operation);
  std::optional<RealSet> FromRelation(NodeId id);
  std::optional<RealSet> FromBuilder(NodeId id);
  std::optional<RealSet> Point(NodeId id);
  Match RealSets(const RealSet& a, const RealSet& b);
  bool IsSetLike(NodeId id) const;

  // Collections (compare.cc).
  Match Collections(NodeId a, NodeId b);
  Match Elements(const std::vector<NodeId>& a, const std::vector<NodeId>& b, bool as_set);
  Match Ordered(std::span<const NodeId> a, std::span<const NodeId> b);
  Match Measures(const Measure& a, const Measure& b);
  std::vector<NodeId> Alternatives(NodeId id);
  void AddItems(NodeId id, std::vector<NodeId>* items);
  void AddOperands(NodeId id, Kind kind, std::vector<NodeId>* operands);
  std::optional<Table> AsTable(NodeId id);
  Measure MeasureOf(NodeId id) const;
  bool IsValue(NodeId id) const;

  Pool& pool_;
  ExactEvaluator& exact_;
  Budget& budget_;
  const Policy& policy_;
  int depth_ = 0;
  const char* stage_ = "";
  const char* reason_ = "";
};

}  // namespace hone::math
