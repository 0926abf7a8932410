#include "lib/data/generators/word_problems.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/base/random.h"
#include "lib/data/params.h"

namespace hone {
namespace {

enum Operation { kAdd, kSubtract, kMultiply, kDivide, kNumOperations };

// {N}, {M}: two people. {O}: things. {A}, {B}: the numbers; a difference is A - B with A > B, a quotient A / B without remainder.
struct Template {
  const char* name;
  Operation operation;
  const char* text;
};
constexpr Template kTemplates[] = {
    {"gain", kAdd, "{N} has {A} {O}. {N} gets {B} more. How many {O} does {N} have now?"},
    {"loss", kSubtract, "{N} has {A} {O} and gives {B} of them to {M}. How many {O} does {N} have left?"},
    {"together", kAdd, "{N} has {A} {O} and {M} has {B} {O}. How many {O} do they have together?"},
    {"groups", kMultiply, "There are {A} boxes with {B} {O} in each box. How many {O} are there in all?"},
    {"shares", kDivide, "{N} shares {A} {O} equally among {B} friends. How many {O} does each friend get?"},
    {"difference", kSubtract, "{N} is {A} years old and {M} is {B} years old. What is the difference between their ages in years?"},
    {"left_over", kSubtract, "There are {A} {O} on the table. {N} takes {B} of them. How many {O} are left over?"},
    {"how_many_more", kSubtract, "{N} has {A} {O}. {M} has {B} {O}. How many more {O} does {N} have than {M}?"},
    {"still_needed", kSubtract, "{N} needs {A} {O} and already has {B}. How many more {O} does {N} need?"},
    {"times_as_many", kMultiply, "{N} has {A} {O}. {M} has {B} times as many. How many {O} does {M} have?"},
    {"cost", kMultiply, "One ticket costs {A} dollars. How many dollars do {B} tickets cost?"},
    {"change", kSubtract, "{N} buys a toy for {B} dollars and pays with {A} dollars. How many dollars does {N} get back?"},
    {"days", kMultiply, "{N} reads {A} pages every day. How many pages does {N} read in {B} days?"},
    {"weeks", kMultiply, "{N} saves {A} dollars every week. How many dollars does {N} save in {B} weeks?"},
    {"rows", kMultiply, "A garden has {A} rows with {B} plants in each row. How many plants are in the garden?"},
    {"fewer", kSubtract, "{N} has {A} {O}. {M} has {B} fewer than {N}. How many {O} does {M} have?"},
    {"more_than", kAdd, "{N} has {A} {O}. {M} has {B} more than {N}. How many {O} does {M} have?"},
    {"bus", kAdd, "There are {A} people on a bus. At the next stop {B} more people get on. How many people are on the bus now?"},
    {"packs", kDivide, "{N} puts {A} {O} into bags with {B} {O} in each bag. How many bags does {N} fill?"},
    {"walk", kAdd, "{N} walks {A} miles in the morning and {B} miles in the evening. How many miles does {N} walk in all?"},
};
constexpr std::string_view kEnding = " Answer with just the number.";
constexpr std::array kNames = {"Tom", "Anna", "Ben",  "Lucy", "Sam",  "Mia",  "Jack", "Emma", "Leo",  "Sara",
                               "Max", "Nina", "Paul", "Rosa", "Adam", "Lily", "Omar", "Kate", "Ivan", "Zoe"};
constexpr std::array kObjects = {"apples", "books",   "marbles", "pencils", "coins",  "stickers",
                                 "cards",  "cookies", "shells",  "balls",   "stamps", "oranges"};

using Pair = std::pair<int64_t, int64_t>;

int64_t Answer(Operation operation, Pair pair) {
  switch (operation) {
    case kAdd:
      return pair.first + pair.second;
    case kSubtract:
      return pair.first - pair.second;
    case kMultiply:
      return pair.first * pair.second;
    default:
      return pair.first / pair.second;
  }
}

class WordProblems : public PromptSource {
 public:
  WordProblems(const GeneratorOptions& options, std::vector<const Template*> templates, std::array<std::vector<Pair>, kNumOperations> pairs)
      : options_(options), templates_(std::move(templates)), pairs_(std::move(pairs)) {}

  std::optional<int64_t> size() const override { return std::nullopt; }

  absl::StatusOr<Prompt> Get(int64_t index) const override {
    if (index < 0) return absl::InvalidArgumentError(fmt::format("prompt index {} is negative", index));
    const uint64_t seed = TaskSeed(options_, index);
    RandomCursor random{RandomStream(seed)};
    const Template& chosen = *templates_[random.Below(templates_.size())];
    const std::vector<Pair>& pairs = pairs_[chosen.operation];
    const Pair pair = pairs[random.Below(pairs.size())];
    const uint64_t first = random.Below(kNames.size());
    const uint64_t second = (first + 1 + random.Below(kNames.size() - 1)) % kNames.size();
    const char* object = kObjects[random.Below(kObjects.size())];
    std::string question = fmt::format(fmt::runtime(chosen.text), fmt::arg("N", kNames[first]), fmt::arg("M", kNames[second]),
                                       fmt::arg("O", object), fmt::arg("A", pair.first), fmt::arg("B", pair.second));
    question += kEnding;
    Prompt prompt = MakePrompt("word_problems", options_, index, std::move(question));
    prompt.reference = std::to_string(Answer(chosen.operation, pair));
    prompt.row = fmt::format(R"({{"template":"{}","a":{},"b":{},"seed":"{:016x}"}})", chosen.name, pair.first, pair.second, seed);
    return prompt;
  }

 private:
  const GeneratorOptions options_;
  const std::vector<const Template*> templates_;
  const std::array<std::vector<Pair>, kNumOperations> pairs_;  // of this split
};

// Whether problems with these two numbers, in either order, are held out. The pairs lie on a lattice that spreads them evenly over both
// numbers (Roberts' R2 sequence: steps of 0.7549 and 0.5698 modulo 1), so that no number is met in held-out problems alone, as chance would
// have it for so few pairs.
bool HeldOutPair(Pair pair, int64_t percent) {
  const int64_t low = std::min(pair.first, pair.second), high = std::max(pair.first, pair.second);
  return (low * 7549 + high * 5698) % 10000 < percent * 100;
}

// All pairs of an operation whose numbers, as they stand in the text, belong to the split.
std::vector<Pair> PairsOf(Operation operation, int64_t operand_max, int64_t factor_max, int64_t percent, Split split) {
  std::vector<Pair> pairs;
  const int64_t max = operation == kMultiply || operation == kDivide ? factor_max : operand_max;
  for (int64_t x = 2; x <= max; ++x) {
    for (int64_t y = 2; y <= max; ++y) {
      if (operation == kSubtract && x <= y) continue;
      const Pair pair = operation == kDivide ? Pair{x * y, y} : Pair{x, y};
      if (HeldOutPair(pair, percent) == (split == Split::kHeldout)) pairs.push_back(pair);
    }
  }
  return pairs;
}
}  // namespace

absl::StatusOr<std::unique_ptr<PromptSource>> CreateWordProblems(std::string_view params_json, const GeneratorOptions& options) {
  Params params("word_problems", params_json);
  const int64_t operand_max = params.Int("operand_max", 10, 4, 999, "largest number in sums and differences; the smallest is 2");
  const int64_t factor_max = params.Int("factor_max", 10, 4, 99, "largest factor, divisor and quotient");
  const int64_t percent = params.Int("heldout_percent", 25, 1, 99, "share of the pairs of numbers that are held out");
  const std::vector<std::string> wanted = params.TextList("templates", {}, "names of the templates to use; all when empty");
  std::vector<const Template*> templates;
  std::vector<std::string_view> known;
  for (const Template& entry : kTemplates) {
    known.push_back(entry.name);
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), entry.name) != wanted.end()) templates.push_back(&entry);
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      params.Problem(fmt::format("unknown template \"{}\"; known: {}", name, fmt::join(known, ", ")));
    }
  }
  HONE_RETURN_IF_ERROR(params.Finish());

  std::array<std::vector<Pair>, kNumOperations> pairs;
  for (int operation = 0; operation < kNumOperations; ++operation) {
    pairs[operation] = PairsOf(static_cast<Operation>(operation), operand_max, factor_max, percent, options.split);
  }
  for (const Template* entry : templates) {
    if (!pairs[entry->operation].empty()) continue;
    return absl::InvalidArgumentError(
        fmt::format("word_problems: the {} split has no pair of numbers for template \"{}\" with operand_max {}, factor_max {}, "
                    "heldout_percent {}; raise the maximum",
                    Name(options.split), entry->name, operand_max, factor_max, percent));
  }
  return std::make_unique<WordProblems>(options, std::move(templates), std::move(pairs));
}

}  // namespace hone
