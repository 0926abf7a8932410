// Choices and plans under constraints. Any plan that works counts.

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;

std::string Letter(size_t i) {
  return std::string(1, static_cast<char>('A' + i));
}
// The letter of an item in lower case as a number below n; n when it is none.
size_t ReadLetter(std::string_view item, size_t n) {
  return item.size() == 1 && item[0] >= 'a' && item[0] < static_cast<char>('a' + n) ? static_cast<size_t>(item[0] - 'a') : n;
}
// Two names with a minus between them, as in "a-b".
bool ReadMove(std::string_view item, std::string_view* from, std::string_view* to) {
  const size_t minus = item.find('-');
  if (minus == std::string_view::npos) return false;
  *from = item.substr(0, minus);
  *to = item.substr(minus + 1);
  return true;
}

// Blocks on a table, as the block or the table (-1) that each one stands on.
class BlockStacking : public PuzzleFamily {
 public:
  BlockStacking() : PuzzleFamily({"block_stacking", "moves of blocks from one arrangement to another", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return fmt::format("{} blocks", kBlocks[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kBlocks[level - 1];
    Ints start, goal;
    do {
      start = RandomStacks(random, n), goal = RandomStacks(random, n);
    } while (start == goal);
    // All blocks onto the table, then the goal from below.
    std::vector<std::string> moves;
    Ints now = start;
    for (size_t moved = 1; moved > 0;) {
      moved = 0;
      for (size_t block = 0; block < n; ++block) {
        if (now[block] < 0 || !Clear(now, block)) continue;
        moves.push_back(Letter(block) + "-table");
        now[block] = -1;
        ++moved;
      }
    }
    for (size_t moved = 1; moved > 0;) {
      moved = 0;
      for (size_t block = 0; block < n; ++block) {
        const int64_t under = goal[block];
        if (under < 0 || now[block] == under || now[static_cast<size_t>(under)] != goal[static_cast<size_t>(under)]) continue;
        moves.push_back(Letter(block) + "-" + Letter(static_cast<size_t>(under)));
        now[block] = under;
        ++moved;
      }
    }
    const int64_t limit = 2 * static_cast<int64_t>(n);
    return {.question = fmt::format(
                "Blocks stand in these stacks (from bottom to top): {}. A move takes a block with nothing on it and puts it onto "
                "another block with nothing on it, or onto the table. Reach these stacks, in any order: {}. Use at most {} moves. "
                "Answer with just the moves in order, separated by commas, as in A-B, C-table.",
                StacksText(start), StacksText(goal), limit),
            .answer = fmt::format("{}", fmt::join(moves, ", ")),
            .data = {{"start", start}, {"goal", goal}, {"limit", limit}}};
  }
  // Blocks that stand right already, with all below them, are left alone; whatever can go to its place goes there at once.
  std::string Solve(const PuzzleData& data) const override {
    Ints now = data.IntList("start");
    const Ints& goal = data.IntList("goal");
    auto settled = [&](int64_t block) {
      for (; block >= 0; block = now[static_cast<size_t>(block)]) {
        if (now[static_cast<size_t>(block)] != goal[static_cast<size_t>(block)]) return false;
      }
      return true;
    };
    std::vector<std::string> moves;
    while (now != goal) {
      bool moved = false;
      for (size_t block = 0; block < now.size() && !moved; ++block) {
        const int64_t under = goal[block];
        if (!Clear(now, block) || now[block] == under || (under >= 0 && (!settled(under) || !Clear(now, static_cast<size_t>(under)))))
          continue;
        now[block] = under;
        moves.push_back(Letter(block) + "-" + (under < 0 ? "table" : Letter(static_cast<size_t>(under))));
        moved = true;
      }
      for (size_t block = 0; block < now.size() && !moved; ++block) {
        if (!Clear(now, block) || now[block] < 0 || settled(static_cast<int64_t>(block))) continue;
        now[block] = -1;
        moves.push_back(Letter(block) + "-table");
        moved = true;
      }
      if (!moved) return "";
    }
    return fmt::format("{}", fmt::join(moves, ", "));
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    const Ints &start = data.IntList("start"), &goal = data.IntList("goal");
    const size_t n = start.size();
    if (n < 1 || n > 26 || goal.size() != n) return BadPuzzle("\"start\" and \"goal\" must list 1 to 26 blocks each");
    for (const Ints* stacks : {&start, &goal}) {
      if (std::any_of(stacks->begin(), stacks->end(), [&](int64_t under) { return under < -1 || under >= static_cast<int64_t>(n); }))
        return BadPuzzle("\"start\" and \"goal\" must hold blocks or -1");
    }
    Ints now = start;
    int64_t moves = 0;
    for (const std::string& item : ListItems(answer)) {
      std::string_view from, to;
      if (!ReadMove(item, &from, &to) || ++moves > data.Int("limit")) return false;
      const size_t block = ReadLetter(from, n), under = to == "table" ? n : ReadLetter(to, n);
      if (block == n || !Clear(now, block) || under == block || (to != "table" && (under == n || !Clear(now, under)))) return false;
      now[block] = under == n ? -1 : static_cast<int64_t>(under);
    }
    return now == goal;
  }
  // A move left out, put in or exchanged: each tried out, and kept only where the blocks end up wrong or a move is forbidden.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<std::string> right = ListItems(puzzle.answer);
    return CollectNearMisses([&] {
      std::vector<std::string> miss = right;
      const size_t at = random.Below(miss.size()), n = puzzle.data.IntList("start").size();
      switch (random.Below(3)) {
        case 0:
          miss.erase(miss.begin() + static_cast<int64_t>(at));
          break;
        case 1:
          miss.insert(miss.begin() + static_cast<int64_t>(at), Letter(random.Below(n)) + "-" + Letter(random.Below(n)));
          break;
        default:
          miss[at] = Letter(random.Below(n)) + "-table";
      }
      const std::string text = fmt::format("{}", fmt::join(miss, ", "));
      return *Accepts(puzzle.data, puzzle.answer, text) ? std::string() : text;
    });
  }

 private:
  static bool Clear(const Ints& stacks, size_t block) {
    return std::find(stacks.begin(), stacks.end(), static_cast<int64_t>(block)) == stacks.end();
  }
  static Ints RandomStacks(RandomCursor& random, size_t n) {
    Ints stacks(n, -1);
    int64_t below = -1;
    for (const int64_t block : Permutation(random, n)) {
      if (Chance(random, 35)) below = -1;
      stacks[static_cast<size_t>(block)] = below;
      below = block;
    }
    return stacks;
  }
  static std::string StacksText(const Ints& stacks) {
    std::string text;
    for (size_t bottom = 0; bottom < stacks.size(); ++bottom) {
      if (stacks[bottom] >= 0) continue;
      text += text.empty() ? "" : " | ";
      for (size_t block = bottom; block < stacks.size();) {
        text += (block == bottom ? "" : " ") + Letter(block);
        block = static_cast<size_t>(std::find(stacks.begin(), stacks.end(), static_cast<int64_t>(block)) - stacks.begin());
      }
    }
    return text;
  }
  static constexpr size_t kBlocks[kPuzzleLevels] = {3, 7, 8, 10, 13};
};

class Knapsack : public PuzzleFamily {
 public:
  Knapsack() : PuzzleFamily({"knapsack", "the most valuable things that a bag can hold", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override { return fmt::format("{} things", kThings[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kThings[level - 1];
    const Ints weights = Many(random, n, 1, 20), values = Many(random, n, 1, 50);
    const int64_t limit = std::accumulate(weights.begin(), weights.end(), int64_t{0}) * random.Between(30, 60) / 100 + 1;
    std::string text;
    for (size_t i = 0; i < n; ++i) text += fmt::format("{}: weight {}, value {}\n", Letter(i), weights[i], values[i]);
    // The best value of every weight, and what it is made of.
    std::vector<std::pair<int64_t, uint64_t>> best(static_cast<size_t>(limit) + 1);
    for (size_t i = 0; i < n; ++i) {
      for (int64_t weight = limit; weight >= weights[i]; --weight) {
        const auto& [value, things] = best[static_cast<size_t>(weight - weights[i])];
        if (value + values[i] > best[static_cast<size_t>(weight)].first)
          best[static_cast<size_t>(weight)] = {value + values[i], things | uint64_t{1} << i};
      }
    }
    return {.question =
                fmt::format("A bag holds a weight of {}. Which of these things should go into it so that their total value is the largest "
                            "possible?\n{}Answer with just the letters, separated by commas.",
                            limit, text),
            .answer = Names(best.back().second, n),
            .data = {{"weights", weights}, {"values", values}, {"limit", limit}}};
  }
  // All subsets.
  std::string Solve(const PuzzleData& data) const override {
    const Ints &weights = data.IntList("weights"), &values = data.IntList("values");
    const size_t n = weights.size();
    uint64_t best = 0;
    int64_t best_value = -1;
    for (uint64_t things = 0; things < uint64_t{1} << n; ++things) {
      int64_t weight = 0, value = 0;
      for (size_t i = 0; i < n; ++i) {
        if ((things >> i) % 2 == 1) weight += weights[i], value += values[i];
      }
      if (weight <= data.Int("limit") && value > best_value) best_value = value, best = things;
    }
    return Names(best, n);
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view reference, std::string_view answer) const override {
    const Ints &weights = data.IntList("weights"), &values = data.IntList("values");
    const size_t n = weights.size();
    if (n < 1 || n > 26 || values.size() != n) return BadPuzzle("\"weights\" and \"values\" must list 1 to 26 things each");
    const std::optional<int64_t> best = Value(data, reference), got = Value(data, answer);
    if (!best.has_value()) return BadPuzzle("the reference does not fit into the bag");
    return got.has_value() && *got >= *best;
  }
  // One thing more or less: what can be added to the best choice is too heavy.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    std::vector<std::string> things;
    for (size_t i = 0; i < puzzle.data.IntList("weights").size(); ++i) things.push_back(Letter(i));
    return SubsetNearMisses(things, puzzle.answer, random);
  }

 private:
  static std::string Names(uint64_t things, size_t n) {
    std::vector<std::string> names;
    for (size_t i = 0; i < n; ++i) {
      if ((things >> i) % 2 == 1) names.push_back(Letter(i));
    }
    return SubsetText(names);
  }
  // Of a list of things that fit into the bag.
  static std::optional<int64_t> Value(const PuzzleData& data, std::string_view list) {
    const Ints& weights = data.IntList("weights");
    std::vector<bool> taken(weights.size());
    __int128 weight = 0, value = 0;
    for (const std::string& item : ListItems(list)) {
      const size_t thing = ReadLetter(item, weights.size());
      if (thing == weights.size() || taken[thing]) return std::nullopt;
      taken[thing] = true;
      weight += weights[thing], value += data.IntList("values")[thing];
    }
    if (weight > data.Int("limit")) return std::nullopt;
    return static_cast<int64_t>(value);
  }
  static constexpr size_t kThings[kPuzzleLevels] = {5, 7, 9, 11, 14};
};

class SubsetSum : public PuzzleFamily {
 public:
  SubsetSum() : PuzzleFamily({"subset_sum", "numbers of a list that add up to a target", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} numbers up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Ints numbers = Distinct(random, at.count, 1, at.max);
    Ints chosen;
    while (chosen.size() < 2 || chosen.size() + 1 > numbers.size()) {
      chosen.clear();
      for (const int64_t number : numbers) {
        if (Chance(random, 45)) chosen.push_back(number);
      }
    }
    const int64_t target = std::accumulate(chosen.begin(), chosen.end(), int64_t{0});
    return {.question = fmt::format(
                "Which of the numbers {} add up to {}, each used at most once? Answer with just the numbers, separated by commas.",
                fmt::join(numbers, ", "), target),
            .answer = fmt::format("{}", fmt::join(chosen, ", ")),
            .data = {{"numbers", numbers}, {"target", target}},
            .key = SortedKey(numbers)};
  }
  // Which number reaches each sum first.
  std::string Solve(const PuzzleData& data) const override {
    const int64_t target = data.Int("target");
    std::vector<std::vector<bool>> reach = {std::vector<bool>(static_cast<size_t>(target) + 1)};
    reach[0][0] = true;
    const Ints& numbers = data.IntList("numbers");
    for (const int64_t number : numbers) {
      reach.push_back(reach.back());
      for (int64_t sum = number; sum <= target; ++sum) {
        if (reach[reach.size() - 2][static_cast<size_t>(sum - number)]) reach.back()[static_cast<size_t>(sum)] = true;
      }
    }
    Ints chosen;
    int64_t sum = target;
    for (size_t i = numbers.size(); i-- > 0;) {
      if (reach[i][static_cast<size_t>(sum)]) continue;
      chosen.push_back(numbers[i]);
      sum -= numbers[i];
    }
    return fmt::format("{}", fmt::join(chosen, ", "));
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    Ints numbers = data.IntList("numbers");
    if (numbers.empty() || numbers.size() > 1000) return BadPuzzle("\"numbers\" must be 1 to 1000 whole numbers");
    __int128 sum = 0;
    for (const std::string& item : ListItems(answer)) {
      int64_t number = 0;
      if (!ReadInt(item, &number)) return false;
      const auto it = std::find(numbers.begin(), numbers.end(), number);
      if (it == numbers.end()) return false;
      numbers.erase(it);
      sum += number;
    }
    return sum == data.Int("target");
  }
  // One number more or less, or another one in its place: the sum is another.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    std::vector<std::string> numbers;
    for (const int64_t number : puzzle.data.IntList("numbers")) numbers.push_back(std::to_string(number));
    return SubsetNearMisses(numbers, puzzle.answer, random);
  }

 private:
  struct Level {
    size_t count;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{5, 20}, {7, 60}, {9, 99}, {12, 300}, {18, 999}};
};

class CoinChange : public PuzzleFamily {
 public:
  CoinChange() : PuzzleFamily({"coin_change", "the fewest coins that make an amount", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} kinds of coins up to {}, amounts up to {}", kLevels[level - 1].kinds, kLevels[level - 1].coin,
                       kLevels[level - 1].amount);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    Ints coins = Distinct(random, at.kinds - 1, 2, at.coin);
    coins.push_back(1);
    std::sort(coins.begin(), coins.end());
    const int64_t amount = random.Between(at.amount / 4, at.amount);
    std::vector<int64_t> fewest(static_cast<size_t>(amount) + 1);
    for (int64_t sum = 1; sum <= amount; ++sum) {
      fewest[static_cast<size_t>(sum)] = sum;
      for (const int64_t coin : coins) {
        if (coin <= sum)
          fewest[static_cast<size_t>(sum)] = std::min(fewest[static_cast<size_t>(sum)], fewest[static_cast<size_t>(sum - coin)] + 1);
      }
    }
    return {.question = fmt::format(
                "There are coins of {}, as many as you like of each. What is the smallest number of coins that make exactly {}? "
                "Answer with just the number.",
                fmt::join(coins, ", "), amount),
            .answer = std::to_string(fewest.back()),
            .data = {{"coins", coins}, {"amount", amount}}};
  }
  // All sums that so many coins can make, one coin more at a time.
  std::string Solve(const PuzzleData& data) const override {
    std::set<int64_t> sums = {0};
    int64_t coins = 0;
    for (; !sums.contains(data.Int("amount")); ++coins) {
      std::set<int64_t> next;
      for (const int64_t sum : sums) {
        for (const int64_t coin : data.IntList("coins")) {
          if (sum + coin <= data.Int("amount")) next.insert(sum + coin);
        }
      }
      sums = next;
    }
    return std::to_string(coins);
  }

 private:
  struct Level {
    size_t kinds;
    int64_t coin, amount;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 10, 30}, {4, 60, 150}, {4, 90, 250}, {5, 120, 400}, {6, 200, 999}};
};

class JugPouring : public PuzzleFamily {
 public:
  JugPouring() : PuzzleFamily({"jug_pouring", "pours between jugs until one holds a given amount", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} jugs of up to {} litres, {} pours at least", kLevels[level - 1].jugs, kLevels[level - 1].max,
                       kLevels[level - 1].pours);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      const Ints capacities = Many(random, at.jugs, 3, at.max);
      Ints amounts;
      for (const int64_t capacity : capacities) amounts.push_back(random.Between(0, capacity));
      // All states in the order of the pours that lead to them, so the first with an amount needs the fewest.
      const std::vector<State> states = Explore(capacities, amounts, at.pours);
      std::set<int64_t> seen;
      size_t found = 0;
      for (size_t i = 0; i < states.size(); ++i) {
        for (const int64_t amount : states[i].amounts) {
          if (seen.insert(amount).second && states[i].pours == at.pours && found == 0) found = i;
        }
      }
      if (found == 0) continue;
      std::set<int64_t> before;
      for (const State& state : states) {
        if (state.pours < at.pours) before.insert(state.amounts.begin(), state.amounts.end());
      }
      const auto target = std::find_if(states[found].amounts.begin(), states[found].amounts.end(),
                                       [&](int64_t amount) { return !before.contains(amount); });
      std::string text;
      for (size_t i = 0; i < at.jugs; ++i)
        text += fmt::format("{}jug {} holds {} of at most {} litres", i == 0 ? "" : ", ", Letter(i), amounts[i], capacities[i]);
      std::vector<std::string> moves;
      for (size_t i = found; i != 0; i = states[i].parent) moves.insert(moves.begin(), Letter(states[i].from) + "-" + Letter(states[i].to));
      return {.question = fmt::format(
                  "There are some jugs of water: {}. A pour from one jug into another goes on until the first is empty or the "
                  "second is full; nothing else is allowed. Make some jug hold exactly {} litres. Answer with just the pours in "
                  "order, separated by commas, as in A-B, C-A.",
                  text, *target),
              .answer = fmt::format("{}", fmt::join(moves, ", ")),
              .data = {{"capacities", capacities}, {"amounts", amounts}, {"target", *target}}};
    }
  }
  // Depth first, deeper and deeper.
  std::string Solve(const PuzzleData& data) const override {
    for (int depth = 1; depth <= 8; ++depth) {
      std::vector<std::string> moves;
      if (Search(data.IntList("capacities"), data.IntList("amounts"), data.Int("target"), depth, moves))
        return fmt::format("{}", fmt::join(moves, ", "));
    }
    return "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    const Ints& capacities = data.IntList("capacities");
    Ints amounts = data.IntList("amounts");
    if (amounts.empty() || amounts.size() > 26 || capacities.size() != amounts.size())
      return BadPuzzle("\"capacities\" and \"amounts\" must list 1 to 26 jugs each");
    for (size_t i = 0; i < amounts.size(); ++i) {
      if (amounts[i] < 0 || amounts[i] > capacities[i] || capacities[i] > 1'000'000)
        return BadPuzzle("a jug must hold between 0 and what it can hold");
    }
    for (const std::string& item : ListItems(answer)) {
      std::string_view from, to;
      if (!ReadMove(item, &from, &to)) return false;
      const size_t a = ReadLetter(from, amounts.size()), b = ReadLetter(to, amounts.size());
      if (a == amounts.size() || b == amounts.size() || a == b) return false;
      Pour(capacities, amounts, a, b);
    }
    return std::find(amounts.begin(), amounts.end(), data.Int("target")) != amounts.end();
  }
  // Plans with one pour changed or left out, tried out and kept only where they fail.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<std::string> right = ListItems(puzzle.answer);
    const size_t n = puzzle.data.IntList("amounts").size();
    return CollectNearMisses([&] {
      std::vector<std::string> miss = right;
      const size_t at = random.Below(miss.size());
      if (Chance(random, 30) && miss.size() > 1) {
        miss.erase(miss.begin() + static_cast<int64_t>(at));
      } else {
        miss[at] = Letter(random.Below(n)) + "-" + Letter(random.Below(n + 1));  // a jug too many, now and then
      }
      const std::string text = fmt::format("{}", fmt::join(miss, ", "));
      return *Accepts(puzzle.data, puzzle.answer, text) ? std::string() : text;
    });
  }

 private:
  struct Level {
    size_t jugs;
    int64_t max, pours;
  };
  struct State {
    Ints amounts;
    int64_t pours;
    size_t parent, from, to;
  };
  static void Pour(const Ints& capacities, Ints& amounts, size_t a, size_t b) {
    const int64_t poured = std::min(amounts[a], capacities[b] - amounts[b]);
    amounts[a] -= poured, amounts[b] += poured;
  }
  static std::vector<State> Explore(const Ints& capacities, const Ints& amounts, int64_t pours) {
    std::vector<State> states = {{amounts, 0, 0, 0, 0}};
    std::set<Ints> seen = {amounts};
    for (size_t next = 0; next < states.size() && states[next].pours < pours; ++next) {
      for (size_t a = 0; a < amounts.size(); ++a) {
        for (size_t b = 0; b < amounts.size(); ++b) {
          Ints after = states[next].amounts;
          if (a != b) Pour(capacities, after, a, b);
          if (seen.insert(after).second) states.push_back({after, states[next].pours + 1, next, a, b});
        }
      }
    }
    return states;
  }
  static bool Search(const Ints& capacities, const Ints& amounts, int64_t target, int depth, std::vector<std::string>& moves) {
    if (std::find(amounts.begin(), amounts.end(), target) != amounts.end()) return true;
    if (depth == 0) return false;
    for (size_t a = 0; a < amounts.size(); ++a) {
      for (size_t b = 0; b < amounts.size(); ++b) {
        Ints after = amounts;
        if (a != b) Pour(capacities, after, a, b);
        if (after == amounts) continue;
        moves.push_back(Letter(a) + "-" + Letter(b));
        if (Search(capacities, after, target, depth - 1, moves)) return true;
        moves.pop_back();
      }
    }
    return false;
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 12, 1}, {3, 40, 2}, {3, 40, 3}, {3, 60, 4}, {3, 90, 6}};
};

}  // namespace

PuzzleFamilies PlanningFamilies() {
  return MakeFamilies<BlockStacking, Knapsack, SubsetSum, CoinChange, JugPouring>();
}

}  // namespace hone
