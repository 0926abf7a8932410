// Who lies, what holds, what follows, who stands where.

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;

constexpr const char* kNames[] = {"Anna",  "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Iris", "Jack",
                                  "Karen", "Leo", "Maria", "Noah",  "Olga", "Paul",  "Quinn", "Rosa",  "Sam",  "Tina"};

PuzzleData::Texts RandomNames(RandomCursor& random, size_t count) {
  PuzzleData::Texts names;
  for (const int64_t i : Distinct(random, count, 0, static_cast<int64_t>(std::size(kNames)) - 1)) names.emplace_back(kNames[i]);
  return names;
}

class KnightsKnaves : public PuzzleFamily {
 public:
  KnightsKnaves() : PuzzleFamily({"knights_knaves", "who always tells the truth and who always lies", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return fmt::format("{} people", kPeople[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kPeople[level - 1];
    for (;;) {
      const uint64_t truth = random.Below(uint64_t{1} << n);  // bit i: person i is a knight
      const PuzzleData::Texts names = RandomNames(random, n);
      Ints claims;  // of each person: kind, a, b
      std::string text;
      for (size_t i = 0; i < n; ++i) {
        const std::vector<int64_t> others = Distinct(random, 2, 0, static_cast<int64_t>(n) - 1);
        // A claim that the speaker can make.
        std::array<int64_t, 3> claim{};
        do {
          claim = {random.Between(0, 5), others[0], others[1]};
        } while ((claim[0] < 2 && claim[1] == static_cast<int64_t>(i)) || Holds(claim.data(), truth) != ((truth >> i) % 2 == 1));
        claims.insert(claims.end(), claim.begin(), claim.end());
        const std::string &a = names[static_cast<size_t>(claim[1])], &b = names[static_cast<size_t>(claim[2])];
        const std::string said = claim[0] == 0   ? fmt::format("{} is a knight.", a)
                                 : claim[0] == 1 ? fmt::format("{} is a knave.", a)
                                 : claim[0] == 2 ? fmt::format("{} and {} are both knights.", a, b)
                                 : claim[0] == 3 ? fmt::format("{} or {} is a knave, or both are.", a, b)
                                 : claim[0] == 4 ? fmt::format("{} and {} are of the same kind.", a, b)
                                                 : fmt::format("{} and {} are of different kinds.", a, b);
        text += fmt::format("{} says: \"{}\"\n", names[i], said);
      }
      int solutions = 0;
      for (uint64_t world = 0; world < uint64_t{1} << n; ++world) solutions += Consistent(claims, n, world);
      if (solutions != 1) continue;
      return {.question =
                  fmt::format("Knights always tell the truth, knaves always lie. Each of {} is one or the other.\n{}What are they? Answer "
                              "with knight or knave for each of {}, in this order, separated by commas.",
                              fmt::join(names, ", "), text, fmt::join(names, ", ")),
              .answer = Answer(truth, n),
              .data = {{"names", names}, {"claims", claims}}};
    }
  }
  // Person by person, giving up a branch when somebody whose claim is settled cannot have made it.
  std::string Solve(const PuzzleData& data) const override {
    const Ints& claims = data.IntList("claims");
    const size_t n = data.TextList("names").size();
    std::vector<uint64_t> worlds = {0};
    for (size_t known = 1; known <= n; ++known) {
      std::vector<uint64_t> next;
      for (const uint64_t world : worlds) {
        for (const uint64_t role : {uint64_t{0}, uint64_t{1}}) {
          const uint64_t extended = world | role << (known - 1);
          bool possible = true;
          for (size_t i = 0; i < known; ++i) {
            const int64_t* claim = &claims[3 * i];
            const bool settled = claim[1] < static_cast<int64_t>(known) && claim[2] < static_cast<int64_t>(known);
            possible = possible && (!settled || Holds(claim, extended) == ((extended >> i) % 2 == 1));
          }
          if (possible) next.push_back(extended);
        }
      }
      worlds = next;
    }
    return worlds.empty() ? "" : Answer(worlds[0], n);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<std::string> right = ListItems(puzzle.answer);
    return CollectNearMisses([&] {
      std::vector<std::string> miss = right;
      for (int flips = Chance(random, 70) ? 1 : 2; flips > 0; --flips) {
        std::string& role = miss[random.Below(miss.size())];
        role = role == "knight" ? "knave" : "knight";
      }
      return miss == right ? std::string() : fmt::format("{}", fmt::join(miss, ", "));
    });
  }

 private:
  static bool Holds(const int64_t* claim, uint64_t world) {
    const bool a = (world >> claim[1]) % 2 == 1, b = (world >> claim[2]) % 2 == 1;
    switch (claim[0]) {
      case 0:
        return a;
      case 1:
        return !a;
      case 2:
        return a && b;
      case 3:
        return !a || !b;
      case 4:
        return a == b;
      default:
        return a != b;
    }
  }
  static bool Consistent(const Ints& claims, size_t n, uint64_t world) {
    for (size_t i = 0; i < n; ++i) {
      if (Holds(&claims[3 * i], world) != ((world >> i) % 2 == 1)) return false;
    }
    return true;
  }
  static std::string Answer(uint64_t world, size_t n) {
    std::vector<const char*> roles;
    for (size_t i = 0; i < n; ++i) roles.push_back((world >> i) % 2 == 1 ? "knight" : "knave");
    return fmt::format("{}", fmt::join(roles, ", "));
  }
  static constexpr size_t kPeople[kPuzzleLevels] = {3, 4, 5, 6, 8};
};

// A formula over the letters a, b, c, ...: its text with all parentheses, and its value.
struct Formula {
  std::string text;
  bool value = false;
};
Formula RandomFormula(RandomCursor& random, int64_t leaves, size_t variables, uint64_t world) {
  if (leaves == 1) {
    const size_t variable = random.Below(variables);
    const bool negated = Chance(random, 30);
    const std::string name(1, static_cast<char>('a' + variable));
    return {negated ? "not " + name : name, ((world >> variable) % 2 == 1) != negated};
  }
  const int64_t split = random.Between(1, leaves - 1);
  const Formula left = RandomFormula(random, split, variables, world), right = RandomFormula(random, leaves - split, variables, world);
  const uint64_t op = random.Below(4);
  const char* name = op == 0 ? "and" : op == 1 ? "or" : op == 2 ? "implies" : "xor";
  const bool value = op == 0   ? left.value && right.value
                     : op == 1 ? left.value || right.value
                     : op == 2 ? !left.value || right.value
                               : left.value != right.value;
  return {fmt::format("({} {} {})", left.text, name, right.text), value};
}

class BooleanLogic : public PuzzleFamily {
 public:
  BooleanLogic() : PuzzleFamily({"boolean_logic", "which of five formulas are true", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("formulas of {} letters, {} different ones", kLevels[level - 1].leaves, kLevels[level - 1].variables);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const uint64_t world = random.Below(uint64_t{1} << at.variables);
    std::string given, text;
    for (size_t i = 0; i < at.variables; ++i)
      given += fmt::format("{}{} is {}", i == 0 ? "" : ", ", static_cast<char>('a' + i), (world >> i) % 2 == 1 ? "true" : "false");
    PuzzleData::Texts formulas, right;
    for (int i = 1; i <= 5; ++i) {
      const Formula formula = RandomFormula(random, at.leaves, at.variables, world);
      text += fmt::format("{}. {}\n", i, formula.text);
      formulas.push_back(formula.text);
      if (formula.value) right.push_back(std::to_string(i));
    }
    return {.question = fmt::format(
                "Let {}. Which of these formulas are true? An implication is false only if its left side is true and its right "
                "side false; xor is true if exactly one side is.\n{}Answer with just the numbers of the true ones, separated by "
                "commas, or none.",
                given, text),
            .answer = SubsetText(right),
            .data = {{"world", static_cast<int64_t>(world)}, {"formulas", formulas}}};
  }
  // By rewriting: letters become T or F, then the innermost parentheses are replaced by their value until one letter is left.
  std::string Solve(const PuzzleData& data) const override {
    PuzzleData::Texts right;
    for (size_t i = 0; i < data.TextList("formulas").size(); ++i) {
      std::string text;
      std::istringstream words(Spaced(data.TextList("formulas")[i]));
      for (std::string word; words >> word;) {
        const bool letter = word.size() == 1 && word[0] >= 'a' && word[0] <= 'z';
        text += letter              ? ((data.Int("world") >> (word[0] - 'a')) % 2 == 1 ? "T" : "F")
                : word == "not"     ? "!"
                : word == "and"     ? "&"
                : word == "or"      ? "|"
                : word == "implies" ? ">"
                : word == "xor"     ? "^"
                                    : word;
      }
      auto replace = [&](std::string_view from, std::string_view to) {
        bool any = false;
        for (size_t at; (at = text.find(from)) != std::string::npos; any = true) text.replace(at, from.size(), to);
        return any;
      };
      for (bool any = true; any;) {
        any = replace("!T", "F");
        any |= replace("!F", "T");
        for (const char* rule : {"(T&T)T", "(T&F)F", "(F&T)F", "(F&F)F", "(T|T)T", "(T|F)T", "(F|T)T", "(F|F)F", "(T>T)T", "(T>F)F",
                                 "(F>T)T", "(F>F)T", "(T^T)F", "(T^F)T", "(F^T)T", "(F^F)F"})
          any |= replace(std::string_view(rule, 5), rule + 5);
      }
      if (text == "T") right.push_back(std::to_string(i + 1));
    }
    return SubsetText(right);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    return SubsetNearMisses({"1", "2", "3", "4", "5"}, puzzle.answer, random);
  }

 private:
  struct Level {
    int64_t leaves;
    size_t variables;
  };
  // A space around every parenthesis.
  static std::string Spaced(std::string_view text) {
    std::string result;
    for (char c : text) result += c == '(' || c == ')' ? fmt::format(" {} ", c) : std::string(1, c);
    return result;
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 2}, {3, 3}, {4, 4}, {6, 5}, {9, 6}};
};

// A clause over the letters: bits of those that it holds plain and negated.
struct Clause {
  uint64_t plain = 0, negated = 0;
  bool Holds(uint64_t world) const { return (world & plain) != 0 || (~world & negated) != 0; }
  bool operator==(const Clause&) const = default;
};
Clause RandomClause(RandomCursor& random, size_t variables, size_t literals) {
  Clause clause;
  for (const int64_t variable : Distinct(random, literals, 0, static_cast<int64_t>(variables) - 1))
    (Chance(random, 50) ? clause.plain : clause.negated) |= uint64_t{1} << variable;
  return clause;
}
// "a or not c"; as an implication where it has both kinds: "if c then a".
std::string ClauseText(const Clause& clause, size_t variables, bool implication) {
  std::vector<std::string> plain, negated;
  for (size_t i = 0; i < variables; ++i) {
    const std::string name(1, static_cast<char>('A' + i));
    if ((clause.plain >> i) % 2 == 1) plain.push_back(name);
    if ((clause.negated >> i) % 2 == 1) negated.push_back(name);
  }
  if (implication && !plain.empty() && !negated.empty())
    return fmt::format("if {} then {}", fmt::join(negated, " and "), fmt::join(plain, " or "));
  for (const std::string& name : negated) plain.push_back("not " + name);
  return fmt::format("{}", fmt::join(plain, " or "));
}
Ints Flat(const std::vector<Clause>& clauses) {
  Ints flat;
  for (const Clause& clause : clauses) flat.insert(flat.end(), {static_cast<int64_t>(clause.plain), static_cast<int64_t>(clause.negated)});
  return flat;
}
std::vector<Clause> ReadClauses(const Ints& flat) {
  std::vector<Clause> clauses;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) clauses.push_back({static_cast<uint64_t>(flat[i]), static_cast<uint64_t>(flat[i + 1])});
  return clauses;
}
// Resolution to the end: false when the empty clause comes out.
bool Satisfiable(std::vector<Clause> clauses) {
  for (size_t i = 0; i < clauses.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Clause a = clauses[i], b = clauses[j];
      const uint64_t clash = (a.plain & b.negated) | (a.negated & b.plain);
      if (__builtin_popcountll(clash) != 1) continue;  // none, or the result says nothing
      const Clause both{(a.plain | b.plain) & ~clash, (a.negated | b.negated) & ~clash};
      if (both == Clause()) return false;
      if (std::find(clauses.begin(), clauses.end(), both) == clauses.end()) clauses.push_back(both);
    }
  }
  return true;
}

class Entailment : public PuzzleFamily {
 public:
  Entailment() : PuzzleFamily({"entailment", "which of five statements follow from the premises", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} premises about {} letters", kLevels[level - 1].premises, kLevels[level - 1].variables);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      std::vector<Clause> premises, conclusions;
      auto add = [](std::vector<Clause>& clauses, const Clause& clause) {
        if (std::find(clauses.begin(), clauses.end(), clause) == clauses.end()) clauses.push_back(clause);
      };
      while (premises.size() < at.premises)
        add(premises, RandomClause(random, at.variables, premises.empty() ? 1 : 2 + random.Below(at.longest - 1)));
      while (conclusions.size() < 5) add(conclusions, RandomClause(random, at.variables, 1 + random.Below(2)));
      std::array<bool, 5> follows;
      follows.fill(true);
      size_t worlds = 0;
      for (uint64_t world = 0; world < uint64_t{1} << at.variables; ++world) {
        if (!std::all_of(premises.begin(), premises.end(), [&](const Clause& clause) { return clause.Holds(world); })) continue;
        ++worlds;
        for (size_t i = 0; i < 5; ++i) follows[i] = follows[i] && conclusions[i].Holds(world);
      }
      if (worlds < 2) continue;  // premises that say too much
      std::string text, asked;
      for (size_t i = 0; i < premises.size(); ++i) text += ClauseText(premises[i], at.variables, Chance(random, 60)) + ".\n";
      PuzzleData::Texts right;
      for (size_t i = 0; i < 5; ++i) {
        asked += fmt::format("{}. {}\n", i + 1, ClauseText(conclusions[i], at.variables, false));
        if (follows[i]) right.push_back(std::to_string(i + 1));
      }
      return {.question =
                  fmt::format("These premises about the statements {} to {} hold:\n{}Which of these follow from them for certain (\"or\" "
                              "allows both)?\n{}Answer with just the numbers of those that follow, separated by commas, or none.",
                              'A', static_cast<char>('A' + at.variables - 1), text, asked),
              .answer = SubsetText(right),
              .data = {{"premises", Flat(premises)}, {"conclusions", Flat(conclusions)}}};
    }
  }
  // A statement follows if the premises and its negation cannot hold together.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Clause> premises = ReadClauses(data.IntList("premises")), conclusions = ReadClauses(data.IntList("conclusions"));
    PuzzleData::Texts right;
    for (size_t i = 0; i < conclusions.size(); ++i) {
      std::vector<Clause> all = premises;
      for (int bit = 0; bit < 64; ++bit) {
        const uint64_t letter = uint64_t{1} << bit;
        if ((conclusions[i].plain & letter) != 0) all.push_back({0, letter});
        if ((conclusions[i].negated & letter) != 0) all.push_back({letter, 0});
      }
      if (!Satisfiable(all)) right.push_back(std::to_string(i + 1));
    }
    return SubsetText(right);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    return SubsetNearMisses({"1", "2", "3", "4", "5"}, puzzle.answer, random);
  }

 private:
  struct Level {
    size_t premises, variables, longest;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 3, 2}, {4, 4, 2}, {6, 5, 2}, {7, 6, 3}, {9, 7, 3}};
};

class TruthAssignment : public PuzzleFamily {
 public:
  TruthAssignment() : PuzzleFamily({"truth_assignment", "truth values that satisfy all clauses", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} letters, {} clauses", kLevels[level - 1].variables, kLevels[level - 1].clauses);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const uint64_t world = random.Below(uint64_t{1} << at.variables);
    std::vector<Clause> clauses;
    std::string text;
    while (clauses.size() < at.clauses) {
      const Clause clause = RandomClause(random, at.variables, at.variables == 3 ? 2 : 3);
      if (!clause.Holds(world) || std::find(clauses.begin(), clauses.end(), clause) != clauses.end()) continue;
      clauses.push_back(clause);
      text += ClauseText(clause, at.variables, false) + ".\n";
    }
    return {
        .question = fmt::format("Find truth values for {} to {} so that all of this holds:\n{}Answer with T or F for each letter in order, "
                                "separated by commas, as in T, F, T.",
                                'A', static_cast<char>('A' + at.variables - 1), text),
        .answer = Answer(world, at.variables),
        .data = {{"variables", static_cast<int64_t>(at.variables)}, {"clauses", Flat(clauses)}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    const size_t variables = static_cast<size_t>(data.Int("variables"));
    const std::vector<Clause> clauses = ReadClauses(data.IntList("clauses"));
    for (uint64_t world = 0; world < uint64_t{1} << variables; ++world) {
      if (AllHold(clauses, world)) return Answer(world, variables);
    }
    return "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    const int64_t variables = data.Int("variables");
    if (variables < 1 || variables > 60) return BadPuzzle("\"variables\" must be between 1 and 60");
    uint64_t world = 0;
    const std::vector<std::string> values = ListItems(answer);
    if (values.size() != static_cast<size_t>(variables)) return false;
    for (size_t i = 0; i < values.size(); ++i) {
      const bool is_true = values[i] == "t" || values[i] == "true";
      if (!is_true && values[i] != "f" && values[i] != "false") return false;
      world |= uint64_t{is_true} << i;
    }
    return AllHold(ReadClauses(data.IntList("clauses")), world);
  }
  // Assignments that break a clause, and one value too few.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const size_t variables = static_cast<size_t>(puzzle.data.Int("variables"));
    const std::vector<Clause> clauses = ReadClauses(puzzle.data.IntList("clauses"));
    return CollectNearMisses([&] {
      if (Chance(random, 10)) return Answer(random.Below(uint64_t{1} << variables), variables - 1);
      const Clause& broken = Pick(random, clauses);
      const uint64_t world = random.Below(uint64_t{1} << variables);
      return Answer((world & ~broken.plain) | broken.negated, variables);
    });
  }

 private:
  struct Level {
    size_t variables, clauses;
  };
  static bool AllHold(const std::vector<Clause>& clauses, uint64_t world) {
    return std::all_of(clauses.begin(), clauses.end(), [&](const Clause& clause) { return clause.Holds(world); });
  }
  static std::string Answer(uint64_t world, size_t variables) {
    std::vector<const char*> values;
    for (size_t i = 0; i < variables; ++i) values.push_back((world >> i) % 2 == 1 ? "T" : "F");
    return fmt::format("{}", fmt::join(values, ", "));
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 4}, {5, 8}, {6, 14}, {8, 22}, {11, 36}};
};

class LineOrder : public PuzzleFamily {
 public:
  LineOrder() : PuzzleFamily({"line_order", "the order of people in a line from clues", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return fmt::format("{} people", kPeople[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kPeople[level - 1];
    const PuzzleData::Texts names = RandomNames(random, n);
    const std::vector<int64_t> places = Permutation(random, n);  // place of each person
    std::vector<const std::vector<int64_t>*> candidates;         // all orders that fit the clues so far
    for (const std::vector<int64_t>& order : AllOrders(n)) candidates.push_back(&order);
    Ints clues;
    std::string text;
    while (candidates.size() > 1) {
      const std::vector<int64_t> two = Distinct(random, 2, 0, static_cast<int64_t>(n) - 1);
      const std::array<int64_t, 3> clue = {random.Between(0, kNumClues - 1), two[0], two[1]};
      if (!Fits(clue.data(), places)) continue;
      const size_t before = candidates.size();
      std::erase_if(candidates, [&](const std::vector<int64_t>* candidate) { return !Fits(clue.data(), *candidate); });
      if (candidates.size() == before) continue;  // says nothing new
      clues.insert(clues.end(), clue.begin(), clue.end());
      text += fmt::format(fmt::runtime(kClues[clue[0]]), fmt::arg("a", names[static_cast<size_t>(two[0])]),
                          fmt::arg("b", names[static_cast<size_t>(two[1])])) +
              "\n";
    }
    return {.question =
                fmt::format("{} stand in a line.\n{}What is the order from first to last? Answer with just the names, separated by commas.",
                            fmt::join(names, ", "), text),
            .answer = Answer(names, places),
            .data = {{"names", names}, {"clues", clues}}};
  }
  // Person by person from the front, with a clue checked as soon as both of its people have a place.
  std::string Solve(const PuzzleData& data) const override {
    const PuzzleData::Texts& names = data.TextList("names");
    const Ints& clues = data.IntList("clues");
    std::vector<int64_t> places(names.size(), -1);
    return Place(names, clues, places, 0) ? Answer(names, places) : "";
  }

 private:
  static constexpr int64_t kNumClues = 6;
  static constexpr const char* kClues[kNumClues] = {"{a} stands somewhere before {b}.",
                                                    "{a} stands directly before {b}.",
                                                    "{a} and {b} stand next to each other.",
                                                    "{a} and {b} do not stand next to each other.",
                                                    "Exactly one person stands between {a} and {b}.",
                                                    "{a} stands neither first nor last."};
  // Every way in which n people (7 at most) can stand, made once.
  static const std::vector<std::vector<int64_t>>& AllOrders(size_t n) {
    static const auto& all = *[] {
      auto* tables = new std::array<std::vector<std::vector<int64_t>>, kPeople[kPuzzleLevels - 1] + 1>();
      for (size_t people = 1; people < tables->size(); ++people) {
        std::vector<int64_t> order(people);
        std::iota(order.begin(), order.end(), 0);
        do (*tables)[people].push_back(order);
        while (std::next_permutation(order.begin(), order.end()));
      }
      return tables;
    }();
    return all[n];
  }
  bool Place(const PuzzleData::Texts& names, const Ints& clues, std::vector<int64_t>& places, size_t person) const {
    if (person == names.size()) return true;
    for (int64_t place = 0; place < std::ssize(names); ++place) {
      if (std::find(places.begin(), places.end(), place) != places.end()) continue;
      places[person] = place;
      bool fits = true;
      for (size_t i = 0; i < clues.size(); i += 3) {
        const bool settled = places[static_cast<size_t>(clues[i + 1])] >= 0 && places[static_cast<size_t>(clues[i + 2])] >= 0;
        fits = fits && (!settled || Fits(&clues[i], places));
      }
      if (fits && Place(names, clues, places, person + 1)) return true;
      places[person] = -1;
    }
    return false;
  }
  static bool Fits(const int64_t* clue, const std::vector<int64_t>& places) {
    const int64_t a = places[static_cast<size_t>(clue[1])], b = places[static_cast<size_t>(clue[2])];
    switch (clue[0]) {
      case 0:
        return a < b;
      case 1:
        return a + 1 == b;
      case 2:
        return a - b == 1 || b - a == 1;
      case 3:
        return a - b != 1 && b - a != 1;
      case 4:
        return a - b == 2 || b - a == 2;
      default:
        return a > 0 && a + 1 < std::ssize(places);
    }
  }
  static std::string Answer(const PuzzleData::Texts& names, const std::vector<int64_t>& places) {
    PuzzleData::Texts order(names.size());
    for (size_t i = 0; i < names.size(); ++i) order[static_cast<size_t>(places[i])] = names[i];
    return fmt::format("{}", fmt::join(order, ", "));
  }
  static constexpr size_t kPeople[kPuzzleLevels] = {3, 4, 5, 6, 7};
};

}  // namespace

PuzzleFamilies LogicFamilies() {
  return MakeFamilies<KnightsKnaves, BooleanLogic, Entailment, TruthAssignment, LineOrder>();
}

}  // namespace hone
