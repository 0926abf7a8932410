#include "lib/tokenizer/merge_table.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <queue>

#include "lib/base/check.h"

namespace hone {
namespace {

// Up to this many symbols the array is faster than the heap; its cost grows with the square.
constexpr size_t kShort = 48;

}  // namespace

void MergeTable::Reserve(size_t count) {
  const size_t size = std::bit_ceil(std::max<size_t>(count + count / 2 + 1, 16));
  slots_.assign(size, Slot());
  mask_ = size - 1;
  shift_ = 64 - std::countr_zero(size);
}

void MergeTable::Add(int32_t left, int32_t right, Merge merge) {
  HONE_CHECK(!slots_.empty());
  const uint64_t key = Key(left, right);
  size_t at = Bucket(key);
  while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) & mask_;
  slots_[at] = {key, merge};
}

void MergeTable::Apply(std::vector<int32_t>* symbols) const {
  if (symbols->size() < 2) return;
  if (symbols->size() <= kShort) {
    ApplyToShort(symbols);
  } else {
    ApplyToLong(symbols);
  }
}

void MergeTable::ApplyToShort(std::vector<int32_t>* symbols) const {
  int32_t* const ids = symbols->data();
  size_t count = symbols->size();
  Merge merges[kShort];  // merges[i] is that of ids[i] and ids[i + 1]
  for (size_t i = 0; i + 1 < count; ++i) merges[i] = Find(ids[i], ids[i + 1]);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (merges[i].rank < merges[best].rank) best = i;
    }
    if (merges[best].rank == kNoRank) break;
    ids[best] = merges[best].id;
    --count;
    for (size_t i = best + 1; i < count; ++i) {
      ids[i] = ids[i + 1];
      merges[i - 1] = merges[i];
    }
    // merges[best] now belongs to the pair (best, best + 1), if there is one.
    if (best + 1 < count) merges[best] = Find(ids[best], ids[best + 1]);
    if (best > 0) merges[best - 1] = Find(ids[best - 1], ids[best]);
  }
  symbols->resize(count);
}

void MergeTable::ApplyToLong(std::vector<int32_t>* symbols) const {
  struct Node {
    int32_t id;  // -1: joined into a node to its left
    uint32_t previous;
    uint32_t next;
  };
  struct Candidate {
    uint32_t rank;
    uint32_t left;  // index of the left node
    int32_t id;
    bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };
  constexpr uint32_t kNone = UINT32_MAX;
  const auto count = static_cast<uint32_t>(symbols->size());
  std::vector<Node> nodes(count);
  std::vector<Candidate> initial;
  initial.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    nodes[i] = {(*symbols)[i], i == 0 ? kNone : i - 1, i + 1 == count ? kNone : i + 1};
    if (i + 1 == count) break;
    const Merge merge = Find((*symbols)[i], (*symbols)[i + 1]);
    if (merge.rank != kNoRank) initial.push_back({merge.rank, i, merge.id});
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue(std::greater<>(), std::move(initial));
  const auto push = [&](uint32_t left, uint32_t right) {
    const Merge merge = Find(nodes[left].id, nodes[right].id);
    if (merge.rank != kNoRank) queue.push({merge.rank, left, merge.id});
  };
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Node& left = nodes[top.left];
    if (left.id < 0 || left.next == kNone) continue;
    Node& right = nodes[left.next];
    // Out of date when the pair here has become another one since.
    if (Find(left.id, right.id).id != top.id) continue;
    left.id = top.id;
    right.id = -1;
    left.next = right.next;
    if (left.next != kNone) nodes[left.next].previous = top.left;
    if (left.previous != kNone) push(left.previous, top.left);
    if (left.next != kNone) push(top.left, left.next);
  }
  symbols->clear();
  for (const Node& node : nodes) {
    if (node.id >= 0) symbols->push_back(node.id);
  }
}

}  // namespace hone
