// Decimals that mislead: the longer fraction looks like the larger number.

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

struct Level {
  size_t count;
  int64_t whole, digits;
};

std::string LevelDescription(const Level& at) {
  return fmt::format("{} numbers with whole parts up to {} and up to {} digits behind the point", at.count, at.whole, at.digits);
}

constexpr int64_t kScale = 100'000;  // five digits behind the point

// Decimals with whole parts that are mostly equal, all different in value; the fraction does not end in 0.
struct Drawn {
  std::vector<std::string> texts;
  std::vector<int64_t> values;  // times kScale
};
Drawn DrawDecimals(RandomCursor& random, const Level& at) {
  Drawn drawn;
  const int64_t sign = Chance(random, 25) ? -1 : 1, whole = random.Between(1, at.whole);
  while (drawn.texts.size() < at.count) {
    const int64_t mine = Chance(random, 80) ? whole : random.Between(1, at.whole);
    std::string fraction = Letters(random, static_cast<size_t>(random.Between(1, at.digits)), "0123456789");
    fraction.back() = static_cast<char>('0' + random.Between(1, 9));
    int64_t value = mine * kScale, place = kScale / 10;
    for (char c : fraction) value += (c - '0') * place, place /= 10;
    value *= sign;
    if (std::find(drawn.values.begin(), drawn.values.end(), value) != drawn.values.end()) continue;
    drawn.values.push_back(value);
    drawn.texts.push_back(fmt::format("{}{}.{}", sign < 0 ? "-" : "", mine, fraction));
  }
  return drawn;
}

// Compares two decimals as they are written, digit by digit.
bool WrittenLess(const std::string& a, const std::string& b) {
  if (a.front() == '-') return b.front() == '-' ? WrittenLess(b.substr(1), a.substr(1)) : true;
  if (b.front() == '-') return false;
  const size_t x = a.find('.'), y = b.find('.');
  if (x != y) return x < y;
  return a < b;
}

class MisleadingDecimals : public PuzzleFamily {
 public:
  MisleadingDecimals()
      : PuzzleFamily({"misleading_decimals", "the largest or smallest of several decimals, as in 9.11 and 9.9", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return LevelDescription(kLevels[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Drawn drawn = DrawDecimals(random, kLevels[level - 1]);
    const bool largest = Chance(random, 50);
    const auto best =
        largest ? std::max_element(drawn.values.begin(), drawn.values.end()) : std::min_element(drawn.values.begin(), drawn.values.end());
    return {.question = fmt::format("Which of these numbers is the {}: {}? Answer with just the number.", largest ? "largest" : "smallest",
                                    fmt::join(drawn.texts, ", ")),
            .answer = drawn.texts[static_cast<size_t>(best - drawn.values.begin())],
            .data = {{"numbers", drawn.texts}, {"largest", largest ? 1 : 0}},
            .key = SortedKey(drawn.texts)};
  }
  std::string Solve(const PuzzleData& data) const override {
    const auto& numbers = data.TextList("numbers");
    return data.Int("largest") != 0 ? *std::max_element(numbers.begin(), numbers.end(), WrittenLess)
                                    : *std::min_element(numbers.begin(), numbers.end(), WrittenLess);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    std::vector<std::string> misses = OtherChoices(puzzle.data.TextList("numbers"), puzzle.answer, random);
    for (std::string& edit : NearMissesOf(AnswerForm::kNumber, puzzle.answer, random)) {
      const bool known =
          std::any_of(misses.begin(), misses.end(), [&](const std::string& miss) { return SameAnswer(AnswerForm::kNumber, miss, edit); });
      if (!known && misses.size() < kNumNearMisses) misses.push_back(std::move(edit));
    }
    return misses;
  }

 private:
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 20, 2}, {2, 999, 3}, {3, 999, 3}, {5, 50, 4}, {9, 20, 5}};
};

class DecimalOrder : public PuzzleFamily {
 public:
  DecimalOrder() : PuzzleFamily({"decimal_order", "several decimals from the smallest to the largest", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return LevelDescription(kLevels[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Drawn drawn = DrawDecimals(random, kLevels[level - 1]);
    std::vector<size_t> order(drawn.texts.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return drawn.values[a] < drawn.values[b]; });
    std::vector<std::string> sorted;
    for (const size_t i : order) sorted.push_back(drawn.texts[i]);
    return {
        .question = fmt::format("Write these numbers from the smallest to the largest, separated by commas: {}. Answer with just the list.",
                                fmt::join(drawn.texts, ", ")),
        .answer = fmt::format("{}", fmt::join(sorted, ", ")),
        .data = {{"numbers", drawn.texts}},
        .key = SortedKey(drawn.texts)};
  }
  std::string Solve(const PuzzleData& data) const override {
    std::vector<std::string> numbers = data.TextList("numbers");
    std::sort(numbers.begin(), numbers.end(), WrittenLess);
    return fmt::format("{}", fmt::join(numbers, ", "));
  }

 private:
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 9, 2}, {4, 50, 3}, {5, 50, 3}, {8, 20, 4}, {12, 9, 5}};
};

}  // namespace

PuzzleFamilies DecimalFamilies() {
  return MakeFamilies<MisleadingDecimals, DecimalOrder>();
}

}  // namespace hone
