#include "verifiers/math/tree.h"

#include <algorithm>

#include "fmt/format.h"

namespace hone::math {
namespace {
constexpr size_t kSlots = 4 * Pool::kMaxNodes;
constexpr size_t kMaxChildren = 4 * Pool::kMaxNodes;

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
  return hash ^ hash >> 29;
}
uint64_t HashOf(const Rational& value) {
  const auto one = [](const fmpz* z) -> uint64_t {
    return COEFF_IS_MPZ(*z) ? fmpz_fdiv_ui(z, 0x1FFFFFFFFFFFFFFFull) ^ fmpz_bits(z) << 1 : static_cast<uint64_t>(*z);
  };
  return Mix(one(value.num()), one(value.den()));
}
constexpr const char* kFunctionNames[] = {"sin",    "cos",  "tan",  "cot",  "sec", "csc", "arcsin", "arccos", "arctan",
                                          "arccot", "sinh", "cosh", "tanh", "exp", "ln",  "log",    "log_",   "Re",
                                          "Im",     "arg",  "conj", "gcd",  "lcm", "max", "min"};
constexpr const char* kRelationNames[] = {"=",       "!=",      "<",          "<=",       ">",          ">=",        "~",          " in ",
                                          " equiv ", " notin ", " notequiv ", " subset ", " subseteq ", " supset ",  " supseteq ", " sim ",
                                          " cong ",  " perp ",  " parallel ", " propto ", " | ",        " implies ", " iff ",      " to "};
}  // namespace

void Pool::Clear() {
  if (slots_.empty()) slots_.assign(kSlots, 0);
  for (const uint32_t slot : used_slots_) slots_[slot] = 0;
  used_slots_.clear();
  nodes_.clear();
  children_.clear();
  numbers_.clear();
  names_.clear();
  too_big_ = false;
  // Nothing moves while a tree is built, so that spans of children may be handed to Make.
  nodes_.reserve(kMaxNodes);
  children_.reserve(kMaxChildren);
}

uint32_t Pool::Name(std::string_view name) {
  for (uint32_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return i;
  }
  names_.emplace_back(name);
  return static_cast<uint32_t>(names_.size() - 1);
}

NodeId Pool::Number(Rational value, bool decimal) {
  uint64_t hash = Mix(Mix(HashOf(value), 0x51), decimal);
  for (size_t slot = hash & (kSlots - 1);; slot = (slot + 1) & (kSlots - 1)) {
    if (slots_[slot] != 0) {
      const Node& node = nodes_[slots_[slot] - 1];
      if (node.kind == Kind::kNumber && node.flag == decimal && numbers_[node.value] == value) return slots_[slot] - 1;
      continue;
    }
    if (nodes_.size() >= kMaxNodes) {
      too_big_ = true;
      return kNoNode;
    }
    numbers_.push_back(std::move(value));
    nodes_.push_back({.kind = Kind::kNumber,
                      .flag = decimal,
                      .depth = 1,
                      .value = static_cast<uint32_t>(numbers_.size() - 1),
                      .kinds = uint64_t{1} << static_cast<int>(Kind::kNumber)});
    slots_[slot] = static_cast<uint32_t>(nodes_.size());
    used_slots_.push_back(static_cast<uint32_t>(slot));
    return static_cast<NodeId>(nodes_.size() - 1);
  }
}

NodeId Pool::Make(Kind kind, uint32_t value, std::span<const NodeId> children, bool flag) {
  uint64_t hash = Mix(Mix(static_cast<uint64_t>(kind) << 1 | (flag ? 1 : 0), value), children.size());
  uint16_t depth = 0;
  for (const NodeId child : children) {
    if (child == kNoNode) return kNoNode;
    hash = Mix(hash, child);
    depth = std::max(depth, nodes_[child].depth);
  }
  for (size_t slot = hash & (kSlots - 1);; slot = (slot + 1) & (kSlots - 1)) {
    if (slots_[slot] != 0) {
      const NodeId id = slots_[slot] - 1;
      const Node& node = nodes_[id];
      if (node.kind == kind && node.value == value && node.flag == flag && node.count == children.size() &&
          std::equal(children.begin(), children.end(), children_.begin() + node.first)) {
        return id;
      }
      continue;
    }
    if (nodes_.size() >= kMaxNodes || children_.size() + children.size() > kMaxChildren || depth >= kMaxDepth) {
      too_big_ = true;
      return kNoNode;
    }
    Node node{.kind = kind, .flag = flag, .depth = static_cast<uint16_t>(depth + 1), .value = value};
    node.first = static_cast<uint32_t>(children_.size());
    node.count = static_cast<uint32_t>(children.size());
    node.kinds = uint64_t{1} << static_cast<int>(kind);
    for (const NodeId child : children) node.kinds |= nodes_[child].kinds;
    children_.insert(children_.end(), children.begin(), children.end());
    nodes_.push_back(node);
    slots_[slot] = static_cast<uint32_t>(nodes_.size());
    used_slots_.push_back(static_cast<uint32_t>(slot));
    return static_cast<NodeId>(nodes_.size() - 1);
  }
}

NodeId Pool::Replace(NodeId id, NodeId from, NodeId to) {
  // Children have smaller numbers than their parents, so one pass upwards does.
  if (id == kNoNode || from == kNoNode || to == kNoNode) return kNoNode;
  std::vector<NodeId> image(id + 1);
  std::vector<char> needed(id + 1, 0);
  needed[id] = 1;
  for (NodeId i = id + 1; i-- > 0;) {
    if (!needed[i] || i == from) continue;
    for (const NodeId child : Children(i)) needed[child] = 1;
  }
  std::vector<NodeId> children;
  for (NodeId i = 0; i <= id; ++i) {
    image[i] = i;
    if (!needed[i]) continue;
    if (i == from) {
      image[i] = to;
      continue;
    }
    const Node node = nodes_[i];
    if (node.count == 0) continue;
    children.assign(Children(i).begin(), Children(i).end());
    bool changed = false;
    for (NodeId& child : children) {
      changed = changed || image[child] != child;
      child = image[child];
    }
    if (changed) image[i] = Make(node.kind, node.value, children, node.flag);
  }
  return image[id];
}

bool Pool::Contains(NodeId id, NodeId part) const {
  if (part > id || (nodes_[part].kinds & ~nodes_[id].kinds) != 0) return false;
  std::vector<char> needed(id + 1, 0);
  needed[id] = 1;
  for (NodeId i = id + 1; i-- > part;) {
    if (!needed[i]) continue;
    if (i == part) return true;
    for (const NodeId child : Children(i)) needed[child] = 1;
  }
  return false;
}

std::string Pool::Print(NodeId id, size_t limit) const {
  std::string text;
  if (id != kNoNode) PrintTo(id, limit, &text);
  if (text.size() > limit) text.resize(limit);
  return text;
}

void Pool::PrintTo(NodeId id, size_t limit, std::string* out) const {
  if (out->size() >= limit) return;
  const Node& node = nodes_[id];
  const auto list = [&](std::string_view open, std::string_view between, std::string_view close) {
    *out += open;
    bool first = true;
    for (const NodeId child : Children(id)) {
      if (!first) *out += between;
      first = false;
      PrintTo(child, limit, out);
    }
    *out += close;
  };
  switch (node.kind) {
    case Kind::kNumber:
      *out += numbers_[node.value].Bits() < 4096 ? numbers_[node.value].ToString() : "(long number)";
      return;
    case Kind::kSymbol:
    case Kind::kOpaque:
      *out += NameOf(node.value);
      return;
    case Kind::kText:
      *out += fmt::format("\"{}\"", NameOf(node.value));
      return;
    case Kind::kPi:
      *out += "pi";
      return;
    case Kind::kE:
      *out += "e";
      return;
    case Kind::kI:
      *out += "i";
      return;
    case Kind::kInfinity:
      *out += "inf";
      return;
    case Kind::kDots:
      *out += "...";
      return;
    case Kind::kEmptySet:
      *out += "{}";
      return;
    case Kind::kNumberSet:
      *out += static_cast<char>(node.value);
      return;
    case Kind::kAdd:
      return list("(", "+", ")");
    case Kind::kMul:
      return list("(", "*", ")");
    case Kind::kDiv:
      return list("(", "/", ")");
    case Kind::kPow:
      return list("(", "^", ")");
    case Kind::kNeg:
      return list("-", "", "");
    case Kind::kRatio:
      return list("", ":", "");
    case Kind::kFunction:
      *out += kFunctionNames[node.value];
      return list("(", ",", ")");
    case Kind::kApply:
      *out += NameOf(node.value);
      return list("(", ",", ")");
    case Kind::kOperator:
      *out += kRelationNames[node.value];
      return;
    case Kind::kRelation:
      return list("", "", "");
    case Kind::kTuple:
      return list(std::string(1, static_cast<char>(node.value >> 8)), ",", std::string(1, static_cast<char>(node.value & 255)));
    case Kind::kSet:
      return list("{", ",", "}");
    case Kind::kSetBuilder:
      return list("{", "|", "}");
    case Kind::kList:
      return list("", ", ", "");
    case Kind::kUnion:
      return list("(", " union ", ")");
    case Kind::kMatrix:
      *out += fmt::format("matrix{}", node.value);
      return list("(", ",", ")");
    case Kind::kBase:
      *out += NameOf(node.value);
      return list("_", "", "");
    case Kind::kCurrency:
      *out += NameOf(node.value);
      return list(" ", "", "");
    case Kind::kPercent:
      return list("", "", "%");
    case Kind::kDegree:
      return list("", "", " deg");
    case Kind::kPlusMinus:
      return list("(", node.value == 0 ? "+-" : "-+", ")");
    default:
      *out += fmt::format("op{}", static_cast<int>(node.kind));
      return list("(", ",", ")");
  }
}

}  // namespace hone::math
