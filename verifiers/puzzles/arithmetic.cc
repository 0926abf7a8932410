// Whole numbers and fractions worked out by hand: chains of operations, long sums, long multiplication with its steps, division, fractions.

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/expression.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

constexpr char kJustTheNumber[] = "Answer with just the number.";

// A random expression, made as a tree from the root down: the text has the parentheses that the tree needs and no others.
struct Term {
  std::string text;
  int64_t value = 0;
  int precedence = 3;  // 1 sum, 2 product, 3 number
};

Term RandomTerm(RandomCursor& random, int64_t operands, int64_t max, uint64_t product_percent) {
  if (operands == 1) {
    const int64_t value = random.Between(1, max);
    return {std::to_string(value), value};
  }
  const int64_t split = random.Between(1, operands - 1);
  const char op = Chance(random, product_percent) ? '*' : Chance(random, 50) ? '+' : '-';
  Term left = RandomTerm(random, split, max, product_percent), right = RandomTerm(random, operands - split, max, product_percent);
  const int precedence = op == '*' ? 2 : 1;
  if (left.precedence < precedence) left.text = "(" + left.text + ")";
  if (right.precedence < precedence || (right.precedence == precedence && op == '-')) right.text = "(" + right.text + ")";
  const int64_t value = op == '*' ? left.value * right.value : op == '+' ? left.value + right.value : left.value - right.value;
  return {fmt::format("{} {} {}", left.text, op, right.text), value, precedence};
}

class ArithmeticChain : public PuzzleFamily {
 public:
  ArithmeticChain() : PuzzleFamily({"arithmetic_chain", "the value of an expression with + - * and parentheses", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} numbers up to {}{}", at.operands, at.max, at.product_percent == 0 ? ", no products" : "");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Term term = RandomTerm(random, at.operands, at.max, at.product_percent);
    return {.question = fmt::format("Compute {}. {}", term.text, kJustTheNumber),
            .answer = std::to_string(term.value),
            .data = {{"expression", term.text}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    const auto postfix = ParseExpression(data.Text("expression"));
    return postfix.has_value() ? Evaluate(*postfix).value_or(Rational()).Text() : "";
  }

 private:
  struct Level {
    int64_t operands, max;
    uint64_t product_percent;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 20, 0}, {4, 60, 25}, {5, 100, 35}, {7, 100, 35}, {9, 100, 35}};
};

// A product by hand: the partial products, one for each digit of the right factor but 0, then their sum.
void ProductSteps(int64_t a, int64_t b, std::vector<int64_t>& steps) {
  const std::string digits = std::to_string(b);
  for (size_t i = 0; i < digits.size(); ++i) {
    int64_t place = digits[i] - '0';
    for (size_t zeros = i + 1; zeros < digits.size(); ++zeros) place *= 10;
    if (place != 0) steps.push_back(a * place);
  }
  steps.push_back(a * b);
}

class MultiplicationSteps : public PuzzleFamily {
 public:
  MultiplicationSteps()
      : PuzzleFamily({"multiplication_steps", "every partial product and sum of a written multiplication, by walking its expression tree",
                      AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return kShapes[level - 1]; }
  Puzzle Generate(RandomCursor& random, int level) const override {
    auto digits = [&](int count) {
      int64_t low = 1;
      for (int i = 1; i < count; ++i) low *= 10;
      return random.Between(low == 1 ? 2 : low, 10 * low - 1);
    };
    std::vector<int64_t> steps;
    std::string expression;
    auto product = [&](int left, int right) {
      const int64_t a = digits(left), b = digits(right);
      expression = fmt::format("{} * {}", a, b);
      ProductSteps(a, b, steps);
    };
    auto times = [&](int count) {
      const int64_t a = steps.back(), b = digits(count);
      expression = fmt::format("{} * {}", expression, b);
      ProductSteps(a, b, steps);
    };
    auto plus_product = [&](int left, int right) {
      const int64_t before = steps.back();
      const std::string first = expression;
      product(left, right);
      expression = fmt::format("{} + {}", first, expression);
      steps.push_back(before + steps.back());
    };
    switch (level) {
      case 1:
        product(2, 2);
        break;
      case 2:
        product(4, 3);
        break;
      case 3:
        product(3, 2);
        plus_product(3, 2);
        break;
      case 4:
        product(3, 2);
        times(3);
        break;
      default:
        product(3, 3);
        times(2);
        plus_product(4, 3);
    }
    return {
        .question = fmt::format(
            "Work out {} step by step. For a product a * b write the partial products of a with every digit of b that is not 0, each with "
            "the zeros of its place, from the left digit of b to the right one, then their sum, which is a * b. Go from left to right, "
            "products before sums; a sum of two products is one more step. For 12 * 34 + 5 * 6 the steps are 360, 48, 408, 30, 30, 438. "
            "Answer with all the steps in order, separated by commas.",
            expression),
        .answer = fmt::format("{}", fmt::join(steps, ", ")),
        .data = {{"expression", expression}}};
  }
  // Column by column on the digits, in the order of the postfix form.
  std::string Solve(const PuzzleData& data) const override {
    const auto postfix = ParseExpression(data.Text("expression"));
    if (!postfix.has_value()) return "";
    std::vector<int64_t> values, steps;
    for (const PostfixItem& item : *postfix) {
      if (item.op == 0) {
        values.push_back(item.number);
        continue;
      }
      const int64_t b = values.back();
      values.pop_back();
      if (item.op == '*') {
        int64_t place = 1, sum = 0;
        std::vector<int64_t> partial;
        for (int64_t rest = b; rest > 0; rest /= 10, place *= 10) {
          int64_t product = 0;
          for (int64_t i = 0; i < rest % 10; ++i) product += values.back();
          if (product > 0) partial.push_back(product * place);
          sum += product * place;
        }
        steps.insert(steps.end(), partial.rbegin(), partial.rend());
        values.back() = sum;
      } else {
        values.back() += b;
      }
      steps.push_back(values.back());
    }
    return fmt::format("{}", fmt::join(steps, ", "));
  }

 private:
  static constexpr const char* kShapes[kPuzzleLevels] = {"2 digits by 2", "4 digits by 3", "3 digits by 2, twice, and their sum",
                                                         "3 digits by 2 by 3", "3 digits by 3 by 2, plus 4 digits by 3"};
};

// Sum and difference of numbers as strings of digits, a >= b.
std::string AddDigits(std::string a, std::string b) {
  if (a.size() < b.size()) std::swap(a, b);
  b.insert(0, a.size() - b.size(), '0');
  int carry = 0;
  for (size_t i = a.size(); i-- > 0;) {
    const int sum = (a[i] - '0') + (b[i] - '0') + carry;
    a[i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return carry == 0 ? a : "1" + a;
}

class LongAddition : public PuzzleFamily {
 public:
  LongAddition() : PuzzleFamily({"long_addition", "sums and differences of long whole numbers", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return fmt::format("up to {} digits", kDigits[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    auto number = [&] {
      std::string digits =
          Letters(random, static_cast<size_t>(random.Between((kDigits[level - 1] + 1) / 2, kDigits[level - 1])), "0123456789");
      digits[0] = static_cast<char>('0' + random.Between(1, 9));
      return digits;
    };
    const std::string x = number(), y = number(), sum = AddDigits(x, y);
    const bool minus = Chance(random, 50);
    const std::string& a = minus ? sum : x;
    return {.question = fmt::format("What is {} {} {}? {}", a, minus ? '-' : '+', y, kJustTheNumber),
            .answer = minus ? x : sum,
            .data = {{"a", a}, {"b", y}, {"op", minus ? "-" : "+"}}};
  }
  // Nine digits at a time, as numbers to the base of a thousand million.
  std::string Solve(const PuzzleData& data) const override {
    constexpr int64_t kBase = 1'000'000'000;
    auto limbs = [](std::string text) {
      std::vector<int64_t> result;
      while (!text.empty()) {
        const size_t begin = text.size() > 9 ? text.size() - 9 : 0;
        result.push_back(std::stoll(text.substr(begin)));
        text.resize(begin);
      }
      return result;
    };
    std::vector<int64_t> a = limbs(data.Text("a")), b = limbs(data.Text("b"));
    const int64_t sign = data.Text("op") == "-" ? -1 : 1;
    a.resize(std::max(a.size(), b.size()) + 1);
    b.resize(a.size());
    int64_t carry = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] += sign * b[i] + carry;
      carry = a[i] < 0 ? -1 : a[i] >= kBase ? 1 : 0;
      a[i] -= carry * kBase;
    }
    while (a.size() > 1 && a.back() == 0) a.pop_back();
    std::string text = std::to_string(a.back());
    for (size_t i = a.size() - 1; i-- > 0;) text += fmt::format("{:09}", a[i]);
    return text;
  }

 private:
  static constexpr int64_t kDigits[kPuzzleLevels] = {3, 6, 12, 24, 40};
};

class DivisionRemainder : public PuzzleFamily {
 public:
  DivisionRemainder() : PuzzleFamily({"division_remainder", "quotient and remainder of a division", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("up to {} divided by up to {}", kLevels[level - 1].dividend, kLevels[level - 1].divisor);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t a = random.Between(10, kLevels[level - 1].dividend), b = random.Between(2, kLevels[level - 1].divisor);
    return {.question = fmt::format("Divide {} by {} with remainder. Answer with the quotient and the remainder, as in 12, 3.", a, b),
            .answer = fmt::format("{}, {}", a / b, a % b),
            .data = {{"a", a}, {"b", b}}};
  }
  // Long division, a digit at a time, by subtracting.
  std::string Solve(const PuzzleData& data) const override {
    int64_t quotient = 0, rest = 0;
    for (char c : std::to_string(data.Int("a"))) {
      rest = rest * 10 + (c - '0');
      quotient *= 10;
      for (; rest >= data.Int("b"); rest -= data.Int("b")) ++quotient;
    }
    return fmt::format("{}, {}", quotient, rest);
  }

 private:
  struct Level {
    int64_t dividend, divisor;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{200, 9}, {99'999, 99}, {999'999, 99}, {99'999'999, 999}, {99'999'999'999, 9'999}};
};

class FractionSum : public PuzzleFamily {
 public:
  FractionSum() : PuzzleFamily({"fraction_sum", "sums and differences of fractions", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} fractions with denominators up to {}", kLevels[level - 1].terms, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::vector<int64_t> numerators, denominators;
    std::string text;
    Rational sum;
    for (int i = 0; i < at.terms; ++i) {
      const int64_t denominator = random.Between(2, at.max), numerator = random.Between(1, 2 * at.max);
      const bool minus = i > 0 && Chance(random, 50);
      text += fmt::format("{}{}/{}", i == 0 ? "" : minus ? " - " : " + ", numerator, denominator);
      numerators.push_back(minus ? -numerator : numerator);
      denominators.push_back(denominator);
      sum = *Rational::Apply('+', sum, *Rational::Make(numerators.back(), denominator));
    }
    return {.question = fmt::format("Compute {}. Answer with just a fraction as in 3/4 or a whole number.", text),
            .answer = sum.Text(),
            .data = {{"numerators", numerators}, {"denominators", denominators}}};
  }
  // Over the product of all denominators, not reduced.
  std::string Solve(const PuzzleData& data) const override {
    int64_t common = 1, sum = 0;
    for (const int64_t denominator : data.IntList("denominators")) common *= denominator;
    for (size_t i = 0; i < data.IntList("denominators").size(); ++i)
      sum += data.IntList("numerators")[i] * (common / data.IntList("denominators")[i]);
    return fmt::format("{}/{}", sum, common);
  }

 private:
  struct Level {
    int terms;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 9}, {3, 12}, {3, 20}, {4, 25}, {5, 40}};
};

}  // namespace

PuzzleFamilies ArithmeticFamilies() {
  return MakeFamilies<ArithmeticChain, MultiplicationSteps, LongAddition, DivisionRemainder, FractionSum>();
}

}  // namespace hone
