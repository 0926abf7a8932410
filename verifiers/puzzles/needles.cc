// One fact in a long text, and facts that lead to each other.

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;
using Texts = PuzzleData::Texts;

constexpr const char* kColours[] = {"red", "blue", "green", "yellow", "white", "black", "brown", "grey"};
constexpr const char* kThings[] = {"box", "bag", "drawer", "locker", "case", "cabinet", "chest", "basket", "safe", "crate"};
constexpr const char* kPlaces[] = {"attic", "cellar", "kitchen",  "garage", "office", "library",
                                   "hall",  "garden", "workshop", "studio", "stable", "tower"};
constexpr const char* kFiller[] = {"Nothing else was noted that day.",    "The weather stayed the same.",
                                   "Somebody opened a window.",           "The clock on the wall was a little late.",
                                   "A letter arrived and was put aside.", "The lights were switched off at ten."};

class Needle : public PuzzleFamily {
 public:
  Needle() : PuzzleFamily({"needle", "one fact among many that look like it, in a long text", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return fmt::format("{} facts", kFacts[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kFacts[level - 1];
    constexpr int64_t kPlacesEach = std::size(kColours) * std::size(kThings) * std::size(kPlaces);
    std::vector<int64_t> all = Permutation(random, kPlacesEach);
    all.resize(n);
    Ints codes = Distinct(random, n, 1'000, 99'999);
    Texts names;
    names.reserve(n);
    std::string text;
    for (size_t i = 0; i < n; ++i) {
      const size_t at = static_cast<size_t>(all[i]);
      names.push_back(absl::StrCat(kColours[at % std::size(kColours)], " ", kThings[at / std::size(kColours) % std::size(kThings)],
                                   " in the ", kPlaces[at / std::size(kColours) / std::size(kThings)]));
      absl::StrAppend(&text, "The code of the ", names.back(), " is ", codes[i], ". ");
      if (Chance(random, 30)) absl::StrAppend(&text, Pick(random, kFiller), " ");
    }
    const size_t asked = random.Below(n);
    return {.question = fmt::format("{}\n\nWhat is the code of the {}? Answer with just the number.", text, names[asked]),
            .answer = std::to_string(codes[asked]),
            .data = {{"names", names}, {"codes", codes}, {"asked", names[asked]}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    const Texts& names = data.TextList("names");
    std::map<std::string, int64_t> codes;
    for (size_t i = 0; i < names.size(); ++i) codes[names[i]] = data.IntList("codes")[i];
    return std::to_string(codes[data.Text("asked")]);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    std::vector<std::string> codes;
    for (const int64_t code : puzzle.data.IntList("codes")) codes.push_back(std::to_string(code));
    return OtherChoices(codes, puzzle.answer, random);
  }

 private:
  static constexpr size_t kFacts[kPuzzleLevels] = {6, 20, 60, 150, 400};
};

class VariableChain : public PuzzleFamily {
 public:
  VariableChain()
      : PuzzleFamily({"variable_chain", "a value that leads through several definitions in a shuffled list", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("a chain of {} among {} definitions", kLevels[level - 1].chain, kLevels[level - 1].total);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    // Chains of the same length side by side; the first is asked about.
    Texts names;
    while (names.size() < at.total) {
      const std::string name = Letters(random, 3);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    Ints sources, constants, order = Permutation(random, at.total);
    std::vector<std::string> lines(at.total);
    int64_t value = 0;
    for (size_t i = 0; i < at.total; ++i) {
      const bool first = i % at.chain == 0;
      const int64_t constant = first ? random.Between(1, 99) : NonZero(random, -20, 20);
      sources.push_back(first ? -1 : static_cast<int64_t>(i) - 1);
      constants.push_back(constant);
      if (i < at.chain) value += constant;
      lines[static_cast<size_t>(order[i])] = first ? fmt::format("{} is {}.", names[i], constant)
                                                   : fmt::format("{} is {} {} than {}.", names[i], constant < 0 ? -constant : constant,
                                                                 constant < 0 ? "less" : "more", names[i - 1]);
    }
    return {.question = fmt::format("{}\nWhat is {}? Answer with just the number.", fmt::join(lines, "\n"), names[at.chain - 1]),
            .answer = std::to_string(value),
            .data = {{"names", names}, {"sources", sources}, {"constants", constants}, {"asked", static_cast<int64_t>(at.chain) - 1}}};
  }
  // From what is asked back to a number.
  std::string Solve(const PuzzleData& data) const override {
    int64_t value = 0;
    for (int64_t at = data.Int("asked"); at >= 0; at = data.IntList("sources")[static_cast<size_t>(at)])
      value += data.IntList("constants")[static_cast<size_t>(at)];
    return std::to_string(value);
  }

 private:
  struct Level {
    size_t chain, total;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 4}, {3, 9}, {5, 20}, {8, 48}, {16, 160}};
};

}  // namespace

PuzzleFamilies NeedleFamilies() {
  return MakeFamilies<Needle, VariableChain>();
}

}  // namespace hone
