#pragma once
// The typed tree of an answer. Nodes live in a pool and are shared: two equal trees are one node, so equality of structure is equality of
// numbers.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifiers/math/rational.h"

namespace hone::math {

enum class Kind : uint8_t {
  // Numbers and symbols.
  kNumber,  // value: index of the Rational; flag: written as a decimal
  kSymbol,  // value: name
  kPi,
  kE,
  kI,
  kInfinity,
  kDots,
  // Operations.
  kAdd,
  kMul,
  kDiv,
  kNeg,
  kPow,
  kRoot,      // radicand, index
  kFunction,  // value: Function; argument (kLogBase: base, argument)
  kApply,     // value: name; arguments
  kAbs,
  kFloor,
  kCeil,
  kFactorial,  // value 1: of every second number
  kBinomial,
  kPlusMinus,  // value 0: first + or - second, 1: - or +
  kSum,        // value 0: sum, 1: product; variable, from, to, body
  kDegree,     // x degrees
  kPercent,
  kOpaque,  // value: name; an operator known by its spelling only (integrals, limits)
  // Quantities.
  kQuantity,  // value: unit index; amount
  kCurrency,  // value: ISO name; amount
  kRatio,
  kBase,  // value: digits as a name; base
  // Statements and collections.
  kRelation,  // operand, kOperator, operand, ..
  kOperator,  // value: Relation
  kTuple,     // value: bracket codes, open * 256 + close
  kSet,
  kSetBuilder,  // element or variable, condition
  kList,        // value: Joint
  kUnion,
  kIntersection,
  kDifference,
  kEmptySet,
  kNumberSet,   // value: R Z N Q C
  kMatrix,      // value: columns; flag: determinant bars
  kCongruence,  // expression or relation, modulus
  kText,        // value: its words as a name
};
static_assert(static_cast<int>(Kind::kText) < 64);

enum class Relation : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kApprox,
  kIn,
  kEquivalent,
  // Known by their names only.
  kNotIn,
  kNotEquivalent,
  kSubset,
  kSubsetEqual,
  kSuperset,
  kSupersetEqual,
  kSimilar,
  kCongruent,
  kPerpendicular,
  kParallel,
  kProportional,
  kDivides,
  kImplies,
  kEquivalence,
  kTo
};
enum class Joint : uint8_t { kComma, kAnd, kOr };
enum class Function : uint8_t {
  kSin,
  kCos,
  kTan,
  kCot,
  kSec,
  kCsc,
  kAsin,
  kAcos,
  kAtan,
  kAcot,
  kSinh,
  kCosh,
  kTanh,
  kExp,
  kLn,
  kLog,      // base 10
  kLogBase,  // two arguments: base, argument
  kRe,
  kIm,
  kArg,
  kConjugate,
  kGcd,
  kLcm,
  kMax,
  kMin,
};

using NodeId = uint32_t;
constexpr NodeId kNoNode = ~NodeId{0};

struct Node {
  Kind kind;
  bool flag = false;
  uint16_t depth = 0;
  uint32_t value = 0;
  uint32_t first = 0, count = 0;  // children
  uint64_t kinds = 0;             // bit k: Kind k occurs in the tree
};

// Threads: one thread at a time; reused to spare allocations.
class Pool {
 public:
  static constexpr size_t kMaxNodes = 4096;
  static constexpr uint16_t kMaxDepth = 256;

  void Clear();

  // kNoNode when a child is kNoNode, or the pool is full, or the tree too deep: too_big() tells.
  NodeId Make(Kind kind, uint32_t value, std::span<const NodeId> children, bool flag = false);
  NodeId Make(Kind kind, uint32_t value, std::initializer_list<NodeId> children, bool flag = false) {
    return Make(kind, value, std::span<const NodeId>(children.begin(), children.size()), flag);
  }
  NodeId Leaf(Kind kind, uint32_t value = 0) { return Make(kind, value, std::span<const NodeId>()); }
  NodeId Number(Rational value, bool decimal = false);
  NodeId Number(int64_t value) { return Number(Rational(value)); }
  NodeId Symbol(std::string_view name) { return Leaf(Kind::kSymbol, Name(name)); }
  NodeId Negate(NodeId node) { return Make(Kind::kNeg, 0, {node}); }

  uint32_t Name(std::string_view name);
  const std::string& NameOf(uint32_t index) const { return names_[index]; }

  const Node& operator[](NodeId id) const { return nodes_[id]; }
  std::span<const NodeId> Children(NodeId id) const { return {children_.data() + nodes_[id].first, nodes_[id].count}; }
  NodeId Child(NodeId id, size_t i) const { return children_[nodes_[id].first + i]; }
  const Rational& ValueOf(NodeId id) const { return numbers_[nodes_[id].value]; }
  bool Is(NodeId id, Kind kind) const { return id != kNoNode && nodes_[id].kind == kind; }
  // A number literal that is an integer.
  bool IsInteger(NodeId id) const { return Is(id, Kind::kNumber) && ValueOf(id).IsInteger(); }
  size_t size() const { return nodes_.size(); }
  bool too_big() const { return too_big_; }

  // `id` with every `from` replaced by `to`.
  NodeId Replace(NodeId id, NodeId from, NodeId to);
  bool Contains(NodeId id, NodeId part) const;
  bool ContainsKind(NodeId id, Kind kind) const { return (nodes_[id].kinds >> static_cast<int>(kind) & 1) != 0; }

  // LaTeX-like text for people, cut at `limit` bytes.
  std::string Print(NodeId id, size_t limit = 512) const;

 private:
  void PrintTo(NodeId id, size_t limit, std::string* out) const;

  std::vector<Node> nodes_;
  std::vector<NodeId> children_;
  std::vector<Rational> numbers_;
  std::vector<std::string> names_;
  std::vector<uint32_t> slots_;  // open addressing: node + 1
  std::vector<uint32_t> used_slots_;
  bool too_big_ = false;
};

}  // namespace hone::math
