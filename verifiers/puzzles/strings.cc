// Letters and symbols moved by rules.

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Texts = PuzzleData::Texts;

class StringRewriting : public PuzzleFamily {
 public:
  StringRewriting() : PuzzleFamily({"string_rewriting", "a string after replacement rules, until none applies", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} rules, {} letters, at least {} replacements", at.rules, at.length, at.least);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      Texts from, to;
      while (from.size() < at.rules) {
        const std::string pattern = Letters(random, 2, kAlphabet),
                          replacement = Letters(random, static_cast<size_t>(random.Between(1, 2)), kAlphabet);
        if (pattern == replacement || std::find(from.begin(), from.end(), pattern) != from.end()) continue;
        from.push_back(pattern);
        to.push_back(replacement);
      }
      const std::string start = Letters(random, at.length, kAlphabet);
      std::string text = start;
      int64_t steps = 0;
      for (size_t rule = 0; rule < from.size() && steps <= kMostSteps;) {
        const size_t place = text.find(from[rule]);
        if (place == std::string::npos) {
          ++rule;
          continue;
        }
        text.replace(place, 2, to[rule]);
        ++steps;
        rule = 0;
      }
      if (steps < at.least || steps > kMostSteps || text.size() < 3) continue;
      std::string rules;
      for (size_t i = 0; i < from.size(); ++i) rules += fmt::format("{}. {} -> {}\n", i + 1, from[i], to[i]);
      return {.question =
                  fmt::format("Rewrite the string {} by these rules:\n{}Again and again, take the first rule in the list whose left side "
                              "occurs in the string, and replace the leftmost occurrence by the right side. Stop when no left side occurs. "
                              "Answer with just the string at the end.",
                              start, rules),
              .answer = text,
              .data = {{"start", start}, {"from", from}, {"to", to}}};
    }
  }
  // The string as a list of letters; every place is looked at for every rule.
  std::string Solve(const PuzzleData& data) const override {
    const Texts &from = data.TextList("from"), &to = data.TextList("to");
    std::vector<char> text(data.Text("start").begin(), data.Text("start").end());
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t rule = 0; rule < from.size() && !changed; ++rule) {
        for (size_t i = 0; i + 1 < text.size() && !changed; ++i) {
          if (text[i] != from[rule][0] || text[i + 1] != from[rule][1]) continue;
          text.erase(text.begin() + static_cast<int64_t>(i), text.begin() + static_cast<int64_t>(i) + 2);
          text.insert(text.begin() + static_cast<int64_t>(i), to[rule].begin(), to[rule].end());
          changed = true;
        }
      }
    }
    return std::string(text.begin(), text.end());
  }

 private:
  struct Level {
    size_t rules, length;
    int64_t least;
  };
  static constexpr std::string_view kAlphabet = "abc";
  static constexpr int64_t kMostSteps = 60;
  static constexpr Level kLevels[kPuzzleLevels] = {{1, 6, 1}, {2, 10, 2}, {3, 12, 4}, {3, 16, 7}, {4, 20, 12}};
};

class CaesarCipher : public PuzzleFamily {
 public:
  CaesarCipher() : PuzzleFamily({"caesar_cipher", "a text whose letters were shifted along the alphabet", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} letters{}", kLetters[level - 1], level >= 4 ? ", the shift grows by one with every letter" : "");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const std::string plain = Letters(random, kLetters[level - 1]);
    const int64_t shift = random.Between(1, level == 1 ? 3 : 25), growth = level >= 4 ? 1 : 0;
    std::string cipher = plain;
    for (size_t i = 0; i < plain.size(); ++i)
      cipher[i] = static_cast<char>('a' + (plain[i] - 'a' + shift + growth * static_cast<int64_t>(i)) % 26);
    return {.question = fmt::format(
                "Every letter of a text was shifted forward in the alphabet, from z on to a: the first by {}{}. The result is {}. "
                "What was the text? Answer with just the text.",
                shift, growth == 0 ? " and all others by as much" : ", each next letter by one more than the letter before", cipher),
            .answer = plain,
            .data = {{"cipher", cipher}, {"shift", shift}, {"growth", growth}}};
  }
  // Backwards along the alphabet, one letter at a time.
  std::string Solve(const PuzzleData& data) const override {
    std::string text = data.Text("cipher");
    int64_t shift = data.Int("shift");
    for (char& c : text) {
      for (int64_t i = 0; i < shift; ++i) c = c == 'a' ? 'z' : static_cast<char>(c - 1);
      shift += data.Int("growth");
    }
    return text;
  }

 private:
  static constexpr size_t kLetters[kPuzzleLevels] = {4, 7, 14, 12, 24};
};

class StringSteps : public PuzzleFamily {
 public:
  StringSteps() : PuzzleFamily({"string_steps", "a string after reversals, rotations, swaps and deletions", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} letters, {} steps", kLevels[level - 1].letters, kLevels[level - 1].steps);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const std::string start = Letters(random, at.letters);
    std::string text = start, list;
    PuzzleData::Ints steps;
    for (size_t i = 0; i < at.steps; ++i) {
      const int64_t kind = random.Between(0, 5), n = random.Between(1, 3);
      steps.insert(steps.end(), {kind, n});
      std::string name;
      switch (kind) {
        case 0:
          name = "reverse the string";
          std::reverse(text.begin(), text.end());
          break;
        case 1:
          name = fmt::format("move the first {} to the end", Count(n));
          text = text.substr(static_cast<size_t>(n)) + text.substr(0, static_cast<size_t>(n));
          break;
        case 2:
          name = fmt::format("move the last {} to the front", Count(n));
          text = text.substr(text.size() - static_cast<size_t>(n)) + text.substr(0, text.size() - static_cast<size_t>(n));
          break;
        case 3:
          name = "swap the first and the last letter";
          std::swap(text.front(), text.back());
          break;
        case 4:
          name = fmt::format("append a copy of the first {}", Count(n));
          text += text.substr(0, static_cast<size_t>(n));
          break;
        default:
          name = "delete the second letter";
          text.erase(1, 1);
      }
      list += fmt::format("{}. {}\n", i + 1, name);
    }
    return {
        .question = fmt::format(
            "Start with the string {} and do these steps in turn:\n{}What is the string then? Answer with just the string.", start, list),
        .answer = text,
        .data = {{"start", start}, {"steps", steps}}};
  }
  // By position: where each letter of the new string stood in the old one.
  std::string Solve(const PuzzleData& data) const override {
    std::string text = data.Text("start");
    const auto& steps = data.IntList("steps");
    for (size_t s = 0; s + 1 < steps.size(); s += 2) {
      const size_t size = text.size(), n = static_cast<size_t>(steps[s + 1]);
      std::string next;
      for (size_t i = 0; i < size + (steps[s] == 4 ? n : 0) - (steps[s] == 5 ? 1 : 0); ++i) {
        switch (steps[s]) {
          case 0:
            next += text[size - 1 - i];
            break;
          case 1:
            next += text[(i + n) % size];
            break;
          case 2:
            next += text[(i + size - n) % size];
            break;
          case 3:
            next += text[i == 0 ? size - 1 : i + 1 == size ? 0 : i];
            break;
          case 4:
            next += text[i % size];
            break;
          default:
            next += text[i == 0 ? 0 : i + 1];
        }
      }
      text = next;
    }
    return text;
  }

 private:
  struct Level {
    size_t letters, steps;
  };
  static std::string Count(int64_t n) { return n == 1 ? "letter" : fmt::format("{} letters", n); }
  // More letters than steps by 3 at least, so that deletions never leave fewer than 3.
  static constexpr Level kLevels[kPuzzleLevels] = {{5, 2}, {7, 3}, {9, 5}, {12, 8}, {17, 13}};
};

class ClosingBrackets : public PuzzleFamily {
 public:
  ClosingBrackets() : PuzzleFamily({"closing_brackets", "the brackets that close a sequence", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} brackets, {} left open", kLevels[level - 1].length, kLevels[level - 1].open);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::string text, stack;  // stack: what must close, the next one first
    for (size_t left = at.length; left-- > 0;) {
      const bool may_open = stack.size() + 1 <= at.open + left, may_close = !stack.empty() && stack.size() - 1 + left >= at.open;
      if (may_open && (!may_close || Chance(random, 55))) {
        const size_t kind = random.Below(kOpen.size());
        text += kOpen[kind];
        stack.insert(stack.begin(), kClose[kind]);
      } else {
        text += stack[0];
        stack.erase(0, 1);
      }
    }
    return {.question = fmt::format(
                "Complete this sequence with the closing brackets that are missing at its end, in the right order: {}\nAnswer with "
                "just the missing brackets.",
                text),
            .answer = stack,
            .data = {{"text", text}}};
  }
  // By deleting pairs that stand next to each other until only open brackets are left.
  std::string Solve(const PuzzleData& data) const override {
    std::string text = data.Text("text");
    for (bool found = true; found;) {
      found = false;
      for (const char* pair : {"()", "[]", "{}", "<>"}) {
        const size_t at = text.find(pair);
        if (at == std::string::npos) continue;
        text.erase(at, 2);
        found = true;
      }
    }
    std::string closing;
    for (char c : text) closing.insert(closing.begin(), kClose[kOpen.find(c)]);
    return closing;
  }

 private:
  struct Level {
    size_t length, open;
  };
  static constexpr std::string_view kOpen = "([{<", kClose = ")]}>";
  static constexpr Level kLevels[kPuzzleLevels] = {{6, 4}, {16, 6}, {24, 8}, {36, 10}, {60, 14}};
};

class RegisterMachine : public PuzzleFamily {
 public:
  RegisterMachine() : PuzzleFamily({"register_machine", "the value of a variable after a small program", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} variables, {} lines{}", at.variables, at.lines, at.loops ? ", with repeats" : "");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      std::vector<int64_t> values(at.variables);
      std::string text;
      PuzzleData::Ints program;  // kind, target, source or constant, repeats
      for (int64_t i = 0; i < at.variables; ++i) {
        values[i] = random.Between(0, 20);
        program.insert(program.end(), {0, i, values[i], 1});
        text += fmt::format("{} = {}\n", Variable(i), values[i]);
      }
      for (int64_t line = 0; line < at.lines; ++line) {
        const int64_t kind = random.Between(1, 6), target = random.Between(0, at.variables - 1), constant = random.Between(2, 9);
        int64_t source = random.Between(0, at.variables - 2);
        source += source >= target;
        const int64_t operand = kind <= 3 ? constant : source, repeats = at.loops && Chance(random, 35) ? random.Between(2, 4) : 1;
        program.insert(program.end(), {kind, target, operand, repeats});
        const std::string a = Variable(target), b = kind <= 3 ? std::to_string(constant) : Variable(source);
        const std::string statement = kind == 6 ? fmt::format("if {0} > {1}: {0} = {0} - {1}, else {0} = {1} - {0}", a, b)
                                                : fmt::format("{0} = {0} {1} {2}", a, "+-*+-"[kind - 1], b);
        text += repeats > 1 ? fmt::format("repeat {} times: {}\n", repeats, statement) : statement + "\n";
        for (int64_t i = 0; i < repeats; ++i) {
          int64_t& x = values[target];
          const int64_t y = kind <= 3 ? constant : values[source];
          x = kind == 3 ? x * y : kind == 1 || kind == 4 ? x + y : kind == 6 ? std::max(x, y) - std::min(x, y) : x - y;
        }
      }
      if (std::any_of(values.begin(), values.end(), [](int64_t x) { return x > 100'000 || x < -100'000; })) continue;
      const int64_t asked = random.Between(0, at.variables - 1);
      return {.question = fmt::format("This program runs from top to bottom:\n{}What is {} at the end? Answer with just the number.", text,
                                      Variable(asked)),
              .answer = std::to_string(values[asked]),
              .data = {{"program", program}, {"asked", asked}}};
    }
  }
  // The variable that is asked for, traced back through the program as far as it depends on others.
  std::string Solve(const PuzzleData& data) const override {
    return std::to_string(ValueBefore(data.IntList("program"), std::ssize(data.IntList("program")), data.Int("asked")));
  }

 private:
  struct Level {
    int64_t variables, lines;
    bool loops;
  };
  static std::string Variable(int64_t i) { return std::string(1, static_cast<char>('a' + i)); }
  // Of `variable` before the line at `end`: as deep as the program is long, at most.
  static int64_t ValueBefore(const PuzzleData::Ints& program, int64_t end, int64_t variable) {
    for (int64_t at = end - 4; at >= 0; at -= 4) {
      const int64_t kind = program[at], operand = program[at + 2], repeats = program[at + 3];
      if (program[at + 1] != variable) continue;
      if (kind == 0) return operand;
      int64_t x = ValueBefore(program, at, variable);
      const int64_t y = kind <= 3 ? operand : ValueBefore(program, at, operand);
      switch (kind) {
        case 1:
        case 4:
          return x + repeats * y;
        case 2:
        case 5:
          return x - repeats * y;
        case 3:
          for (int64_t i = 0; i < repeats; ++i) x *= y;
          return x;
        default:
          for (int64_t i = 0; i < repeats; ++i) x = x > y ? x - y : y - x;
          return x;
      }
    }
    return 0;
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 2, false}, {3, 4, false}, {3, 6, true}, {4, 10, true}, {5, 16, true}};
};

}  // namespace

PuzzleFamilies StringFamilies() {
  return MakeFamilies<StringRewriting, CaesarCipher, StringSteps, ClosingBrackets, RegisterMachine>();
}

}  // namespace hone
