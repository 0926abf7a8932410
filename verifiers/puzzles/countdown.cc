// Expressions that the solver builds: countdown and operators to fill in. Any right expression counts.

#include <algorithm>
#include <map>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/expression.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

// The expression of an answer that may go on with "= target"; nullopt when it is none or claims another number.
std::optional<std::vector<PostfixItem>> ReadAnswer(std::string_view answer, int64_t target) {
  const size_t equals = answer.find('=');
  if (equals != std::string_view::npos) {
    int64_t claimed = 0;
    if (!ReadInt(answer.substr(equals + 1), &claimed) || claimed != target) return std::nullopt;
    answer = answer.substr(0, equals);
  }
  return ParseExpression(answer);
}

bool IsTarget(const std::vector<PostfixItem>& postfix, int64_t target) {
  return Evaluate(postfix) == Rational{target, 1};
}

std::vector<int64_t> NumbersOf(const std::vector<PostfixItem>& postfix) {
  std::vector<int64_t> numbers;
  for (const PostfixItem& item : postfix) {
    if (item.op == 0) numbers.push_back(item.number);
  }
  return numbers;
}

class Countdown : public PuzzleFamily {
 public:
  Countdown() : PuzzleFamily({"countdown", "a target from given numbers, each used once, with + - * /", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} numbers up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      const std::vector<int64_t> numbers = Many(random, at.count, 1, at.max);
      // The last two values are joined again and again, in an order drawn before.
      std::vector<std::pair<std::string, int64_t>> values;
      for (const int64_t number : numbers) values.emplace_back(std::to_string(number), number);
      bool whole = true;
      while (values.size() > 1 && whole) {
        std::swap(values.back(), values[random.Below(values.size())]);
        const auto b = values.back();
        values.pop_back();
        std::swap(values.back(), values[random.Below(values.size())]);
        auto& a = values.back();
        char op = Pick(random, std::string_view("+-*/"));
        if (op == '/' && (b.second == 0 || a.second % b.second != 0)) op = '-';
        if (op == '-' && a.second < b.second) op = '+';
        const int64_t value = op == '+'   ? a.second + b.second
                              : op == '-' ? a.second - b.second
                              : op == '*' ? a.second * b.second
                                          : a.second / b.second;
        whole = value <= kLargest;
        a = {fmt::format("({} {} {})", a.first, op, b.first), value};
      }
      const int64_t target = values[0].second;
      if (!whole || target < 1 || target > at.target) continue;
      if (std::find(numbers.begin(), numbers.end(), target) != numbers.end()) continue;
      const std::string& text = values[0].first;
      return {
          .question = fmt::format("Use each of the numbers {} exactly once, with + - * / and parentheses, to make {}. Answer with just the "
                                  "expression.",
                                  fmt::join(numbers, ", "), target),
          .answer = text.substr(1, text.size() - 2),
          .data = {{"numbers", numbers}, {"target", target}},
          .key = fmt::format("{} {}", SortedKey(numbers), target)};
    }
  }
  // Every pair, every operation, until one number is left; whole numbers from 0 are enough, since the puzzle was made with them.
  std::string Solve(const PuzzleData& data) const override {
    std::vector<Value> values;
    for (const int64_t number : data.IntList("numbers")) values.push_back({number, std::to_string(number)});
    return Search(values, data.Int("target"));
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    std::vector<int64_t> numbers = data.IntList("numbers");
    if (numbers.empty() || numbers.size() > 100) return BadPuzzle("\"numbers\" must be 1 to 100 whole numbers");
    const auto postfix = ReadAnswer(answer, data.Int("target"));
    if (!postfix.has_value() || postfix->size() != 2 * numbers.size() - 1) return false;
    std::vector<int64_t> used = NumbersOf(*postfix);
    std::sort(numbers.begin(), numbers.end());
    std::sort(used.begin(), used.end());
    return used == numbers && IsTarget(*postfix, data.Int("target"));
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const int64_t target = puzzle.data.Int("target");
    std::vector<std::string> misses = {std::to_string(target), puzzle.answer + " + 1 - 1"};  // right in value, not in the numbers
    for (std::string& edit : NearMissesOf(AnswerForm::kText, puzzle.answer, random)) {
      const auto postfix = ParseExpression(edit);
      if (misses.size() < kNumNearMisses && !(postfix.has_value() && IsTarget(*postfix, target))) misses.push_back(std::move(edit));
    }
    for (int64_t off = 1; misses.size() < kNumNearMisses; ++off) misses.push_back(fmt::format("{} = {}", puzzle.answer, target + off));
    return misses;
  }

 private:
  struct Level {
    size_t count;
    int64_t max, target;
  };
  static constexpr int64_t kLargest = 100'000;  // of the values on the way
  struct Value {
    int64_t value;
    std::string text;
  };
  // Depth first, one level per number. The expression of `values` that makes the target, or nothing.
  static std::string Search(const std::vector<Value>& values, int64_t target) {
    if (values.size() == 1) return values[0].value == target ? values[0].text : "";
    const std::string joined(1, static_cast<char>('A' + values.size()));  // stands for the pair joined here until the search has ended
    std::vector<Value> next(values.size() - 1);
    for (size_t i = 0; i < values.size(); ++i) {
      for (size_t j = i + 1; j < values.size(); ++j) {
        const bool swapped = values[i].value < values[j].value;
        const Value &a = values[swapped ? j : i], &b = values[swapped ? i : j];
        size_t size = 1;
        for (size_t k = 0; k < values.size(); ++k) {
          if (k != i && k != j) next[size++] = values[k];
        }
        for (const char op : {'+', '-', '*', '/'}) {
          if (op == '/' && (b.value == 0 || a.value % b.value != 0)) continue;
          const int64_t value = op == '+'   ? a.value + b.value
                                : op == '-' ? a.value - b.value
                                : op == '*' ? a.value * b.value
                                            : a.value / b.value;
          if (value > kLargest) continue;
          next[0] = {value, joined};
          std::string found = Search(next, target);
          if (found.empty()) continue;
          return found.replace(found.find(joined), 1, fmt::format("({} {} {})", a.text, op, b.text));
        }
      }
    }
    return "";
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 20, 99}, {4, 50, 200}, {4, 99, 999}, {5, 99, 999}, {6, 99, 999}};
};

// 3 ? 5 ? 2 = 13
class FillOperators : public PuzzleFamily {
 public:
  FillOperators() : PuzzleFamily({"fill_operators", "the operators + - * between given numbers that make a target", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} numbers up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const std::vector<int64_t> numbers = Many(random, kLevels[level - 1].count, 2, kLevels[level - 1].max);
    const std::string text = WithOperators(numbers, Letters(random, numbers.size() - 1, "+-*"));
    const int64_t target = Evaluate(*ParseExpression(text))->numerator;
    return {
        .question = fmt::format("Put +, - or * in place of every question mark so that the equation is true (products before sums): {} = "
                                "{}. Answer with just the left side.",
                                fmt::join(numbers, " ? "), target),
        .answer = text,
        .data = {{"numbers", numbers}, {"target", target}}};
  }
  // All choices, counted in base 3.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<int64_t>& numbers = data.IntList("numbers");
    std::string operators(numbers.size() - 1, '*');
    for (;;) {
      int64_t sum = 0, sign = 1, product = numbers[0];
      for (size_t i = 0; i < operators.size(); ++i) {
        if (operators[i] == '*') {
          product *= numbers[i + 1];
        } else {
          sum += sign * product;
          sign = operators[i] == '-' ? -1 : 1;
          product = numbers[i + 1];
        }
      }
      if (sum + sign * product == data.Int("target")) return WithOperators(numbers, operators);
      size_t at = 0;
      for (; at < operators.size() && operators[at] == '-'; ++at) operators[at] = '*';
      if (at == operators.size()) return "";
      operators[at] = operators[at] == '*' ? '+' : '-';
    }
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    const std::vector<int64_t>& numbers = data.IntList("numbers");
    if (numbers.size() < 2 || numbers.size() > 100) return BadPuzzle("\"numbers\" must be 2 to 100 whole numbers");
    if (answer.find_first_of("()/") != std::string_view::npos || answer.find("\xC3\xB7") != std::string_view::npos) return false;
    const auto postfix = ReadAnswer(answer, data.Int("target"));
    return postfix.has_value() && NumbersOf(*postfix) == numbers && IsTarget(*postfix, data.Int("target"));
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<int64_t>& numbers = puzzle.data.IntList("numbers");
    const int64_t target = puzzle.data.Int("target");
    return CollectNearMisses([&] {
      std::vector<int64_t> shown = numbers;
      if (Chance(random, 50)) std::swap(shown[0], shown[random.Below(shown.size())]);  // another order
      const std::string text = WithOperators(shown, Letters(random, numbers.size() - 1, "+-*"));
      if (shown == numbers && IsTarget(*ParseExpression(text), target)) return std::string();
      return text;
    });
  }

 private:
  struct Level {
    size_t count;
    int64_t max;
  };
  static std::string WithOperators(const std::vector<int64_t>& numbers, std::string_view operators) {
    std::string text = std::to_string(numbers[0]);
    for (size_t i = 0; i < operators.size(); ++i) text += fmt::format(" {} {}", operators[i], numbers[i + 1]);
    return text;
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 20}, {4, 50}, {5, 60}, {7, 40}, {9, 30}};
};

}  // namespace

PuzzleFamilies CountdownFamilies() {
  return MakeFamilies<Countdown, FillOperators>();
}

}  // namespace hone
