#pragma once
// What generators of puzzles draw. Integers only, so that a seed gives the same puzzle on every machine.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "lib/base/random.h"

namespace hone {

template <class T>
void Shuffle(RandomCursor& random, std::vector<T>& items) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Below(i)]);
}

template <class List>
const auto& Pick(RandomCursor& random, const List& list) {
  return list[random.Below(std::size(list))];
}

inline bool Chance(RandomCursor& random, uint64_t percent) {
  return random.Below(100) < percent;
}

// Between low and high, but not 0.
inline int64_t NonZero(RandomCursor& random, int64_t low, int64_t high) {
  int64_t value = 0;
  while (value == 0) value = random.Between(low, high);
  return value;
}

// `count` numbers between low and high; there must be that many.
inline std::vector<int64_t> Distinct(RandomCursor& random, size_t count, int64_t low, int64_t high) {
  constexpr size_t kFew = 32;  // are searched faster than a set
  std::vector<int64_t> numbers;
  absl::flat_hash_set<int64_t> drawn;
  while (numbers.size() < count) {
    const int64_t number = random.Between(low, high);
    const bool fresh = count <= kFew ? std::find(numbers.begin(), numbers.end(), number) == numbers.end() : drawn.insert(number).second;
    if (fresh) numbers.push_back(number);
  }
  return numbers;
}

inline std::vector<int64_t> Many(RandomCursor& random, size_t count, int64_t low, int64_t high) {
  std::vector<int64_t> numbers(count);
  for (int64_t& number : numbers) number = random.Between(low, high);
  return numbers;
}

// 0, 1, .. count-1 in any order.
inline std::vector<int64_t> Permutation(RandomCursor& random, size_t count) {
  std::vector<int64_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = static_cast<int64_t>(i);
  Shuffle(random, order);
  return order;
}

// Lower-case letters.
inline std::string Letters(RandomCursor& random, size_t count, std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz") {
  std::string text(count, ' ');
  for (char& c : text) c = Pick(random, alphabet);
  return text;
}

}  // namespace hone
