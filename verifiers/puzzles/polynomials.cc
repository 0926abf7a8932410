// Polynomials in x with whole coefficients, highest power first: products, derivatives, roots.

#include <map>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Polynomial = std::vector<int64_t>;

std::string PolynomialText(const Polynomial& p) {
  std::string text;
  for (size_t i = 0; i < p.size(); ++i) {
    const size_t power = p.size() - 1 - i;
    const int64_t c = p[i] < 0 ? -p[i] : p[i];
    if (c == 0) continue;
    text += text.empty() ? (p[i] < 0 ? "-" : "") : (p[i] < 0 ? " - " : " + ");
    if (c != 1 || power == 0) text += std::to_string(c);
    if (power > 0) text += power == 1 ? "x" : fmt::format("x^{}", power);
  }
  return text.empty() ? "0" : text;
}

Polynomial Product(const Polynomial& a, const Polynomial& b) {
  Polynomial product(a.size() + b.size() - 1);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  }
  return product;
}

Polynomial RandomPolynomial(RandomCursor& random, size_t degree, int64_t max) {
  Polynomial p = Many(random, degree + 1, -max, max);
  p[0] = NonZero(random, -max, max);
  return p;
}

class PolynomialProduct : public PuzzleFamily {
 public:
  PolynomialProduct() : PuzzleFamily({"polynomial_product", "the coefficients of a product of polynomials", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("degrees {}, coefficients up to {}", fmt::join(Degrees(level), ", "), kMax[level - 1]);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    Polynomial product = {1}, flat;
    std::string text;
    for (const size_t degree : Degrees(level)) {
      const Polynomial factor = RandomPolynomial(random, degree, kMax[level - 1]);
      text += "(" + PolynomialText(factor) + ")";
      flat.insert(flat.end(), factor.begin(), factor.end());
      product = Product(product, factor);
    }
    return {.question = fmt::format("Expand {}. Answer with all the coefficients of the result from the highest power of x down to the "
                                    "constant, zeros too, separated by commas.",
                                    text),
            .answer = fmt::format("{}", fmt::join(product, ", ")),
            .data = {{"level", level}, {"coefficients", flat}}};
  }
  // Every way to choose one term of each factor, summed by power.
  std::string Solve(const PuzzleData& data) const override {
    std::map<size_t, int64_t> sums = {{0, 1}};
    size_t begin = 0, degrees = 0;
    for (const size_t degree : Degrees(static_cast<int>(data.Int("level")))) {
      std::map<size_t, int64_t> next;
      for (const auto& [power, sum] : sums) {
        for (size_t i = 0; i <= degree; ++i) next[power + degree - i] += sum * data.IntList("coefficients")[begin + i];
      }
      sums = next;
      begin += degree + 1;
      degrees += degree;
    }
    Polynomial result;
    for (size_t power = degrees + 1; power-- > 0;) result.push_back(sums[power]);
    return fmt::format("{}", fmt::join(result, ", "));
  }

 private:
  static std::vector<size_t> Degrees(int level) {
    switch (level) {
      case 1:
        return {1, 1};
      case 2:
        return {2, 1};
      case 3:
        return {2, 2};
      case 4:
        return {2, 2, 1};
      default:
        return {3, 2, 2};
    }
  }
  static constexpr int64_t kMax[kPuzzleLevels] = {9, 15, 15, 12, 12};
};

class DerivativeValue : public PuzzleFamily {
 public:
  DerivativeValue()
      : PuzzleFamily({"derivative_value", "the derivative of a polynomial or of a product of two at a point", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("degree {}{}, coefficients up to {}", at.degree, at.second > 0 ? fmt::format(" times degree {}", at.second) : "",
                       at.max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Polynomial a = RandomPolynomial(random, at.degree, at.max);
    const Polynomial b = at.second > 0 ? RandomPolynomial(random, at.second, at.max) : Polynomial{1};
    const int64_t x = random.Between(-at.point, at.point);
    const Polynomial p = Product(a, b);
    int64_t value = 0;
    for (size_t i = 0; i + 1 < p.size(); ++i) value = value * x + p[i] * static_cast<int64_t>(p.size() - 1 - i);
    const std::string text = at.second > 0 ? fmt::format("({})({})", PolynomialText(a), PolynomialText(b)) : PolynomialText(a);
    return {.question = fmt::format("Let f(x) = {}. What is the value of its derivative f'({})? Answer with just the number.", text, x),
            .answer = std::to_string(value),
            .data = {{"a", a}, {"b", b}, {"x", x}}};
  }
  // On the factors as they stand: value and slope together (dual numbers), then the product rule.
  std::string Solve(const PuzzleData& data) const override {
    const int64_t x = data.Int("x");
    auto at = [&](const Polynomial& p) {
      int64_t value = 0, slope = 0;
      for (const int64_t c : p) slope = slope * x + value, value = value * x + c;
      return std::pair(value, slope);
    };
    const auto [a, da] = at(data.IntList("a"));
    const auto [b, db] = at(data.IntList("b"));
    return std::to_string(da * b + a * db);
  }

 private:
  struct Level {
    size_t degree, second;
    int64_t max, point;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 0, 9, 5}, {3, 0, 15, 9}, {4, 0, 20, 9}, {2, 2, 9, 6}, {3, 3, 9, 9}};
};

class PolynomialRoots : public PuzzleFamily {
 public:
  PolynomialRoots() : PuzzleFamily({"polynomial_roots", "all roots of a polynomial that has whole ones only", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("degree {}, roots up to {}", kLevels[level - 1].degree, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::vector<int64_t> roots = Many(random, at.degree, -at.max, at.max);
    std::sort(roots.begin(), roots.end());
    Polynomial p = {NonZero(random, -12, 12)};
    for (const int64_t root : roots) p = Product(p, {1, -root});
    return {.question =
                fmt::format("All roots of {} are whole numbers. Answer with the roots, each as often as it is one, separated by commas.",
                            PolynomialText(p)),
            .answer = fmt::format("{}", fmt::join(roots, ", ")),
            .data = {{"coefficients", p}}};
  }
  // Trying every whole number and dividing out each root that is found.
  std::string Solve(const PuzzleData& data) const override {
    Polynomial p = data.IntList("coefficients");
    std::vector<int64_t> roots;
    for (int64_t root = -100; root <= 100; ++root) {
      while (p.size() > 1) {
        Polynomial quotient;
        int64_t value = 0;
        for (const int64_t c : p) quotient.push_back(value = value * root + c);
        if (value != 0) break;
        quotient.pop_back();
        p = quotient;
        roots.push_back(root);
      }
    }
    return fmt::format("{}", fmt::join(roots, ", "));
  }

 private:
  struct Level {
    size_t degree;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 12}, {3, 40}, {4, 30}, {5, 20}, {6, 15}};
};

}  // namespace

PuzzleFamilies PolynomialFamilies() {
  return MakeFamilies<PolynomialProduct, DerivativeValue, PolynomialRoots>();
}

}  // namespace hone
