// Putting in order and counting.

#include <algorithm>
#include <map>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;
using Texts = PuzzleData::Texts;

class SortNumbers : public PuzzleFamily {
 public:
  SortNumbers() : PuzzleFamily({"sort_numbers", "whole numbers in ascending or descending order", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} numbers up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Ints numbers = Distinct(random, at.count, level >= 3 ? -at.max : 0, at.max);
    const bool down = Chance(random, 50);
    Ints sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    if (down) std::reverse(sorted.begin(), sorted.end());
    return {
        .question = fmt::format("Sort these numbers {}: {}. Answer with just the numbers, separated by commas.",
                                down ? "from the largest to the smallest" : "from the smallest to the largest", fmt::join(numbers, ", ")),
        .answer = fmt::format("{}", fmt::join(sorted, ", ")),
        .data = {{"numbers", numbers}, {"down", down ? 1 : 0}},
        .key = SortedKey(numbers)};
  }
  // Each number's place is the count of those that stand before it.
  std::string Solve(const PuzzleData& data) const override {
    const Ints& numbers = data.IntList("numbers");
    Ints sorted(numbers.size());
    for (const int64_t number : numbers) {
      const int64_t smaller = std::count_if(numbers.begin(), numbers.end(), [&](int64_t other) { return other < number; });
      sorted[static_cast<size_t>(data.Int("down") != 0 ? std::ssize(numbers) - 1 - smaller : smaller)] = number;
    }
    return fmt::format("{}", fmt::join(sorted, ", "));
  }

 private:
  struct Level {
    size_t count;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 20}, {6, 99}, {10, 999}, {16, 9'999}, {25, 99'999}};
};

class SortWords : public PuzzleFamily {
 public:
  SortWords() : PuzzleFamily({"sort_words", "words in the order of the alphabet", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} words{}", kLevels[level - 1].count,
                       kLevels[level - 1].prefix == 0 ? "" : fmt::format(" that share {} letters", kLevels[level - 1].prefix));
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const std::string prefix = Letters(random, at.prefix);
    Texts words;
    while (words.size() < at.count) {
      const std::string word = prefix + Letters(random, static_cast<size_t>(random.Between(2, 5)));
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    Texts sorted = words;
    std::sort(sorted.begin(), sorted.end());
    return {.question = fmt::format("Sort these words in the order of the alphabet: {}. Answer with just the words, separated by commas.",
                                    fmt::join(words, ", ")),
            .answer = fmt::format("{}", fmt::join(sorted, ", ")),
            .data = {{"words", words}},
            .key = SortedKey(words)};
  }
  // Taking the first of those left, letter by letter.
  std::string Solve(const PuzzleData& data) const override {
    Texts words = data.TextList("words"), sorted;
    while (!words.empty()) {
      size_t first = 0;
      for (size_t i = 1; i < words.size(); ++i) {
        size_t same = 0;
        while (same < words[i].size() && same < words[first].size() && words[i][same] == words[first][same]) ++same;
        if (same < words[first].size() && (same == words[i].size() || words[i][same] < words[first][same])) first = i;
      }
      sorted.push_back(words[first]);
      words.erase(words.begin() + static_cast<int64_t>(first));
    }
    return fmt::format("{}", fmt::join(sorted, ", "));
  }

 private:
  struct Level {
    size_t count, prefix;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 0}, {6, 1}, {10, 1}, {15, 2}, {24, 3}};
};

class CountLetters : public PuzzleFamily {
 public:
  CountLetters() : PuzzleFamily({"count_letters", "how often a letter or a pair of letters occurs", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} letters, {}", kLevels[level - 1].length,
                       kLevels[level - 1].pattern == 1 ? "one letter to count" : "a pair to count");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const std::string alphabet = Letters(random, at.letters);  // few letters, so that they come often
    const std::string text = Letters(random, at.length, alphabet);
    const std::string pattern = Letters(random, at.pattern, alphabet);
    int64_t count = 0;
    for (size_t i = 0; i + pattern.size() <= text.size(); ++i) count += text.compare(i, pattern.size(), pattern) == 0;
    return {.question = fmt::format("How often does {} occur in {}?{} Answer with just the number.", pattern, text,
                                    at.pattern > 1 ? " Occurrences that overlap count too." : ""),
            .answer = std::to_string(count),
            .data = {{"text", text}, {"pattern", pattern}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    int64_t count = 0;
    for (size_t at = data.Text("text").find(data.Text("pattern")); at != std::string::npos;
         at = data.Text("text").find(data.Text("pattern"), at + 1))
      ++count;
    return std::to_string(count);
  }

 private:
  struct Level {
    size_t length, letters, pattern;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{6, 3, 1}, {12, 4, 1}, {25, 5, 1}, {40, 3, 2}, {90, 3, 2}};
};

class CountConditions : public PuzzleFamily {
 public:
  CountConditions() : PuzzleFamily({"count_numbers", "how many numbers of a list meet conditions", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} numbers, {} condition{}", kLevels[level - 1].count, kLevels[level - 1].conditions,
                       kLevels[level - 1].conditions == 1 ? "" : "s");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Ints numbers = Many(random, at.count, 1, 999);
    Ints conditions;
    std::string text;
    for (const int64_t kind : Distinct(random, at.conditions, 0, 3)) {
      const int64_t n = kind == 0 ? random.Between(2, 7) : kind == 3 ? random.Between(0, 9) : random.Between(1, 8) * 100;
      conditions.insert(conditions.end(), {kind, n});
      text += (text.empty() ? "" : " or ") + (kind == 0   ? fmt::format("divisible by {}", n)
                                              : kind == 1 ? fmt::format("greater than {}", n)
                                              : kind == 2 ? fmt::format("smaller than {}", n)
                                                          : fmt::format("written with the digit {}", n));
    }
    int64_t count = 0;
    for (const int64_t number : numbers) {
      bool meets = false;
      for (size_t i = 0; i < conditions.size(); i += 2) meets = meets || Meets(number, conditions[i], conditions[i + 1]);
      count += meets;
    }
    return {.question = fmt::format("How many of these numbers are {}{}: {}? Answer with just the number.", text,
                                    at.conditions > 1 ? " (one condition is enough)" : "", fmt::join(numbers, ", ")),
            .answer = std::to_string(count),
            .data = {{"numbers", numbers}, {"conditions", conditions}},
            .key = SortedKey(numbers)};
  }
  // The places that each condition marks, put together.
  std::string Solve(const PuzzleData& data) const override {
    std::set<size_t> marked;
    for (size_t i = 0; i + 1 < data.IntList("conditions").size(); i += 2) {
      const int64_t n = data.IntList("conditions")[i + 1];
      for (size_t place = 0; place < data.IntList("numbers").size(); ++place) {
        const int64_t number = data.IntList("numbers")[place];
        const std::string digits = std::to_string(number);
        const bool meets[] = {n != 0 && number / n * n == number, number - n > 0, n - number > 0,
                              digits.find(std::to_string(n)) != std::string::npos};
        if (meets[data.IntList("conditions")[i]]) marked.insert(place);
      }
    }
    return std::to_string(marked.size());
  }

 private:
  struct Level {
    size_t count, conditions;
  };
  static bool Meets(int64_t number, int64_t kind, int64_t n) {
    switch (kind) {
      case 0:
        return number % n == 0;
      case 1:
        return number > n;
      case 2:
        return number < n;
      default:
        for (; number > 0; number /= 10) {
          if (number % 10 == n) return true;
        }
        return false;
    }
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{5, 1}, {9, 1}, {14, 2}, {22, 2}, {35, 3}};
};

class MostFrequent : public PuzzleFamily {
 public:
  MostFrequent() : PuzzleFamily({"frequency_order", "the symbols of a text by how often they occur", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} different symbols, {} in all", kLevels[level - 1].kinds, Total(kLevels[level - 1]));
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const std::vector<int64_t> alphabet = Permutation(random, 26);
    Texts order;
    std::vector<char> text;
    for (size_t i = 0; i < at.kinds; ++i) {  // the first most often, each next one less
      const char c = static_cast<char>('a' + alphabet[i]);
      order.emplace_back(1, c);
      text.insert(text.end(), at.most - i, c);
    }
    Shuffle(random, text);
    return {.question =
                fmt::format("Which letters occur in this text, from the most frequent to the least: {}? No two occur equally often. Answer "
                            "with just the letters, separated by commas.",
                            std::string(text.begin(), text.end())),
            .answer = fmt::format("{}", fmt::join(order, ", ")),
            .data = {{"text", std::string(text.begin(), text.end())}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    std::map<char, int64_t> counts;
    for (char c : data.Text("text")) ++counts[c];
    std::map<int64_t, char> by_count;
    for (const auto& [c, count] : counts) by_count[-count] = c;
    std::string order;
    for (const auto& [count, c] : by_count) order += fmt::format("{}{}", order.empty() ? "" : ", ", c);
    return order;
  }

 private:
  struct Level {
    size_t kinds, most;
  };
  static size_t Total(const Level& at) { return at.kinds * (2 * at.most - at.kinds + 1) / 2; }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 3}, {4, 5}, {5, 7}, {7, 9}, {9, 12}};
};

}  // namespace

PuzzleFamilies SortingFamilies() {
  return MakeFamilies<SortNumbers, SortWords, CountLetters, CountConditions, MostFrequent>();
}

}  // namespace hone
