// Divisors, primes, remainders, bases, sequences.

#include <numeric>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/expression.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

constexpr char kJustTheNumber[] = "Answer with just the number.";

// With multiplicity, ascending; by trial division.
std::vector<int64_t> PrimeFactors(int64_t n) {
  std::vector<int64_t> factors;
  for (int64_t p = 2; p * p <= n; ++p) {
    for (; n % p == 0; n /= p) factors.push_back(p);
  }
  if (n > 1) factors.push_back(n);
  return factors;
}

class GcdLcm : public PuzzleFamily {
 public:
  GcdLcm() : PuzzleFamily({"gcd_lcm", "greatest common divisor or least common multiple", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} numbers, a common factor up to {} times up to {}", at.count, at.common, at.own);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const int64_t common = random.Between(1, at.common);
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < at.count; ++i) numbers.push_back(common * random.Between(2, at.own));
    const bool gcd = Chance(random, 50);
    int64_t value = numbers[0];
    for (const int64_t number : numbers) value = gcd ? std::gcd(value, number) : std::lcm(value, number);
    return {.question = fmt::format("What is the {} of {}? {}", gcd ? "greatest common divisor" : "least common multiple",
                                    fmt::join(numbers, ", "), kJustTheNumber),
            .answer = std::to_string(value),
            .data = {{"gcd", gcd ? 1 : 0}, {"numbers", numbers}},
            .key = SortedKey(numbers)};
  }
  // From the prime factors: the smallest or largest power of each prime.
  std::string Solve(const PuzzleData& data) const override {
    std::multiset<int64_t> result;
    bool first = true;
    for (const int64_t number : data.IntList("numbers")) {
      const std::vector<int64_t> factors = PrimeFactors(number);
      const std::multiset<int64_t> own(factors.begin(), factors.end());
      std::multiset<int64_t> merged;
      if (data.Int("gcd") != 0) {
        std::set_intersection(result.begin(), result.end(), own.begin(), own.end(), std::inserter(merged, merged.end()));
      } else {
        std::set_union(result.begin(), result.end(), own.begin(), own.end(), std::inserter(merged, merged.end()));
      }
      result = first ? own : merged;
      first = false;
    }
    int64_t value = 1;
    for (const int64_t prime : result) value *= prime;
    return std::to_string(value);
  }

 private:
  struct Level {
    size_t count;
    int64_t common, own;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 10, 12}, {2, 150, 400}, {3, 60, 60}, {3, 300, 200}, {4, 300, 200}};
};

class ModularPower : public PuzzleFamily {
 public:
  ModularPower() : PuzzleFamily({"modular_power", "the remainder of a power", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("base up to {}, exponent up to {}, modulus up to {}", at.base, at.exponent, at.modulus);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const int64_t base = random.Between(2, at.base), exponent = random.Between(2, at.exponent), modulus = random.Between(3, at.modulus);
    int64_t value = 1, square = base % modulus;
    for (int64_t rest = exponent; rest > 0; rest /= 2, square = square * square % modulus) {
      if (rest % 2 == 1) value = value * square % modulus;
    }
    return {.question = fmt::format("What is the remainder of {}^{} divided by {}? {}", base, exponent, modulus, kJustTheNumber),
            .answer = std::to_string(value),
            .data = {{"base", base}, {"exponent", exponent}, {"modulus", modulus}}};
  }
  // One multiplication after the other.
  std::string Solve(const PuzzleData& data) const override {
    int64_t value = 1 % data.Int("modulus");
    for (int64_t i = 0; i < data.Int("exponent"); ++i) value = value * data.Int("base") % data.Int("modulus");
    return std::to_string(value);
  }

 private:
  struct Level {
    int64_t base, exponent, modulus;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{9, 4, 20}, {300, 12, 999}, {999, 40, 999}, {9999, 300, 999}, {99'999, 9'999, 99'999}};
};

class PrimeFactorization : public PuzzleFamily {
 public:
  PrimeFactorization() : PuzzleFamily({"prime_factors", "all prime factors of a number or a product", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} factor{} up to {}", kLevels[level - 1].factors, kLevels[level - 1].factors == 1 ? "" : "s",
                       kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const std::vector<int64_t> numbers = Many(random, kLevels[level - 1].factors, 12, kLevels[level - 1].max);
    std::vector<int64_t> primes;
    for (const int64_t number : numbers) {
      for (const int64_t prime : PrimeFactors(number)) primes.push_back(prime);
    }
    std::sort(primes.begin(), primes.end());
    return {
        .question = fmt::format(
            "Write {} as a product of primes. Answer with all the prime factors, each as often as it divides, separated by commas, as in "
            "2, 2, 3.",
            fmt::join(numbers, " * ")),
        .answer = fmt::format("{}", fmt::join(primes, ", ")),
        .data = {{"numbers", numbers}},
        .key = SortedKey(numbers)};
  }
  // A sieve to the square root, tried from the largest prime down.
  std::string Solve(const PuzzleData& data) const override {
    constexpr int64_t kMax = 1000;  // its square is above every number of every level
    std::vector<bool> composite(kMax + 1);
    std::vector<int64_t> primes, factors;
    for (int64_t p = 2; p <= kMax; ++p) {
      if (composite[p]) continue;
      primes.push_back(p);
      for (int64_t multiple = p * p; multiple <= kMax; multiple += p) composite[multiple] = true;
    }
    for (int64_t number : data.IntList("numbers")) {
      for (auto p = primes.rbegin(); p != primes.rend(); ++p) {
        for (; number % *p == 0; number /= *p) factors.push_back(*p);
      }
      if (number > 1) factors.push_back(number);
    }
    return fmt::format("{}", fmt::join(factors, ", "));
  }

 private:
  struct Level {
    size_t factors;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{1, 1'000}, {2, 3'000}, {2, 20'000}, {3, 20'000}, {3, 500'000}};
};

class BaseConversion : public PuzzleFamily {
 public:
  BaseConversion() : PuzzleFamily({"base_conversion", "a whole number from one base to another", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("bases 2 to {}, numbers up to {}", kLevels[level - 1].base, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t value = random.Between(8, kLevels[level - 1].max);
    const std::vector<int64_t> bases = Distinct(random, 2, 2, kLevels[level - 1].base);
    auto write = [&](int64_t base) {
      std::string text;
      for (int64_t rest = value; rest > 0; rest /= base) text.insert(text.begin(), kDigits[rest % base]);
      return text;
    };
    const std::string from = write(bases[0]);
    return {.question = fmt::format("The number {} is written in base {}. Write it in base {}{}. Answer with just the number.", from,
                                    bases[0], bases[1], bases[1] > 10 ? ", with the letters a, b, c and so on as the digits from 10" : ""),
            .answer = write(bases[1]),
            .data = {{"number", from}, {"from", bases[0]}, {"to", bases[1]}}};
  }
  // Digit by digit in the target base: times the old base, plus the next digit.
  std::string Solve(const PuzzleData& data) const override {
    std::vector<int64_t> digits;  // of the target, lowest first
    for (char c : data.Text("number")) {
      int64_t carry = static_cast<int64_t>(kDigits.find(c));
      for (int64_t& digit : digits) {
        carry += digit * data.Int("from");
        digit = carry % data.Int("to");
        carry /= data.Int("to");
      }
      for (; carry > 0; carry /= data.Int("to")) digits.push_back(carry % data.Int("to"));
    }
    std::string text;
    for (const int64_t digit : digits) text.insert(text.begin(), kDigits[digit]);
    return text;
  }

 private:
  struct Level {
    int64_t base, max;
  };
  static constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 250}, {10, 100'000}, {16, 1'000'000}, {16, 1'000'000'000}, {36, 1'000'000'000'000}};
};

class ChineseRemainder : public PuzzleFamily {
 public:
  ChineseRemainder() : PuzzleFamily({"chinese_remainder", "the smallest number with given remainders", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} moduli up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::vector<int64_t> moduli;
    int64_t product = 1;
    while (moduli.size() < at.count) {
      const int64_t modulus = random.Between(3, at.max);
      if (std::gcd(product, modulus) != 1) continue;
      moduli.push_back(modulus);
      product *= modulus;
    }
    std::sort(moduli.begin(), moduli.end());
    const int64_t value = random.Between(0, product - 1);
    std::vector<int64_t> remainders;
    std::string text;
    for (const int64_t modulus : moduli) {
      remainders.push_back(value % modulus);
      text += fmt::format("{} {} when it is divided by {}",
                          text.empty()               ? ""
                          : modulus == moduli.back() ? " and"
                                                     : ",",
                          value % modulus, modulus);
    }
    return {.question = fmt::format("What is the smallest whole number, 0 included, that leaves the remainder{}? {}", text, kJustTheNumber),
            .answer = std::to_string(value),
            .data = {{"moduli", moduli}, {"remainders", remainders}}};
  }
  // Sieving: in steps of the product of the moduli that fit already.
  std::string Solve(const PuzzleData& data) const override {
    int64_t value = 0, step = 1;
    for (size_t i = 0; i < data.IntList("moduli").size(); ++i) {
      while (value % data.IntList("moduli")[i] != data.IntList("remainders")[i]) value += step;
      step *= data.IntList("moduli")[i];
    }
    return std::to_string(value);
  }

 private:
  struct Level {
    size_t count;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 12}, {3, 40}, {3, 99}, {4, 60}, {5, 99}};
};

class NextTerm : public PuzzleFamily {
 public:
  NextTerm() : PuzzleFamily({"next_term", "the next term of a sequence whose kind of rule is told", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return kRules[level - 1]; }
  Puzzle Generate(RandomCursor& random, int level) const override {
    std::vector<int64_t> terms;
    auto quadratic = [&](int64_t start, int64_t difference, int64_t change, int count) {
      std::vector<int64_t> result;
      for (int i = 0; i < count; ++i, start += difference, difference += change) result.push_back(start);
      return result;
    };
    switch (level) {
      case 1:
        terms = quadratic(random.Between(-50, 50), NonZero(random, -30, 30), 0, 6);
        break;
      case 2:
        terms = quadratic(random.Between(-500, 500), random.Between(-120, 120), NonZero(random, -12, 12), 6);
        break;
      case 3: {
        const int64_t factor = (Chance(random, 50) ? 1 : -1) * random.Between(2, 5);
        int64_t constant = 0;
        do {
          constant = NonZero(random, -400, 400);
          terms = {random.Between(-200, 200)};
        } while (terms[0] * factor + constant == terms[0]);  // else all terms are the same
        while (terms.size() < 6) terms.push_back(terms.back() * factor + constant);
        break;
      }
      case 4: {
        do {
          const int64_t p = NonZero(random, -3, 3), q = NonZero(random, -3, 3);
          terms = Many(random, 2, -200, 200);
          while (terms.size() < 8) terms.push_back(p * terms.back() + q * terms[terms.size() - 2]);
        } while (terms[1] * terms[1] == terms[0] * terms[2]);  // else p and q do not follow from the terms
        break;
      }
      default: {
        auto draw = [&] { return quadratic(random.Between(-200, 200), random.Between(-40, 40), random.Between(-9, 9), 6); };
        const std::vector<int64_t> odd = draw(), even = draw();
        for (size_t i = 0; i < odd.size(); ++i) terms.push_back(odd[i]), terms.push_back(even[i]);
        terms.resize(static_cast<size_t>(random.Between(10, 11)) + 1);
      }
    }
    const int64_t next = terms.back();
    terms.pop_back();
    return {.question = fmt::format("In this sequence {}. What is the next term of {}? {}", kRules[level - 1], fmt::join(terms, ", "),
                                    kJustTheNumber),
            .answer = std::to_string(next),
            .data = {{"rule", level}, {"terms", terms}}};
  }
  // From the terms alone.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<int64_t>& t = data.IntList("terms");
    auto extend = [](const std::vector<int64_t>& s) { return 3 * s[s.size() - 1] - 3 * s[s.size() - 2] + s[s.size() - 3]; };
    switch (data.Int("rule")) {
      case 3:  // the differences grow by the factor
        return std::to_string(t.back() + (t[4] - t[3]) * ((t[2] - t[1]) / (t[1] - t[0])));
      case 4: {
        const int64_t det = t[1] * t[1] - t[0] * t[2];
        const int64_t p = (t[2] * t[1] - t[0] * t[3]) / det, q = (t[1] * t[3] - t[2] * t[2]) / det;
        return std::to_string(p * t[6] + q * t[5]);
      }
      case 5: {
        std::vector<int64_t> same;
        for (size_t i = t.size() % 2; i < t.size(); i += 2) same.push_back(t[i]);
        return std::to_string(extend(same));
      }
      default:
        return std::to_string(extend(t));
    }
  }

 private:
  static constexpr const char* kRules[kPuzzleLevels] = {
      "the same number is added every time", "the differences grow or fall by the same number every time",
      "every term is the one before times a fixed number plus another fixed number",
      "every term is a fixed number times the one before plus another fixed number times the one before that",
      "two sequences alternate, and in each the differences grow or fall by the same number every time"};
};

}  // namespace

PuzzleFamilies NumberTheoryFamilies() {
  return MakeFamilies<GcdLcm, ModularPower, PrimeFactorization, BaseConversion, ChineseRemainder, NextTerm>();
}

}  // namespace hone
