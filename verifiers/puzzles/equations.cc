// Linear equations in one unknown and in several, and determinants.

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/expression.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

// "+ 3", "- 5" behind something.
std::string Signed(int64_t value) {
  return fmt::format("{} {}", value < 0 ? '-' : '+', value < 0 ? -value : value);
}

// a (x + p) + b = c (x + q) + d
class LinearEquation : public PuzzleFamily {
 public:
  LinearEquation() : PuzzleFamily({"linear_equation", "one linear equation in x", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return kForms[level - 1]; }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t a = NonZero(random, -20, 20), x = random.Between(-60, 60);
    const int64_t p = level >= 3 ? NonZero(random, -20, 20) : 0, q = level >= 4 ? NonZero(random, -20, 20) : 0;
    const int64_t b = NonZero(random, -120, 120);
    int64_t c = a;
    while (c == a || (level >= 2 && c == 0)) c = level == 1 ? 0 : random.Between(-20, 20);
    const int64_t d = level == 5 ? random.Between(-120, 120) : a * (x + p) + b - c * (x + q);
    const std::optional<Rational> root = Rational::Make(c * q + d - a * p - b, a - c);
    auto side = [](int64_t factor, int64_t shift, int64_t constant) {
      if (factor == 0) return std::to_string(constant);
      const std::string coefficient = factor == 1 ? "" : factor == -1 ? "-" : std::to_string(factor);
      std::string text = coefficient + (shift == 0 ? "x" : fmt::format("(x {})", Signed(shift)));
      return constant == 0 ? text : text + " " + Signed(constant);
    };
    return {.question = fmt::format("Solve for x: {} = {}. Answer with just the number{}.", side(a, p, b), side(c, q, d),
                                    level == 5 ? ", a fraction as in 3/4 where x is not whole" : ""),
            .answer = root->Text(),
            .data = {{"terms", PuzzleData::Ints{a, p, b, c, q, d}}}};
  }
  // The difference of the sides is linear: two of its values say where it is 0.
  std::string Solve(const PuzzleData& data) const override {
    const auto& t = data.IntList("terms");
    auto difference = [&](int64_t x) { return t[0] * (x + t[1]) + t[2] - t[3] * (x + t[4]) - t[5]; };
    const int64_t at0 = difference(0), at1 = difference(1);
    return Rational::Make(at0, at0 - at1)->Text();
  }

 private:
  static constexpr const char* kForms[kPuzzleLevels] = {"ax + b = d", "ax + b = cx + d", "a(x + p) + b = cx + d",
                                                        "a(x + p) + b = c(x + q) + d", "as level 4, with fractions as solutions"};
};

// By fraction-free elimination (Bareiss), so every division is exact.
int64_t Determinant(std::vector<int64_t> m, size_t n) {
  int64_t sign = 1, previous = 1;
  for (size_t k = 0; k + 1 < n; ++k) {
    size_t pivot = k;
    while (pivot < n && m[pivot * n + k] == 0) ++pivot;
    if (pivot == n) return 0;
    if (pivot != k) {
      for (size_t j = 0; j < n; ++j) std::swap(m[pivot * n + j], m[k * n + j]);
      sign = -sign;
    }
    for (size_t i = k + 1; i < n; ++i) {
      for (size_t j = k + 1; j < n; ++j) m[i * n + j] = (m[i * n + j] * m[k * n + k] - m[i * n + k] * m[k * n + j]) / previous;
    }
    previous = m[k * n + k];
  }
  return sign * m[n * n - 1];
}

// By the signed sum over all permutations.
int64_t LeibnizDeterminant(const std::vector<int64_t>& m, size_t n) {
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  int64_t sum = 0;
  do {
    int64_t product = 1;
    for (size_t i = 0; i < n; ++i) {
      product *= m[i * n + order[i]];
      for (size_t j = 0; j < i; ++j) product *= order[j] > order[i] ? -1 : 1;
    }
    sum += product;
  } while (std::next_permutation(order.begin(), order.end()));
  return sum;
}

class EquationSystem : public PuzzleFamily {
 public:
  EquationSystem() : PuzzleFamily({"equation_system", "a system of linear equations with whole solutions", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} unknowns, coefficients up to {}", kLevels[level - 1].unknowns, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const size_t n = at.unknowns;
    std::vector<int64_t> matrix;
    while (matrix.empty() || Determinant(matrix, n) == 0) matrix = Many(random, n * n, -at.max, at.max);
    const std::vector<int64_t> solution = Many(random, n, -20, 20);
    std::vector<int64_t> right(n);
    std::string text;
    for (size_t i = 0; i < n; ++i) {
      std::string row;
      for (size_t j = 0; j < n; ++j) {
        const int64_t c = matrix[i * n + j];
        right[i] += c * solution[j];
        if (c == 0) continue;
        const std::string number = c == 1 || c == -1 ? "" : std::to_string(c < 0 ? -c : c);
        row += fmt::format("{}{}{}", row.empty() ? (c < 0 ? "-" : "") : (c < 0 ? " - " : " + "), number, kNames[j]);
      }
      text += fmt::format("{} = {}\n", row, right[i]);
    }
    return {.question = fmt::format("Solve this system of equations:\n{}Answer with the values of {}, in this order, separated by commas.",
                                    text, fmt::join(kNames, kNames + n, ", ")),
            .answer = fmt::format("{}", fmt::join(solution, ", ")),
            .data = {{"matrix", matrix}, {"right", right}}};
  }
  // Cramer's rule.
  std::string Solve(const PuzzleData& data) const override {
    const auto &matrix = data.IntList("matrix"), &right = data.IntList("right");
    const size_t n = right.size();
    const int64_t whole = LeibnizDeterminant(matrix, n);
    std::vector<int64_t> solution;
    for (size_t column = 0; column < n; ++column) {
      std::vector<int64_t> replaced = matrix;
      for (size_t i = 0; i < n; ++i) replaced[i * n + column] = right[i];
      solution.push_back(LeibnizDeterminant(replaced, n) / whole);
    }
    return fmt::format("{}", fmt::join(solution, ", "));
  }

 private:
  struct Level {
    size_t unknowns;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 5}, {2, 12}, {3, 9}, {3, 20}, {4, 9}};
  static constexpr const char* kNames[] = {"x", "y", "z", "w"};
};

class MatrixDeterminant : public PuzzleFamily {
 public:
  MatrixDeterminant() : PuzzleFamily({"determinant", "the determinant of a square matrix", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{0} by {0}, entries up to {1}", kLevels[level - 1].size, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kLevels[level - 1].size;
    const std::vector<int64_t> matrix = Many(random, n * n, -kLevels[level - 1].max, kLevels[level - 1].max);
    std::string text;
    for (size_t i = 0; i < n; ++i) text += fmt::format("{}\n", fmt::join(matrix.begin() + i * n, matrix.begin() + (i + 1) * n, " "));
    return {.question = fmt::format("What is the determinant of this matrix?\n{}Answer with just the number.", text),
            .answer = std::to_string(Determinant(matrix, n)),
            .data = {{"matrix", matrix}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    const auto& matrix = data.IntList("matrix");
    size_t n = 1;
    while (n * n < matrix.size()) ++n;
    return std::to_string(LeibnizDeterminant(matrix, n));
  }

 private:
  struct Level {
    size_t size;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 9}, {2, 60}, {3, 9}, {3, 30}, {4, 9}};
};

}  // namespace

PuzzleFamilies EquationFamilies() {
  return MakeFamilies<LinearEquation, EquationSystem, MatrixDeterminant>();
}

}  // namespace hone
